import type { Baseline } from "./baselines";
import type { Alerting } from "./contestants";
import { FAULTS } from "./faults";
import { type Half, NORMALS } from "./normals";
import { average, falseAlerts, type Found, hourReadings, nothingFound, peaks, prepare, stageFault } from "./run";
import { percent, print, rateName, table } from "./table";

const RATES: readonly { readonly interval: number; readonly days: number; readonly quickDays: number }[] = [
  { interval: 1, days: 2, quickDays: 1 },
  { interval: 60, days: 30, quickDays: 10 },
];

interface Row {
  readonly name: string;
  readonly falseAlerts: number;
  readonly found: Readonly<Record<string, number>>;
  readonly open: number;
}

/**
 * All detectors on the same signals and faults. Each baseline has the threshold at which it raises, on the other half's
 * kinds of normal, as many alerts as this module does there, with the same cooldown; false alerts and faults are then
 * those of this half.
 */
export function compare(
  half: Half,
  quick: boolean,
  baselines: readonly Baseline[],
  own: () => Alerting,
  before: (() => Alerting) | undefined,
  progress: (text: string) => void,
  failures: string[],
): Record<string, readonly Row[]> {
  const results: Record<string, readonly Row[]> = {};
  const normals = NORMALS.filter((each) => each.half === half);
  const other = NORMALS.filter((each) => each.half !== half);
  for (const { interval, days: fullDays, quickDays } of RATES) {
    const days = quick ? quickDays : fullDays;
    progress(`compare: ${rateName(interval)}`);
    const rows: Row[] = [];
    const budget = average(other.map((normal) => falseAlerts(normal, interval, days, 1, own).withCooldown));
    const alerting: [string, () => Alerting][] = [["this module", own]];
    if (before) alerting.push(["684799e", before]);
    for (const [name, make] of alerting) {
      progress(`  ${name}`);
      const rate = average(normals.map((normal) => falseAlerts(normal, interval, days, 1, make).withCooldown));
      rows.push({ name, falseAlerts: rate, ...faultsOf(normals, interval, quick, make) });
    }
    for (const baseline of baselines) {
      // These take ten times as long for a message as the others.
      if (baseline.slow === true && interval < 60) continue;
      progress(`  ${baseline.name}`);
      const length = baseline.slow === true ? days / 2 : days;
      const months = length / 30;
      const chosen = other
        .flatMap((normal) => peaks(normal, interval, length, 1, baseline.create))
        .sort((a, b) => b - a);
      const allowed = Math.round(budget * months * other.length);
      const threshold = chosen[allowed] ?? Infinity;
      const counted = normals.flatMap((normal) => peaks(normal, interval, length, 1, baseline.create));
      const rate = counted.filter((peak) => peak > threshold).length / months / normals.length;
      const make = (scorer = baseline.create()): Alerting => ({
        process: (_, [value]) => {
          const over = value !== undefined && scorer.score(value) > threshold;
          return { alert: over, open: over };
        },
        copy: () => make(scorer.copy()),
      });
      rows.push({ name: baseline.name, falseAlerts: rate, ...faultsOf(normals, interval, quick, () => make()) });
    }
    print(
      `The same signals for all, ${rateName(interval)} a message: false alerts a month (one an hour, or in 60 messages, at most),` +
        ` faults found of 100 within two hours (${half})`,
    );
    const asked = FAULTS.filter((fault) => fault.asked);
    table(
      ["detector", "false alerts", ...asked.map(({ name }) => name), "open %"],
      rows.map((row) => [
        row.name,
        row.falseAlerts.toFixed(1),
        ...asked.map(({ name }) => percent(row.found[name] ?? NaN)),
        percent(row.open),
      ]),
    );
    if (!before) print("684799e: not available, the repository's history is not here\n");
    const [mine, ...others] = rows;
    for (const row of others) {
      if (row.name === "684799e" || !mine) continue;
      const mean = (each: Row): number => average(asked.map(({ name }) => each.found[name] ?? 0));
      if (mean(row) > mean(mine)) failures.push(`${row.name} finds more at ${rateName(interval)} than this module`);
    }
    results[rateName(interval)] = rows;
  }
  return results;
}

function faultsOf(
  normals: readonly (typeof NORMALS)[number][],
  interval: number,
  quick: boolean,
  make: () => Alerting,
): Pick<Row, "found" | "open"> {
  const all: Record<string, Found> = {};
  for (const normal of normals) {
    for (let seed = 1; seed <= (quick ? 1 : 2); seed++) {
      const detector = make();
      const stage = prepare(normal, interval, seed, (timeMs, value) => detector.process(timeMs, [value]));
      for (const fault of FAULTS.filter((each) => each.asked)) {
        const copy = detector.copy();
        const found = (all[fault.name] ??= nothingFound());
        stageFault(
          stage,
          fault,
          interval,
          seed,
          found,
          (timeMs, value) => copy.process(timeMs, [value]),
          2 * hourReadings(interval),
        );
      }
    }
  }
  return {
    found: Object.fromEntries(Object.entries(all).map(([name, { withinTwo, trials }]) => [name, withinTwo / trials])),
    open: average(Object.values(all).flatMap(({ open }) => open)),
  };
}
