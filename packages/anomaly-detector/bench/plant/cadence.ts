import { normalRandom, seededRandom } from "../random";
import { Plant } from "./contestants";
import { ASKED } from "./own";
import { START_MS } from "./run";
import { percent, print, table } from "./table";

/** Seconds until a machine's next message, where it usually sends each `interval` seconds. */
type Pace = (random: () => number, interval: number) => () => number;

const PACES: Readonly<Record<string, Pace>> = {
  "regular, 1 % jitter": (random, interval) => () => interval * (0.99 + 0.02 * random()),
  "half of it jitter": (random, interval) => () => interval * (0.5 + random()),
  "by chance (Poisson)": (random, interval) => () => -interval * Math.log(1 - random()),
  "bursts of ten": (_, interval) => {
    let i = 0;
    return () => (++i % 10 === 0 ? 10 * interval : 0);
  },
  "off for eight hours each night": (_, interval) => {
    let t = 0;
    return () => {
      const night = t % 86_400 > 57_600;
      const step = night ? 28_800 : interval;
      t += step;
      return step;
    };
  },
  "twice as often at work, hours each": (_, interval) => {
    let t = 0;
    return () => {
      const step = t % 28_800 < 14_400 ? interval / 2 : interval;
      t += step;
      return step;
    };
  },
};

/** Times at which messages come that a changed cadence is watched for. */
const WATCHED = 64;
const CHANGES = { "ten times as often": 0.1, "four times as often": 0.25, "four times less often": 4 } as const;

/** Machines that suddenly send far more or less often than they did, and those that are only irregular. */
export function cadence(quick: boolean, failures: string[]): Record<string, unknown> {
  const seeds = quick ? 4 : 20;
  const days = quick ? 10 : 30;
  const results: Record<string, Record<string, number>> = {};
  for (const [name, pace] of Object.entries(PACES)) {
    const row: Record<string, number> = { falseAlertsPerMonth: 0 };
    for (const interval of [10, 60]) {
      for (let seed = 1; seed <= seeds; seed++) {
        const random = seededRandom(seed * 31 + interval);
        const normal = normalRandom(random);
        const next = pace(random, interval);
        const detector = Plant.of(1);
        let t = 0;
        let alerts = 0;
        const months = interval === 10 ? 0.1 * days : days;
        for (; t < months * 86_400; t += next()) {
          if (detector.process(START_MS + Math.round(t * 1000), [20 + normal()]).alert) alerts++;
        }
        row.falseAlertsPerMonth! += (alerts * 30) / months / seeds / 2;
        for (const [change, factor] of Object.entries(CHANGES)) {
          const copy = detector.copy();
          let at = t;
          let found = 0;
          for (let times = 0; times < WATCHED;) {
            const step = factor * next();
            if (step > 0) times++;
            at += step;
            if (copy.process(START_MS + Math.round(at * 1000), [20 + normal()]).alert) found = 1;
          }
          row[change] = (row[change] ?? 0) + found / seeds / 2;
        }
      }
    }
    if (row.falseAlertsPerMonth! > ASKED.falseAlerts)
      failures.push(`${row.falseAlertsPerMonth!.toFixed(1)} false alerts a month with the cadence ${name}`);
    results[name] = row;
  }
  print(
    `Cadence: false alerts a month, and changes found of 100 within ${WATCHED} messages (bursts); a message each 10 s and 60 s`,
  );
  table(
    ["machine sends", "false alerts", ...Object.keys(CHANGES)],
    Object.entries(results).map(([name, row]) => [
      name,
      row.falseAlertsPerMonth!.toFixed(1),
      ...Object.keys(CHANGES).map((change) => percent(row[change] ?? 0)),
    ]),
  );
  return results;
}
