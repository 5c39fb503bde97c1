import { type Context, found } from "./candidate";
import {
  fill,
  marginalSpread,
  mend,
  moveReference,
  newestHalf,
  referenceOf,
  relearn,
  sample,
  samplesOf,
  setReference,
} from "./scale";
import {
  ACTIVE,
  ANCHOR,
  type Channel,
  channelOffset,
  CHANNELS,
  DIRECTION,
  EVIDENCE,
  HELD_COUNT,
  HELD_DIFFERENCE,
  holdOffset,
  isHeld,
  LEVEL,
  NOISE,
  PEAK,
  PHI,
  REACH,
  RELATION,
  RHYTHM,
  RHYTHM_LAST,
  SINCE,
  STEPS,
  WINDOW,
  WINDOWS,
} from "./signal-state";

/**
 * Begins a hold: an anomaly of a channel, during which nothing is learnt, until what is measured has returned or is
 * accepted as normal. It is the one that {@link found} says.
 */
export function beginHold(a: Float64Array, base: number, channel: Channel, k: number, timeMs: number): void {
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
  a[hold + EVIDENCE] = 0;
  if (channel === LEVEL) {
    a[base + HELD_DIFFERENCE] = 0;
    a[base + HELD_COUNT] = 0;
    // A level that moves makes noise and rhythm look unusual too, which tells nothing more.
    quieten(a, base, true);
  }
  const windows = WINDOWS[channel]!;
  for (let slower = k + 1; slower < windows.length; slower++) mend(a, channelOffset(base, channel, slower));
}

/** Steps after which a hold of single readings, and of each window, is judged by the next slower one. */
const PROMOTE_AFTER = 16;
/** For each channel the window that a hold is judged by at most. */
const PROMOTES_BELOW: readonly number[] = [3, 2, 0, 0];

/** Goes on with a hold by the last sample of its window: ends it, or has the next slower window judge it. */
export function followHold(a: Float64Array, base: number, channel: Channel, k: number, context: Context): void {
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
  const place = channel === LEVEL || channel === RELATION;
  // Noise and rhythm are judged by their newest half: a window would tell a return late.
  const current = place ? sample.current : newestHalf(a, o);
  const deviation = (current - anchor) * a[hold + DIRECTION]!;
  let peak = a[hold + PEAK]!;
  // Of noise and rhythm the mean: what was found first is often the largest by chance.
  if (place) peak = Math.max(peak, deviation);
  else peak += NEWEST_SHARE * (deviation - peak);
  a[hold + PEAK] = peak;
  if (place && -deviation > OTHER_SIDE * reach * growth) {
    // Beyond the limit on the other side is no return.
    a[hold + DIRECTION]! *= -1;
    a[hold + PEAK] = -deviation;
    return;
  }
  const returned =
    (place && k === 0) || Math.abs(phi) > INDEPENDENT
      ? deviation < Math.max(0.45 * reach * growth, (place ? 0.25 : 0.1) * peak)
      : gathers(a, hold, place, (newestHalf(a, o) - anchor) * a[hold + DIRECTION]!, sample.spread) > RETURN_EVIDENCE;
  if (returned) {
    if (channel === LEVEL) context.leaving(a, base);
    endHold(a, base, channel, anchor, false);
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

/** Reaches of a hold's limit beyond which a signal is anomalous on the other side rather than back. */
const OTHER_SIDE = 1.2;

/** Correlation of a window with the one before below which halves of windows tell one by one. */
const INDEPENDENT = 0.3;
/** Weight of the newest half of a window in the mean deviation of noise and rhythm. */
const NEWEST_SHARE = 0.15;
/** Logarithm of the likelihood ratio at which what was held counts as usual again. */
const RETURN_EVIDENCE = 7;

/**
 * Adds what one half of a window tells about whether a signal is as it was before the hold, rather than still as unusual
 * as it was found. One half alone would tell it wrongly within a few: their means spread by as much.
 */
function gathers(a: Float64Array, hold: number, place: boolean, deviation: number, spread: number): number {
  const size = Math.max((place ? 0.7 : 0.5) * a[hold + REACH]!, (place ? 0.5 : 1) * a[hold + PEAK]!);
  // A half spreads more than a window, and more the stronger the noise is.
  const grown = place ? 1 : 1 + size;
  const variance = 2 * spread * spread * grown * grown;
  const tells = (size * (0.5 * size - deviation)) / Math.max(variance, 1e-300);
  return (a[hold + EVIDENCE] = Math.max(0, a[hold + EVIDENCE]! + tells));
}

/** Noise in spreads of what is usual while it is held as stronger, at least 1: it explains wider readings and means. */
export function heldNoise(a: Float64Array, base: number): number {
  const hold = holdOffset(base, NOISE);
  return a[hold] === 0 ? 1 : Math.sqrt(1 + Math.max(a[hold + PEAK]!, 0));
}

/** Spreads of a short window's mean that its distance from a held level must have, for a return to be no chance. */
const SURE = 5.5;

/** A held level of a slow window has returned when the mean of eight readings has, for levels that stand out so much. */
export function returnAtOnce(a: Float64Array, base: number, context: Context): void {
  const hold = holdOffset(base, LEVEL);
  const anchor = a[hold + ANCHOR]!;
  const peak = a[hold + PEAK]!;
  const deviation = (sample.current - anchor) * a[hold + DIRECTION]!;
  if (deviation >= 0.25 * peak || 0.75 * peak < SURE * sample.spread) return;
  context.leaving(a, base);
  endHold(a, base, LEVEL, anchor, false);
}

/** Ends a hold. `accept`: what is measured now is the new normal; else the level from before is. */
export function endHold(a: Float64Array, base: number, channel: number, level: number, accept: boolean): void {
  const hold = holdOffset(base, channel);
  const k = a[hold + WINDOW]!;
  a[hold + ACTIVE] = 0;
  const windows = WINDOWS[channel]!;
  const now = accept ? nowOf(a, base, channel, k) : level;
  for (let scale = 0; scale < windows.length; scale++) {
    const o = channelOffset(base, channel, scale);
    if (accept) {
      moveReference(a, o, now);
      if (channel === NOISE || channel === RHYTHM) relearn(a, o);
    } else if (scale < k && windows[scale]! > 1) moveReference(a, o, now);
    else if (scale < k) setReference(a, o, now);
    else if (scale === k && windows[scale]! > 1) fill(a, o, now);
  }
}

/** What is measured now, as the newest samples of a window say. */
export function nowOf(a: Float64Array, base: number, channel: number, k: number): number {
  const o = channelOffset(base, channel, k);
  return WINDOWS[channel]![k] === 1 ? a[o + 2]! : 0.5 * (a[o + 2]! + a[o + 3]!);
}

/** Takes what is measured now as normal on all channels. */
export function acceptSignal(a: Float64Array, base: number): void {
  for (let channel = 0; channel < CHANNELS; channel++) if (isHeld(a, base, channel)) endHold(a, base, channel, 0, true);
}

/** A hold as others read it. */
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

/** The hold of a channel, if there is one. */
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

/** Takes noise and rhythm as they usually are, but for what is `established`: held for more than a window. */
export function quieten(a: Float64Array, base: number, keepEstablished = false): void {
  for (let channel = NOISE; channel <= RHYTHM; channel++) {
    const hold = holdOffset(base, channel);
    if (keepEstablished && a[hold] !== 0 && a[hold + STEPS]! > 2) continue;
    a[hold] = 0;
    for (let k = 0; k < WINDOWS[channel]!.length; k++) {
      const o = channelOffset(base, channel, k);
      fill(a, o, referenceOf(a, o));
    }
  }
  a[base + RHYTHM_LAST] = 0;
}
