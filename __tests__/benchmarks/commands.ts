import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./program";

/** Commands that people run by hand, on a tree in which nothing has changed. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  environments: ["environments"],
  device: ["device", "list"],
  manifest: ["manifest", "print", "dev", "base"],
  review: ["review", "--help"],
  policy: ["policy"],
  synth: ["synth"],
};

const ENTRIES: Readonly<Record<string, string>> = { synth: "main", review: "packages/plan-review/src/bin" };

/** What a command takes, in milliseconds of the clock, and how often its own run that is. */
export interface CommandTimes {
  /** The compiled program alone. */
  readonly own: number;
  /** With the look whether something must be compiled. */
  readonly launched: number;
  /** As people run it, npm's own start included. */
  readonly npm: number;
  readonly launchedToOwn: number;
  readonly npmToOwn: number;
}

/** Runs each command in each of the three ways, `rounds` times in turn. */
export function benchCommands(rounds: number): Record<string, CommandTimes> {
  const outdir = mkdtempSync(join(tmpdir(), "bench-commands-"));
  const samples = new Map(Object.keys(COMMANDS).map((name) => [name, [] as Omit<CommandTimes, `${string}ToOwn`>[]]));
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`commands: round ${round} of ${rounds}${round === 0 ? " (warm-up, not counted)" : ""}\n`);
    for (const [name, [script = name, ...args]] of Object.entries(COMMANDS)) {
      const entry = ENTRIES[script] ?? `stacks/commands/${script}`;
      const sample = {
        own: clock(process.execPath, [join("dist", `${entry}.js`), ...args], outdir),
        launched: clock(process.execPath, [join(".config", "run.mjs"), entry, ...args], outdir),
        npm: clock("npm", ["run", "--silent", script, "--", ...args], outdir),
      };
      if (round > 0) {
        samples.get(name)?.push(sample);
      }
    }
  }
  rmSync(outdir, { recursive: true });
  return Object.fromEntries([...samples].map(([name, all]) => [name, timesOf(all)]));
}

function timesOf(all: readonly Omit<CommandTimes, `${string}ToOwn`>[]): CommandTimes {
  const middle = (of: (sample: (typeof all)[number]) => number, digits = 0): number =>
    Number(median(all.map(of)).toFixed(digits));
  return {
    own: middle(({ own }) => own),
    launched: middle(({ launched }) => launched),
    npm: middle(({ npm }) => npm),
    launchedToOwn: middle(({ launched, own }) => launched / own, 2),
    npmToOwn: middle(({ npm, own }) => npm / own, 2),
  };
}

function clock(program: string, args: readonly string[], outdir: string): number {
  const start = performance.now();
  const { status } = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, CDKTF_OUTDIR: outdir },
  });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${String(status)}`);
  }
  return performance.now() - start;
}
