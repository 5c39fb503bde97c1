import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { type GeneratedPlan, generatedPlan } from "../../packages/plan-review/bench/generated-plan";
import { benchManifests } from "./manifests";
import { measure, median, runBenchmark, type Usage } from "./program";

const HELP = `Measures what reviewing generated plans and checking generated manifests costs and prints JSON; whole processes, the start of Node included.

  npm run bench:review              5 rounds
  npm run bench:review -- --rounds N
  npm run bench:review -- --help    print this

Every round reviews each plan and checks each folder of manifests once. The figures are medians. Progress goes to standard error.`;

/** What is measured; the aims are for 20,000 changes: under 10 s, under 400 MB, a comment of at most 65,000 characters. */
const PLANS: Readonly<Record<string, GeneratedPlan>> = {
  changes1000: { changes: 1_000 },
  changes20000: { changes: 20_000 },
  changes100000: { changes: 100_000 },
  unchanged100000: { changes: 100, unchanged: 100_000 },
};

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

const REVIEW = join(__dirname, "..", "..", "packages", "plan-review", "src", "bin.js");
/** Of a review in which something is dangerous. */
const DANGEROUS = 3;

function bench(rounds: number): object {
  const folder = mkdtempSync(join(tmpdir(), "bench-review-"));
  const file = (name: string): string => join(folder, `${name}.json`);
  const out = join(folder, "review.md");
  const samples = new Map<string, Usage[]>(Object.keys(PLANS).map((name) => [name, []]));
  const characters = new Map<string, number>();
  for (const [name, plan] of Object.entries(PLANS)) {
    write(file(name), plan);
  }
  for (let round = 1; round <= rounds; round += 1) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    for (const name of Object.keys(PLANS)) {
      samples.get(name)?.push(measure([REVIEW, file(name), "--out", out], {}, DANGEROUS));
      characters.set(name, readFileSync(out, "utf8").length);
    }
  }
  const reviews = Object.entries(PLANS).map(([name, plan]) => ({
    ...plan,
    fileMb: Math.round(statSync(file(name)).size / 1e6),
    ms: Math.round(median((samples.get(name) ?? []).map(({ ms }) => ms))),
    peakMb: Math.round(median((samples.get(name) ?? []).map(({ peakMb }) => peakMb))),
    characters: characters.get(name),
  }));
  rmSync(folder, { recursive: true });
  return { node: process.version, cpu: cpus()[0]?.model, rounds, reviews, manifests: benchManifests(rounds) };
}

runBenchmark(HELP, 5, bench);
