import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./program";

const HUBS = [1, 5, 10, 25, 50];
/** The same hubs, which take a million devices, for both fleets. */
const FLEETS = [10, 1_000_000];
const HUBS_OF_FLEETS = 8;

interface Sample {
  readonly ms: number;
  readonly bytes: number;
  readonly resources: number;
}

/** What the bench of fleets says. Times are processor time of checking and synthesizing, without the start of Node. */
export interface FleetBench {
  /** Of devices that register on their own. */
  readonly fleets: readonly (Sample & { readonly devices: number })[];
  /** The large fleet's time over the small one's, median of the rounds' ratios. Aim: 1; bytes and resources are equal. */
  readonly timeOfMillionToTen: number;
  readonly stamps: readonly (Sample & { readonly hubs: number })[];
  /** What a hub adds, from the first count to the last. */
  readonly eachHub: Sample;
  /** What a hub adds from the fourth count to the last over what it adds from the first to the fourth: 1 is a straight line. */
  readonly linearity: Sample;
}

/** Synthesizes fleets of several sizes and numbers of hubs, each in a process of its own, `rounds` times in turn. */
export function benchFleets(rounds: number): FleetBench {
  const outdir = mkdtempSync(join(tmpdir(), "bench-fleets-"));
  const programs = [
    ...FLEETS.map((devices) => ({ hubs: HUBS_OF_FLEETS, devices })),
    ...HUBS.map((hubs) => ({ hubs, devices: 10 })),
  ];
  const samples: Sample[][] = programs.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`fleets: round ${round} of ${rounds}${round === 0 ? " (warm-up, not counted)" : ""}\n`);
    programs.forEach(({ hubs, devices }, index) => {
      const sample = measure(hubs, devices, outdir);
      if (round > 0) {
        samples[index]?.push(sample);
      }
    });
  }
  rmSync(outdir, { recursive: true });
  const medians = samples.map((all): Sample => {
    const [first] = all;
    return {
      ms: Math.round(median(all.map(({ ms }) => ms))),
      bytes: first?.bytes ?? Number.NaN,
      resources: first?.resources ?? Number.NaN,
    };
  });
  const [small = [], large = []] = samples;
  const stamps = HUBS.map((hubs, index) => ({ hubs, ...pick(medians[FLEETS.length + index]) }));
  const slope = (from: number, to: number): Sample => {
    const [low, high] = [stamps[from], stamps[to]];
    const each = (field: keyof Sample): number =>
      ((high?.[field] ?? Number.NaN) - (low?.[field] ?? Number.NaN)) / ((high?.hubs ?? 0) - (low?.hubs ?? 0));
    return { ms: each("ms"), bytes: each("bytes"), resources: each("resources") };
  };
  const last = HUBS.length - 1;
  const [early, late] = [slope(0, last - 1), slope(last - 1, last)];
  return {
    fleets: FLEETS.map((devices, index) => ({ devices, ...pick(medians[index]) })),
    timeOfMillionToTen: rounded(median(large.map(({ ms }, index) => ms / (small[index]?.ms ?? Number.NaN)))),
    stamps,
    eachHub: map(slope(0, last), rounded),
    linearity: map(early, (_, field) => rounded(late[field] / early[field])),
  };
}

const rounded = (value: number): number => Number(value.toFixed(2));
const pick = (sample: Sample | undefined): Sample =>
  sample ?? { ms: Number.NaN, bytes: Number.NaN, resources: Number.NaN };
const map = (sample: Sample, of: (value: number, field: keyof Sample) => number): Sample => ({
  ms: of(sample.ms, "ms"),
  bytes: of(sample.bytes, "bytes"),
  resources: of(sample.resources, "resources"),
});

function measure(hubs: number, devices: number, outdir: string): Sample {
  const program = join(__dirname, "fleet-environment.js");
  const result = spawnSync(process.execPath, [program, String(hubs), String(devices)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CDKTF_OUTDIR: outdir },
    encoding: "utf8",
  });
  if (result.status !== 0) {
    throw new Error(`synthesizing ${hubs} hubs ended with ${String(result.status)}`);
  }
  return JSON.parse(result.stdout) as Sample;
}

// Not `require.main`: bundled into another program, this module is that program's main one.
if (process.argv[1]?.endsWith("fleets.js") === true) {
  console.log(JSON.stringify(benchFleets(Number(process.argv[2] ?? 5)), undefined, 2));
}
