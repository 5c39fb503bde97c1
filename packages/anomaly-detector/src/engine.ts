import { type Alert, DETECTOR_VERSION, episodeIdOf, probability, type Scored, type SignalScore } from "./alerts";
import type { Configuration } from "./configuration";
import { Machine, told } from "./detection/machine";
import { reshapeMachine } from "./detection/snapshot";
import type { PlantSettings } from "./detection/types";
import { type Feedback, type FeedbackResult, type FeedbackTarget, takeFeedback } from "./feedback";
import type { Reading } from "./message";
import { anyOptional, closeOptional, createOptionalState, type OptionalName, updateOptional } from "./optional";
import { PlantAlerts } from "./plant-alerts";
import {
  restoreWatched,
  type SavedMachine,
  saveWatched,
  shapeOf,
  STATE_VERSION,
  type StateHeader,
  type Watched,
} from "./machine-state";

export { type Alert, DETECTOR_VERSION, type Scored, type SignalScore } from "./alerts";
export { createScoreJudge, judgeScore, type ScoreJudge } from "./detection/score-judge";
export type { Phase } from "./episodes";

/**
 * Scores messages of many machines, in the order of each machine's times. Pure but for its state: it reads no clock,
 * opens no file and sends nothing.
 */
export class Engine {
  private readonly machines = new Map<string, Watched>();
  private names: readonly string[] = [];
  private settings: PlantSettings;
  private alerting: PlantAlerts;
  private optional = false;
  private modelVersion: string | undefined;

  public constructor(private configuration: Configuration) {
    this.settings = settingsOf(configuration);
    this.alerting = new PlantAlerts(configuration, undefined);
    this.take(configuration);
  }

  private take(configuration: Configuration): void {
    this.configuration = configuration;
    this.settings = settingsOf(configuration);
    this.alerting = new PlantAlerts(configuration, this.modelVersion);
    this.names = this.alerting.names;
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
    this.alerting.modelVersion = version;
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
        if (plant.episode) alerts.push(this.alerting.of(machineId, watched, plant.close("switchedOff"), plant.lastMs));
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
        for (const event of events) alerts.push(this.alerting.of(machineId, watched, event, timeMs, values));
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
    return watched.plant.fallSilent(sinceMs).map((event) => this.alerting.of(machineId, watched, event, sinceMs));
  }

  public close(machineId: string, why: "ended" | "evicted" | "switchedOff" | "silent"): Alert[] {
    const watched = this.machines.get(machineId);
    if (!watched) return [];
    const alerts: Alert[] = [];
    const { plant } = watched;
    if (plant?.episode) alerts.push(this.alerting.of(machineId, watched, plant.close(why), plant.lastMs));
    if (watched.optional) alerts.push(...closeOptional(watched.optional, machineId, why));
    return alerts;
  }

  /** What a person says of an episode or a machine. */
  public feedback(kind: Feedback, target: FeedbackTarget, nowMs: number): FeedbackResult {
    return takeFeedback(this.machines.get(target.machineId), this.alerting, kind, target, nowMs);
  }

  public header(): StateHeader {
    return { detectorVersion: DETECTOR_VERSION, stateVersion: STATE_VERSION, shape: shapeOf(this.configuration) };
  }

  public save(machineId: string): SavedMachine | undefined {
    const watched = this.machines.get(machineId);
    return watched && saveWatched(watched, shapeOf(this.configuration));
  }

  /** Takes a saved machine. Returns why it was not taken, or undefined. */
  public restore(machineId: string, saved: unknown): string | undefined {
    const watched = restoreWatched(saved, shapeOf(this.configuration), this.settings);
    if (typeof watched === "string") return watched;
    this.machines.set(machineId, watched);
    return undefined;
  }

  /** Starts a machine as a copy of another. */
  public fork(from: string, to: string): void {
    const saved = this.save(from);
    if (saved) this.restore(to, saved);
  }
}

const NO_ALERTS: Alert[] = [];
const NO_SCORES: Scored["detectors"] = {};

/** A hundredth of a reach, as a power of ten: what ranges are rounded to. */
function grainOf(reach: number): number {
  return reach > 1e-280 && reach < 1e280 ? 10 ** (Math.floor(Math.log10(reach)) - 2) : 1e-12;
}

function settingsOf({
  falseAlertsPerMachineMonth,
  newLevelAfterSeconds,
  limits,
  cadence,
  signals,
}: Configuration): PlantSettings {
  return {
    falseAlertsPerMachineMonth,
    newLevelAfterMs: newLevelAfterSeconds * 1000,
    limits: signals.map(({ name }) => limits[name]),
    cadence,
  };
}

function sameForms(a: Configuration, b: Configuration): boolean {
  return (
    a.seasonSeconds === b.seasonSeconds &&
    a.detectors.spikeAndDip.historySize === b.detectors.spikeAndDip.historySize &&
    a.detectors.changePoint.historySize === b.detectors.changePoint.historySize
  );
}
