import { type Alert, DETECTOR_VERSION, episodeIdOf, type Scored, severityOf, type SignalScore } from "./alerts";
import type { Configuration } from "./configuration";
import { explainClose, explainMember, PlantClock } from "./detection/explain";
import { Machine, told } from "./detection/machine";
import { type MachineSnapshot, reshapeMachine, restoreMachine, saveMachine } from "./detection/snapshot";
import { ALL_SIGNALS, type Member, type PlantEvent, type PlantSettings } from "./detection/types";
import type { Reading } from "./message";
import {
  anyOptional,
  closeOptional,
  createOptionalState,
  type OptionalName,
  type OptionalState,
  updateOptional,
} from "./optional";

export { type Alert, DETECTOR_VERSION, type Scored, type SignalScore } from "./alerts";
export { createScoreJudge, judgeScore, type ScoreJudge } from "./detection/score-judge";
export type { Phase } from "./episodes";

/** What a machine's saved data mean; another number's are not taken. */
export const STATE_VERSION = 2;

export interface StateHeader {
  readonly detectorVersion: string;
  readonly stateVersion: number;
  /** Names and paths of the signals, in order. */
  readonly shape: readonly string[];
}

/** A machine's state as JSON. */
export interface SavedMachine {
  /** Names and paths of the signals, in order. */
  readonly shape: readonly string[];
  readonly plant: MachineSnapshot | null;
  readonly optional: OptionalState | null;
  readonly episodes: readonly PastEpisode[];
}

/** An episode that a person may still judge. */
interface PastEpisode {
  readonly id: string;
  readonly startMs: number;
  readonly lastMs: number;
}

interface Watched {
  plant: Machine | undefined;
  optional: OptionalState | undefined;
  past: PastEpisode[];
}

export type Feedback = "confirm" | "falseAlarm" | "acceptLevel" | "maintenance";

export interface FeedbackTarget {
  readonly machineId: string;
  readonly episodeId?: string;
  readonly signal?: string;
  readonly untilMs?: number;
}

export type FeedbackResult =
  | { readonly ok: true; readonly alerts: readonly Alert[]; readonly message: string }
  | { readonly ok: false; readonly reason: string };

/** Episodes of a machine that a person can still judge. */
const JUDGED_LATER = 16;

export function shapeOf({ signals }: Configuration): string[] {
  return signals.map(({ name, path }) => `${name}=${path.join(".")}`);
}

/**
 * Scores messages of many machines, in the order of each machine's times. Pure but for its state: it reads no clock,
 * opens no file and sends nothing.
 */
export class Engine {
  private readonly machines = new Map<string, Watched>();
  private names: readonly string[] = [];
  private settings: PlantSettings;
  private clock: PlantClock;
  private optional = false;
  private modelVersion: string | undefined;

  public constructor(private configuration: Configuration) {
    this.settings = settingsOf(configuration);
    this.clock = new PlantClock(configuration.timeZone);
    this.take(configuration);
  }

  private take(configuration: Configuration): void {
    this.configuration = configuration;
    this.names = configuration.signals.map(({ name }) => name);
    this.settings = settingsOf(configuration);
    this.clock = new PlantClock(configuration.timeZone);
    this.optional = anyOptional(configuration);
  }

  public get size(): number {
    return this.machines.size;
  }

  public get warmingUp(): number {
    let count = 0;
    for (const { plant } of this.machines.values()) if (plant && !plant.warm) count++;
    return count;
  }

  public get openEpisodes(): number {
    let open = 0;
    for (const { plant, optional } of this.machines.values()) {
      if (plant?.episode) open++;
      for (const key in optional?.episodes) if (optional.episodes[key]?.open) open++;
    }
    return open;
  }

  /** Ids of the episodes that are open, of all machines and backlogs. */
  public openEpisodeIds(): Set<string> {
    const ids = new Set<string>();
    for (const [machineId, { plant, optional }] of this.machines) {
      if (plant?.episode) ids.add(episodeIdOf(machineId, "plant", plant.episode.startMs));
      for (const key in optional?.episodes) {
        const open = optional.episodes[key]?.open;
        if (open) ids.add(episodeIdOf(machineId, key, open.startMs));
      }
    }
    return ids;
  }

  public has(machineId: string): boolean {
    return this.machines.has(machineId);
  }

  public machineIds(): IterableIterator<string> {
    return this.machines.keys();
  }

  public forget(machineId: string): void {
    this.machines.delete(machineId);
  }

  public useModel(version: string | undefined): void {
    this.modelVersion = version;
  }

  /** Forgets the scores of a model that is not the one that gave them. */
  public resetModel(): void {
    for (const { plant, optional } of this.machines.values()) {
      if (plant) plant.model = undefined;
      delete optional?.onnx;
    }
  }

  /** Takes a new configuration from the next message on. Returns the ends of what was switched off. */
  public configure(configuration: Configuration): Alert[] {
    const alerts: Alert[] = [];
    const before = shapeOf(this.configuration);
    const after = shapeOf(configuration);
    const same = before.join() === after.join();
    const { detectors } = configuration;
    const settings = settingsOf(configuration);
    for (const [machineId, watched] of this.machines) {
      const { plant, optional } = watched;
      if (plant && (!same || !detectors.plant.enabled)) {
        if (plant.episode) alerts.push(this.toAlert(machineId, watched, plant.close("switchedOff"), plant.lastMs));
        watched.plant = detectors.plant.enabled ? reshapeMachine(plant, before, after, settings) : undefined;
      }
      if (optional) {
        const keeps = (name: OptionalName): boolean => same && detectors[name].enabled;
        alerts.push(...closeOptional(optional, machineId, "switchedOff", keeps));
        if (!same || !sameForms(this.configuration, configuration)) watched.optional = undefined;
      }
    }
    this.take(configuration);
    for (const { plant } of this.machines.values()) if (plant) plant.settings = this.settings;
    return alerts;
  }

  /** Scores one message. Never throws, whatever its values. */
  public score(
    reading: Reading,
    extra?: { readonly modelScore?: number | undefined },
  ): { scored: Scored; alerts: readonly Alert[] } {
    const { machineId, timeMs, values } = reading;
    let watched = this.machines.get(machineId);
    if (!watched) {
      watched = { plant: undefined, optional: undefined, past: [] };
      this.machines.set(machineId, watched);
    }
    const modelScore = extra?.modelScore;
    let alerts: Alert[] = NO_ALERTS;
    let plant: Machine | undefined;
    let isAnomaly = false;
    if (this.configuration.detectors.plant.enabled) {
      plant = watched.plant ??= new Machine(this.names.length, this.settings);
      const events = plant.update(timeMs, values, modelScore);
      isAnomaly = plant.episode !== undefined;
      if (events) {
        alerts = [];
        for (const event of events) alerts.push(this.toAlert(machineId, watched, event, timeMs, values));
      }
    }
    let detectors: Scored["detectors"] = NO_SCORES;
    if (this.optional) {
      watched.optional ??= createOptionalState();
      const outcome = updateOptional(watched.optional, this.configuration, reading, modelScore, this.modelVersion);
      detectors = outcome.scores;
      if (outcome.isAnomaly) isAnomaly = true;
      if (outcome.alerts.length > 0) alerts = [...alerts, ...outcome.alerts];
    }
    const signals: Record<string, SignalScore> = {};
    let most = 0;
    for (let i = 0; i < this.names.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const name = this.names[i] ?? "";
      const reach = told[3 * i + 1] ?? NaN;
      if (!plant || Number.isNaN(reach)) {
        signals[name] = { value, score: 0 };
        continue;
      }
      const unlikely = told[3 * i + 2] ?? 0;
      if (unlikely > most) most = unlikely;
      const centre = told[3 * i] ?? 0;
      const grain = grainOf(reach);
      signals[name] = {
        value,
        score: probability(unlikely),
        expectedLow: Math.round((centre - reach) / grain) * grain,
        expectedHigh: Math.round((centre + reach) / grain) * grain,
      };
    }
    const scored: Scored = {
      eventTime: new Date(timeMs).toISOString(),
      machineId,
      warmingUp: plant !== undefined && !plant.warm,
      isAnomaly,
      score: probability(most),
      signals,
      detectors,
    };
    return {
      scored: this.modelVersion === undefined ? scored : { ...scored, modelVersion: this.modelVersion },
      alerts,
    };
  }

  /** Usual seconds between two messages of a machine, or 0 while they are not known. */
  public cadenceSeconds(machineId: string): number {
    const plant = this.machines.get(machineId)?.plant;
    return plant && plant.messages >= 10 ? plant.intervalMs / 1000 : 0;
  }

  /** A machine that should have sent has not: opens an episode, or joins the open one. Its next message ends it. */
  public silent(machineId: string, sinceMs: number): Alert[] {
    const watched = this.machines.get(machineId);
    if (!watched?.plant) return [];
    return watched.plant.fallSilent(sinceMs).map((event) => this.toAlert(machineId, watched, event, sinceMs));
  }

  public close(machineId: string, why: "ended" | "evicted" | "switchedOff" | "silent"): Alert[] {
    const watched = this.machines.get(machineId);
    if (!watched) return [];
    const alerts: Alert[] = [];
    const { plant } = watched;
    if (plant?.episode) alerts.push(this.toAlert(machineId, watched, plant.close(why), plant.lastMs));
    if (watched.optional) alerts.push(...closeOptional(watched.optional, machineId, why));
    return alerts;
  }

  /** What a person says of an episode or a machine. */
  public feedback(kind: Feedback, target: FeedbackTarget, nowMs: number): FeedbackResult {
    const { machineId, episodeId, signal, untilMs } = target;
    const watched = this.machines.get(machineId);
    if (!watched?.plant) return { ok: false, reason: `machine ${machineId} is not watched` };
    const index = signal === undefined ? undefined : this.names.indexOf(signal);
    if (index === -1) return { ok: false, reason: `${signal ?? ""} is none of ${this.names.join(", ")}` };
    const { plant } = watched;
    if (kind === "maintenance") {
      if (untilMs === undefined || !Number.isFinite(untilMs)) return { ok: false, reason: "untilMs is no time" };
      const until = (plant.maintenanceUntilMs ??= new Array<number>(plant.count).fill(0));
      for (let i = 0; i < plant.count; i++) if (index === undefined || index === i) until[i] = untilMs;
      const ends = plant.episode?.members.every((member) => index === undefined || member.signal === index) ?? false;
      if (plant.episode && ends) plant.acceptLevels(index);
      const alerts = ends ? [this.toAlert(machineId, watched, plant.close("maintenance"), nowMs)] : [];
      return { ok: true, alerts, message: "not alerted and not learnt from until then" };
    }
    if (kind === "acceptLevel") {
      plant.acceptLevels(index);
      const ends = plant.episode?.members.every((member) => index === undefined || member.signal === index) ?? false;
      const alerts = ends ? [this.toAlert(machineId, watched, plant.close("newLevel"), nowMs)] : [];
      return { ok: true, alerts, message: "what is measured now is normal" };
    }
    const current = plant.episode;
    const open = current && episodeIdOf(machineId, "plant", current.startMs) === episodeId ? current : undefined;
    const episode = open
      ? { startMs: open.startMs, lastMs: plant.lastMs }
      : watched.past.find(({ id }) => id === episodeId);
    if (!episode) return { ok: false, reason: `no episode ${episodeId ?? ""} of ${machineId} is known` };
    plant.memory.judge(episode.startMs, episode.lastMs, kind === "confirm");
    if (kind === "confirm") {
      if (open) open.confirmed = true;
      plant.spent = Math.max(0, plant.spent - 1);
      return { ok: true, alerts: [], message: "kept as a fault: it will be alerted whenever it returns" };
    }
    if (!open) return { ok: true, alerts: [], message: "the like of it is normal from now on" };
    plant.acceptLevels();
    const alerts = [this.toAlert(machineId, watched, plant.close("falseAlarm"), nowMs)];
    return { ok: true, alerts, message: "closed, and the like of it is normal from now on" };
  }

  public header(): StateHeader {
    return { detectorVersion: DETECTOR_VERSION, stateVersion: STATE_VERSION, shape: shapeOf(this.configuration) };
  }

  public save(machineId: string): SavedMachine | undefined {
    const watched = this.machines.get(machineId);
    if (!watched) return undefined;
    return {
      shape: shapeOf(this.configuration),
      plant: watched.plant ? saveMachine(watched.plant) : null,
      optional: watched.optional ? structuredClone(watched.optional) : null,
      episodes: [...watched.past],
    };
  }

  /** Takes a saved machine. Returns why it was not taken, or undefined. */
  public restore(machineId: string, saved: unknown): string | undefined {
    if (typeof saved !== "object" || saved === null) return "the saved machine is no object";
    const { plant, optional, episodes, shape } = saved as Partial<SavedMachine>;
    if (!Array.isArray(shape) || !shape.every((each) => typeof each === "string"))
      return "the signals' names are not sound";
    const own = shapeOf(this.configuration);
    const same = shape.join() === own.join();
    const settings = same ? this.settings : { ...this.settings, limits: [] };
    let machine = plant ? restoreMachine(plant, shape.length, settings) : undefined;
    if (typeof machine === "string") return machine;
    if (machine && !same) machine = reshapeMachine(machine, shape, own, this.settings);
    const past = Array.isArray(episodes) ? (episodes as readonly PastEpisode[]) : [];
    this.machines.set(machineId, {
      plant: machine,
      optional: optional && same ? structuredClone(optional) : undefined,
      past: past.slice(-JUDGED_LATER),
    });
    return undefined;
  }

  /** Starts a machine as a copy of another. */
  public fork(from: string, to: string): void {
    const saved = this.save(from);
    if (saved) this.restore(to, saved);
  }

  private toAlert(
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
    const contributions = contributionsOf(episode.members, watched.plant, names);
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

const NO_ALERTS: Alert[] = [];
const NO_SCORES: Scored["detectors"] = {};

/** 1 - 10 to the power of -unlikelihood, in four digits: more are not known. */
function probability(unlikelihood: number): number {
  return unlikelihood === 0 ? 0 : Math.round((1 - 10 ** -unlikelihood) * 1e4) / 1e4;
}

/** A hundredth of a reach, as a power of ten: what ranges are rounded to. */
function grainOf(reach: number): number {
  return reach > 1e-280 && reach < 1e280 ? 10 ** (Math.floor(Math.log10(reach)) - 2) : 1e-12;
}

function settingsOf({
  falseAlertsPerMachineMonth,
  newLevelAfterSeconds,
  limits,
  signals,
}: Configuration): PlantSettings {
  return {
    falseAlertsPerMachineMonth,
    newLevelAfterMs: newLevelAfterSeconds * 1000,
    limits: signals.map(({ name }) => limits[name]),
  };
}

function sameForms(a: Configuration, b: Configuration): boolean {
  return (
    a.seasonSeconds === b.seasonSeconds &&
    a.detectors.spikeAndDip.historySize === b.detectors.spikeAndDip.historySize &&
    a.detectors.changePoint.historySize === b.detectors.changePoint.historySize
  );
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
