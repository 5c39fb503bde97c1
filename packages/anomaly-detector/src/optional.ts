import type { Alert, DetectorName } from "./alerts";
import { DETECTOR_VERSION, episodeIdOf, severityOf } from "./alerts";
import type { Configuration } from "./configuration";
import { createScoreJudge, judgeScore, type ScoreJudge } from "./detection/score-judge";
import {
  changePointThreshold,
  type ChangePointState,
  createChangePointState,
  updateChangePoint,
} from "./detectors/change-point";
import type { Range } from "./detectors/detector";
import { createEnsembleState, combineLog10P, type EnsembleState, updateEnsemble } from "./detectors/ensemble";
import { createMultivariateState, type MultivariateState, updateMultivariate } from "./detectors/multivariate";
import { createSeasonalState, type SeasonalState, updateSeasonal } from "./detectors/seasonal";
import { createSpikeAndDipState, type SpikeAndDipState, updateSpikeAndDip } from "./detectors/spike-and-dip";
import { closeEpisode, createEpisodeState, type EpisodeEvent, type EpisodeState, updateEpisode } from "./episodes";
import type { Reading } from "./message";

/** Detectors that a site can run beside the default one, each with alerts of its own. */
export type OptionalName = Exclude<DetectorName, "plant">;

interface SignalState {
  ensemble?: EnsembleState;
  spikeAndDip?: SpikeAndDipState;
  changePoint?: ChangePointState;
  seasonal?: SeasonalState;
}

/** Plain data. */
export interface OptionalState {
  signals: Record<string, SignalState>;
  joint?: { mask: string; state: MultivariateState };
  onnx?: ScoreJudge;
  episodes: Record<string, EpisodeState>;
}

export function createOptionalState(): OptionalState {
  return { signals: {}, episodes: {} };
}

interface Finding {
  readonly detector: OptionalName;
  /** Key of the episode: one for each detector, and for each signal where the detector takes one signal. */
  readonly key: string;
  readonly signals: readonly string[];
  readonly isAnomaly: boolean;
  readonly log10P: number;
  readonly score: number;
  readonly value: number;
  readonly expected?: Range | undefined;
  readonly what: string;
}

export interface OptionalOutcome {
  readonly alerts: readonly Alert[];
  readonly scores: Readonly<Record<string, { readonly score: number; readonly isAnomaly: boolean }>>;
  readonly isAnomaly: boolean;
}

/** Whether any of them is enabled: where none is, they cost nothing. */
export function anyOptional({ detectors }: Configuration): boolean {
  const { ensemble, spikeAndDip, changePoint, seasonal, multivariate, onnx } = detectors;
  return [ensemble, spikeAndDip, changePoint, seasonal, multivariate, onnx].some(({ enabled }) => enabled);
}

/** One message through the optional detectors that are enabled. */
export function updateOptional(
  state: OptionalState,
  configuration: Configuration,
  reading: Reading,
  modelScore: number | undefined,
  modelVersion: string | undefined,
): OptionalOutcome {
  const findings: Finding[] = [];
  const log10Ps: number[] = [];
  let leading: { log10P: number; signal: string; value: number; expected: Range | undefined } | undefined;
  configuration.signals.forEach(({ name }, i) => {
    const value = reading.values[i];
    if (value === undefined) return;
    const verdict = updateSignal((state.signals[name] ??= {}), configuration, name, value, reading.timeMs, findings);
    if (!verdict?.ready) return;
    log10Ps.push(verdict.log10P);
    if (!leading || verdict.log10P < leading.log10P) {
      leading = { log10P: verdict.log10P, signal: name, value, expected: verdict.expected };
    }
  });
  updateJoint(state, configuration, reading, findings, log10Ps);
  updateModel(state, configuration, modelScore, findings, log10Ps);
  const { ensemble } = configuration.detectors;
  if (ensemble.enabled) {
    const log10P = combineLog10P(log10Ps);
    findings.push({
      detector: "ensemble",
      key: "ensemble",
      signals: leading ? [leading.signal] : configuration.signals.map(({ name }) => name),
      isAnomaly: log10P <= Math.log10(1 - ensemble.confidence / 100),
      log10P,
      score: 1 - 10 ** log10P,
      value: leading?.value ?? 0,
      expected: leading?.expected,
      what: "readings unlike the earlier ones of their time of day",
    });
  }
  const alerts: Alert[] = [];
  const scores: Record<string, { score: number; isAnomaly: boolean }> = {};
  let isAnomaly = false;
  for (const finding of findings) {
    if (finding.isAnomaly) isAnomaly = true;
    scores[finding.key] = { score: finding.score, isAnomaly: finding.isAnomaly };
    const known = state.episodes[finding.key];
    if (known === undefined && !finding.isAnomaly) continue;
    const episode = known ?? (state.episodes[finding.key] = createEpisodeState());
    const event = updateEpisode(episode, configuration, finding.isAnomaly, finding.log10P, reading.timeMs);
    if (event) alerts.push(toAlert(reading.machineId, reading.timeMs, finding, event, modelVersion));
  }
  return { alerts, scores, isAnomaly };
}

/** Ends the open episodes of detectors that `keeps` does not keep. */
export function closeOptional(
  state: OptionalState,
  machineId: string,
  reason: Alert["reason"],
  keeps: (detector: OptionalName) => boolean = () => false,
): Alert[] {
  const alerts: Alert[] = [];
  for (const [key, episode] of Object.entries(state.episodes)) {
    const [detector, signal = ""] = key.split("/") as [OptionalName, string?];
    if (keeps(detector)) continue;
    const event = closeEpisode(episode);
    if (!event) continue;
    const finding: Finding = {
      detector,
      key,
      signals: [signal],
      isAnomaly: false,
      log10P: 0,
      score: 0,
      value: 0,
      what: "",
    };
    alerts.push({ ...toAlert(machineId, event.episode.lastMs, finding, event, undefined), ...(reason && { reason }) });
  }
  return alerts;
}

function updateSignal(
  state: SignalState,
  { detectors, seasonSeconds }: Configuration,
  name: string,
  value: number,
  timeMs: number,
  findings: Finding[],
): { ready: boolean; log10P: number; expected?: Range | undefined } | undefined {
  const add = (
    detector: OptionalName,
    isAnomaly: boolean,
    score: number,
    log10P: number,
    what: string,
    expected?: Range,
  ): void => {
    findings.push({
      detector,
      key: `${detector}/${name}`,
      signals: [name],
      isAnomaly,
      score,
      log10P,
      value,
      expected,
      what,
    });
  };
  if (detectors.spikeAndDip.enabled) {
    state.spikeAndDip ??= createSpikeAndDipState();
    const { isAnomaly, score, ready, expected } = updateSpikeAndDip(state.spikeAndDip, detectors.spikeAndDip, value);
    add("spikeAndDip", isAnomaly, score, ready ? Math.log10(score) : 0, "a spike or a dip", expected);
  }
  if (detectors.changePoint.enabled) {
    state.changePoint ??= createChangePointState();
    const { isAnomaly, score } = updateChangePoint(state.changePoint, detectors.changePoint, value);
    const reach = `a change of level: log martingale beyond ${changePointThreshold(detectors.changePoint).toFixed(1)}`;
    // By Ville's inequality a martingale exceeds x with a chance of at most 1/x.
    add("changePoint", isAnomaly, score, Math.min(0, -score * Math.LOG10E), reach);
  }
  if (detectors.seasonal.enabled) {
    const parameters = { seasonMs: seasonSeconds * 1000, parts: 24, confidence: detectors.seasonal.confidence };
    state.seasonal ??= createSeasonalState(parameters);
    const { isAnomaly, score, expected } = updateSeasonal(state.seasonal, parameters, value, timeMs);
    add("seasonal", isAnomaly, 1 - 10 ** (-score / 2), -score / 2, "a deviation from the season", expected);
  }
  if (!detectors.ensemble.enabled) return undefined;
  const parameters = { seasonMs: seasonSeconds * 1000, confidence: detectors.ensemble.confidence };
  state.ensemble ??= createEnsembleState(parameters);
  return updateEnsemble(state.ensemble, parameters, value, timeMs);
}

function updateJoint(
  state: OptionalState,
  { detectors, signals }: Configuration,
  { values }: Reading,
  findings: Finding[],
  log10Ps: number[],
): void {
  if (!detectors.multivariate.enabled && !detectors.ensemble.enabled) return;
  const present = values.filter((value) => value !== undefined);
  if (present.length < 2) return;
  const mask = values.map((value) => (value === undefined ? "-" : "x")).join("");
  if (state.joint?.mask !== mask) {
    if (state.joint && present.length < state.joint.state.means.length) return;
    state.joint = { mask, state: createMultivariateState({ dimensions: present.length }) };
  }
  const parameters = { dimensions: present.length, confidence: detectors.multivariate.confidence };
  const { isAnomaly, score, evidence, ready } = updateMultivariate(state.joint.state, parameters, present);
  if (ready) log10Ps.push(-evidence);
  if (!detectors.multivariate.enabled) return;
  findings.push({
    detector: "multivariate",
    key: "multivariate",
    signals: signals.filter((_, i) => values[i] !== undefined).map(({ name }) => name),
    isAnomaly,
    log10P: -evidence,
    score: 1 - 10 ** -evidence,
    value: score,
    what: `signals that do not go together: ${score.toFixed(1)} standard deviations from their usual relation`,
  });
}

function updateModel(
  state: OptionalState,
  { detectors, signals }: Configuration,
  modelScore: number | undefined,
  findings: Finding[],
  log10Ps: number[],
): void {
  if (modelScore === undefined || !(detectors.onnx.enabled || detectors.ensemble.enabled)) return;
  const { log10P, ready } = judgeScore((state.onnx ??= createScoreJudge()), modelScore);
  if (ready) log10Ps.push(log10P);
  if (!detectors.onnx.enabled) return;
  findings.push({
    detector: "onnx",
    key: "onnx",
    signals: signals.map(({ name }) => name),
    isAnomaly: ready && log10P <= Math.log10(1 - detectors.onnx.confidence / 100),
    log10P,
    score: 1 - 10 ** log10P,
    value: modelScore,
    what: `a model score of ${modelScore.toPrecision(4)}`,
  });
}

function toAlert(
  machineId: string,
  timeMs: number,
  { detector, key, signals, value, score, expected, what }: Finding,
  { phase, episode }: EpisodeEvent,
  modelVersion: string | undefined,
): Alert {
  const usesModel = detector === "ensemble" || detector === "onnx";
  return {
    episodeId: episodeIdOf(machineId, key, episode.startMs),
    phase,
    eventTime: new Date(timeMs).toISOString(),
    machineId,
    signal: signals.join("+"),
    signals,
    detector,
    detectorVersion: DETECTOR_VERSION,
    ...(usesModel && modelVersion !== undefined && { modelVersion }),
    kind: "point",
    severity: severityOf(Math.abs(episode.peakLog10P) / 3),
    unlikelihood: Math.abs(episode.peakLog10P),
    value,
    score,
    ...(expected && { expectedLow: expected.low, expectedHigh: expected.high }),
    explanation: phase === "closed" ? "over: no message was unusual for a while" : what,
    startedAt: new Date(episode.startMs).toISOString(),
    durationSeconds: (episode.lastMs - episode.startMs) / 1000,
    anomalousMessages: episode.anomalous,
    ...(phase === "closed" && { reason: "returned" as const }),
  };
}
