import { normalRandom, seededRandom } from "../random";
import { type Alerting, Plant } from "./contestants";
import type { Half } from "./normals";
import { START_MS } from "./run";
import { percent, print, table } from "./table";

/** Machines of several signals that go together: one hidden cause with a weight for each signal, and noise of their own. */
function correlated(signals: number, seed: number, share: number): { next: () => number[]; cause: () => number[] } {
  const normal = normalRandom(seededRandom(seed));
  const own = Math.sqrt(1 - share * share);
  let cause = normal();
  const draw = (): number[] => {
    cause = 0.9 * cause + Math.sqrt(1 - 0.81) * normal();
    return Array.from(
      { length: signals },
      (_, i) => 10 * (i + 1) + share * cause * (i % 2 === 0 ? 1 : -1) + own * normal(),
    );
  };
  return { next: draw, cause: draw };
}

/**
 * One signal that no longer goes with the others, though its own values are as ever: its readings come from another
 * machine of the same make. 2 to 64 signals.
 */
export function relations(
  half: Half,
  quick: boolean,
  failures: string[],
  make: (signals: number) => Alerting = (signals) => Plant.of(signals),
): Record<string, unknown> {
  const offset = half === "choose" ? 0 : 10_000;
  const rows: string[][] = [];
  const results: Record<string, unknown> = {};
  for (const signals of [2, 3, 8, 16, 64]) {
    const interval = 60;
    const seeds = quick || signals > 16 ? 4 : 20;
    let found = 0;
    let open = 0;
    let alerts = 0;
    const days = signals > 16 || quick ? 7 : 30;
    for (let seed = 1; seed <= seeds; seed++) {
      const plant = correlated(signals, seed + offset, 0.97);
      const other = correlated(signals, seed + offset + 5000, 0.97);
      const detector = make(signals);
      const messages = days * 1440;
      for (let i = 0; i < messages; i++) {
        if (detector.process(START_MS + i * interval * 1000, plant.next()).alert) alerts++;
      }
      let hit = false;
      for (let i = 0; i < 60; i++) {
        const values = plant.next();
        values[1] = other.next()[1]!;
        const said = detector.process(START_MS + (messages + i) * interval * 1000, values);
        if (said.alert) hit = true;
        if (said.open) open++;
      }
      if (hit) found++;
    }
    const perMonth = (alerts * 30) / (days * seeds);
    if (found / seeds < 0.95)
      failures.push(`broken correlation of ${signals} signals: ${percent(found / seeds)} of 100 found`);
    if (perMonth > 6) failures.push(`${perMonth.toFixed(1)} false alerts a month on ${signals} correlated signals`);
    results[signals] = { found: found / seeds, open: open / seeds / 60, falseAlertsPerMonth: perMonth };
    rows.push([String(signals), perMonth.toFixed(1), percent(found / seeds), percent(open / seeds / 60)]);
  }
  print(
    `Broken correlation: signals that go together (0.97 with a hidden cause), a message a minute, an hour of the fault (${half})`,
  );
  table(["signals", "false alerts a month", "found of 100", "open %"], rows);
  return results;
}
