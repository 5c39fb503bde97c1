/** Turns anomalous messages into episodes: one alert when an anomaly begins, one when it ends, not one per message. */

/** Plain data, like a detector's state. */
export interface EpisodeState {
  /** The open episode, or null. */
  open: Episode | null;
  /** Messages since the last opened or ongoing alert, or -1 before the first. */
  sinceAlert: number;
  /** log10 of the p-value that the last opened or ongoing alert was raised for. */
  alertLog10P: number;
}

export interface Episode {
  startMs: number;
  lastMs: number;
  /** Anomalous messages in the episode. */
  anomalous: number;
  /** Normal messages in a row. */
  quiet: number;
  /** Lowest log10 of the p-values in the episode. */
  peakLog10P: number;
}

export interface EpisodeParameters {
  readonly cooldownMessages: number;
  readonly quietMessages: number;
}

/** `ongoing` repeats the alert of an episode that outlasts the cooldown or has become much worse. */
export type Phase = "opened" | "ongoing" | "closed";

export interface EpisodeEvent {
  readonly phase: Phase;
  readonly episode: Readonly<Episode>;
}

export function createEpisodeState(): EpisodeState {
  return { open: null, sinceAlert: -1, alertLog10P: 0 };
}

/** A message this many times as severe, by -log10 of its p-value, as the last alert is told at once. */
const ESCALATION = 2;

/**
 * Takes one message's verdict and returns what is to be told, if anything. `log10P` is the message's p-value. During
 * the cooldown an anomaly is told only when it is twice as severe as what was told last; one that is still there when
 * the cooldown ends is told then.
 */
export function updateEpisode(
  state: EpisodeState,
  parameters: EpisodeParameters,
  isAnomaly: boolean,
  log10P: number,
  timeMs: number,
): EpisodeEvent | undefined {
  if (state.sinceAlert >= 0) state.sinceAlert++;
  const { open } = state;
  if (!isAnomaly) {
    if (open === null) return undefined;
    open.quiet++;
    return open.quiet >= parameters.quietMessages ? closeEpisode(state) : undefined;
  }
  const mayAlert =
    state.sinceAlert < 0 || state.sinceAlert > parameters.cooldownMessages || log10P <= ESCALATION * state.alertLog10P;
  if (open !== null) {
    open.lastMs = timeMs;
    open.anomalous++;
    open.quiet = 0;
    open.peakLog10P = Math.min(open.peakLog10P, log10P);
    if (!mayAlert) return undefined;
    state.sinceAlert = 0;
    state.alertLog10P = log10P;
    return { phase: "ongoing", episode: { ...open } };
  }
  if (!mayAlert) return undefined;
  state.open = { startMs: timeMs, lastMs: timeMs, anomalous: 1, quiet: 0, peakLog10P: log10P };
  state.sinceAlert = 0;
  state.alertLog10P = log10P;
  return { phase: "opened", episode: { ...state.open } };
}

/** Ends the open episode, if any. */
export function closeEpisode(state: EpisodeState): EpisodeEvent | undefined {
  const { open } = state;
  if (open === null) return undefined;
  state.open = null;
  return { phase: "closed", episode: open };
}
