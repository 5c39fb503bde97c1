import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { type GeneratedPlan, generatedPlan } from "./generated-plan";

const HELP = `Measures what reviewing generated plans costs and prints JSON; whole processes, the start of Node included.

  npm run bench:review              5 rounds
  npm run bench:review -- --rounds N
  npm run bench:review -- --help    print this

Every round reviews each plan once, in turn. The figures are medians. Progress goes to standard error.`;

/** What is measured; the aims are for 20,000 changes: under 10 s, under 400 MB, a comment of at most 65,000 characters. */
const PLANS: Readonly<Record<string, GeneratedPlan>> = {
  changes1000: { changes: 1_000 },
  changes20000: { changes: 20_000 },
  changes100000: { changes: 100_000 },
  unchanged100000: { changes: 100, unchanged: 100_000 },
};

interface Sample {
  readonly ms: number;
  readonly peakMb: number;
}

function write(file: string, plan: GeneratedPlan): void {
  const descriptor = openSync(file, "w");
  let pieces: string[] = [];
  for (const piece of generatedPlan(plan)) {
    pieces.push(piece);
    if (pieces.length === 1_000) {
      writeSync(descriptor, pieces.join(""));
      pieces = [];
    }
  }
  writeSync(descriptor, pieces.join(""));
  closeSync(descriptor);
}

function measure(file: string, out: string): Sample {
  const program = join(__dirname, "..", "cli", "review.js");
  const result = spawnSync(process.execPath, ["-r", join(__dirname, "probe.js"), program, file, "--out", out], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  if (result.status !== 3) {
    throw new Error(`the review of ${file} ended with ${String(result.status)}`);
  }
  return JSON.parse(String(result.output[3])) as Sample;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

function bench(rounds: number): object {
  const folder = mkdtempSync(join(tmpdir(), "bench-review-"));
  const file = (name: string): string => join(folder, `${name}.json`);
  const out = join(folder, "review.md");
  const samples = new Map<string, Sample[]>(Object.keys(PLANS).map((name) => [name, []]));
  const characters = new Map<string, number>();
  for (const [name, plan] of Object.entries(PLANS)) {
    write(file(name), plan);
  }
  for (let round = 1; round <= rounds; round += 1) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    for (const name of Object.keys(PLANS)) {
      samples.get(name)?.push(measure(file(name), out));
      characters.set(name, readFileSync(out, "utf8").length);
    }
  }
  const reviews = Object.entries(PLANS).map(([name, plan]) => ({
    ...plan,
    fileMb: Math.round(statSync(file(name)).size / 1e6),
    ms: median((samples.get(name) ?? []).map(({ ms }) => ms)),
    peakMb: median((samples.get(name) ?? []).map(({ peakMb }) => peakMb)),
    characters: characters.get(name),
  }));
  rmSync(folder, { recursive: true });
  return { node: process.version, cpu: cpus()[0]?.model, rounds, reviews };
}

const args = process.argv.slice(2);
const rounds = args[0] === "--rounds" ? Number(args[1]) : 5;
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
} else if (!Number.isInteger(rounds) || rounds < 1 || (args.length > 0 && args[0] !== "--rounds")) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  console.log(JSON.stringify(bench(rounds), undefined, 2));
}
