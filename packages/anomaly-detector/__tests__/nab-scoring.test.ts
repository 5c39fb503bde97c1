import { normalise, optimiseThreshold, probation, rowWorths, scaledSigmoid, scoreSeries } from "../bench/nab/scoring";
import type { Series } from "../bench/nab/corpus";

/** 1,000 rows: rows 0 to 149 are not scored. One window, rows 500 to 599. */
function series(windows: Series["windows"] = [[500, 599]], rows = 1000): Series {
  return {
    name: "made/up.csv",
    category: "made",
    timestamps: Array.from({ length: rows }, (_, i) => String(i)),
    timesMs: Array.from({ length: rows }, (_, i) => i),
    values: new Array<number>(rows).fill(0),
    windows,
  };
}

function alarms(...rows: number[]): number[] {
  const scores = new Array<number>(1000).fill(0);
  for (const row of rows) scores[row] = 1;
  return scores;
}

const raw = (scores: number[], profile: Parameters<typeof scoreSeries>[3] = "standard"): number =>
  scoreSeries(series(), scores, 0.5, profile).raw;

test("the sigmoid has NAB's values", () => {
  expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
  expect(scaledSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
  expect(scaledSigmoid(0)).toBe(0);
  expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
  expect(scaledSigmoid(3)).toBe(-1);
});

test("the first 15 % are not scored, 750 rows at most", () => {
  expect(probation(1000)).toBe(150);
  expect(probation(22_695)).toBe(750);
  expect(raw(alarms(0, 149))).toBe(-1);
});

test("an alarm at the start of a window earns 1, in its middle less, at its end a little", () => {
  expect(raw(alarms(500))).toBeCloseTo(1, 12);
  expect(raw(alarms(550))).toBeCloseTo(0.84828 / 0.98661, 4);
  expect(raw(alarms(599))).toBeCloseTo(scaledSigmoid(-0.01) / scaledSigmoid(-1), 12);
});

test("only the best alarm of a window counts", () => {
  expect(raw(alarms(599, 550, 560))).toBe(raw(alarms(550)));
});

test("a missed window costs 1, or 2 where misses are dear", () => {
  expect(raw(alarms())).toBe(-1);
  expect(raw(alarms(), "reward_low_FN_rate")).toBe(-2);
});

test("a false alarm costs its weight in full before the first window", () => {
  expect(raw(alarms(500, 300))).toBeCloseTo(1 - 0.11, 12);
  expect(raw(alarms(500, 300), "reward_low_FP_rate")).toBeCloseTo(1 - 0.22, 12);
});

test("and little right after a window, measured in widths less one row", () => {
  expect(raw(alarms(500, 600))).toBeCloseTo(1 + 0.11 * scaledSigmoid(1 / 99), 12);
  expect(raw(alarms(500, 999))).toBeCloseTo(1 - 0.11, 12);
});

test("each row's window is the one that holds it", () => {
  const { window } = rowWorths(20, [
    [2, 4],
    [10, 12],
  ]);
  expect([...window].map((index) => (index < 0 ? "-" : String(index))).join("")).toBe("--000-----111-------");
});

test("counts, delay and false alarms for each 1,000 scored rows", () => {
  const result = scoreSeries(series(), alarms(300, 505, 510), 0.5, "standard");
  expect(result.counts).toEqual({ tp: 2, fp: 1, fn: 98, tn: 749 });
  expect(result.delays).toEqual([5]);
  expect(result.windowsHit).toBe(1);
  expect(result.falseAlarmsPer1000).toBeCloseTo(1000 / 850, 12);
});

test("the optimal threshold is the one that scores best over all series", () => {
  const scores = new Array<number>(1000).fill(0);
  scores[520] = 0.8;
  scores[300] = 0.6;
  scores[500] = 0.5;
  const better = optimiseThreshold([series(), series([])], [scores, new Array<number>(1000).fill(0)], "standard");
  // At 0.8 the window is hit late; at 0.5 it is hit at once, for one false alarm.
  const late = raw(alarms(520));
  expect(late).toBeGreaterThan(1 - 0.11);
  expect(better).toEqual({ threshold: 0.8, raw: late });
});

test("no alarm at all is a threshold too", () => {
  const scores = alarms(300);
  expect(optimiseThreshold([series([])], [scores], "standard")).toMatchObject({ threshold: 1.1 });
});

test("no alarm is 0 and all windows at once are 100", () => {
  expect(normalise(-116, 116, "standard")).toBe(0);
  expect(normalise(116, 116, "standard")).toBe(100);
  expect(normalise(-232, 116, "reward_low_FN_rate")).toBe(0);
});

/**
 * Scores of single files that NAB publishes for its windowed Gaussian detector
 * (results/windowedGaussian/windowedGaussian_standard_scores.csv): the rules are its, to the last digits.
 */
describe("published scores of files", () => {
  const score = (windows: Series["windows"], rows: number[]): number => {
    const scores = new Array<number>(4032).fill(0);
    for (const row of rows) scores[row] = 1;
    return scoreSeries(series(windows, 4032), scores, 0.5, "standard").raw;
  };

  test("rds_cpu_utilization_e47b3b: one of two windows of 201 rows hit in its middle", () => {
    const windows = [
      [846, 1046],
      [2485, 2685],
    ] as const;
    expect(score(windows, [846 + 100])).toBeCloseTo(-0.13844919792440225, 12);
  });

  test("ec2_network_in_257a54: the window of 403 rows hit in its middle", () => {
    expect(score([[1437, 1839]], [1437 + 201])).toBeCloseTo(0.8606718242697022, 12);
  });

  test("ec2_cpu_utilization_c6585a: twelve false alarms and no window", () => {
    expect(
      score(
        [],
        Array.from({ length: 12 }, (_, i) => 1000 + i),
      ),
    ).toBeCloseTo(-1.32, 12);
  });
});
