/**
 * The state of one signal: {@link SIGNAL_FIELDS} numbers in a Float64Array from an offset on. They are a head, a hold for
 * each channel, and the statistics of the windows of each channel.
 */
import { FIELDS, resetScale } from "./scale";

/** Readings in the windows of the level: at one a second a reading, seconds, half a minute, minutes and an hour. */
export const LEVEL_WINDOWS: readonly number[] = [1, 8, 40, 320, 3600];
/** Readings in the windows of the noise: the energy of what the readings' prediction left. */
export const NOISE_WINDOWS: readonly number[] = [64, 256];
/** Readings in the windows of the resemblance of neighbours: a beginning oscillation. */
export const RHYTHM_WINDOWS: readonly number[] = [64];
/** Readings in the windows of what the other signals do not explain. */
export const RELATION_WINDOWS: readonly number[] = [1, 32];

export const LEVEL = 0;
export const NOISE = 1;
export const RHYTHM = 2;
export const RELATION = 3;
export const CHANNELS = 4;
export type Channel = 0 | 1 | 2 | 3;
export const WINDOWS: readonly (readonly number[])[] = [LEVEL_WINDOWS, NOISE_WINDOWS, RHYTHM_WINDOWS, RELATION_WINDOWS];
/** Readings that a signal is watched before anything is learnt of it. */
export const WARM_UP = 40;

// The head of a signal's state.
export const SEEN = 0;
export const X1 = 1;
export const X2 = 2;
export const RESOLUTION = 3;
/** Readings in a row that are equal, the share of readings that equal the one before, the longest normal run. */
export const RUN = 4;
export const EQUAL_SHARE = 5;
export const LONGEST_RUN = 6;
/** Readings in a row that are absent, and the longest normal run of them. */
export const ABSENT = 7;
export const LONGEST_ABSENCE = 8;
export const RHYTHM_LAST = 9;
/** Limit of a single reading in spreads, refreshed now and then, for the range that is told. */
export const TOLD_LIMIT = 10;
/** Mean squared difference of neighbours, for the mode that the signal is in, and for the one that is held. */
export const DIFFERENCE = 11;
export const HELD_DIFFERENCE = 12;
export const HELD_COUNT = 13;
/** Readings to go until the noise of a mode that was switched to is known well enough to be judged. */
export const SETTLING = 14;
export const SETTLING_READINGS = 300;
/** Sign of a counter's steps, or 0; and the share of steps against it. */
export const COUNTER = 15;
export const AGAINST = 16;
/** What was measured last, where the series that is judged is a counter's steps. */
export const RAW = 17;
/** Two cumulative sums, of the level and of the noise; see sums.ts. */
export const SUMS = 18;
export const SUM_FIELDS = 9;
const HEAD = SUMS + 2 * SUM_FIELDS;

/** One hold for each channel: an anomaly that is going on, during which the signal learns nothing. */
const HOLDS = HEAD;
const HOLD_FIELDS = 10;
export const ACTIVE = 0;
export const WINDOW = 1;
export const DIRECTION = 2;
export const ANCHOR = 3;
export const PHI = 4;
export const STEPS = 5;
/** How far from the anchor the limit was, in the signal's unit. */
export const REACH = 6;
export const PEAK = 7;
export const SINCE = 8;
/** Evidence that the noise or the rhythm is usual again: the logarithm of a likelihood ratio, from 0 up. */
export const EVIDENCE = 9;

export const SCALES = HOLDS + CHANNELS * HOLD_FIELDS;
export const FIRST: readonly number[] = [0, 5, 7, 8].map((scale) => SCALES + scale * FIELDS);
/** The first readings are kept where the channels that nothing is learnt of yet have their state. */
export const FIRST_READINGS = SCALES + 5 * FIELDS;
/** Numbers of state for one signal. */
export const SIGNAL_FIELDS = SCALES + 10 * FIELDS;

export const channelOffset = (base: number, channel: number, window: number): number =>
  base + FIRST[channel]! + window * FIELDS;
export const holdOffset = (base: number, channel: number): number => base + HOLDS + channel * HOLD_FIELDS;

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
