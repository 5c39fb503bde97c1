/**
 * How rare a non-negative statistic is among its own past values.
 *
 * The upper tail beyond a slowly moving quantile is taken as exponential (the simplest case of the
 * peaks-over-threshold method: Pickands 1975; streaming use as in Siffer et al., KDD 2017), so that rarity can be told
 * beyond what was ever seen, in constant time and memory.
 */
export interface TailState {
  /** The first values, kept until there are {@link TAIL_WARM_UP} of them, then emptied. */
  warmUp: number[];
  /** The moving quantile beyond which a value belongs to the tail. */
  threshold: number;
  /** Mean excess of the tail's values over the threshold. */
  excess: number;
  /** Values seen since the warm-up ended. */
  seen: number;
  /** Values of the tail seen, the warm-up's included. */
  exceedances: number;
}

/** Values after which a tail can tell rarity. */
export const TAIL_WARM_UP = 100;

/** No single statistic counts for more than this: p-values below 1e-16 would claim knowledge that nobody has. */
export const MAX_EVIDENCE = 16;

/** The mean excess follows roughly the last 50 exceedances ... */
const EXCESS_MEMORY = 50;
/** ... and no exceedance counts for more than eight times the mean, lest one outlier hide the next. */
const EXCESS_CLIP = 8;
/** The threshold moves by at most this share of the mean excess for one value. */
const THRESHOLD_STEP = 0.005;
/** The mean excess starts as this share of the threshold; 100 values are too few to measure a tail of 3 %. */
const INITIAL_EXCESS = 0.1;
const SMALLEST = 1e-12;

export function createTailState(): TailState {
  return { warmUp: [], threshold: 0, excess: 0, seen: 0, exceedances: 0 };
}

/** Whether the tail has seen enough to tell rarity. */
export function isTailReady(state: TailState): boolean {
  return state.threshold > 0;
}

/**
 * The evidence that `value` is unusual, -log10 of its tail probability: 0 for values below the threshold and during
 * warm-up, else -log10(share) to 16. `share` is the part of all values that the tail holds, 0 to 1.
 * `value` is finite and at least 0. Cost: about 10 ns.
 */
export function updateTail(state: TailState, share: number, value: number): number {
  if (!isTailReady(state)) {
    state.warmUp.push(value);
    if (state.warmUp.length >= TAIL_WARM_UP) endWarmUp(state, share);
    return 0;
  }
  const excess = value - state.threshold;
  const inTail = excess > 0;
  let evidence = 0;
  if (inTail) {
    evidence = Math.min(-Math.log10(share) + (excess / state.excess) * Math.LOG10E, MAX_EVIDENCE);
    state.exceedances++;
    const weight = Math.max(1 / EXCESS_MEMORY, 1 / (state.exceedances + 5));
    state.excess += weight * (Math.min(excess, EXCESS_CLIP * state.excess) - state.excess);
  }
  state.seen++;
  const step =
    Math.max(state.excess, 0.01 * state.threshold) * Math.max(THRESHOLD_STEP, 1 / (TAIL_WARM_UP + state.seen));
  state.threshold = Math.max(state.threshold + step * ((inTail ? 1 : 0) - share), SMALLEST);
  state.excess = Math.max(state.excess, SMALLEST);
  return evidence;
}

/** The value whose evidence is `evidence`, which is at least -log10(share): the edge of what is expected. */
export function tailValueAt(state: TailState, share: number, evidence: number): number {
  return state.threshold + Math.max(0, evidence + Math.log10(share)) * Math.LN10 * state.excess;
}

function endWarmUp(state: TailState, share: number): void {
  const sorted = state.warmUp.sort((a, b) => a - b);
  const index = Math.min(Math.floor((1 - share) * sorted.length), sorted.length - 1);
  state.threshold = Math.max(sorted[index] ?? 0, SMALLEST);
  state.excess = Math.max(INITIAL_EXCESS * state.threshold, SMALLEST);
  state.exceedances = sorted.length - 1 - index;
  state.warmUp = [];
}
