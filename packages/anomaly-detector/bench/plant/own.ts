import { Plant } from "./contestants";
import { FAULTS } from "./faults";
import { type Half, NORMALS } from "./normals";
import { average, falseAlerts, type Found, median, nothingFound, prepare, stageFault } from "./run";
import { percent, print, rateName, table } from "./table";

/** What is asked: false alerts of a machine in a month at most, and shares of faults found and open. */
export const ASKED = { falseAlerts: 6, found: 0.95, open: 0.8 } as const;

const RATES: readonly { readonly interval: number; readonly days: number; readonly quickDays: number }[] = [
  { interval: 1, days: 30, quickDays: 4 },
  { interval: 10, days: 30, quickDays: 15 },
  { interval: 60, days: 30, quickDays: 30 },
  { interval: 600, days: 30, quickDays: 30 },
  { interval: 3600, days: 60, quickDays: 60 },
];

/** False alerts on every kind of normal at every rate, from the first message on. */
export function measureFalseAlerts(
  half: Half,
  quick: boolean,
  progress: (text: string) => void,
  failures: string[],
): Record<string, Record<string, number>> {
  const results: Record<string, Record<string, number>> = {};
  const rows: string[][] = [];
  for (const normal of NORMALS.filter((each) => each.half === half)) {
    progress(`false alerts: ${normal.name}`);
    const row = [normal.name];
    const own: Record<string, number> = {};
    for (const { interval, days, quickDays } of RATES) {
      const seeds = quick ? 1 : interval <= 1 ? 2 : 4;
      const { perMonth, openShare } = falseAlerts(normal, interval, quick ? quickDays : days, seeds, () => Plant.of(1));
      own[rateName(interval)] = perMonth;
      row.push(`${perMonth.toFixed(1)} (${percent(openShare)} %)`);
      if (perMonth > ASKED.falseAlerts) {
        failures.push(`${perMonth.toFixed(1)} false alerts a month on ${normal.name} at ${rateName(interval)}`);
      }
    }
    results[normal.name] = own;
    rows.push(row);
  }
  print(`False alerts of a machine in a month, first hours included, and the share of messages flagged (${half})`);
  table(["kind of normal", ...RATES.map(({ interval }) => rateName(interval))], rows);
  return results;
}

const FAULT_RATES = [1, 60, 600] as const;

/** Faults by kind, size and rate, over all kinds of normal of a half. */
export function measureFaults(
  half: Half,
  quick: boolean,
  progress: (text: string) => void,
  failures: string[],
): Record<string, unknown> {
  const normals = NORMALS.filter((each) => each.half === half);
  const results: Record<string, Record<string, Record<string, Found>>> = {};
  for (const normal of normals) {
    progress(`faults: ${normal.name}`);
    for (const interval of FAULT_RATES) {
      for (let seed = 1; seed <= (quick ? 3 : 20); seed++) {
        const plant = Plant.of(1);
        const stage = prepare(normal, interval, seed, (timeMs, value) => plant.process(timeMs, [value]));
        for (const fault of FAULTS) {
          const byRate = ((results[fault.name] ??= {})[rateName(interval)] ??= {});
          const found = (byRate[normal.name] ??= nothingFound());
          const copy = plant.copy();
          stageFault(stage, fault, interval, seed, found, (timeMs, value) => copy.process(timeMs, [value]));
        }
      }
    }
  }
  print(
    `Faults found within an hour (or 60 messages), within two, median delay in messages, share of time open (${half})`,
  );
  table(
    ["fault", ...FAULT_RATES.map(rateName)],
    FAULTS.map(({ name, lasting }) => [
      name,
      ...FAULT_RATES.map((interval) => {
        const all = Object.values(results[name]?.[rateName(interval)] ?? {});
        const sum = (key: "trials" | "withinHour" | "withinTwo"): number => all.reduce((s, each) => s + each[key], 0);
        const delay = median(all.flatMap(({ delays }) => delays));
        const open = lasting ? `, ${percent(average(all.flatMap((each) => each.open)))} %` : "";
        return `${percent(sum("withinHour") / sum("trials"))} / ${percent(sum("withinTwo") / sum("trials"))} (${delay}${open})`;
      }),
    ]),
  );
  print("The same by kind of normal: faults found within two hours (or 120 messages), for those that are asked for");
  const asked = FAULTS.filter((fault) => fault.asked);
  table(
    ["kind of normal", ...asked.map(({ name }) => name)],
    normals.map(({ name: kind }) => [
      kind,
      ...asked.map(({ name: fault }) =>
        FAULT_RATES.map((interval) => {
          const found = results[fault]?.[rateName(interval)]?.[kind];
          if (!found) return "-";
          const share = found.withinTwo / found.trials;
          if (share < ASKED.found) {
            failures.push(`${fault} on ${kind} at ${rateName(interval)}: ${percent(share)} of 100 found`);
          }
          const open = average(found.open);
          if (open < ASKED.open && share >= ASKED.found) {
            failures.push(`${fault} on ${kind} at ${rateName(interval)}: open ${percent(open)} % of its time`);
          }
          return percent(share);
        }).join("/"),
      ),
    ]),
  );
  return results;
}
