/* eslint-disable @typescript-eslint/no-unused-vars -- it stands in for an engine that uses all of it */
import { createHash } from "node:crypto";
import type { Configuration, Signal } from "./configuration";
import {
  changePointThreshold,
  type ChangePointState,
  createChangePointState,
  updateChangePoint,
} from "./detectors/change-point";
import type { Range } from "./detectors/detector";
import {
  combineLog10P,
  createEnsembleState,
  type EnsembleParameters,
  type EnsembleState,
  type EnsembleVerdict,
  type EvidenceKind,
  updateEnsemble,
} from "./detectors/ensemble";
import { createMultivariateState, type MultivariateState, updateMultivariate } from "./detectors/multivariate";
import { createOnnxState, judgeOnnxScore, type OnnxState } from "./detectors/onnx";
import { createSeasonalState, type SeasonalState, updateSeasonal } from "./detectors/seasonal";
import { createSpikeAndDipState, type SpikeAndDipState, updateSpikeAndDip } from "./detectors/spike-and-dip";
import {
  closeEpisode,
  createEpisodeState,
  type EpisodeEvent,
  type EpisodeState,
  type Phase,
  updateEpisode,
} from "./episodes";
import type { Reading } from "./message";

/** Changes with every change of what the detectors compute; alerts name it. */
export const DETECTOR_VERSION = "1.0.0";

/** Detectors as alerts name them. */
export type DetectorName = "plant" | "ensemble" | "spikeAndDip" | "changePoint" | "seasonal" | "multivariate" | "onnx";

interface SignalState {
  ensemble?: EnsembleState;
  spikeAndDip?: SpikeAndDipState;
  changePoint?: ChangePointState;
  seasonal?: SeasonalState;
}

/**
 * The multivariate detector of the signals that the machine sends. A message with other signals is left out; when a
 * hundred in a row have others, they are what the machine sends now.
 */
interface JointState {
  /** One letter for each configured signal: x where it is present. */
  mask: string;
  /** Messages in a row with another mask. */
  others: number;
  state: MultivariateState;
}

/** All that is known of one machine: plain data, saved and restored as it is. */
export interface MachineState {
  signals: Record<string, SignalState>;
  joint?: JointState;
  onnx?: OnnxState;
  episodes: Record<string, EpisodeState>;
}

/** What belongs to a saved state besides the machines. */
export interface StateHeader {
  readonly detectorVersion: string;
  readonly shape: Shape;
}

/** The settings that states were made for; a state made for others is not used. */
export interface Shape {
  /** Names and paths of the signals, in order. */
  readonly signals: readonly string[];
  readonly seasonSeconds: number;
  readonly spikeAndDipHistory: number;
  readonly changePointHistory: number;
  readonly model: string;
}

export interface SignalScore {
  readonly value: number;
  /** Probability that the reading is not normal, 0 to 1, by the ensemble. */
  readonly score: number;
  readonly expectedLow?: number;
  readonly expectedHigh?: number;
}

/** What goes to `scoredOutput` for every message that was scored. */
export interface Scored {
  readonly eventTime: string;
  readonly machineId: string;
  /** True until the detectors have seen enough messages of the machine to judge. */
  readonly warmingUp: boolean;
  readonly isAnomaly: boolean;
  /** Probability that the message is not normal, 0 to 1, by the ensemble. */
  readonly score: number;
  readonly signals: Readonly<Record<string, SignalScore>>;
  /** Scores of the other detectors that are enabled, each in its own unit. */
  readonly detectors: Readonly<Record<string, { readonly score: number; readonly isAnomaly: boolean }>>;
  readonly modelVersion?: string;
}

/** What goes to `anomalyOutput`. */
export interface Alert {
  /** The same for all alerts of one episode. */
  readonly episodeId: string;
  readonly phase: Phase;
  readonly eventTime: string;
  readonly machineId: string;
  /** The signal that stands out most, or all of them, joined by +, where only their combination does. */
  readonly signal: string;
  readonly signals: readonly string[];
  readonly detector: DetectorName;
  readonly detectorVersion: string;
  readonly modelVersion?: string;
  /** The reading of `signal`; the detector's own statistic where the signals were judged together. */
  readonly value: number;
  /** Probability, 0 to 1; for spikeAndDip and changePoint their own score. */
  readonly score: number;
  readonly kind: string;
  readonly severity: "info" | "warning" | "critical";
  /** -log10 of the p-value of the episode's most unlikely message: 3 is one in a thousand. */
  readonly unlikelihood: number;
  /** Why the episode is closed. */
  readonly reason?: string;
  readonly expectedLow?: number;
  readonly expectedHigh?: number;
  readonly explanation: string;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly anomalousMessages: number;
}

/** A finding of one detector about one message. */
interface Finding {
  readonly detector: DetectorName;
  /** Key of the episode: one for each detector, and for each signal where the detector takes one signal. */
  readonly key: string;
  readonly signal: string;
  readonly signals: readonly string[];
  readonly isAnomaly: boolean;
  readonly log10P: number;
  readonly score: number;
  readonly value: number;
  readonly expected?: Range | undefined;
  readonly kind: string;
}

const KIND: Readonly<Record<EvidenceKind, string>> = {
  point: "a reading that stands out",
  drift: "a deviation that lasts",
  level: "a level that moves",
};

export function shapeOf(configuration: Configuration): Shape {
  const { detectors, model } = configuration;
  return {
    signals: configuration.signals.map(({ name, path }) => `${name}=${path.join(".")}`),
    seasonSeconds: configuration.seasonSeconds,
    spikeAndDipHistory: detectors.spikeAndDip.historySize,
    changePointHistory: detectors.changePoint.historySize,
    model: model ? `${model.sha256}/${model.window}` : "",
  };
}

/**
 * Scores messages of many machines. Pure but for its state: it reads no clock, opens no file and sends nothing, so the
 * module and the command line run the same code.
 */
export class Engine {
  private configuration: Configuration;
  private readonly machines = new Map<string, MachineState>();
  private names: readonly string[] = [];
  private ensembleParameters: EnsembleParameters;
  private modelVersion: string | undefined;

  public constructor(given: Configuration) {
    const configuration = withPlant(given);
    this.configuration = configuration;
    this.ensembleParameters = ensembleParametersOf(configuration);
    this.names = configuration.signals.map(({ name }) => name);
  }

  /** Machines with a state. */
  public get size(): number {
    return this.machines.size;
  }

  /** Episodes that are open, over all machines and detectors. */
  public get openEpisodes(): number {
    let open = 0;
    for (const machine of this.machines.values()) {
      for (const key in machine.episodes) if (machine.episodes[key]?.open) open++;
    }
    return open;
  }

  /** Machines whose ensemble still warms up. */
  public get warmingUp(): number {
    let count = 0;
    for (const machine of this.machines.values()) if (isWarmingUp(machine)) count++;
    return count;
  }

  /** Takes a new configuration; returns the ends of episodes of what was switched off. */
  public configure(given: Configuration): Alert[] {
    const configuration = withPlant(given);
    const before = shapeOf(this.configuration);
    const after = shapeOf(configuration);
    const alerts: Alert[] = [];
    for (const [machineId, machine] of this.machines) {
      for (const key of Object.keys(machine.episodes)) {
        const [detector, signal] = key.split("/") as [DetectorName, string?];
        const gone =
          !configuration.detectors[detector].enabled ||
          (signal !== undefined && !configuration.signals.some(({ name }) => name === signal));
        if (!gone) continue;
        const alert = this.closeOne(machineId, machine, key, "switchedOff");
        if (alert) alerts.push(alert);
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record of states by key
        delete machine.episodes[key];
      }
      adapt(machine, before, after);
    }
    this.configuration = configuration;
    this.ensembleParameters = ensembleParametersOf(configuration);
    this.names = configuration.signals.map(({ name }) => name);
    return alerts;
  }

  /** Names the model whose scores {@link finish} is given; none when it is given none. */
  public useModel(version: string | undefined): void {
    this.modelVersion = version;
  }

  /** Forgets what was learnt of the model's scores and readings, for a model that is not the one of the state. */
  public resetModel(): void {
    for (const machine of this.machines.values()) delete machine.onnx;
  }

  /** Scores one reading. Times of a machine do not go back, but for a clock that was set back. */
  public score(
    reading: Reading,
    { modelScore }: { readonly modelScore?: number; readonly arrivedMs?: number } = {},
  ): { readonly scored: Scored; readonly alerts: readonly Alert[] } {
    const machine = this.machineOf(reading.machineId);
    const findings: Finding[] = [];
    const signals: Record<string, SignalScore> = {};
    const log10Ps: number[] = [];
    let leading: (EnsembleVerdict & { signal: string; value: number }) | undefined;
    let ensembleReady = false;
    const exceeding: string[] = [];

    for (let i = 0; i < this.names.length; i++) {
      const value = reading.values[i];
      const name = this.names[i];
      if (value === undefined || name === undefined) continue;
      const state = (machine.signals[name] ??= {});
      const verdict = this.updateSignal(state, name, value, reading.timeMs, findings);
      if (verdict === undefined) {
        signals[name] = { value, score: 0 };
        continue;
      }
      const { expected } = verdict;
      signals[name] = expected
        ? { value, score: verdict.score, expectedLow: expected.low, expectedHigh: expected.high }
        : { value, score: verdict.score };
      if (!verdict.ready) continue;
      ensembleReady = true;
      log10Ps.push(verdict.log10P);
      if (verdict.isAnomaly) exceeding.push(name);
      if (leading === undefined || verdict.log10P < leading.log10P) leading = { ...verdict, signal: name, value };
    }

    const joint = this.updateJoint(machine, reading, modelScore, findings, log10Ps);
    const { ensemble } = this.configuration.detectors;
    let log10P = 0;
    if (ensemble.enabled) {
      log10P = combineLog10P(log10Ps);
      const isAnomaly = log10P <= Math.log10(1 - ensemble.confidence / 100);
      const together = joint !== undefined && (leading === undefined || joint.log10P < leading.log10P);
      findings.push(
        together
          ? { ...joint, detector: "ensemble", key: "ensemble", isAnomaly, log10P, score: 1 - 10 ** log10P }
          : {
              detector: "ensemble",
              key: "ensemble",
              signal: leading?.signal ?? "",
              signals: exceeding.length > 0 ? exceeding : leading ? [leading.signal] : [],
              isAnomaly,
              log10P,
              score: 1 - 10 ** log10P,
              value: leading?.value ?? 0,
              expected: leading?.expected,
              kind: KIND[leading?.kind ?? "point"],
            },
      );
    }

    const alerts: Alert[] = [];
    const others: Record<string, { score: number; isAnomaly: boolean }> = {};
    let isAnomaly = false;
    for (const finding of findings) {
      if (finding.isAnomaly) isAnomaly = true;
      if (finding.detector !== "ensemble") others[finding.key] = { score: finding.score, isAnomaly: finding.isAnomaly };
      const alert = this.alertOf(machine, reading, finding);
      if (alert) alerts.push(alert);
    }
    return {
      alerts,
      scored: {
        eventTime: new Date(reading.timeMs).toISOString(),
        machineId: reading.machineId,
        warmingUp: ensemble.enabled && !ensembleReady,
        isAnomaly,
        score: 1 - 10 ** log10P,
        signals,
        detectors: others,
        ...(this.modelVersion !== undefined && { modelVersion: this.modelVersion }),
      },
    };
  }

  /** Tells of a machine that has been silent for too long. This engine only ends its episodes. */
  public silent(machineId: string, _sinceMs: number): Alert[] {
    const machine = this.machines.get(machineId);
    return machine ? this.closeMachine(machineId, machine, "silent") : [];
  }

  /** The learnt interval between messages; this engine learns none. */
  public cadenceSeconds(_machineId: string): number {
    return 0;
  }

  /** Ends a machine's open episodes. */
  public close(machineId: string, why: "ended" | "evicted" | "switchedOff"): Alert[] {
    const machine = this.machines.get(machineId);
    return machine ? this.closeMachine(machineId, machine, why) : [];
  }

  public has(machineId: string): boolean {
    return this.machines.has(machineId);
  }

  public forget(machineId: string): void {
    this.machines.delete(machineId);
  }

  public machineIds(): IterableIterator<string> {
    return this.machines.keys();
  }

  public fork(from: string, to: string): void {
    const machine = this.machines.get(from);
    if (machine) this.machines.set(to, { ...structuredClone(machine), episodes: {} });
  }

  public save(machineId: string): unknown {
    return this.machines.get(machineId);
  }

  /** Takes one machine's state; returns why it is not taken. */
  public restore(machineId: string, state: unknown): string | undefined {
    if (typeof state !== "object" || state === null || !("signals" in state) || !("episodes" in state)) {
      return "it is no state of a machine";
    }
    this.machines.set(machineId, state as MachineState);
    return undefined;
  }

  /** What an operator says of an episode or a machine. */
  public feedback(
    kind: "confirm" | "falseAlarm" | "acceptLevel" | "maintenance",
    { machineId }: { readonly machineId: string; readonly episodeId?: string; readonly signal?: string },
    _nowMs: number,
  ):
    | { readonly ok: true; readonly alerts: Alert[]; readonly message: string }
    | { readonly ok: false; readonly reason: string } {
    const machine = this.machines.get(machineId);
    if (!machine) return { ok: false, reason: `there is no machine ${machineId}` };
    const alerts = kind === "confirm" ? [] : this.closeMachine(machineId, machine, kind);
    return { ok: true, alerts, message: "taken" };
  }

  /** What has to be saved with the machines. */
  public header(): StateHeader {
    return { detectorVersion: DETECTOR_VERSION, shape: shapeOf(this.configuration) };
  }

  private machineOf(machineId: string): MachineState {
    const known = this.machines.get(machineId);
    if (known) return known;
    const machine: MachineState = { signals: {}, episodes: {} };
    this.machines.set(machineId, machine);
    return machine;
  }

  private get needsJoint(): boolean {
    const { ensemble, multivariate } = this.configuration.detectors;
    return ensemble.enabled || multivariate.enabled;
  }

  /** Runs the detectors that take one signal. Returns the ensemble's verdict where the ensemble is enabled. */
  private updateSignal(
    state: SignalState,
    name: string,
    value: number,
    timeMs: number,
    findings: Finding[],
  ): EnsembleVerdict | undefined {
    const { detectors, seasonSeconds, limits } = this.configuration;
    const base = { signal: name, signals: [name], value };
    const limit = limits[name];
    if (limit) {
      const isAnomaly = value < (limit.low ?? -Infinity) || value > (limit.high ?? Infinity);
      const range = {
        detector: "plant",
        key: `plant/${name}`,
        score: isAnomaly ? 1 : 0,
        kind: "out of range",
      } as const;
      findings.push({ ...base, ...range, isAnomaly, log10P: isAnomaly ? -16 : 0 });
    }
    if (detectors.spikeAndDip.enabled) {
      state.spikeAndDip ??= createSpikeAndDipState();
      const { isAnomaly, score, ready, expected } = updateSpikeAndDip(state.spikeAndDip, detectors.spikeAndDip, value);
      const log10P = ready ? Math.log10(score) : 0;
      const kind = "a spike or a dip";
      findings.push({
        ...base,
        detector: "spikeAndDip",
        key: `spikeAndDip/${name}`,
        isAnomaly,
        score,
        log10P,
        expected,
        kind,
      });
    }
    if (detectors.changePoint.enabled) {
      state.changePoint ??= createChangePointState();
      const { isAnomaly, score } = updateChangePoint(state.changePoint, detectors.changePoint, value);
      // By Ville's inequality a martingale exceeds x with a chance of at most 1/x.
      const log10P = Math.min(0, -score * Math.LOG10E);
      const reach = `a change of level: log martingale beyond ${changePointThreshold(detectors.changePoint).toFixed(1)}`;
      findings.push({
        ...base,
        detector: "changePoint",
        key: `changePoint/${name}`,
        isAnomaly,
        score,
        log10P,
        kind: reach,
      });
    }
    if (detectors.seasonal.enabled) {
      const parameters = { seasonMs: seasonSeconds * 1000, parts: 24, confidence: detectors.seasonal.confidence };
      state.seasonal ??= createSeasonalState(parameters);
      const { isAnomaly, score, expected } = updateSeasonal(state.seasonal, parameters, value, timeMs);
      const log10P = -score / 2;
      const kind = "a deviation from the season";
      findings.push({
        ...base,
        detector: "seasonal",
        key: `seasonal/${name}`,
        isAnomaly,
        score: 1 - 10 ** log10P,
        log10P,
        expected,
        kind,
      });
    }
    if (!detectors.ensemble.enabled) return undefined;
    state.ensemble ??= createEnsembleState(this.ensembleParameters);
    return updateEnsemble(state.ensemble, this.ensembleParameters, value, timeMs);
  }

  /**
   * Runs the detectors that take all signals together. Adds what they found to `log10Ps` for the ensemble, and returns
   * the less likely finding of both.
   */
  private updateJoint(
    machine: MachineState,
    reading: Reading,
    modelScore: number | undefined,
    findings: Finding[],
    log10Ps: number[],
  ): Finding | undefined {
    const { detectors } = this.configuration;
    let joint: Finding | undefined;
    const add = (finding: Finding, ready: boolean): void => {
      if (detectors[finding.detector].enabled) findings.push(finding);
      if (!ready || !detectors.ensemble.enabled) return;
      log10Ps.push(finding.log10P);
      if (joint === undefined || finding.log10P < joint.log10P) joint = finding;
    };
    const values = reading.values.filter((value) => value !== undefined);
    const names = this.names.filter((_, i) => reading.values[i] !== undefined);
    const together = { signal: names.join("+"), signals: names } as const;

    const state = values.length >= 2 && this.needsJoint ? jointState(machine, reading) : undefined;
    if (state) {
      const parameters = { dimensions: values.length, confidence: detectors.multivariate.confidence };
      const verdict = updateMultivariate(state, parameters, values);
      const log10P = -verdict.evidence;
      const { isAnomaly, score: distance } = verdict;
      const kind = `signals that do not go together: ${distance.toFixed(1)} standard deviations from their usual relation`;
      const score = 1 - 10 ** log10P;
      add(
        { ...together, detector: "multivariate", key: "multivariate", isAnomaly, score, log10P, value: distance, kind },
        verdict.ready,
      );
    }
    if (modelScore !== undefined && this.modelVersion !== undefined) {
      machine.onnx ??= createOnnxState();
      const parameters = { window: 1, dimensions: values.length, confidence: detectors.onnx.confidence };
      const verdict = judgeOnnxScore(machine.onnx, parameters, modelScore);
      const log10P = -verdict.evidence;
      const kind = `a model score of ${modelScore.toPrecision(4)}`;
      const score = 1 - 10 ** log10P;
      add(
        {
          ...together,
          detector: "onnx",
          key: "onnx",
          isAnomaly: verdict.isAnomaly,
          score,
          log10P,
          value: modelScore,
          kind,
        },
        verdict.ready,
      );
    }
    return joint;
  }

  private alertOf(machine: MachineState, reading: Reading, finding: Finding): Alert | undefined {
    const known = machine.episodes[finding.key];
    if (known === undefined && !finding.isAnomaly) return undefined;
    const state = known ?? (machine.episodes[finding.key] = createEpisodeState());
    const event = updateEpisode(state, this.configuration, finding.isAnomaly, finding.log10P, reading.timeMs);
    if (event === undefined) return undefined;
    const explanation = event.phase === "closed" ? "over: the readings are normal again" : finding.kind;
    return this.toAlert(reading.machineId, reading.timeMs, finding, event, explanation);
  }

  private closeMachine(machineId: string, machine: MachineState, why: string): Alert[] {
    return Object.keys(machine.episodes)
      .map((key) => this.closeOne(machineId, machine, key, why))
      .filter((alert) => alert !== undefined);
  }

  private closeOne(machineId: string, machine: MachineState, key: string, why: string): Alert | undefined {
    const state = machine.episodes[key];
    const event = state && closeEpisode(state);
    if (!event) return undefined;
    const [detector, signal] = key.split("/") as [DetectorName, string?];
    const signals = signal === undefined ? this.names : [signal];
    const together = { signal: signals.join("+"), signals, isAnomaly: false, log10P: 0, score: 0, value: 0, kind: "" };
    return {
      ...this.toAlert(machineId, event.episode.lastMs, { detector, key, ...together }, event, `over: ${why}`),
      reason: why,
    };
  }

  private toAlert(
    machineId: string,
    timeMs: number,
    finding: Finding,
    { phase, episode }: EpisodeEvent,
    explanation: string,
  ): Alert {
    const { detector, signal, signals, value, score, expected } = finding;
    const id = createHash("sha256")
      .update(JSON.stringify([machineId, finding.key, episode.startMs]))
      .digest("hex");
    const usesModel = detector === "ensemble" || detector === "onnx";
    return {
      episodeId: id.slice(0, 32),
      phase,
      eventTime: new Date(timeMs).toISOString(),
      machineId,
      signal,
      signals,
      detector,
      detectorVersion: DETECTOR_VERSION,
      ...(usesModel && this.modelVersion !== undefined && { modelVersion: this.modelVersion }),
      value,
      score,
      kind: finding.kind,
      severity: "warning",
      unlikelihood: Math.abs(episode.peakLog10P),
      ...(expected && { expectedLow: expected.low, expectedHigh: expected.high }),
      explanation,
      startedAt: new Date(episode.startMs).toISOString(),
      durationSeconds: (episode.lastMs - episode.startMs) / 1000,
      anomalousMessages: episode.anomalous,
    };
  }
}

function ensembleParametersOf({ seasonSeconds, detectors }: Configuration): EnsembleParameters {
  return { seasonMs: seasonSeconds * 1000, confidence: detectors.ensemble.confidence };
}

/** This engine has no detector of its own for plants: the ensemble stands in for it. */
function withPlant(configuration: Configuration): Configuration {
  const { plant, ensemble } = configuration.detectors;
  const detectors = {
    ...configuration.detectors,
    ensemble: { ...ensemble, enabled: ensemble.enabled || plant.enabled },
  };
  return { ...configuration, detectors };
}

function isWarmingUp(machine: MachineState): boolean {
  for (const name in machine.signals) {
    const ensemble = machine.signals[name]?.ensemble;
    if (ensemble && ensemble.fine.point.threshold > 0) return false;
  }
  return true;
}

/** Messages in a row with other signals after which the multivariate detector starts anew with those. */
const OTHER_SIGNALS_LIMIT = 100;

function jointState(machine: MachineState, { values }: Reading): MultivariateState | undefined {
  let mask = "";
  let dimensions = 0;
  for (const value of values) {
    mask += value === undefined ? "-" : "x";
    if (value !== undefined) dimensions++;
  }
  const known = machine.joint;
  if (known?.mask === mask) {
    known.others = 0;
    return known.state;
  }
  if (known && ++known.others < OTHER_SIGNALS_LIMIT) return undefined;
  machine.joint = { mask, others: 0, state: createMultivariateState({ dimensions }) };
  return machine.joint.state;
}

/** Drops what a machine's state has of settings that are no longer the same. */
function adapt(machine: MachineState, before: Shape, after: Shape): void {
  const kept = new Set(before.signals.filter((signal) => after.signals.includes(signal)).map(nameOf));
  for (const name of Object.keys(machine.signals)) {
    if (!kept.has(name)) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record of states by signal name
      delete machine.signals[name];
      continue;
    }
    const state = machine.signals[name];
    if (state === undefined) continue;
    if (before.seasonSeconds !== after.seasonSeconds) {
      delete state.ensemble;
      delete state.seasonal;
    }
    if (before.spikeAndDipHistory !== after.spikeAndDipHistory) delete state.spikeAndDip;
    if (before.changePointHistory !== after.changePointHistory) delete state.changePoint;
  }
  const sameSignals = before.signals.join() === after.signals.join();
  if (!sameSignals) {
    delete machine.joint;
  }
  if (!sameSignals || before.model !== after.model) delete machine.onnx;
}

function nameOf(signal: string): Signal["name"] {
  return signal.slice(0, signal.indexOf("="));
}
