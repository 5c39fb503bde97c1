import type { RehearsalInput } from "../input";
import { type ReplayOptions, type ReplayResult, replayFile } from "../replay/run";
import { type AlertChange, compareAlerts } from "./match";

/** Changes when a key changes its meaning or goes. */
export const COMPARISON_VERSION = 1;

/** Two versions of one environment on the same data. */
export interface EnvironmentComparison {
  readonly environment: string;
  /** `unchanged`: both versions give devices the same, so nothing was replayed. */
  readonly state: "unchanged" | "compared" | "added" | "removed";
  readonly changes: readonly AlertChange[];
  /** Alerts that are the same in both. */
  readonly same: number;
  readonly base?: ReplayResult["summary"];
  readonly head?: ReplayResult["summary"];
  /** Alerts of a storm that were not compared, because they are beyond what is held. */
  readonly notCompared: number;
}

export interface Comparison {
  readonly version: typeof COMPARISON_VERSION;
  readonly base: string;
  readonly head: string;
  readonly data: string;
  readonly environments: readonly EnvironmentComparison[];
}

/** Alerts so many samples apart are the same one, earlier or later. */
const TOLERANCE_SAMPLES = 12;

export interface CompareOptions extends ReplayOptions {
  readonly toleranceSeconds?: number;
}

/** Replays both versions of each environment. */
export async function compareInputs(
  base: readonly RehearsalInput[],
  head: readonly RehearsalInput[],
  file: string,
  options: CompareOptions,
): Promise<EnvironmentComparison[]> {
  const names = [...new Set([...base, ...head].map(({ environment }) => environment))];
  const results: EnvironmentComparison[] = [];
  for (const environment of names) {
    const [before, after] = [base, head].map((inputs) => inputs.find((each) => each.environment === environment));
    const none = { environment, changes: [], same: 0, notCompared: 0 };
    if (before === undefined || after === undefined) {
      results.push({ ...none, state: before === undefined ? "added" : "removed" });
    } else if (JSON.stringify(before) === JSON.stringify(after)) {
      results.push({ ...none, state: "unchanged" });
    } else {
      results.push(await compareOne(environment, before, after, file, options));
    }
  }
  return results;
}

async function compareOne(
  environment: string,
  before: RehearsalInput,
  after: RehearsalInput,
  file: string,
  { toleranceSeconds, ...options }: CompareOptions,
): Promise<EnvironmentComparison> {
  const base = await replayFile(file, before, options);
  const head = await replayFile(file, after, options);
  const tolerance = toleranceSeconds ?? TOLERANCE_SAMPLES * head.summary.data.intervalSeconds;
  return {
    environment,
    state: "compared",
    ...compareAlerts(base.alerts, head.alerts, tolerance * 1000),
    base: base.summary,
    head: head.summary,
    notCompared: Math.max(base.alertsCut, head.alertsCut),
  };
}

/** Whether people would see anything else than before. */
export function hasChanges({ environments }: Comparison): boolean {
  return environments.some(
    ({ state, changes, base, head }) =>
      state === "added" ||
      state === "removed" ||
      changes.length > 0 ||
      JSON.stringify([base?.downstream, base?.jobFailure]) !== JSON.stringify([head?.downstream, head?.jobFailure]),
  );
}
