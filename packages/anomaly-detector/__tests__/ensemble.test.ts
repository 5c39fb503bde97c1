import { NORMAL_SIGNALS, READINGS_PER_DAY } from "../bench/normal-signals";
import { evidenceAt, log10PValue } from "../src/detectors/calibration";
import {
  combineLog10P,
  createEnsembleState,
  ENSEMBLE_WARM_UP,
  type EnsembleVerdict,
  updateEnsemble,
} from "../src/detectors/ensemble";

// Measures shares of rare events, which takes long series.
jest.setTimeout(120_000);

const DAY = 86_400_000;
const PARAMETERS = { seasonMs: DAY, confidence: 99.9 };

/** The ensemble over one of the normal signals, with a change of some readings. */
function run(
  name: string,
  seed: number,
  readings: number,
  change = (_i: number, value: number): number => value,
): EnsembleVerdict[] {
  const signal = NORMAL_SIGNALS[name]?.(seed);
  if (!signal) throw new Error(name);
  const state = createEnsembleState(PARAMETERS);
  return Array.from({ length: readings }, (_, i) =>
    updateEnsemble(state, PARAMETERS, change(i, signal(i)), (i * DAY) / READINGS_PER_DAY),
  );
}

test("the probability is calibrated: over normal signals it exceeds c in a share of 1 - c, within a factor of three", () => {
  // Seeds that the table was not made from.
  const scores = Object.keys(NORMAL_SIGNALS).flatMap((name) =>
    [1001, 1002, 1003].flatMap((seed) => run(name, seed, 20_000).slice(1200)),
  );
  for (const confidence of [0.95, 0.99, 0.999]) {
    const share = scores.filter(({ score }) => score >= confidence).length / scores.length;
    expect(Math.abs(Math.log10(share / (1 - confidence)))).toBeLessThan(Math.log10(3));
  }
});

test.each(Object.keys(NORMAL_SIGNALS))("over %s alone it is within a factor of ten at 99 %%", (name) => {
  const scores = [2001, 2002].flatMap((seed) => run(name, seed, 20_000).slice(1200));
  const share = scores.filter(({ score }) => score >= 0.99).length / scores.length;
  expect(Math.abs(Math.log10(share / 0.01))).toBeLessThan(1);
});

test("there is no verdict and no anomaly during the warm-up", () => {
  const verdicts = run("white noise", 1, ENSEMBLE_WARM_UP, (i, value) => (i % 7 === 0 ? 100 * value : value));
  expect(verdicts.some(({ ready, isAnomaly }) => ready || isAnomaly)).toBe(false);
});

test("a spike is a reading that stands out", () => {
  const verdicts = run("white noise", 5, 2000, (i, value) => (i === 1999 ? 12 : value));
  expect(verdicts[1999]).toMatchObject({ isAnomaly: true, kind: "point" });
});

test("a small shift becomes an anomaly because it lasts", () => {
  const verdicts = run("white noise", 6, 2400, (i, value) => (i >= 2300 ? value + 2 : value));
  const found = verdicts.slice(2300).filter(({ isAnomaly }) => isAnomaly);
  expect(found.length).toBeGreaterThan(0);
  expect(found.some(({ kind }) => kind !== "point")).toBe(true);
});

test("the start of the level's judgement raises no alarm", () => {
  // Its two means are the same at first; a tail learnt from their difference of 0 would take all that follows for rare.
  for (let seed = 1; seed <= 20; seed++) {
    const level = run("daily cycle with noise", seed, 3000).filter(
      ({ isAnomaly, kind }) => isAnomaly && kind === "level",
    );
    expect(level).toHaveLength(0);
  }
});

test("p-values fall as evidence grows, and the inverse inverts", () => {
  let before = 0;
  for (let evidence = 0.1; evidence < 40; evidence += 0.1) {
    const log10P = log10PValue(evidence);
    expect(log10P).toBeLessThan(before);
    expect(evidenceAt(log10P)).toBeCloseTo(evidence, 9);
    before = log10P;
  }
  expect(log10PValue(0)).toBe(0);
});

test("combining is Sidak's correction", () => {
  expect(combineLog10P([])).toBe(0);
  expect(combineLog10P([-3])).toBe(-3);
  expect(combineLog10P([-3, 0, 0])).toBeCloseTo(Math.log10(1 - 0.999 ** 3), 12);
  expect(combineLog10P([-30, -1])).toBeCloseTo(-30 + Math.log10(2), 9);
  expect(combineLog10P([0, 0])).toBe(0);
});
