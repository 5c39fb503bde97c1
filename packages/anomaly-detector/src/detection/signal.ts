import type { Context } from "./candidate";
import { advance, differ } from "./channels";
import { followRun } from "./runs";
import { AGAINST, COUNTER, EQUAL_SHARE, FIRST_READINGS, RAW, resetSignal, SEEN, WARM_UP, X1, X2 } from "./signal-state";
import { endWarmUp } from "./warm-up";

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
    if (seen + 1 === WARM_UP) endWarmUp(a, base, context);
    return;
  }
  a[base + SEEN] = seen + 1;
  const x1 = a[base + X1]!;
  const x2 = a[base + X2]!;
  if (sign === 0 && x !== x1 && turnsOutCounter(a, base, x, x1)) return;
  followRun(a, base, x, x1);
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
