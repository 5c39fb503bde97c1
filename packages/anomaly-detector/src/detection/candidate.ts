import type { Channel } from "./signal-state";

/** What a signal found in one reading. */
export interface Candidate {
  channel: Channel;
  /** Index of the window in the channel. */
  window: number;
  direction: 1 | -1;
  predicted: number;
  current: number;
  spread: number;
  phi: number;
  limit: number;
  /** The error over its limit: below 1 where a level is only compared with those that are known. */
  ratio: number;
  unlikelihood: number;
  /** Readings in the window. */
  readings: number;
  /** What was measured last, of the level: where a window is only half over to. */
  now: number;
}

/** The candidate that is being judged: one object serves all, so that a reading costs no allocation. */
export const found: Candidate = {
  channel: 0,
  window: 0,
  direction: 1,
  predicted: 0,
  current: 0,
  spread: 1,
  phi: 0,
  limit: 1,
  ratio: 0,
  unlikelihood: 0,
  readings: 1,
  now: 0,
};

/**
 * What becomes of a candidate: an anomaly is held, a known one is learnt from, a switch of modes was done already, and
 * what only a stricter machine lets pass is everyday.
 */
export type Decision = "hold" | "learn" | "switched" | "everyday";
export type Decide = (candidate: Candidate) => Decision;

/** What a reading is judged by beside the state of its signal. */
export interface Context {
  /** Chance of a false exceedance that the budget leaves one reading of one channel. */
  p: number;
  /** Limits are multiplied by this: above 1 after more alerts than the budget. */
  strictness: number;
  timeMs: number;
  /** Whether messages are far enough apart for cumulative sums. */
  sparse: boolean;
  decide: Decide;
  /** Called before a hold of the level ends by itself, with what was held. */
  leaving: (a: Float64Array, base: number) => void;
  /** What the others say of the signal, in its own spreads; NaN where there is nothing to say. */
  relation: number;
  /** Usual intervals since the last message, at least 1. */
  intervals: number;
  /** Set for each reading: what was expected of it, how far from that it may be, -log10 of its chance. */
  centre: number;
  reach: number;
  unlikely: number;
}

/** A context for {@link Context.decide} and {@link Context.leaving}; the rest is set for each message and reading. */
export function createContext(decide: Decide, leaving: Context["leaving"]): Context {
  return {
    p: 0,
    strictness: 1,
    timeMs: 0,
    sparse: false,
    relation: NaN,
    intervals: 1,
    centre: 0,
    reach: NaN,
    unlikely: 0,
    decide,
    leaving,
  };
}
