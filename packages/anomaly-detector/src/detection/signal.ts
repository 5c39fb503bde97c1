import {
  FIELDS,
  fill,
  learn,
  marginalSpread,
  mend,
  moveReference,
  push,
  referenceOf,
  resetScale,
  sample,
  longRunSpread,
  newestHalf,
  samplesOf,
  setReference,
  singleLimit,
  switchScale,
  unlikelihood,
} from "./scale";

/** Readings in the windows of the level: at one a second a reading, seconds, half a minute, minutes and an hour. */
export const LEVEL_WINDOWS: readonly number[] = [1, 8, 48, 160, 640, 3600];
/** Readings in the windows of the noise: the energy of what the readings' prediction left. */
const NOISE_WINDOWS: readonly number[] = [64, 256];
/** Readings in the windows of the resemblance of neighbours: a beginning oscillation. */
const RHYTHM_WINDOWS: readonly number[] = [64];
/** Readings in the windows of what the other signals do not explain. */
const RELATION_WINDOWS: readonly number[] = [1, 32];

export const LEVEL = 0;
export const NOISE = 1;
export const RHYTHM = 2;
export const RELATION = 3;
export const CHANNELS = 4;
export type Channel = 0 | 1 | 2 | 3;
const WINDOWS: readonly (readonly number[])[] = [LEVEL_WINDOWS, NOISE_WINDOWS, RHYTHM_WINDOWS, RELATION_WINDOWS];
/** Samples that a channel's spreads follow, for single readings and for windows. */
const MEMORY_SINGLE = 2000;
const MEMORY_WINDOW = 400;

/** Readings that a signal is watched before anything is learnt of it. */
export const WARM_UP = 40;

// The head of a signal's state.
const SEEN = 0;
export const X1 = 1;
const X2 = 2;
const RESOLUTION = 3;
/** Readings in a row that are equal, the share of readings that equal the one before, the longest normal run. */
export const RUN = 4;
const EQUAL_SHARE = 5;
export const LONGEST_RUN = 6;
/** Readings in a row that are absent, and the longest normal run of them. */
export const ABSENT = 7;
const LONGEST_ABSENCE = 8;
const RHYTHM_LAST = 9;
/** Limit of a single reading in spreads, refreshed now and then, for the range that is told. */
const TOLD_LIMIT = 10;
/** Mean squared difference of neighbours, for the mode that the signal is in, and for the one that is held. */
export const DIFFERENCE = 11;
const HELD_DIFFERENCE = 12;
const HELD_COUNT = 13;
/** Readings to go until the noise of a mode that was switched to is known well enough to be judged. */
const SETTLING = 14;
const SETTLING_READINGS = 300;
/** Sign of a counter's steps, or 0; and the share of steps against it. */
const COUNTER = 15;
const AGAINST = 16;
/** What was measured last, where the series that is judged is a counter's steps. */
const RAW = 17;
const HEAD = 18;

/** One hold for each channel: an anomaly that is going on, during which the signal learns nothing. */
const HOLDS = HEAD;
const HOLD_FIELDS = 9;
const ACTIVE = 0;
const WINDOW = 1;
const DIRECTION = 2;
const ANCHOR = 3;
const PHI = 4;
const STEPS = 5;
/** How far from the anchor the limit was, in the signal's unit. */
const REACH = 6;
const PEAK = 7;
const SINCE = 8;

const SCALES = HOLDS + CHANNELS * HOLD_FIELDS;
const FIRST: readonly number[] = [0, 6, 8, 9].map((scale) => SCALES + scale * FIELDS);
/** The first readings are kept where the channels that nothing is learnt of yet have their state. */
const FIRST_READINGS = SCALES + 6 * FIELDS;
/** Numbers of state for one signal. */
export const SIGNAL_FIELDS = SCALES + 11 * FIELDS;

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

const channelOffset = (base: number, channel: number, window: number): number =>
  base + FIRST[channel]! + window * FIELDS;
const holdOffset = (base: number, channel: number): number => base + HOLDS + channel * HOLD_FIELDS;

export function resetSignal(a: Float64Array, base: number): void {
  a.fill(0, base, base + SIGNAL_FIELDS);
  for (let o = base + SCALES; o < base + SIGNAL_FIELDS; o += FIELDS) resetScale(a, o);
}

export const isHeld = (a: Float64Array, base: number, channel: number): boolean => a[holdOffset(base, channel)] !== 0;

export function anyHeld(a: Float64Array, base: number): boolean {
  for (let channel = 0; channel < CHANNELS; channel++) if (isHeld(a, base, channel)) return true;
  return false;
}

export const isWarm = (a: Float64Array, base: number): boolean => a[base + SEEN]! >= WARM_UP;

const found: Candidate = {
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

export interface Context {
  /** Chance of a false exceedance that the budget leaves one reading of one channel. */
  p: number;
  /** Limits are multiplied by this: above 1 after more alerts than the budget. */
  strictness: number;
  timeMs: number;
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

const median3 = (x: number, y: number, z: number): number => Math.max(Math.min(x, y), Math.min(Math.max(x, y), z));

/**
 * One reading of one signal. Calls `context.decide` for every exceedance that is not held yet; a hold begins where it
 * answers true.
 */
export function updateSignal(a: Float64Array, base: number, x: number, context: Context): void {
  context.reach = NaN;
  context.unlikely = 0;
  const seen = a[base + SEEN]!;
  const sign = a[base + COUNTER]!;
  if (sign !== 0) {
    const raw = a[base + RAW]!;
    a[base + RAW] = x;
    const step = (x - raw) * sign;
    if (step !== 0) a[base + AGAINST]! += ((step < 0 ? 1 : 0) - a[base + AGAINST]!) * 0.02;
    if (a[base + AGAINST]! > 0.15) {
      // No counter after all.
      resetSignal(a, base);
      return;
    }
    // A counter that starts anew tells nothing of its rate.
    x = step < 0 ? a[base + X1]! : (sign * step) / context.intervals;
  }
  if (seen < WARM_UP) {
    a[base + FIRST_READINGS + seen] = x;
    a[base + SEEN] = seen + 1;
    a[base + X2] = a[base + X1]!;
    a[base + X1] = x;
    if (seen + 1 === WARM_UP) begin(a, base, context);
    return;
  }
  a[base + SEEN] = seen + 1;
  const x1 = a[base + X1]!;
  const x2 = a[base + X2]!;
  if (sign === 0 && x !== x1 && turnsOutCounter(a, base, x, x1)) return;
  run(a, base, x, x1);
  differ(a, base, x - x1);
  advance(a, base, x, x1, x2, context);
  if (sign !== 0) context.reach = NaN;
  a[base + X2] = x1;
  a[base + X1] = x;
}

/** Changes that a counter that rests most of the time is known by. */
const COUNTER_CHANGES = 8;

/** Whether a signal that rests most of the time has changed in one direction only: then it starts anew as a counter. */
function turnsOutCounter(a: Float64Array, base: number, x: number, x1: number): boolean {
  const ups = (a[base + AGAINST]! += x > x1 ? 1 : 0);
  const downs = (a[base + RAW]! += x < x1 ? 1 : 0);
  if (ups + downs !== COUNTER_CHANGES || (ups > 0 && downs > 0) || a[base + EQUAL_SHARE]! < 0.5) return false;
  resetSignal(a, base);
  a[base + COUNTER] = ups > 0 ? 1 : -1;
  a[base + RAW] = x;
  return true;
}

function differ(a: Float64Array, base: number, step: number): void {
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

/** The level and the difference of neighbours that a hold of the level has come to. */
export function heldMode(a: Float64Array, base: number): { level: number; difference: number } {
  const hold = holdOffset(base, LEVEL);
  // Of few readings the noise is not known well; that of the level from before counts as some more.
  const count = a[base + HELD_COUNT]!;
  const difference = (count * a[base + HELD_DIFFERENCE]! + 5 * a[base + DIFFERENCE]!) / (count + 5);
  return { level: nowOf(a, base, LEVEL, a[hold + WINDOW]!), difference };
}

/** Goes over to a level that is known, with its noise. Returns what was left. */
export function switchMode(
  a: Float64Array,
  base: number,
  level: number,
  difference: number,
): { level: number; difference: number } {
  const first = base + FIRST[LEVEL]!;
  const left = { level: referenceOf(a, first + 2 * FIELDS), difference: a[base + DIFFERENCE]! };
  const factor =
    difference > 0 && left.difference > 0 ? Math.min(Math.max(difference / left.difference, 1e-6), 1e6) : 1;
  for (let k = 0; k < LEVEL_WINDOWS.length; k++) switchScale(a, first + k * FIELDS, LEVEL_WINDOWS[k]!, level, factor);
  a[base + DIFFERENCE] = left.difference * factor;
  a[holdOffset(base, LEVEL)] = 0;
  quieten(a, base);
  a[base + SETTLING] = SETTLING_READINGS;
  return left;
}

/** Takes noise and rhythm as they usually are. */
function quieten(a: Float64Array, base: number): void {
  for (let channel = NOISE; channel <= RHYTHM; channel++) {
    a[holdOffset(base, channel)] = 0;
    for (let k = 0; k < WINDOWS[channel]!.length; k++) {
      const o = channelOffset(base, channel, k);
      fill(a, o, referenceOf(a, o));
    }
  }
  a[base + RHYTHM_LAST] = 0;
}

function advance(a: Float64Array, base: number, x: number, x1: number, x2: number, context: Context): void {
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
  if (push(a, level0, 1, x, floor, context.p)) {
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

  if (known && !heldBefore && !isHeld(a, base, LEVEL)) {
    const energy = Math.min(z0 * z0, 9);
    for (let k = 0; k < NOISE_WINDOWS.length; k++) {
      const o = channelOffset(base, NOISE, k);
      const n = NOISE_WINDOWS[k]!;
      if (push(a, o, n, energy, 0.02, p * (n >> 1))) settle(a, base, NOISE, k, n, o, context, MEMORY_WINDOW);
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
  if (push(a, o, n, together, 0.02, p * (n >> 1))) settle(a, base, RHYTHM, 0, n, o, context, MEMORY_WINDOW);
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
    if (k === window) goOn(a, base, channel, k, context);
    else if (channel === LEVEL && k === 1 && window > 1) returnAtOnce(a, base, context);
    return false;
  }
  const limit = sample.limit * context.strictness;
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
      if (decision === "hold") begins(a, base, channel, k, context.timeMs);
      if (decision === "learn") learn(a, o, n, memory);
      if (decision !== "everyday") return false;
    }
  }
  if (!anyHeld(a, base)) learn(a, o, n, memory);
  return true;
}

function begins(a: Float64Array, base: number, channel: Channel, k: number, timeMs: number): void {
  const hold = holdOffset(base, channel);
  a[hold + ACTIVE] = 1;
  a[hold + WINDOW] = k;
  a[hold + DIRECTION] = found.direction;
  a[hold + ANCHOR] = found.predicted;
  a[hold + PHI] = found.phi;
  a[hold + STEPS] = 0;
  a[hold + REACH] = found.spread * found.limit;
  a[hold + PEAK] = Math.abs(found.current - found.predicted);
  a[hold + SINCE] = timeMs;
  if (channel === LEVEL) {
    a[base + HELD_DIFFERENCE] = 0;
    a[base + HELD_COUNT] = 0;
    // A level that moves makes noise and rhythm look unusual too, which tells nothing more.
    quieten(a, base);
  }
  const windows = WINDOWS[channel]!;
  for (let slower = k + 1; slower < windows.length; slower++) mend(a, channelOffset(base, channel, slower));
}

/** Steps after which a hold of single readings, and of each window, is judged by the next slower one. */
const PROMOTE_AFTER = 16;
/** For each channel the window that a hold is judged by at most. */
const PROMOTES_BELOW: readonly number[] = [3, 2, 0, 0];

function goOn(a: Float64Array, base: number, channel: Channel, k: number, context: Context): void {
  const hold = holdOffset(base, channel);
  const steps = ++a[hold + STEPS]!;
  const o = channelOffset(base, channel, k);
  const phi = a[hold + PHI]!;
  const h = k === 0 ? steps : steps / 2;
  const reference = referenceOf(a, o);
  const reach = a[hold + REACH]!;
  let growth: number;
  let anchor = a[hold + ANCHOR]!;
  if (phi >= 1) {
    growth = Math.min(h, 1 + (2 * marginalSpread(a, o)) / Math.max(reach, 1e-300));
  } else {
    const decay = Math.pow(Math.abs(phi), h);
    growth = Math.sqrt((1 - decay * decay) / (1 - phi * phi));
    anchor = reference + decay * (anchor - reference);
  }
  // Noise and rhythm are judged by their newest half: a window would tell a return late.
  const current = channel === LEVEL || channel === RELATION ? sample.current : newestHalf(a, o);
  const deviation = (current - anchor) * a[hold + DIRECTION]!;
  const peak = Math.max(a[hold + PEAK]!, deviation);
  a[hold + PEAK] = peak;
  const band = Math.max(0.45 * reach * growth, (channel === LEVEL || channel === RELATION ? 0.25 : 0.1) * peak);
  if (deviation < band) {
    if (channel === LEVEL) context.leaving(a, base);
    end(a, base, channel, anchor, false);
    return;
  }
  const next = k + 1;
  if (steps >= PROMOTE_AFTER && next < PROMOTES_BELOW[channel]!) {
    const slower = channelOffset(base, channel, next);
    if (samplesOf(a, slower) < 20) return;
    fill(a, slower, sample.current);
    a[hold + WINDOW] = next;
    // The slower window of the noise spreads half as much.
    if (channel === NOISE) a[hold + REACH]! *= 0.5;
    a[hold + STEPS] = 0;
    a[hold + PHI] = 0;
    a[hold + PEAK] = deviation;
  }
}

/** Spreads of a short window's mean that its distance from a held level must have, for a return to be no chance. */
const SURE = 5.5;

/** A held level of a slow window has returned when the mean of eight readings has, for levels that stand out so much. */
function returnAtOnce(a: Float64Array, base: number, context: Context): void {
  const hold = holdOffset(base, LEVEL);
  const anchor = a[hold + ANCHOR]!;
  const peak = a[hold + PEAK]!;
  const deviation = (sample.current - anchor) * a[hold + DIRECTION]!;
  if (deviation >= 0.25 * peak || 0.75 * peak < SURE * sample.spread) return;
  context.leaving(a, base);
  end(a, base, LEVEL, anchor, false);
}

/** Ends a hold. `accept`: what is measured now is the new normal; else the level from before is. */
export function end(a: Float64Array, base: number, channel: number, level: number, accept: boolean): void {
  const hold = holdOffset(base, channel);
  const k = a[hold + WINDOW]!;
  a[hold + ACTIVE] = 0;
  const windows = WINDOWS[channel]!;
  const now = accept ? nowOf(a, base, channel, k) : level;
  for (let scale = 0; scale < windows.length; scale++) {
    const o = channelOffset(base, channel, scale);
    if (accept) moveReference(a, o, now);
    else if (scale < k && windows[scale]! > 1) moveReference(a, o, now);
    else if (scale < k) setReference(a, o, now);
    else if (scale === k && windows[scale]! > 1) fill(a, o, now);
  }
}

function nowOf(a: Float64Array, base: number, channel: number, k: number): number {
  const o = channelOffset(base, channel, k);
  return WINDOWS[channel]![k] === 1 ? a[o + 2]! : 0.5 * (a[o + 2]! + a[o + 3]!);
}

/** Takes what is measured now as normal on all channels. */
export function acceptSignal(a: Float64Array, base: number): void {
  for (let channel = 0; channel < CHANNELS; channel++) if (isHeld(a, base, channel)) end(a, base, channel, 0, true);
}

export interface HoldView {
  readonly channel: Channel;
  readonly window: number;
  readonly readings: number;
  readonly direction: number;
  readonly anchor: number;
  readonly now: number;
  readonly peak: number;
  readonly reach: number;
  readonly sinceMs: number;
  /** Whether it has only begun. */
  readonly fresh: boolean;
}

export function holdOf(a: Float64Array, base: number, channel: Channel): HoldView | undefined {
  const hold = holdOffset(base, channel);
  if (a[hold] === 0) return undefined;
  const window = a[hold + WINDOW]!;
  return {
    channel,
    window,
    readings: WINDOWS[channel]![window]!,
    direction: a[hold + DIRECTION]!,
    anchor: a[hold + ANCHOR]!,
    now: nowOf(a, base, channel, window),
    peak: a[hold + PEAK]!,
    reach: a[hold + REACH]!,
    sinceMs: a[hold + SINCE]!,
    fresh: a[hold + STEPS]! < 2,
  };
}

/** Runs of equal readings. The decision is the caller's: see {@link stuckAfter}. */
function run(a: Float64Array, base: number, x: number, x1: number): void {
  if (x === x1) {
    // A run that is longer than any before may be a sensor that is stuck: nothing is learnt of it until it ends.
    if (++a[base + RUN]! > 2 * a[base + LONGEST_RUN]! + 8) return;
    a[base + EQUAL_SHARE]! += (1 - a[base + EQUAL_SHARE]!) * weightOf(a, base);
    return;
  }
  const length = a[base + RUN]!;
  if (length > a[base + LONGEST_RUN]!) a[base + LONGEST_RUN] = length;
  a[base + EQUAL_SHARE]! -= a[base + EQUAL_SHARE]! * weightOf(a, base);
  a[base + RUN] = 0;
  const step = Math.abs(x - x1);
  const resolution = a[base + RESOLUTION]!;
  if (step < resolution) a[base + RESOLUTION] = step;
  else a[base + RESOLUTION] = resolution * (1 + 1e-5);
}

const weightOf = (a: Float64Array, base: number): number => Math.max(1 / 2000, 1 / (a[base + SEEN]! + 2));

/** Equal readings in a row after which a signal is stuck; infinite for one that usually rests. */
export function stuckAfter(a: Float64Array, base: number, p: number): number {
  const share = a[base + EQUAL_SHARE]!;
  if (share > 0.95 || a[base + SEEN]! < 2 * WARM_UP) return Infinity;
  const geometric = share < 1e-3 ? 2 : Math.log(p) / Math.log(share);
  return Math.max(10, 1.5 * geometric, 2.5 * a[base + LONGEST_RUN]!);
}

/** Readings in a row without the signal after which it is missing. */
export function missingAfter(a: Float64Array, base: number): number {
  return Math.max(5, 3 * a[base + LONGEST_ABSENCE]!);
}

export function absent(a: Float64Array, base: number): void {
  a[base + ABSENT]!++;
}

export function present(a: Float64Array, base: number): void {
  const length = a[base + ABSENT]!;
  if (length > a[base + LONGEST_ABSENCE]! && length < 5 * Math.max(a[base + LONGEST_ABSENCE]!, 2)) {
    a[base + LONGEST_ABSENCE] = length;
  }
  a[base + ABSENT] = 0;
}

/** Outliers on either side that the warm-up survives. */
const OUTLIERS = 4;
const sorted = new Float64Array(WARM_UP);

function medianOf(values: Float64Array): number {
  values.sort();
  return 0.5 * (values[(WARM_UP >> 1) - 1]! + values[WARM_UP >> 1]!);
}

/** Ends the warm-up: outliers among the first readings are drawn to the rest, then all are learnt from. */
function begin(a: Float64Array, base: number, context: Context): void {
  const first = a.slice(base + FIRST_READINGS, base + FIRST_READINGS + WARM_UP);
  if (a[base + COUNTER] === 0) {
    let up = 0;
    let down = 0;
    for (let i = 1; i < WARM_UP; i++) {
      if (first[i]! > first[i - 1]!) up++;
      else if (first[i]! < first[i - 1]!) down++;
    }
    if ((up >= 2 && down <= 1 && up > 3 * down) || (down >= 2 && up <= 1 && down > 3 * up)) {
      const last = first[WARM_UP - 1]!;
      resetSignal(a, base);
      a[base + COUNTER] = up > down ? 1 : -1;
      a[base + RAW] = last;
      return;
    }
  }
  for (let o = base + FIRST_READINGS; o < base + SIGNAL_FIELDS; o += FIELDS) resetScale(a, o);
  sorted.set(first);
  const middle = medianOf(sorted);
  const most = sorted[WARM_UP - 1 - OUTLIERS]! - sorted[OUTLIERS]!;
  for (let i = 0; i < WARM_UP; i++) sorted[i] = Math.abs(first[i]! - middle);
  const deviation = 1.4826 * medianOf(sorted);
  let resolution = Infinity;
  for (let i = 1; i < WARM_UP; i++) {
    const step = Math.abs(first[i]! - first[i - 1]!);
    if (step > 0 && step < resolution) resolution = step;
  }
  a[base + RESOLUTION] = resolution === Infinity ? 0 : resolution;
  const reach = Math.max(8 * deviation, 1.5 * most, 4 * a[base + RESOLUTION]!);
  const quiet: Context = { ...context, decide: () => "learn", relation: NaN };
  let x1 = middle;
  let x2 = middle;
  a[base + RUN] = 0;
  for (let i = 0; i < WARM_UP; i++) {
    const x = Math.min(Math.max(first[i]!, middle - reach), middle + reach);
    if (i > 0) {
      run(a, base, first[i]!, first[i - 1]!);
      differ(a, base, x - x1);
    }
    advance(a, base, x, x1, x2, quiet);
    x2 = x1;
    x1 = x;
  }
}
