import { Plant } from "./contestants";
import { FrozenPca } from "./frozen-pca";
import { START_MS } from "./run";
import { percent, print, table } from "./table";
import { FAULT_NAMES, type FaultName, INTERVAL, TwoTanks } from "./two-tanks";

/** Messages of normal operation before a fault, three days, and of a fault, two hours. */
const NORMAL_MESSAGES = (3 * 86_400) / INTERVAL;
const FAULT_MESSAGES = 7200 / INTERVAL;

/** A simulated plant of 18 signals with faults that control masks, beside a frozen model of principal components. */
export function processPlant(quick: boolean, failures: string[]): Record<string, unknown> {
  const seeds = quick ? 2 : 10;
  const results: Record<string, { found: number; open: number; frozen: number; frozenOpen: number }> = {};
  let alerts = 0;
  let frozenAlerts = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const plant = new TwoTanks(seed);
    const detector = Plant.of(18);
    const frozen = new FrozenPca(NORMAL_MESSAGES / 3);
    let frozenQuietUntil = -1;
    for (let i = 0; i < NORMAL_MESSAGES; i++) {
      const values = plant.step({});
      if (detector.process(START_MS + i * INTERVAL * 1000, values).alert) alerts++;
      if (frozen.over(values) && i > frozenQuietUntil) {
        frozenAlerts++;
        frozenQuietUntil = i + 3600 / INTERVAL;
      }
    }
    const saved = JSON.stringify(plant);
    for (const name of Object.keys(FAULT_NAMES) as FaultName[]) {
      const faulty = Object.assign(new TwoTanks(seed + 100), JSON.parse(saved) as object);
      const copy = detector.copy();
      let found = 0;
      let open = 0;
      let frozenOpen = 0;
      for (let i = 0; i < FAULT_MESSAGES; i++) {
        const size = name === "fouling" ? (2 * i) / FAULT_MESSAGES : 1;
        const values = faulty.step({ [name]: size });
        const said = copy.process(START_MS + (NORMAL_MESSAGES + i) * INTERVAL * 1000, values);
        if (said.alert) found = 1;
        if (said.open) open++;
        if (frozen.over(values)) frozenOpen++;
      }
      const row = (results[name] ??= { found: 0, open: 0, frozen: 0, frozenOpen: 0 });
      row.found += found / seeds;
      row.open += open / FAULT_MESSAGES / seeds;
      row.frozen += (frozenOpen / FAULT_MESSAGES > 0.02 ? 1 : 0) / seeds;
      row.frozenOpen += frozenOpen / FAULT_MESSAGES / seeds;
    }
  }
  const months = (seeds * 3) / 30;
  print(
    "A simulated plant (two tanks, a heat exchanger, three control loops; 18 signals, a message each 10 s), faults of two hours",
  );
  table(
    ["fault", "found of 100", "open %", "frozen T² and Q: found", "open %"],
    Object.entries(results).map(([name, row]) => [
      FAULT_NAMES[name as FaultName],
      percent(row.found),
      percent(row.open),
      percent(row.frozen),
      percent(row.frozenOpen),
    ]),
  );
  print(
    `false alerts a month: ${(alerts / months).toFixed(1)}; frozen T² and Q with a limit of 1 in 1,000: ${(frozenAlerts / months).toFixed(0)}\n`,
  );
  if (alerts / months > 6) failures.push(`${(alerts / months).toFixed(1)} false alerts a month on the simulated plant`);
  return { falseAlertsPerMonth: alerts / months, frozenFalseAlertsPerMonth: frozenAlerts / months, faults: results };
}
