import { type Candidate, type Context, found } from "./candidate";
import { beginHold } from "./holds";
import { marginalSpread, referenceOf, samplesOf } from "./scale";
import { anyHeld, channelOffset, LEVEL, NOISE, SUM_FIELDS, SUMS } from "./signal-state";

/**
 * Cumulative sums of what single readings deviate by (Page 1954). They find what is too small for any one window as soon
 * as there is evidence enough, at whatever reading that is. That saves tens of readings, which are hours where messages
 * are minutes apart, and nothing where they are seconds apart: there windows alone are used.
 */
export const SPARSE_MS = 30_000;

/** Deviation in spreads that a sum takes off each reading: what is half as far again adds up. */
const SLACK = 0.4;
/** Spreads beyond which a reading counts as this many. */
const CLIP = 3.5;
/** Variance that the sum of the noise is made for. */
const TWICE = 2;
/** Readings in a block, whose highest sum is what the limit is learnt from; more where a sum is still high at its end. */
const BLOCK = 64;
const LONGEST_BLOCK = 256;
/** Blocks before a sum is judged: those before are learnt whole. */
const READY = 10;
/** Samples of a window before what it says of the usual level is summed by. */
const WINDOW_READY = 16;
/** Sums stay below this: a signal that drifts all the time makes them grow for ever. */
const MOST = 200;

interface Kind {
  /** The tail of the blocks' highest sums begins here; it is exponential. */
  readonly from: number;
  /** What white noise has beyond that: share of blocks, mean excess, of which the learnt one is at least so much. */
  readonly share: number;
  readonly excess: number;
  readonly least: number;
}
const LEVELS: Kind = { from: 6, share: 0.12, excess: 1 / (2 * SLACK), least: 1 };
const NOISES: Kind = { from: 3, share: 0.25, excess: 1, least: 0.9 };
/** Blocks, and exceedances, that white noise's tail weighs as much as; and the most that the learnt one does. */
const PRIOR = { blocks: 25, exceedances: 4, most: 1000, mostExceedances: 200 } as const;

// The state of a sum.
/** Each sum is followed by the readings since it was zero. */
const UP = 0;
const DOWN = 2;
const HIGHEST = 4;
const COUNT = 5;
const BLOCKS = 6;
const SHARE = 7;
const EXCESS = 8;

export function resetSums(a: Float64Array, base: number): void {
  for (const [i, kind] of [LEVELS, NOISES].entries()) {
    const o = base + SUMS + i * SUM_FIELDS;
    a.fill(0, o, o + SUM_FIELDS);
    a[o + SHARE] = kind.share;
    a[o + EXCESS] = kind.excess;
  }
}

/** Begins both sums anew: what was summed up is of another level, or is held as an anomaly. */
export function clearSums(a: Float64Array, base: number): void {
  for (let o = base + SUMS; o < base + SUMS + 2 * SUM_FIELDS; o += SUM_FIELDS) a.fill(0, o, o + HIGHEST + 1);
}

/** Adds a reading to the sums of the level, and begins a hold where they are beyond their limit. */
export function sumLevel(a: Float64Array, base: number, x: number, floor: number, context: Context): void {
  const o = base + SUMS;
  if (anyHeld(a, base)) {
    a.fill(0, o, o + HIGHEST + 1);
    return;
  }
  const short = channelOffset(base, LEVEL, 1);
  if (samplesOf(a, short) < WINDOW_READY) return;
  const reference = referenceOf(a, short);
  const spread = Math.max(marginalSpread(a, channelOffset(base, LEVEL, 0)), floor);
  const z = Math.min(Math.max((x - reference) / spread, -CLIP), CLIP);
  add(a, o + UP, z - SLACK);
  add(a, o + DOWN, -z - SLACK);
  const up = a[o + UP]! >= a[o + DOWN]!;
  const at = up ? o + UP : o + DOWN;
  const limit = follow(a, o, a[at]!, LEVELS, context.p);
  if (a[at]! <= limit * context.strictness) return;
  const run = a[at + 1]!;
  const deviation = (SLACK + a[at]! / run) * spread;
  suggest(LEVEL, 1, up ? 1 : -1, reference, deviation, run, a[at]! / (limit * context.strictness));
  decide(a, base, o, context);
}

/** Adds the energy of a reading's error to the sum of the noise, and begins a hold where that is beyond its limit. */
export function sumNoise(a: Float64Array, base: number, energy: number, context: Context): void {
  const o = base + SUMS + SUM_FIELDS;
  if (anyHeld(a, base)) {
    a.fill(0, o, o + HIGHEST + 1);
    return;
  }
  const short = channelOffset(base, NOISE, 0);
  if (samplesOf(a, short) < WINDOW_READY) return;
  const usual = Math.max(referenceOf(a, short), 0.1);
  add(a, o + UP, 0.5 * ((1 - 1 / TWICE) * Math.min(energy / usual, 16) - Math.log(TWICE)));
  const sum = a[o + UP]!;
  const limit = follow(a, o, sum, NOISES, context.p);
  if (sum <= limit * context.strictness) return;
  const run = a[o + UP + 1]!;
  const mean = (sum / run + 0.5 * Math.log(TWICE)) / (0.5 * (1 - 1 / TWICE));
  suggest(NOISE, 0, 1, usual, (mean - 1) * usual, run, sum / (limit * context.strictness));
  decide(a, base, o, context);
}

function add(a: Float64Array, at: number, tells: number): void {
  const sum = a[at]! + tells;
  if (sum <= 0) {
    a[at] = 0;
    a[at + 1] = 0;
    return;
  }
  a[at] = Math.min(sum, MOST);
  a[at + 1]!++;
}

/** Follows the blocks' highest sums. Returns the limit that a sum is held against. */
function follow(a: Float64Array, o: number, sum: number, kind: Kind, p: number): number {
  if (sum > a[o + HIGHEST]!) a[o + HIGHEST] = sum;
  const blocks = a[o + BLOCKS]!;
  const count = ++a[o + COUNT]!;
  if (count >= BLOCK && (sum < 0.5 * kind.from || count >= LONGEST_BLOCK)) {
    learnBlock(a, o, kind, p);
    a[o + COUNT] = 0;
    a[o + HIGHEST] = 0;
  }
  return blocks < READY || sum < kind.from ? Infinity : limitOf(a, o, kind, p);
}

function limitOf(a: Float64Array, o: number, kind: Kind, p: number): number {
  const log = Math.max(Math.log(a[o + SHARE]! / (BLOCK * p)), 0);
  return kind.from + Math.max(a[o + EXCESS]!, kind.least) * log;
}

function learnBlock(a: Float64Array, o: number, kind: Kind, p: number): void {
  const blocks = ++a[o + BLOCKS]!;
  const highest = a[o + HIGHEST]!;
  const excess = highest - kind.from;
  const mean = a[o + EXCESS]!;
  const young = blocks < READY;
  // What is on the verge of its limit may be the beginning of an anomaly: it counts less.
  const trust = young || highest < 0.6 * limitOf(a, o, kind, p) ? 1 : 0.2;
  a[o + SHARE]! += ((excess > 0 ? 1 : 0) - a[o + SHARE]!) * (trust / (Math.min(blocks, PRIOR.most) + PRIOR.blocks));
  if (excess <= 0) return;
  const exceedances = Math.min(a[o + SHARE]! * blocks, PRIOR.mostExceedances) + PRIOR.exceedances;
  a[o + EXCESS] = mean + (trust / exceedances) * ((young ? excess : Math.min(excess, 6 * mean)) - mean);
}

function suggest(
  channel: Candidate["channel"],
  window: number,
  direction: 1 | -1,
  predicted: number,
  deviation: number,
  readings: number,
  ratio: number,
): void {
  found.channel = channel;
  found.window = window;
  found.direction = direction;
  found.predicted = predicted;
  found.current = predicted + direction * deviation;
  found.readings = readings;
  found.ratio = ratio;
  found.limit = 4;
  found.spread = deviation / (4 * ratio);
  found.phi = 0;
  found.unlikelihood = 6;
}

function decide(a: Float64Array, base: number, o: number, context: Context): void {
  a.fill(0, o, o + HIGHEST + 1);
  if (context.decide(found) === "hold") beginHold(a, base, found.channel, found.window, context.timeMs);
}
