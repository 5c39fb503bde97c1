import type { Memory } from "./memory";
import { LEVEL } from "./signal-state";
import { ALL_SIGNALS, type CadenceLimits, type Member } from "./types";

/** Messages of which one mean is taken. */
const BLOCK = 16;
/** Blocks before their spread is known. */
const READY = 24;
/** Blocks that the usual cadence follows. */
const MEMORY = 64;
/** How far one interval counts at most, as the logarithm of its ratio to the usual: one gap moves no mean far. */
const REACH = Math.log(30);
/** Ratios nearer to the usual than this are never alerted: "far more or less often". */
const LEAST = Math.log(3);
/** Spreads of the blocks' means that are normal, and the share that they are more by while few blocks are known. */
const SPREADS = 6;
const YOUNG = 6;
/** What is closer than this share of the limit has returned. */
const RETURNED = 0.5;

/** What is wrong with how often a machine sends, in seconds between two messages. */
interface CadenceFinding {
  readonly seconds: number;
  readonly usual: number;
  readonly low: number;
  readonly high: number;
  /** How far beyond the limit: 1 is at the limit. */
  readonly ratio: number;
}

/**
 * How often a machine sends: the mean logarithm of the milliseconds between sixteen times, beside the one that is
 * usual. Gaps, jitter and bursts that are usual widen what is normal. The state is {@link CADENCE_FIELDS} numbers in a
 * Float64Array from an offset on.
 */
export const CADENCE_FIELDS = 8;

const SUM = 0;
const COUNT = 1;
/** The usual mean of a block, its variance, and blocks that were learnt from. */
const MEAN = 2;
const VARIANCE = 3;
const BLOCKS = 4;
const LAST = 5;
/** 1 while the machine sends far more or less often than usual. */
const HELD = 6;
/** Messages with the time of the last one, but the first of them. */
const EQUAL = 7;

const inSeconds = (log: number): number => Math.exp(log) / 1000;

/**
 * Takes the milliseconds since the message before. Returns the finding when an anomaly begins, unless the machine is known
 * to do that. `startMs`: of the episode that is open.
 */
export function judgeCadence(
  a: Float64Array,
  o: number,
  dtMs: number,
  context: { readonly strictness: number; readonly timeMs: number },
  limits: CadenceLimits,
  memory: Memory,
  startMs: number | undefined,
): Member | undefined {
  const found = follow(a, o, dtMs, context.strictness, limits);
  if (!found) return undefined;
  const current = Math.log(found.seconds / found.usual);
  const candidate = { channel: LEVEL, window: 1, direction: current > 0 ? 1 : -1, predicted: 0, current } as const;
  if (!memory.isKnown(ALL_SIGNALS, candidate, context.timeMs, startMs)) return asMember(found, context.timeMs);
  acceptCadence(a, o);
  return undefined;
}

function follow(
  a: Float64Array,
  o: number,
  dtMs: number,
  strictness: number,
  limits: CadenceLimits,
): CadenceFinding | undefined {
  // Messages of one time, in bursts or by a coarse clock, share the time to the next.
  if (dtMs === 0) {
    a[o + EQUAL]!++;
    return undefined;
  }
  const mean = a[o + MEAN]!;
  const x = Math.log(dtMs / (1 + a[o + EQUAL]!));
  a[o + EQUAL] = 0;
  a[o + SUM]! += a[o + BLOCKS] === 0 ? x : Math.min(Math.max(x, mean - REACH), mean + REACH);
  if (++a[o + COUNT]! < BLOCK) return undefined;
  const now = a[o + SUM]! / BLOCK;
  a[o + SUM] = 0;
  a[o + COUNT] = 0;
  a[o + LAST] = now;
  const spreads = SPREADS * (1 + YOUNG / (a[o + BLOCKS]! + 1));
  const limit = Math.max(LEAST, spreads * Math.sqrt(a[o + VARIANCE]!)) * strictness;
  const beyond = siteSays(now, limits) ?? (a[o + BLOCKS]! < READY ? 0 : Math.abs(now - mean) / limit);
  if (isCadenceHeld(a, o)) {
    if (beyond < RETURNED) a[o + HELD] = 0;
    return undefined;
  }
  if (beyond <= 1) {
    learn(a, o, now - mean);
    return undefined;
  }
  a[o + HELD] = 1;
  return {
    seconds: inSeconds(now),
    usual: inSeconds(mean),
    low: limits.lowSeconds ?? inSeconds(mean - limit),
    high: limits.highSeconds ?? inSeconds(mean + limit),
    ratio: beyond,
  };
}

export const isCadenceHeld = (a: Float64Array, o: number): boolean => a[o + HELD] !== 0;

/** Takes what is measured now as usual, where it is not. */
export function acceptCadence(a: Float64Array, o: number): void {
  if (!isCadenceHeld(a, o)) return;
  a[o + HELD] = 0;
  a[o + MEAN] = a[o + LAST]!;
}

/** Where a site has limits, they alone count: 2 beyond them, 0 within; undefined where it has none. */
function siteSays(now: number, { lowSeconds = 0, highSeconds = 0 }: CadenceLimits): number | undefined {
  if (lowSeconds === 0 && highSeconds === 0) return undefined;
  const seconds = inSeconds(now);
  return seconds < lowSeconds || (highSeconds > 0 && seconds > highSeconds) ? 2 : 0;
}

function learn(a: Float64Array, o: number, error: number): void {
  const blocks = a[o + BLOCKS]!;
  const weight = Math.max(1 / MEMORY, 1 / (blocks + 1));
  a[o + MEAN]! += weight * error;
  if (blocks > 0) a[o + VARIANCE]! += weight * (error * error - a[o + VARIANCE]!);
  a[o + BLOCKS] = blocks + 1;
}

function asMember({ seconds, usual, low, high, ratio }: CadenceFinding, timeMs: number): Member {
  return {
    signal: ALL_SIGNALS,
    kind: "cadence",
    sinceMs: timeMs,
    deviation: seconds - usual,
    expected: usual,
    low,
    high,
    ratio,
    unlikelihood: 16,
    readings: BLOCK,
  };
}
