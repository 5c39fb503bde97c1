import { FAULTS } from "./faults";
import { type Half, type Normal, NORMALS, type Truth } from "./normals";
import { type Hypothesis, statisticOf } from "./likelihood";
import { average, cooldownSeconds, type Found, nothingFound, prepare, Series, stageFault } from "./run";
import { percent, print, rateName, table } from "./table";

const lasting = (name: string, shift: Hypothesis["shift"], variance = 0): Hypothesis => ({
  name,
  shift,
  variance,
  readings: Infinity,
});
const HYPOTHESES: readonly Hypothesis[] = [
  { name: "spike 8σ", shift: (age) => (age === 0 ? 8 : 0), variance: 0, readings: 1 },
  lasting("step 1σ", () => 1),
  lasting("step 3σ", () => 3),
  { ...lasting("drift 1σ an hour", (age, hour) => age / hour), creeps: true },
  lasting("variance doubled", () => 0, 1),
];

/** The course of a kind, at the times of its messages in their order. */
function courseOf({ course = 0 }: Truth, seed: number, interval: number): (seconds: number) => number {
  return typeof course === "number" ? () => course : course(seed, interval);
}

/** For each fault the value that its statistic exceeds in `allowed` of a month's hours (or sixties of messages). */
function thresholdsOf(
  normal: Normal,
  truth: Truth,
  sigma: number,
  interval: number,
  months: number,
  allowed: number,
): number[] {
  const peaks = HYPOTHESES.map((): number[] => []);
  for (let seed = 1; seed <= months; seed++) {
    const series = new Series(normal, seed, interval);
    const course = courseOf(truth, seed, interval);
    const statistics = HYPOTHESES.map((hypothesis) => statisticOf(truth, hypothesis, sigma, interval));
    let ends = cooldownSeconds(interval);
    const highest = HYPOTHESES.map(() => -Infinity);
    while (series.seconds < 30 * 86_400) {
      const at = series.seconds;
      series.advance();
      const deviation = series.value - course(at);
      for (let k = 0; k < statistics.length; k++) {
        const value = statistics[k]!.step(deviation);
        if (value > highest[k]!) highest[k] = value;
      }
      if (series.seconds < ends) continue;
      highest.forEach((value, k) => peaks[k]!.push(value));
      highest.fill(-Infinity);
      ends += cooldownSeconds(interval);
    }
  }
  return peaks.map((each) => each.sort((x, y) => y - x)[Math.min(Math.round(allowed * months), each.length - 1)]!);
}

const RATES = [1, 60, 600] as const;
const ALLOWED = 6;

/**
 * What could be found at all: for each kind of normal and each fault a detector that knows everything but when: the
 * course and the law of the noise exactly, and the kind, size and direction of the fault. Its statistic is the log
 * likelihood ratio of "the fault began at some time" (Page's CUSUM with the fault's own course); its threshold is the one
 * that normal operation exceeds in as many hours a month as false alerts are allowed; and once it has alerted it stays
 * open. No detector that has to learn can do better, but by luck.
 */
export function oracle(half: Half, quick: boolean, progress: (text: string) => void): Record<string, unknown> {
  const results: Record<string, Record<string, Record<string, Found>>> = {};
  const kinds = NORMALS.filter((each) => each.half === half);
  for (const normal of kinds) {
    const { truth } = normal;
    if (!truth) continue;
    progress(`oracle: ${normal.name}`);
    for (const interval of RATES) {
      const months = quick ? 1 : interval <= 1 ? 1 : 10;
      let thresholds: number[] | undefined;
      for (let seed = 1; seed <= (quick ? 3 : 20); seed++) {
        const stage = prepare(normal, interval, seed, () => undefined);
        const { sigma } = stage;
        thresholds ??= thresholdsOf(normal, truth, sigma, interval, months, ALLOWED);
        // The course has to be walked from the first message on, as the series was.
        const course = courseOf(truth, seed + 1000, interval);
        const series = new Series(normal, seed + 1000, interval);
        const statistics = HYPOTHESES.map((hypothesis) => statisticOf(truth, hypothesis, sigma, interval));
        const courses: number[] = [];
        const first = stage.timesMs[0]!;
        for (let i = 0; i < stage.timesMs.length;) {
          const at = series.seconds;
          series.advance();
          const expected = course(at);
          if (series.timeMs < first) for (const each of statistics) each.step(series.value - expected);
          else {
            courses.push(expected);
            i++;
          }
        }
        for (const [k, hypothesis] of HYPOTHESES.entries()) {
          const threshold = thresholds[k]!;
          const fault = FAULTS.find(({ name }) => name === hypothesis.name)!;
          const found = (((results[fault.name] ??= {})[rateName(interval)] ??= {})[normal.name] ??= nothingFound());
          const statistic = statistics[k]!.copy();
          let age = 0;
          let open = false;
          stageFault(stage, fault, interval, seed, found, (_timeMs, value) => {
            const alert = statistic.step((value ?? NaN) - courses[age++]!) > threshold && !open;
            open ||= alert;
            return { alert, open };
          });
        }
      }
    }
  }
  report(half, kinds, results);
  return results;
}

function report(
  half: Half,
  kinds: readonly Normal[],
  results: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Found>>>>>>,
): void {
  print(
    `What could be found at all, by a detector that knows noise and fault exactly, at ${ALLOWED} false alerts a month: of 100 faults within two hours (or 120 messages), and the share of six hours that could be flagged; at ${RATES.map(rateName).join(", ")} (${half})`,
  );
  table(
    ["kind of normal", ...HYPOTHESES.map(({ name }) => name)],
    kinds.map(({ name: kind, truth }) => [
      kind,
      ...HYPOTHESES.map(({ name, readings }) => {
        if (!truth) return "-";
        const cells = RATES.map((interval) => results[name]?.[rateName(interval)]?.[kind] ?? nothingFound());
        const found = cells.map(({ withinTwo, trials }) => percent(withinTwo / trials)).join("/");
        const open = cells.map((each) => percent(average(each.open))).join("/");
        return readings === 1 ? found : `${found} (${open} %)`;
      }),
    ]),
  );
}
