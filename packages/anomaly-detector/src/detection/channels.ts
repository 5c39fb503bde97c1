import { type Context, found } from "./candidate";
import { beginHold, followHold, heldNoise, returnAtOnce } from "./holds";
import {
  FIELDS,
  followLevel,
  learn,
  longRunSpread,
  marginalSpread,
  push,
  referenceOf,
  sample,
  samplesOf,
  singleLimit,
  unlikelihood,
} from "./scale";
import { sumLevel, sumNoise } from "./sums";
import {
  ANCHOR,
  anyHeld,
  type Channel,
  channelOffset,
  DIFFERENCE,
  FIRST,
  HELD_COUNT,
  HELD_DIFFERENCE,
  holdOffset,
  isHeld,
  LEVEL,
  LEVEL_WINDOWS,
  NOISE,
  NOISE_WINDOWS,
  RELATION,
  RELATION_WINDOWS,
  RESOLUTION,
  RHYTHM,
  RHYTHM_LAST,
  RHYTHM_WINDOWS,
  SEEN,
  SETTLING,
  SETTLING_READINGS,
  TOLD_LIMIT,
  WINDOW,
} from "./signal-state";

/** Samples that a channel's spreads follow, for single readings and for windows. */
const MEMORY_SINGLE = 2000;
const MEMORY_WINDOW = 400;

const median3 = (x: number, y: number, z: number): number => Math.max(Math.min(x, y), Math.min(Math.max(x, y), z));

/**
 * Judges one reading in the windows of all channels, and learns from it where nothing is held. Here and in the functions
 * that it calls most of the time of a message goes: none of them allocates.
 */
export function advance(a: Float64Array, base: number, x: number, x1: number, x2: number, context: Context): void {
  const resolution = a[base + RESOLUTION]!;
  const rounding = 1e-9 * Math.abs(x) + 1e-300;
  const level0 = base + FIRST[LEVEL]!;
  const heldBefore = isHeld(a, base, LEVEL);

  // Single readings.
  found.now = x;
  const floor = resolution * (0.3 + 0.3 * Math.min(1, 100 / a[base + SEEN]!)) + rounding;
  let z0 = 0;
  let known = false;
  let level0Phi = 1;
  if (push(a, level0, 1, x, floor, context.p, false, resolution)) {
    z0 = sample.z;
    level0Phi = sample.phi;
    tell(a, base, level0, heldBefore, context);
    known = settle(a, base, LEVEL, 0, 1, level0, context, MEMORY_SINGLE);
    if (!known) a[base + RHYTHM_LAST] = 0;
  }

  // Means of readings, of which a lone outlier is no part.
  const white = 0.85 * longRunSpread(a, level0);
  // After a switch or a return the readings before are of another level.
  const fresh = a[base + SETTLING] === SETTLING_READINGS || (heldBefore && !isHeld(a, base, LEVEL));
  const y = fresh ? x : median3(x, x1, x2);
  found.now = y;
  if (a[base + SETTLING]! > 0) a[base + SETTLING]!--;
  const p = a[base + SETTLING]! > 0 ? 0 : context.p;
  for (let k = 1; k < LEVEL_WINDOWS.length; k++) {
    const o = level0 + k * FIELDS;
    const n = LEVEL_WINDOWS[k]!;
    const hold = holdOffset(base, LEVEL);
    // Slower windows do not see what a faster one holds.
    const held = a[hold] !== 0 && k > a[hold + WINDOW]!;
    const value = held ? (samplesOf(a, o) > 4 ? a[o + 4]! : referenceOf(a, o)) : y;
    const few = samplesOf(a, o) + 1;
    // What the mean of so many readings would spread if they were as alike as neighbours are.
    const theory = white / Math.sqrt(n);
    const smallest = Math.max(
      theory,
      resolution * Math.max(0.3 / Math.sqrt(n), Math.min(0.2, 0.6 / Math.sqrt(few))) + rounding,
    );
    if (push(a, o, n, value, smallest, context.p * (n >> 1)) && !held) {
      settle(a, base, LEVEL, k, n, o, context, MEMORY_WINDOW);
    }
  }

  const sums = context.sparse && a[base + SETTLING] === 0;
  if (sums && known) sumLevel(a, base, x, floor, context);
  if (known && !heldBefore && !isHeld(a, base, LEVEL)) {
    const energy = Math.min(z0 * z0, 9);
    if (sums) sumNoise(a, base, z0 * z0, context);
    for (let k = 0; k < NOISE_WINDOWS.length; k++) {
      const o = channelOffset(base, NOISE, k);
      const n = NOISE_WINDOWS[k]!;
      if (push(a, o, n, energy, 0.02, p * (n >> 1), true)) settle(a, base, NOISE, k, n, o, context, MEMORY_WINDOW);
    }
    // Neighbours that resemble each other anyway tell nothing of a beginning oscillation.
    if (level0Phi < RHYTHM_BELOW) rhythm(a, base, x, level0, floor, 0.1 * p, context);
  }

  if (context.relation === context.relation) {
    for (let k = 0; k < RELATION_WINDOWS.length; k++) {
      const o = channelOffset(base, RELATION, k);
      const n = RELATION_WINDOWS[k]!;
      const hold = holdOffset(base, RELATION);
      if (a[hold] !== 0 && k > a[hold + WINDOW]!) continue;
      if (push(a, o, n, context.relation, 0.01, context.p * Math.max(1, n >> 1))) {
        settle(a, base, RELATION, k, n, o, context, k === 0 ? MEMORY_SINGLE : MEMORY_WINDOW);
      }
    }
  }
}

/** Follows the mean squared difference of neighbours, of the level that is held or of the usual one. */
export function differ(a: Float64Array, base: number, step: number): void {
  const squared = step * step;
  if (isHeld(a, base, LEVEL)) {
    const known = a[base + HELD_DIFFERENCE]!;
    const count = ++a[base + HELD_COUNT]!;
    const bounded = count < 6 ? squared : Math.min(squared, 16 * known);
    a[base + HELD_DIFFERENCE] = known + (bounded - known) / Math.min(count, 300);
    return;
  }
  const known = a[base + DIFFERENCE]!;
  a[base + DIFFERENCE] = known === 0 ? squared : known + (Math.min(squared, 16 * known) - known) * 0.003;
}

/** Correlation of neighbours below which an oscillation shows in it. */
const RHYTHM_BELOW = 0.6;

/** How much neighbours go together: it rises with an oscillation. */
function rhythm(
  a: Float64Array,
  base: number,
  x: number,
  level0: number,
  floor: number,
  p: number,
  context: Context,
): void {
  const spread = Math.max(marginalSpread(a, level0), floor);
  const d = Math.min(Math.max((x - referenceOf(a, level0)) / spread, -3), 3);
  const o = channelOffset(base, RHYTHM, 0);
  const together = d * a[base + RHYTHM_LAST]!;
  a[base + RHYTHM_LAST] = d;
  const n = RHYTHM_WINDOWS[0]!;
  if (push(a, o, n, together, 0.02, p * (n >> 1), true)) settle(a, base, RHYTHM, 0, n, o, context, MEMORY_WINDOW);
}

/** What a reading was expected to be: by the last sample of single readings, or from before an anomaly that goes on. */
function tell(a: Float64Array, base: number, level0: number, held: boolean, context: Context): void {
  if (a[base + TOLD_LIMIT] === 0 || (a[base + SEEN]! & 63) === 0)
    a[base + TOLD_LIMIT] = singleLimit(a, level0, context.p);
  const { z } = sample;
  context.unlikely = z > 2 || z < -2 ? unlikelihood(a, level0) : 0;
  context.centre = held ? a[holdOffset(base, LEVEL) + ANCHOR]! : sample.predicted;
  context.reach = a[base + TOLD_LIMIT]! * sample.spread * context.strictness;
}

/** Judges the last sample of a window: goes on with a hold, begins one, or learns. True when it was an everyday one. */
function settle(
  a: Float64Array,
  base: number,
  channel: Channel,
  k: number,
  n: number,
  o: number,
  context: Context,
  memory: number,
): boolean {
  const hold = holdOffset(base, channel);
  if (a[hold] !== 0) {
    const window = a[hold + WINDOW]!;
    if (k === window) followHold(a, base, channel, k, context);
    else if (channel === LEVEL && k === 1 && window > 1) returnAtOnce(a, base, context);
    return false;
  }
  let limit = sample.limit * context.strictness;
  if (channel === LEVEL) limit *= heldNoise(a, base);
  // A level is compared with those that are known at the usual limit: strictness is for alerts, not for what is learnt.
  const looks = channel === LEVEL && !anyHeld(a, base) ? sample.limit : limit;
  if (sample.z > looks || -sample.z > looks) {
    found.channel = channel;
    found.window = k;
    found.readings = n;
    found.direction = sample.z > 0 ? 1 : -1;
    found.predicted = sample.predicted;
    found.current = sample.current;
    found.spread = sample.spread;
    found.phi = sample.phi;
    found.limit = limit;
    found.ratio = Math.abs(sample.z) / limit;
    found.unlikelihood = unlikelihood(a, o);
    // A noise that becomes less is told only where it is all but gone, which the run of equal readings tells.
    if (!(channel === NOISE && sample.z < 0)) {
      const decision = context.decide(found);
      if (decision === "hold") beginHold(a, base, channel, k, context.timeMs);
      if (decision === "learn") learn(a, o, n, memory);
      if (decision !== "everyday") return false;
    }
  }
  if (!anyHeld(a, base)) learn(a, o, n, memory);
  else if (channel === LEVEL) followLevel(a, o, n);
  return true;
}
