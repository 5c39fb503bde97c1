import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What one run of a program costs, the start of Node included. */
export interface Usage {
  /** Milliseconds from start to end. */
  readonly ms: number;
  /** Peak of the resident set, in megabytes. */
  readonly peakMb: number;
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
}

/**
 * Runs Node with a probe in it.
 *
 * @param args what stands behind `node`
 * @param expected the exit status that is a success
 * @throws Error where the program ends with another status
 */
export function measure(args: readonly string[], env: NodeJS.ProcessEnv = {}, expected = 0): Usage {
  const result = spawnSync(process.execPath, ["-r", join(__dirname, "probe.js"), ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: { ...process.env, ...env },
  });
  if (result.status !== expected) {
    throw new Error(`node ${args.join(" ")} ended with ${String(result.status)}`);
  }
  return JSON.parse(String(result.output[3])) as Usage;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs a benchmark as its command line says, and prints its figures as JSON. */
export function runBenchmark(
  help: string,
  usualRounds: number,
  bench: (rounds: number) => object | Promise<object>,
): void {
  const args = process.argv.slice(2);
  const rounds = args[0] === "--rounds" ? Number(args[1]) : usualRounds;
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help);
  } else if (!Number.isInteger(rounds) || rounds < 1 || (args.length > 0 && args[0] !== "--rounds")) {
    console.error(help);
    process.exitCode = 2;
  } else {
    void Promise.resolve(bench(rounds)).then((result) => {
      console.log(JSON.stringify(result, undefined, 2));
    });
  }
}
