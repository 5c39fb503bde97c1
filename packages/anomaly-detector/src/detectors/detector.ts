/**
 * What all detectors share.
 *
 * A detector is a pair of pure functions over plain data: `create…State` makes a state, and `update…` takes one reading,
 * changes the state in place and returns a verdict. A state holds finite numbers, strings, booleans, arrays and
 * objects only, so `JSON.parse(JSON.stringify(state))` is the same detector to the last bit: JSON carries every
 * finite double exactly.
 */

/** The largest magnitude that a detector takes. No sensor measures beyond it, and squares of it still fit a double. */
export const MAX_MAGNITUDE = 1e100;

/** An interval in the unit of the signal, both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Verdict {
  /** Whether the detector calls this reading anomalous. Never true while it warms up. */
  readonly isAnomaly: boolean;
  /** The detector's own score; each detector says in which unit and direction. */
  readonly score: number;
  /** False until the detector has seen enough to judge. */
  readonly ready: boolean;
  /** What the detector would have taken as normal; absent where it has no such notion. */
  readonly expected?: Range;
}

/** The verdict of a detector that still warms up, or that was given a value that no sensor measures. */
export const NOT_READY: Verdict = { isAnomaly: false, score: 0, ready: false };

/** Whether a detector can take the value: finite, and small enough that its square is finite too. */
export function isMeasurable(value: number): boolean {
  return Math.abs(value) <= MAX_MAGNITUDE;
}
