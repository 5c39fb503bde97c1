import { type Alert, DETECTOR_VERSION, episodeIdOf, probability, severityOf } from "./alerts";
import type { Configuration } from "./configuration";
import { explainClose, explainMember, PlantClock } from "./detection/explain";
import type { Machine } from "./detection/machine";
import { ALL_SIGNALS, type Member, type PlantEvent } from "./detection/types";
import { JUDGED_LATER, type Watched } from "./machine-state";

/** Makes alerts of what the default detector tells, in the names and the time zone of a configuration. */
export class PlantAlerts {
  /** Names of the signals, in order. */
  public readonly names: readonly string[];
  /** Version of the model in use, for alerts that it leads to. */
  public modelVersion: string | undefined;
  private readonly clock: PlantClock;

  public constructor({ signals, timeZone }: Configuration, modelVersion: string | undefined) {
    this.names = signals.map(({ name }) => name);
    this.clock = new PlantClock(timeZone);
    this.modelVersion = modelVersion;
  }

  /** The alert that tells an event. Keeps an episode that is closed, for a person to judge. */
  public of(
    machineId: string,
    watched: Watched,
    { phase, episode, reason }: PlantEvent,
    timeMs: number,
    values?: readonly (number | undefined)[],
  ): Alert {
    const { names, clock } = this;
    const id = episodeIdOf(machineId, "plant", episode.startMs);
    if (phase === "closed") {
      watched.past.push({ id, startMs: episode.startMs, lastMs: timeMs });
      if (watched.past.length > JUDGED_LATER) watched.past.shift();
    }
    const leading = episode.members.reduce((most, member) => (member.ratio > most.ratio ? member : most));
    const involved = signalsOf(episode.members, names);
    const all = leading.signal === ALL_SIGNALS;
    // Of how often messages come no signal has a part.
    const contributions =
      leading.kind === "silence" || leading.kind === "cadence"
        ? undefined
        : contributionsOf(episode.members, watched.plant, names);
    const shares = contributions
      ? `: most of it is ${Object.entries(contributions)
          .sort(([, x], [, y]) => y - x)
          .slice(0, 3)
          .map(([name, share]) => `${name} (${Math.round(100 * share)} %)`)
          .join(", ")}`
      : "";
    const others =
      involved.length > 1 && !all
        ? ` (also ${involved.filter((name) => name !== names[leading.signal]).join(", ")})`
        : "";
    const explanation =
      phase === "closed"
        ? explainClose(reason ?? "returned", episode, timeMs, clock)
        : explainMember(leading, names, timeMs, clock, shares) + others;
    return {
      episodeId: id,
      phase,
      eventTime: new Date(timeMs).toISOString(),
      machineId,
      signal: all ? involved.join("+") : (names[leading.signal] ?? ""),
      signals: involved,
      detector: "plant",
      detectorVersion: DETECTOR_VERSION,
      ...(leading.kind === "model" && this.modelVersion !== undefined && { modelVersion: this.modelVersion }),
      kind: leading.kind,
      severity: severityOf(leading.ratio),
      unlikelihood: leading.unlikelihood,
      value: (all ? undefined : values?.[leading.signal]) ?? leading.expected + leading.deviation,
      score: probability(leading.unlikelihood),
      expected: leading.expected,
      expectedLow: leading.low,
      expectedHigh: leading.high,
      deviation: leading.deviation,
      ...(contributions && { contributions }),
      explanation,
      startedAt: new Date(episode.startMs).toISOString(),
      durationSeconds: Math.max(episode.lastMs - episode.startMs, 0) / 1000,
      anomalousMessages: episode.messages,
      ...(reason && { reason }),
    };
  }
}

function signalsOf(members: readonly Member[], names: readonly string[]): string[] {
  if (members.some(({ signal }) => signal === ALL_SIGNALS)) return [...names];
  return [...new Set(members.map(({ signal }) => names[signal] ?? ""))];
}

/** Each signal's share: of what the others do not explain where all were judged together, else of the excess. */
function contributionsOf(
  members: readonly Member[],
  plant: Machine | undefined,
  names: readonly string[],
): Record<string, number> | undefined {
  if (names.length < 2) return undefined;
  let weights = names.map((_, i) => members.reduce((sum, { signal, ratio }) => (signal === i ? sum + ratio : sum), 0));
  if (weights.every((weight) => weight === 0) && plant?.joint) weights = plant.joint.shares(names.length);
  const sum = weights.reduce((x, y) => x + y, 0);
  if (!(sum > 0) || !Number.isFinite(sum)) return undefined;
  return Object.fromEntries(names.map((name, i) => [name, Math.round((100 * (weights[i] ?? 0)) / sum) / 100]));
}
