import { createHash } from "node:crypto";
import type { AnomalyKind, CloseReason } from "./detection/types";
import type { Phase } from "./episodes";

/** Changes with every change of what the detectors compute; alerts name it. */
export const DETECTOR_VERSION = "2.3.0";

/** Detectors as alerts name them. */
export type DetectorName = "plant" | "ensemble" | "spikeAndDip" | "changePoint" | "seasonal" | "multivariate" | "onnx";

/**
 * How far an anomaly is beyond what is normal, and nothing else: info up to 1.5 times its limit, warning up to 3 times,
 * critical beyond, and always critical outside of limits that the site has set.
 */
export type Severity = "info" | "warning" | "critical";

export function severityOf(ratio: number): Severity {
  return ratio >= 3 ? "critical" : ratio >= 1.5 ? "warning" : "info";
}

export interface SignalScore {
  readonly value: number;
  /** Probability that the reading is not normal, 0 to 1. */
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
  /** True for every message of an episode: a fault that lasts is flagged as long as it lasts. */
  readonly isAnomaly: boolean;
  /** Probability that the message is not normal, 0 to 1. */
  readonly score: number;
  readonly signals: Readonly<Record<string, SignalScore>>;
  /** Scores of the optional detectors that are enabled, each in its own unit. */
  readonly detectors: Readonly<Record<string, { readonly score: number; readonly isAnomaly: boolean }>>;
  readonly modelVersion?: string;
}

/** What goes to `anomalyOutput`. */
export interface Alert {
  /** The same for all alerts of one episode; with `phase` and `eventTime` it is unique. */
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
  /** What is wrong; "point" for the optional detectors, which do not tell, "modelDrift" where a model no longer fits a machine. */
  readonly kind: AnomalyKind | "modelDrift" | "point";
  readonly severity: Severity;
  /** -log10 of the chance of the most unlikely finding under what was learnt, 0 to 16: 3 is one in a thousand. */
  readonly unlikelihood: number;
  /** The reading of `signal`; the detector's own statistic where the signals were judged together. */
  readonly value: number;
  /** Probability, 0 to 1; for spikeAndDip and changePoint their own score. */
  readonly score: number;
  readonly expected?: number;
  readonly expectedLow?: number;
  readonly expectedHigh?: number;
  /** In the signal's unit, signed. */
  readonly deviation?: number;
  /** Each signal's share in the anomaly; they add up to 1. */
  readonly contributions?: Readonly<Record<string, number>>;
  readonly explanation: string;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly anomalousMessages: number;
  /** Why the episode ended; in `closed` alerts alone. */
  readonly reason?: CloseReason;
}

/** The id of an episode: the same after a restart, and not to be guessed from another's. */
export function episodeIdOf(machineId: string, key: string, startMs: number): string {
  return createHash("sha256")
    .update(JSON.stringify([machineId, key, startMs]))
    .digest("hex")
    .slice(0, 32);
}

/** 1 - 10 to the power of -unlikelihood, in four digits: more are not known. */
export function probability(unlikelihood: number): number {
  return unlikelihood === 0 ? 0 : Math.round((1 - 10 ** -unlikelihood) * 1e4) / 1e4;
}
