import { isMeasurable, NOT_READY, type Verdict } from "./detector";
import { createTailState, isTailReady, type TailState, updateTail } from "./tail";

export interface MultivariateParameters {
  /** Signals in the vector, 2 to 16. */
  readonly dimensions: number;
  /** Percent, 50 to below 100. */
  readonly confidence: number;
}

export interface MultivariateState {
  means: number[];
  /** Lower triangle of the covariance matrix, row by row: dimensions * (dimensions + 1) / 2 numbers. */
  covariance: number[];
  seen: number;
  tail: TailState;
}

export interface MultivariateVerdict extends Verdict {
  /** -log10 of the chance of so large a distance, 0 to 16. */
  readonly evidence: number;
}

/** Readings that mean and covariance follow. */
const MEMORY = 1000;
/** Readings before distances are taken at all: a covariance of few readings makes everything look far. */
const MIN_READINGS = 100;
const SHARE = 0.03;
/** Share of a signal's variance added to the diagonal, so that signals that move as one still have an inverse. */
const RIDGE = 1e-4;
/** Keeps the diagonal positive for constant signals; relative to the square of the signal's mean. */
const RESOLUTION = 1e-12;

export function createMultivariateState({ dimensions }: Pick<MultivariateParameters, "dimensions">): MultivariateState {
  return {
    means: new Array<number>(dimensions).fill(0),
    covariance: new Array<number>((dimensions * (dimensions + 1)) / 2).fill(0),
    seen: 0,
    tail: createTailState(),
  };
}

const NOT_READY_MULTIVARIATE: MultivariateVerdict = { ...NOT_READY, evidence: 0 };

/**
 * One vector of readings against the recent mean and covariance of all signals: finds what no single signal shows,
 * such as pressure that falls while temperature rises although both always rose together.
 *
 * Score: the Mahalanobis distance in standard deviations, 0 or more; higher is more anomalous. It is anomalous when its
 * own tail makes it rarer than `confidence`. Source: Mahalanobis 1936; Hotelling's T-squared chart is the same
 * statistic with fixed moments. Cost: O(dimensions³), 0.2 µs for three; memory O(dimensions²).
 */
export function updateMultivariate(
  state: MultivariateState,
  parameters: MultivariateParameters,
  values: readonly number[],
): MultivariateVerdict {
  if (values.length !== parameters.dimensions || !values.every(isMeasurable)) return NOT_READY_MULTIVARIATE;
  const ready = isTailReady(state.tail);
  let score = 0;
  let evidence = 0;
  if (state.seen >= MIN_READINGS) {
    score = distance(state, values);
    evidence = updateTail(state.tail, SHARE, score);
  }
  learn(state, values);
  return { isAnomaly: ready && evidence >= -Math.log10(1 - parameters.confidence / 100), score, ready, evidence };
}

function learn(state: MultivariateState, values: readonly number[]): void {
  state.seen++;
  const weight = Math.max(1 / MEMORY, 1 / state.seen);
  const { means, covariance } = state;
  let k = 0;
  for (let i = 0; i < values.length; i++) {
    const di = (values[i] ?? 0) - (means[i] ?? 0);
    for (let j = 0; j <= i; j++, k++) {
      const dj = (values[j] ?? 0) - (means[j] ?? 0);
      const old = covariance[k] ?? 0;
      covariance[k] = (1 - weight) * (old + weight * di * dj);
    }
  }
  for (let i = 0; i < values.length; i++) means[i] = (means[i] ?? 0) + weight * ((values[i] ?? 0) - (means[i] ?? 0));
}

/**
 * Scratch space of {@link distance}, which is called for every message: the Cholesky factor and the vector it is
 * solved for. It holds nothing between two calls.
 */
const factor: number[] = [];
const solution: number[] = [];

/** The Mahalanobis distance by a Cholesky factor of the correlation matrix, which signals of any unit keep well scaled. */
function distance(state: MultivariateState, values: readonly number[]): number {
  const { means, covariance } = state;
  const n = values.length;
  const at = (i: number, j: number): number => (i * (i + 1)) / 2 + j;
  const scale = (i: number): number => {
    const mean = means[i] ?? 0;
    return Math.sqrt((covariance[at(i, i)] ?? 0) + RESOLUTION * mean * mean + Number.MIN_VALUE) || 1;
  };
  let squared = 0;
  for (let i = 0; i < n; i++) {
    const scaleI = scale(i);
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 + RIDGE : (covariance[at(i, j)] ?? 0) / scaleI / scale(j);
      for (let k = 0; k < j; k++) sum -= (factor[at(i, k)] ?? 0) * (factor[at(j, k)] ?? 0);
      factor[at(i, j)] = i === j ? Math.sqrt(Math.max(sum, RIDGE)) : sum / (factor[at(j, j)] ?? 1);
    }
    let rest = ((values[i] ?? 0) - (means[i] ?? 0)) / scaleI;
    for (let k = 0; k < i; k++) rest -= (factor[at(i, k)] ?? 0) * (solution[k] ?? 0);
    const y = rest / (factor[at(i, i)] ?? 1);
    solution[i] = y;
    squared += y * y;
  }
  return Math.min(Math.sqrt(squared), MAX_DISTANCE);
}

/** A change in a signal that never moved is infinitely many standard deviations; the score stays a number. */
const MAX_DISTANCE = 1e12;
