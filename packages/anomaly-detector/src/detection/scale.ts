/**
 * One time scale of one series: sliding means over `n` readings, predicted from the ones before, their errors judged by
 * their own spread and tail. All statistics have bounded influence: no reading moves them by more than a few spreads.
 *
 * The state is {@link FIELDS} numbers in a Float64Array from an offset on, so that a machine is one flat array.
 */

import { coarsenTail, learnTail, resetTail, TAIL_FIELDS, TAIL_FROM, tailLimit, tailUnlikelihood } from "./tail";

/** Numbers of state in one scale. */
export const FIELDS = 19;

const SUM = 0;
const COUNT = 1;
/** Means of the last five finished halves of a window, newest first. */
const H1 = 2;
const H2 = 3;
const H3 = 4;
const H4 = 5;
const H5 = 6;
const REFERENCE = 7;
const C0 = 8;
const C1 = 9;
/** Mean squared error of the autoregressive prediction, and of the straight line through the last means. */
const V_AR = 10;
const V_LINE = 11;
const SAMPLES = 12;
const UPPER = 13;
const LOWER = UPPER + TAIL_FIELDS;

/** Exceedances that a Gaussian's tail counts as for squares and products, whose means have heavier ones. */
const SQUARES_EXCEEDANCES = 20;
/** An excess counts as at most so many mean excesses: fewer in windows, whose tails are light, and while few are known. */
const EXCESS_CLIP = { young: 4, old: 10, from: 300 } as const;
/** Limits of few samples are raised by at most this factor. */
const MAX_RAISE = 2;
/** Spreads beyond which an error counts as this many in what is learnt. */
const CLIP = 3;
/** Samples that the reference follows. */
const REFERENCE_MEMORY = 32;
/** Where a window's spread is below so many times its floor, it counts as known by so many samples more. */
const BACKED_BELOW = 1.5;
const BACKING = 24;
/** Samples before a scale judges. */
const READY = 16;

/** Samples that count after a switch of levels: of single readings, short windows and slow ones, which judge anew. */
const AFTER_SWITCH = { single: 200, short: 60, slow: 10 } as const;

export interface Sample {
  /** The window's mean. */
  current: number;
  predicted: number;
  /** Error in spreads, and the limit that it is held against. */
  z: number;
  limit: number;
  spread: number;
  phi: number;
  /** Spreads between two values that the signal can have; 0 for means of several. */
  grain: number;
}

/** What the last call of {@link push} found; overwritten by the next. */
export const sample: Sample = { current: 0, predicted: 0, z: 0, limit: Infinity, spread: 1, phi: 0, grain: 0 };

export function resetScale(a: Float64Array, o: number): void {
  a.fill(0, o, o + FIELDS);
  resetTail(a, o + UPPER);
  resetTail(a, o + LOWER);
}

/**
 * Takes a reading. Returns true when a window has ended and {@link sample} holds its judgement.
 * `floor` is the smallest spread; `p` the chance of a false exceedance that the budget leaves each sample; `squares` says
 * that the readings are squares or products, whose means have heavier tails than a Gaussian's; `resolution` is the least
 * difference of two readings that are not equal.
 */
export function push(
  a: Float64Array,
  o: number,
  n: number,
  y: number,
  floor: number,
  p: number,
  squares = false,
  resolution = 0,
): boolean {
  if (n === 1) {
    a[o + H3] = a[o + H2]!;
    a[o + H2] = a[o + H1]!;
    a[o + H1] = y;
  } else {
    const half = n >> 1;
    a[o + SUM]! += y;
    if (++a[o + COUNT]! < half) return false;
    a[o + H5] = a[o + H4]!;
    a[o + H4] = a[o + H3]!;
    a[o + H3] = a[o + H2]!;
    a[o + H2] = a[o + H1]!;
    a[o + H1] = a[o + SUM]! / half;
    a[o + SUM] = 0;
    a[o + COUNT] = 0;
  }
  const seen = a[o + SAMPLES]!;
  const lead = n === 1 ? 2 : 4;
  if (seen < lead) {
    // The first windows only fill the history.
    a[o + REFERENCE]! += (a[o + H1]! - a[o + REFERENCE]!) / (seen + 1);
    a[o + SAMPLES] = seen + 1;
    return false;
  }
  judge(a, o, n, floor, p, squares, resolution);
  return true;
}

function judge(
  a: Float64Array,
  o: number,
  n: number,
  floor: number,
  p: number,
  squares: boolean,
  resolution: number,
): void {
  const single = n === 1;
  const current = single ? a[o + H1]! : 0.5 * (a[o + H1]! + a[o + H2]!);
  const before = single ? a[o + H2]! : 0.5 * (a[o + H3]! + a[o + H4]!);
  const line = single ? 2 * before - a[o + H3]! : before + a[o + H3]! - a[o + H5]!;
  const phi = phiOf(a, o);
  const reference = a[o + REFERENCE]!;
  const useLine = a[o + V_LINE]! < 0.6 * a[o + V_AR]! && a[o + SAMPLES]! > 40;
  const predicted = useLine ? line : reference + phi * (before - reference);
  const spread = Math.max(Math.sqrt(useLine ? a[o + V_LINE]! : a[o + V_AR]!), floor);
  const z = (current - predicted) / spread;
  sample.current = current;
  sample.predicted = predicted;
  sample.z = z;
  sample.spread = spread;
  sample.phi = useLine ? 1 : phi;
  sample.grain = resolution / spread;
  // A spread that is about what the single readings' spread makes of it is known better than its samples say.
  const backed = n > 1 && spread < BACKED_BELOW * floor ? BACKING : 0;
  sample.limit = z > 3 || z < -3 ? limitOf(a, o, n, z > 0 ? UPPER : LOWER, p, backed, squares) : Infinity;
}

/** Correlation of samples that have no reading in common, drawn a little to 0. */
function phiOf(a: Float64Array, o: number): number {
  const c0 = a[o + C0]!;
  return c0 > 0 ? Math.min(Math.max(a[o + C1]! / (c0 * 1.02), -0.9), 0.995) : 0;
}

/**
 * By how much the shape of a tail rises because few excesses of it were seen: a further one of an exponential tail whose
 * mean is estimated from k has a Pareto tail of shape 1/k. Windows overlap by half, and those that resemble the ones
 * before them tell less than they are many.
 */
function shapeUncertainty(a: Float64Array, o: number, t: number, samples: number): number {
  const phi = Math.max(phiOf(a, o), 0);
  return 1 / (SQUARES_EXCEEDANCES + (0.5 * a[t]! * samples * (1 - phi)) / (1 + phi));
}

/** The error in spreads that normal readings exceed with the chance `p`: a generalised Pareto tail beyond two spreads. */
function limitOf(a: Float64Array, o: number, n: number, tail: number, p: number, backed = 0, squares = false): number {
  const samples = a[o + SAMPLES]!;
  if (samples < READY) return Infinity;
  const t = o + tail;
  const z = tailLimit(a, t, p, squares ? shapeUncertainty(a, o, t, samples) : 0, sample.grain);
  // Cornish and Fisher's first term for Student's t: a spread of few samples is uncertain.
  const degrees = Math.min(n === 1 ? samples : samples / 2, 1000) + backed;
  return Math.max(z, 3.5) * Math.min(1 + (z * z + 1) / (4 * degrees), MAX_RAISE);
}

/** The limit of single readings, the wider of both sides; at least five spreads while it is not known. */
export function singleLimit(a: Float64Array, o: number, p: number): number {
  const limit = Math.max(limitOf(a, o, 1, UPPER, p), limitOf(a, o, 1, LOWER, p));
  return Number.isFinite(limit) ? limit : 5;
}

/** Takes the resolution of single readings into what is known of their tails before any was learnt. */
export function coarsen(a: Float64Array, o: number, resolution: number): void {
  const grain = resolution / Math.max(Math.sqrt(a[o + V_AR]!), resolution);
  coarsenTail(a, o + UPPER, grain);
  coarsenTail(a, o + LOWER, grain);
}

/** The spread that the mean of n readings has, times the root of n, if they are an autoregression of order one. */
export function longRunSpread(a: Float64Array, o: number): number {
  return Math.sqrt(a[o + V_AR]!) / (1 - Math.min(Math.max(phiOf(a, o), 0), 0.9));
}

/** -log10 of the chance of the last sample's error under the learnt tail, 0 to 16. */
export function unlikelihood(a: Float64Array, o: number): number {
  const z = Math.abs(sample.z);
  if (z <= TAIL_FROM) return 0;
  return tailUnlikelihood(a, o + (sample.z > 0 ? UPPER : LOWER), z, sample.grain);
}

/** Learns from the last sample of {@link push}; not called while an anomaly holds the learning. */
export function learn(a: Float64Array, o: number, n: number, memory: number): void {
  const samples = a[o + SAMPLES]!;
  const { current, z } = sample;
  const single = n === 1;
  const before = single ? a[o + H2]! : 0.5 * (a[o + H3]! + a[o + H4]!);
  const line = single ? 2 * before - a[o + H3]! : before + a[o + H3]! - a[o + H5]!;
  const reference = a[o + REFERENCE]!;
  const wide = Math.sqrt(Math.max(a[o + C0]!, a[o + V_AR]!));
  // What is on the verge of its limit may be the beginning of an anomaly: it counts a quarter.
  const careful = !single || samples < EXCESS_CLIP.from;
  const trust = careful && (z > 3 || z < -3) && Math.abs(z) > 0.6 * sample.limit ? 0.2 : 1;
  const weight = trust * Math.max(1 / memory, 1 / (samples + 2));

  // Variances first, with the prediction that was made.
  const c0 = a[o + C0]!;
  const phi = phiOf(a, o);
  const eAr = current - reference - phi * (before - reference);
  const eLine = current - line;
  const vAr = a[o + V_AR]!;
  const vLine = a[o + V_LINE]!;
  const young = samples < 12;
  const bound = CLIP * CLIP;
  a[o + V_AR] = vAr + weight * ((young || vAr === 0 ? eAr * eAr : Math.min(eAr * eAr, bound * vAr)) - vAr);
  a[o + V_LINE] =
    vLine + weight * ((young || vLine === 0 ? eLine * eLine : Math.min(eLine * eLine, bound * vLine)) - vLine);

  const reach = samples < 12 || wide === 0 ? Infinity : 4 * wide;
  const d0 = Math.min(Math.max(before - reference, -reach), reach);
  const d1 = Math.min(Math.max(current - reference, -reach), reach);
  a[o + C0] = c0 + weight * (d0 * d0 - c0);
  a[o + C1]! += weight * (d0 * d1 - a[o + C1]!);

  // After a switch, slow windows take the level that they find rather than the one that was remembered.
  const found = samples >= AFTER_SWITCH.slow && samples < READY ? samples - AFTER_SWITCH.slow + 2 : samples + 1;
  const toReference = trust * Math.max(1 / REFERENCE_MEMORY, 1 / found);
  a[o + REFERENCE] = reference + toReference * (single ? d1 : d0);
  a[o + SAMPLES] = samples + 1;

  if (samples < READY) return;
  const clip = careful ? EXCESS_CLIP.young : EXCESS_CLIP.old;
  learnTail(a, o + UPPER, samples, z - TAIL_FROM, trust, clip, sample.grain);
  learnTail(a, o + LOWER, samples, -z - TAIL_FROM, trust, clip, sample.grain);
}

/** Only follows the level of the last sample: while an anomaly of noise or rhythm holds all other learning. */
export function followLevel(a: Float64Array, o: number, n: number): void {
  const before = n === 1 ? sample.current : 0.5 * (a[o + H3]! + a[o + H4]!);
  const reach = CLIP * Math.sqrt(Math.max(a[o + C0]!, a[o + V_AR]!));
  const d = Math.min(Math.max(before - a[o + REFERENCE]!, -reach), reach);
  a[o + REFERENCE]! += d / REFERENCE_MEMORY;
}

/** What was accepted as normal is known by a few samples: limits are wider until it has more. */
export function relearn(a: Float64Array, o: number): void {
  a[o + SAMPLES] = Math.min(a[o + SAMPLES]!, READY);
}

/** Takes the level `y` as all that was ever measured lately: after an anomaly, or for what an anomaly must not enter. */
export function fill(a: Float64Array, o: number, y: number): void {
  a[o + SUM] = a[o + COUNT]! * y;
  for (let h = H1; h <= H5; h++) a[o + h] = y;
}

/** Replaces the newest half and the one that is being filled: what an anomaly of a faster scale has touched. */
export function mend(a: Float64Array, o: number): void {
  if (a[o + SAMPLES] === 0) return;
  const level = a[o + H3]!;
  const y = a[o + SAMPLES]! > 4 ? level : a[o + REFERENCE]!;
  a[o + SUM] = a[o + COUNT]! * y;
  a[o + H1] = y;
  a[o + H2] = y;
}

export function moveReference(a: Float64Array, o: number, y: number): void {
  fill(a, o, y);
  a[o + REFERENCE] = y;
}

/** Goes over to another level whose noise is `factor` times as strong, by its square. */
export function switchScale(a: Float64Array, o: number, n: number, level: number, factor: number): void {
  const kept = n === 1 ? AFTER_SWITCH.single : n < 32 ? AFTER_SWITCH.short : AFTER_SWITCH.slow;
  a[o + SAMPLES] = Math.min(a[o + SAMPLES]!, kept);
  if (n === 1) a[o + REFERENCE] = level;
  else moveReference(a, o, level);
  a[o + C0]! *= factor;
  a[o + C1]! *= factor;
  a[o + V_AR]! *= factor;
  a[o + V_LINE]! *= factor;
}

export const setReference = (a: Float64Array, o: number, y: number): void => {
  a[o + REFERENCE] = y;
};
export const newestHalf = (a: Float64Array, o: number): number => a[o + H1]!;
export const referenceOf = (a: Float64Array, o: number): number => a[o + REFERENCE]!;
export const samplesOf = (a: Float64Array, o: number): number => a[o + SAMPLES]!;
export const marginalSpread = (a: Float64Array, o: number): number => Math.sqrt(Math.max(a[o + C0]!, a[o + V_AR]!));
