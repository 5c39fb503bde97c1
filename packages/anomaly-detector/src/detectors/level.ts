import { isMeasurable } from "./detector";
import { createTailState, type TailState, updateTail } from "./tail";

/** A slow change of level: the mean of about the last 100 readings against that of the last 1,000. */
export interface LevelState {
  fast: number;
  slow: number;
  seen: number;
  tail: TailState;
}

const FAST_READINGS = 100;
const SLOW_READINGS = 1000;
const SHARE = 0.03;

export function createLevelState(): LevelState {
  return { fast: 0, slow: 0, seen: 0, tail: createTailState() };
}

/**
 * The evidence that the level of the series moves, 0 to 16: -log10 of the chance of so large a distance between the
 * two means; 0 during the first 1,100 readings. No verdict of its own; the ensemble weighs it. Cost: O(1), about 10 ns.
 */
export function updateLevel(state: LevelState, value: number): number {
  if (!isMeasurable(value)) return 0;
  state.seen++;
  state.fast += Math.max(1 / FAST_READINGS, 1 / state.seen) * (value - state.fast);
  state.slow += Math.max(1 / SLOW_READINGS, 1 / state.seen) * (value - state.slow);
  // Before, both means are made of the same readings, and their distance says nothing.
  if (state.seen < SLOW_READINGS) return 0;
  return updateTail(state.tail, SHARE, Math.abs(state.fast - state.slow));
}
