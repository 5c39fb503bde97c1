import { type Alerting, Plant } from "./contestants";
import { NORMALS } from "./normals";
import { prefixReadings, Series } from "./run";
import { percent, print, table } from "./table";

interface Earlier {
  readonly name: string;
  readonly readings: number;
  readonly apply: (value: number) => number;
}

const EARLIER: readonly Earlier[] = [
  { name: "nothing (control)", readings: 0, apply: (value) => value },
  { name: "one value of 65535", readings: 1, apply: () => 65_535 },
  { name: "five minutes at 15σ", readings: 300, apply: (value) => value + 15 },
  { name: "an hour of a step of 3σ", readings: 3600, apply: (value) => value + 3 },
];

const LATER = [30, 600, 5000, 10_800] as const;

const SECOND: readonly {
  readonly name: string;
  readonly readings: number;
  readonly apply: (value: number) => number;
}[] = [
  { name: "spike 10σ", readings: 1, apply: (value) => value + 10 },
  { name: "dip 10σ", readings: 1, apply: (value) => value - 10 },
  { name: "step 3σ", readings: 600, apply: (value) => value + 3 },
  { name: "step 1σ", readings: 3600, apply: (value) => value + 1 },
];

/** Faults of white noise at a message a second, by how long ago an earlier fault was. */
export function recovery(
  quick: boolean,
  make: () => Alerting = () => Plant.of(1),
): Record<string, Record<string, number>> {
  const normal = NORMALS[0]!;
  const results: Record<string, Record<string, number>> = {};
  const seeds = quick ? 4 : 20;
  for (const earlier of EARLIER) {
    for (let seed = 1; seed <= seeds; seed++) {
      const series = new Series(normal, seed + 500, 1);
      const detector = make();
      const say = (apply: (value: number) => number): void => {
        series.advance();
        detector.process(series.timeMs, [apply(series.value)]);
      };
      for (let i = 0; i < prefixReadings(1) / 4; i++) say((value) => value);
      for (let i = 0; i < earlier.readings; i++) say(earlier.apply);
      let since = 0;
      for (const lag of LATER) {
        while (since++ < lag) say((value) => value);
        for (const second of SECOND) {
          const copy = detector.copy();
          const ahead = new Series(normal, seed + 9000, 1);
          let found = false;
          for (let i = 0; i < second.readings; i++) {
            ahead.advance();
            if (copy.process(series.timeMs + 1000 * (i + 1), [second.apply(ahead.value)]).alert) found = true;
          }
          const row = (results[`${second.name} after ${earlier.name}`] ??= {});
          row[lag] = (row[lag] ?? 0) + (found ? 1 / seeds : 0);
        }
      }
    }
  }
  print(
    "Second faults found, in 100, by the seconds since the end of an earlier one (white noise, a message a second)",
  );
  table(
    ["second fault and earlier one", ...LATER.map(String)],
    Object.entries(results).map(([name, row]) => [name, ...LATER.map((lag) => percent(row[lag] ?? 0))]),
  );
  return results;
}
