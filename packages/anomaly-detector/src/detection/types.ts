/** What is wrong, as alerts name it. */
export const ANOMALY_KINDS = [
  "spike",
  "dip",
  "level",
  "drift",
  "noise",
  "oscillation",
  "stuck",
  "range",
  "silence",
  "cadence",
  "missing",
  "relation",
  "model",
] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** What a site allows of a signal. */
export interface Limits {
  readonly low?: number;
  readonly high?: number;
  /** Seconds that the signal may stay exactly the same. */
  readonly flatlineSeconds?: number;
}

/** What a site allows of the seconds between two messages; 0 for no limit, both 0 for what is learnt. */
export interface CadenceLimits {
  readonly lowSeconds?: number;
  readonly highSeconds?: number;
}

export interface PlantSettings {
  readonly falseAlertsPerMachineMonth: number;
  readonly newLevelAfterMs: number;
  /** One for each signal. */
  readonly limits: readonly (Limits | undefined)[];
  /** @default - learnt */
  readonly cadence?: CadenceLimits;
}

/** Stands for all signals together. */
export const ALL_SIGNALS = -1;

/** One thing that is wrong, in one signal or in all together. Plain data. */
export interface Member {
  /** Index of the signal, or {@link ALL_SIGNALS}. */
  signal: number;
  kind: AnomalyKind;
  sinceMs: number;
  /** In the signal's unit, signed; for noise and oscillation in that of their own statistic. */
  deviation: number;
  expected: number;
  low: number;
  high: number;
  /** How far beyond the limit: 1 is at the limit. */
  ratio: number;
  /** -log10 of the chance of it under what was learnt, 0 to 16. */
  unlikelihood: number;
  /** Messages that the statistic was taken over. */
  readings: number;
}

/** All that is wrong with a machine at the same time. Plain data. */
export interface PlantEpisode {
  startMs: number;
  lastMs: number;
  /** Messages with a finding. */
  messages: number;
  /** Messages in a row without one. */
  quiet: number;
  /** Times that there was a finding again after messages without one. */
  returns: number;
  /** Messages without a finding in the pauses that ended so. */
  silent: number;
  toldMs: number;
  /** When a held level has last come farther than before. */
  grewMs: number;
  toldRatio: number;
  members: Member[];
  confirmed: boolean;
}

export type CloseReason =
  "returned" | "newLevel" | "falseAlarm" | "silent" | "ended" | "evicted" | "switchedOff" | "maintenance" | "restarted";

export interface PlantEvent {
  readonly phase: "opened" | "ongoing" | "closed";
  readonly episode: PlantEpisode;
  readonly reason?: CloseReason;
}

export const MONTH_MS = 30 * 86_400_000;
