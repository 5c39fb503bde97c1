import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COUNTS = [1, 100, 1_000, 10_000];

interface Sample {
  readonly ms: number;
  readonly bytes: number;
}

/** What so many devices take. */
export interface DeviceGrowth extends Sample {
  readonly devices: number;
}

/** What the bench of devices says. */
export interface EdgeBench {
  /** Medians of making and synthesizing a stack of devices, the start of Node and reading the code left out. */
  readonly growth: readonly DeviceGrowth[];
  /** From 1 device to the most. Aim: at most 0.3. */
  readonly msPerDevice: number;
  /** From 1 device to the most. Aim: at most 400. */
  readonly bytesPerDevice: number;
  /** Time for each device from the third count to the fourth, over that from the first to the third: 1 is a straight line. */
  readonly linearity: number;
}

/** Synthesizes stacks of devices, each in a process of its own, `rounds` times in turn. */
export function benchEdge(rounds: number): EdgeBench {
  const outdir = mkdtempSync(join(tmpdir(), "bench-devices-"));
  const samples = new Map<number, Sample[]>(COUNTS.map((count) => [count, []]));
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`devices: round ${round} of ${rounds}${round === 0 ? " (warm-up, not counted)" : ""}\n`);
    for (const count of COUNTS) {
      const sample = measure(count, outdir);
      if (round > 0) {
        samples.get(count)?.push(sample);
      }
    }
  }
  rmSync(outdir, { recursive: true });
  const growth = COUNTS.map((devices) => {
    const all = samples.get(devices) ?? [];
    return { devices, ms: Number(median(all.map(({ ms }) => ms)).toFixed(1)), bytes: all[0]?.bytes ?? Number.NaN };
  });
  const slope = (field: keyof Sample, from: number, to: number): number => {
    const [low, high] = [growth[from], growth[to]];
    return (
      ((high?.[field] ?? Number.NaN) - (low?.[field] ?? Number.NaN)) / ((high?.devices ?? 0) - (low?.devices ?? 0))
    );
  };
  const last = COUNTS.length - 1;
  return {
    growth,
    msPerDevice: Number(slope("ms", 0, last).toFixed(4)),
    bytesPerDevice: Number(slope("bytes", 0, last).toFixed(1)),
    linearity: Number((slope("ms", last - 1, last) / slope("ms", 0, last - 1)).toFixed(2)),
  };
}

function measure(count: number, outdir: string): Sample {
  const program = join(__dirname, "devices.js");
  const result = spawnSync(process.execPath, [program, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CDKTF_OUTDIR: outdir },
    encoding: "utf8",
  });
  if (result.status !== 0) {
    throw new Error(`synthesizing ${count} devices ended with ${String(result.status)}`);
  }
  return JSON.parse(result.stdout) as Sample;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

// Not `require.main`: bundled into another program, this module is that program's main one.
if (process.argv[1]?.endsWith("edge.js") === true) {
  console.log(JSON.stringify(benchEdge(Number(process.argv[2] ?? 5)), undefined, 2));
}
