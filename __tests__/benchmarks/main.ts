import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { benchCommands } from "./commands";
import { benchEdge } from "./edge";
import { benchFleets } from "./fleets";
import { measure, median, runBenchmark, type Usage } from "./program";

const COUNTS = [1, 2, 5, 10, 20];

const HELP = `Measures what synthesizing costs and prints JSON; whole processes, the start of Node included.

  npm run bench              7 rounds
  npm run bench -- --rounds N
  npm run bench -- --help    print this

  importCdktf             loading cdktf alone
  synthesizeEnvironments  the environments that have a record, checked, put to the rules and written; its ratio to
                          importCdktf is what should be at most 2.0
  synthesizeAll           what npm run synth does: these and the stack bootstrap, which holds their identities
  growth                  1 to ${COUNTS.at(-1) ?? 0} environments like the last one that has a record
  devices                 1 to 10,000 devices in a stack of their own, the start of Node left out
  fleets                  10 and 1,000,000 devices that register on their own, and 1 to 50 hubs, in an environment like the last;
                          processor time, bytes and resources
  commands                commands that people run by hand, on a tree in which nothing has changed: the compiled program alone
                          (own), with the look whether something must be compiled (launched), and through npm
  rehearsal               once: a million recorded messages replayed (bench:replay), a live rehearsal's throughput and latency
                          (bench:live)

Every round runs each program once, in turn, so that a slow moment of the machine hits all of them. The figures are medians;
ratios are medians of each round's ratio. Progress goes to standard error.`;

const PROGRAMS: readonly (readonly [string, readonly string[]])[] = [
  ["importCdktf", ["-e", "require('cdktf')"]],
  ["synthesizeEnvironments", [join(__dirname, "records.js")]],
  ["synthesizeAll", [join(__dirname, "..", "..", "main.js")]],
  ...COUNTS.map((count) => [`environments${count}`, [join(__dirname, "environments.js"), String(count)]] as const),
];

const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

function bench(rounds: number): object {
  const outdir = mkdtempSync(join(tmpdir(), "bench-"));
  const samples = new Map<string, Usage[]>(PROGRAMS.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`round ${round} of ${rounds}${round === 0 ? " (warm-up, not counted)" : ""}\n`);
    for (const [name, args] of PROGRAMS) {
      const usage = measure(args, { CDKTF_OUTDIR: outdir });
      if (round > 0) {
        samples.get(name)?.push(usage);
      }
    }
  }
  rmSync(outdir, { recursive: true });

  const of = (name: string): { ms: number; peakMb: number } => {
    const usages = samples.get(name) ?? [];
    return {
      ms: rounded(median(usages.map(({ ms }) => ms))),
      peakMb: rounded(median(usages.map((usage) => usage.peakMb))),
    };
  };
  const ratio = (name: string, field: keyof Usage): number => {
    const [left, right] = [samples.get(name) ?? [], samples.get("importCdktf") ?? []];
    return rounded(median(left.map((usage, index) => usage[field] / (right[index]?.[field] ?? Number.NaN))), 2);
  };
  const compared = (name: string): object => ({
    ...of(name),
    toImportCdktf: { time: ratio(name, "ms"), memory: ratio(name, "peakMb") },
  });
  const growth = COUNTS.map((environments) => ({ environments, ...of(`environments${environments}`) }));
  const [first, last] = [growth[0], growth.at(-1)];
  const perEnvironment =
    ((last?.ms ?? 0) - (first?.ms ?? 0)) / ((last?.environments ?? 0) - (first?.environments ?? 0));
  return {
    node: process.version,
    cpu: cpus()[0]?.model,
    rounds,
    importCdktf: of("importCdktf"),
    synthesizeEnvironments: compared("synthesizeEnvironments"),
    synthesizeAll: compared("synthesizeAll"),
    growth,
    perEnvironmentMs: rounded(perEnvironment, 1),
    // 1 is a straight line from 1 through 10 to 20 environments; more is a curve upwards.
    linearity: rounded(
      (of("environments20").ms - of("environments10").ms) /
        10 /
        ((of("environments10").ms - of("environments1").ms) / 9),
      2,
    ),
    devices: benchEdge(rounds),
    fleets: benchFleets(rounds),
    commands: benchCommands(rounds),
    rehearsal: { replay: figuresOf("replay"), live: figuresOf("live") },
  };
}

/** What another benchmark prints. */
function figuresOf(name: string): unknown {
  process.stderr.write(`${name}\n`);
  const { status, stdout } = spawnSync(process.execPath, [join(__dirname, `${name}.js`)], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the benchmark ${name} ended with ${String(status)}`);
  return JSON.parse(stdout);
}

runBenchmark(HELP, 7, bench);
