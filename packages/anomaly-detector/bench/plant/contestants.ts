import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine } from "../../src/detection/machine";
import { restoreMachine, saveMachine } from "../../src/detection/snapshot";
import type { PlantSettings } from "../../src/detection/types";

/** What a detector says of one message. */
export interface Said {
  /** An alert that was opened, or repeated as an ongoing one. */
  readonly alert: boolean;
  /** Whether the message is flagged: a fault that lasts should be as long as it lasts. */
  readonly open: boolean;
}

/** A detector with alerts of its own, that can be copied while it runs. */
export interface Alerting {
  process(timeMs: number, values: readonly (number | undefined)[]): Said;
  copy(): Alerting;
}

const DAY_MS = 86_400_000;
export const DEFAULTS: PlantSettings = { falseAlertsPerMachineMonth: 2, newLevelAfterMs: DAY_MS, limits: [] };

/** This module's default detector. */
export class Plant implements Alerting {
  public constructor(private readonly machine: Machine) {}

  public static of(signals: number): Plant {
    return new Plant(new Machine(signals, DEFAULTS));
  }

  public process(timeMs: number, values: readonly (number | undefined)[]): Said {
    const events = this.machine.update(timeMs, values);
    const alert = events?.some(({ phase }) => phase !== "closed") ?? false;
    return { alert, open: this.machine.episode !== undefined };
  }

  public copy(): Plant {
    const copied = restoreMachine(saveMachine(this.machine), this.machine.count, DEFAULTS);
    if (typeof copied === "string") throw new Error(copied);
    return new Plant(copied);
  }
}

export interface OldPipeline {
  process(body: string | Buffer, arrival: { arrivedMs: number; deviceId: string }): OldOutcome;
  entries(): Iterable<[string, unknown]>;
  header(): unknown;
  restore(header: unknown, machines: Iterable<readonly [string, unknown]>): string | undefined;
}
interface OldOutcome {
  readonly kind: string;
  readonly scored?: { readonly isAnomaly: boolean };
  readonly alerts?: readonly { readonly phase: string }[];
}
interface OldModules {
  readonly checkConfiguration: (desired: unknown) => { ok: boolean; configuration: unknown };
  readonly Pipeline: new (configuration: unknown) => OldPipeline;
}

/** The commit whose detector is compared with. */
export const BEFORE = "684799e";
/** Where the module was in it. */
const BEFORE_FOLDER = "edge-modules/anomaly-detector";

/** The pipeline of {@link BEFORE}, compiled from the repository's history; nothing where that has no such commit. */
export function loadBeforePipeline(root: string): ((desired: unknown) => OldPipeline) | undefined {
  try {
    execFileSync("git", ["-C", root, "cat-file", "-e", `${BEFORE}^{commit}`], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "detector-before-"));
  try {
    const archive = join(folder, "before.tar");
    execFileSync("git", ["-C", root, "archive", "-o", archive, BEFORE, BEFORE_FOLDER], { stdio: "ignore" });
    execFileSync("tar", ["-xf", archive, "-C", folder]);
    const require = createRequire(join(root, "package.json"));
    const esbuild = require("esbuild") as { buildSync: (options: unknown) => unknown };
    const out = join(folder, "before.cjs");
    esbuild.buildSync({
      stdin: {
        contents: `export { Pipeline } from "./pipeline"; export { checkConfiguration } from "./configuration";`,
        resolveDir: join(folder, BEFORE_FOLDER, "src"),
      },
      bundle: true,
      platform: "node",
      outfile: out,
      logLevel: "silent",
    });
    const { Pipeline, checkConfiguration } = require(out) as OldModules;
    return (desired) => {
      const checked = checkConfiguration(desired);
      if (!checked.ok) throw new Error("the old configuration is refused");
      return new Pipeline(checked.configuration);
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The detector of {@link BEFORE} as one that can be copied while it runs. */
export function loadBefore(root: string): ((signals: number) => Alerting) | undefined {
  const create = loadBeforePipeline(root);
  if (!create) return undefined;
  const make = (signals: number): OldPipeline => {
    const names = Array.from({ length: signals }, (_, i) => [`s${i}`, `s${i}`] as const);
    return create({ signals: Object.fromEntries(names), timePath: "t" });
  };
  const wrap = (pipeline: OldPipeline, signals: number): Alerting => ({
    process: (timeMs, values) => {
      const body: Record<string, number> = { t: timeMs };
      values.forEach((value, i) => {
        if (value !== undefined) body[`s${i}`] = value;
      });
      const outcome = pipeline.process(JSON.stringify(body), { arrivedMs: timeMs, deviceId: "machine" });
      return {
        alert: outcome.alerts?.some(({ phase }) => phase !== "closed") ?? false,
        open: outcome.scored?.isAnomaly ?? false,
      };
    },
    copy: () => {
      const twin = make(signals);
      twin.restore(pipeline.header(), structuredClone([...pipeline.entries()]));
      return wrap(twin, signals);
    },
  });
  return (signals) => wrap(make(signals), signals);
}
