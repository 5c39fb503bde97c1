/**
 * One side's tail of errors: beyond two spreads a generalised Pareto law that is learnt, drawn to a Gaussian's while few
 * are known. Three numbers in a Float64Array: share of errors beyond, mean excess, mean squared excess.
 */

/** Numbers of state in one tail. */
export const TAIL_FIELDS = 3;

/** Spreads from which on errors are the tail. */
export const TAIL_FROM = 2;
/** What a Gaussian's tail has; weighs as much as so many samples until others are seen. */
const PRIOR_SHARE = 0.0228;
const PRIOR_EXCESS = 0.39;
const PRIOR_SQUARE = 0.29;
const PRIOR_SAMPLES = 400;
const PRIOR_EXCEEDANCES = 30;
const MAX_SHAPE = 0.5;
const MIN_SHAPE = -0.05;
/** A tail falls by e over at least so many spreads: a Gaussian's over 0.39 here, and less farther out. */
const MIN_SCALE = 0.25;
/** Spreads between two values that a signal can have, below which that it has no others makes no difference. */
const COARSE = 1;

export function resetTail(a: Float64Array, t: number): void {
  a[t] = PRIOR_SHARE;
  a[t + 1] = PRIOR_EXCESS;
  a[t + 2] = PRIOR_SQUARE;
}

/**
 * Takes the step of a coarse signal, in spreads, into what is known of the tail before any of it was seen. Where values
 * are `grain` apart excesses are learnt in whole steps, whose mean is the smaller the coarser they are.
 */
export function coarsenTail(a: Float64Array, t: number, grain: number): void {
  if (grain < COARSE) return;
  const mean = grain / Math.expm1(grain / PRIOR_EXCESS);
  a[t + 1] = mean;
  a[t + 2] = mean * (2 * mean + grain);
}

const coarse = (grain: number): number => (grain < COARSE ? 0 : grain);

function shapeOf(a: Float64Array, t: number, step: number): number {
  const m1 = a[t + 1]!;
  // A tail that hardly reaches its second value tells nothing of its shape.
  if (m1 < 0.5 * step) return 0;
  const variance = a[t + 2]! - m1 * m1;
  // Whole steps of an exponential tail have a geometric law, whose variance is larger by mean times step.
  return variance <= 0
    ? MIN_SHAPE
    : Math.min(Math.max(0.5 * (1 - (m1 * (m1 + step)) / variance), MIN_SHAPE), MAX_SHAPE);
}

/** Mean excess of what is measured in steps: of the exponential tail that has so many whole ones. */
function excessOf(m1: number, step: number): number {
  const mean = step === 0 ? m1 : step / Math.log1p(step / Math.max(m1, 1e-6 * step));
  return Math.max(mean, MIN_SCALE);
}

/**
 * Spreads that normal errors exceed with the chance `p`. `widen` is added to the shape of the tail where it is uncertain;
 * `grain` is how many spreads the values that a signal can have are apart.
 */
export function tailLimit(a: Float64Array, t: number, p: number, widen = 0, grain = 0): number {
  const step = coarse(grain);
  const learnt = shapeOf(a, t, step);
  const scale = excessOf(a[t + 1]!, step) * (1 - learnt);
  const shape = learnt + widen;
  const log = Math.max(Math.log(a[t]! / p), 0);
  // The first value beyond the beginning of the tail is half a step away in the mean.
  return (
    TAIL_FROM + 0.5 * step + (Math.abs(shape) < 1e-3 ? scale * log : (scale * (Math.exp(shape * log) - 1)) / shape)
  );
}

/** -log10 of the chance of an error of `z` spreads, 0 to 16. */
export function tailUnlikelihood(a: Float64Array, t: number, z: number, grain = 0): number {
  const step = coarse(grain);
  const excess = z - TAIL_FROM - 0.5 * step;
  if (excess <= 0) return 0;
  const shape = shapeOf(a, t, step);
  const x = excess / (excessOf(a[t + 1]!, step) * (1 - shape));
  const tail = Math.abs(shape) < 1e-3 ? x : Math.log1p(Math.max(shape * x, -0.999)) / shape;
  return Math.min(-Math.log10(a[t]!) + tail * Math.LOG10E, 16);
}

/** Learns from an error that is `excess` spreads beyond the beginning of the tail, or short of it. */
export function learnTail(
  a: Float64Array,
  t: number,
  samples: number,
  excess: number,
  trust: number,
  clip: number,
  grain: number,
): void {
  const weight = trust / (Math.min(samples, 20_000) + PRIOR_SAMPLES);
  a[t]! += weight * ((excess > 0 ? 1 : 0) - a[t]!);
  if (excess <= 0) return;
  const m1 = a[t + 1]!;
  const step = coarse(grain);
  const measured = step === 0 ? excess : Math.floor(excess / step) * step;
  const clipped = Math.min(measured, Math.max(clip * (step === 0 ? m1 : excessOf(m1, step)), step));
  const w = trust / (Math.min(a[t]! * samples, 300) + PRIOR_EXCEEDANCES);
  a[t + 1] = m1 + w * (clipped - m1);
  a[t + 2]! += w * (clipped * clipped - a[t + 2]!);
}
