import { DEFAULTS } from "./contestants";
import { Machine, told } from "../../src/detection/machine";
import { type Half, NORMALS } from "./normals";
import { Series } from "./run";
import { print, table } from "./table";

const LEVELS = [1.5, 2, 3, 4] as const;

/** What the score of a message means: how many normal messages reach it, against how many should, for each kind. */
export function calibration(half: Half, quick: boolean): Record<string, readonly number[]> {
  const results: Record<string, readonly number[]> = {};
  const messages = quick ? 40_000 : 200_000;
  for (const normal of NORMALS.filter((each) => each.half === half)) {
    const series = new Series(normal, 3, 60);
    const machine = new Machine(1, DEFAULTS);
    const counts = LEVELS.map(() => 0);
    for (let i = 0; i < messages; i++) {
      series.advance();
      machine.update(series.timeMs, [series.value]);
      if (i < 2000) continue;
      const unlikely = told[2]!;
      LEVELS.forEach((level, k) => {
        if (unlikely >= level) counts[k]!++;
      });
    }
    results[normal.name] = counts.map((count, k) => count / (messages - 2000) / 10 ** -LEVELS[k]!);
  }
  print(
    `Calibration of a message's score: normal messages that reach it, as a multiple of what it says (${half}, a message a minute)`,
  );
  table(
    ["kind of normal", ...LEVELS.map((level) => `1 - 10^-${level}`)],
    Object.entries(results).map(([name, row]) => [name, ...row.map((times) => times.toFixed(2))]),
  );
  return results;
}
