import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, median, runBenchmark } from "./program";

const ROWS = 1_000_000;

const HELP = `Measures the replay of a million recorded messages through a device of the first environment and prints JSON.

  npm run bench:replay               1 round
  npm run bench:replay -- --rounds N

The whole command as people run it: reading CSV, routes, the Stream Analytics query, the ML module's pipeline, reports. The
aims are under 120 s and 500 MB.`;

/** Two signals that wander about their levels, a sample each 5 s: 58 days. */
function writeData(file: string): void {
  const handle = openSync(file, "w");
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  let [temperature, pressure] = [21, 1];
  let lines = ["time,temperature,pressure"];
  for (let row = 0; row < ROWS; row += 1) {
    temperature += (21 - temperature) * 0.05 + 0.3 * random();
    pressure += (1 - pressure) * 0.05 + 0.03 * random();
    lines.push(`${1_700_000_000 + row * 5},${temperature.toFixed(3)},${pressure.toFixed(4)}`);
    if (lines.length >= 10_000 || row === ROWS - 1) {
      writeSync(handle, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  closeSync(handle);
}

function bench(rounds: number): object {
  const folder = mkdtempSync(join(tmpdir(), "bench-replay-"));
  try {
    const file = join(folder, "million.csv");
    writeData(file);
    const program = join(__dirname, "..", "..", "stacks", "commands", "rehearse.js");
    const runs = Array.from({ length: rounds }, () => measure([program, "--data", file, "--out", join(folder, "out")]));
    const seconds = median(runs.map(({ ms }) => ms / 1000));
    return {
      node: process.version,
      rounds,
      messages: ROWS,
      seconds: Number(seconds.toFixed(1)),
      cpuSeconds: Number(median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1)),
      messagesASecond: Math.round(ROWS / seconds),
      peakMb: Math.round(median(runs.map(({ peakMb }) => peakMb))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

runBenchmark(HELP, 1, bench);
