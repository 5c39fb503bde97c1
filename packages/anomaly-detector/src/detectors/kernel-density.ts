import { erf } from "./math";

/** The last values of a series, at most a given number; the oldest is overwritten first. */
export interface RingState {
  values: number[];
  /** Index in `values` that the next reading overwrites once the ring is full. */
  next: number;
}

export function createRingState(): RingState {
  return { values: [], next: 0 };
}

/** Puts a value into a ring of `size` and returns the one that it displaced, if any. */
export function pushRing(state: RingState, size: number, value: number): number | undefined {
  if (state.values.length < size) {
    state.values.push(value);
    return undefined;
  }
  const displaced = state.values[state.next];
  state.values[state.next] = value;
  state.next = (state.next + 1) % size;
  return displaced;
}

/** Smallest bandwidth, so that a constant history has a density at all; ML.NET's detectors have the same floor. */
const MIN_BANDWIDTH = 1e-6;

/** p-values stay this far from 0 and 1, as in ML.NET, so that their logarithms stay finite. */
export const MIN_P_VALUE = 1e-8;

/** Mean and population standard deviation of a window, in two passes: one pass loses the digits of a large mean. */
export function windowMoments(values: readonly number[]): { mean: number; deviation: number } {
  const n = Math.max(values.length, 1);
  let mean = 0;
  for (const value of values) mean += value / n;
  let variance = 0;
  for (const value of values) variance += ((value - mean) * (value - mean)) / n;
  return { mean, deviation: Math.sqrt(variance) };
}

export function kernelBandwidth(deviation: number): number {
  return Math.max(Math.SQRT2 * deviation, MIN_BANDWIDTH);
}

/**
 * The chance of a value above `value` under a Gaussian kernel density over `history`: 1e-8 to 1 - 1e-8.
 *
 * The form is that of ML.NET's IID detectors (SequentialAnomalyDetectionTransformBase): p is 0.5 for no history;
 * the bandwidth is sqrt(2) for one value and otherwise sqrt(2 * sum of squared pairwise distances) / n, which is
 * sqrt(2) times the window's standard deviation; p = 0.5 - sum of erf((value - past) / bandwidth) / (2 n).
 * So each kernel has the whole window's deviation, and over Gaussian data p = 1 - Phi(z / sqrt(2)): an exact oracle.
 *
 * Cost: one erf for each value of the history.
 */
export function upperTailPValue(history: readonly number[], value: number): number {
  const n = history.length;
  if (n === 0) return 0.5;
  const bandwidth = n === 1 ? Math.SQRT2 : kernelBandwidth(windowMoments(history).deviation);
  let sum = 0;
  for (const past of history) sum += erf((value - past) / bandwidth);
  return Math.min(Math.max(0.5 - sum / (2 * n), MIN_P_VALUE), 1 - MIN_P_VALUE);
}
