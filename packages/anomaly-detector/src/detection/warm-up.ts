import type { Context } from "./candidate";
import { advance, differ } from "./channels";
import { followRun } from "./runs";
import { coarsen, FIELDS, resetScale } from "./scale";
import { resetSums } from "./sums";
import {
  COUNTER,
  FIRST,
  FIRST_READINGS,
  LEVEL,
  RAW,
  resetSignal,
  RESOLUTION,
  RUN,
  SIGNAL_FIELDS,
  WARM_UP,
} from "./signal-state";

/** Outliers on either side that the warm-up survives. */
const OUTLIERS = 4;
const sorted = new Float64Array(WARM_UP);

function medianOf(values: Float64Array): number {
  values.sort();
  return 0.5 * (values[(WARM_UP >> 1) - 1]! + values[WARM_UP >> 1]!);
}

/** Ends the warm-up: outliers among the first readings are drawn to the rest, then all are learnt from. */
export function endWarmUp(a: Float64Array, base: number, context: Context): void {
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
  resetSums(a, base);
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
      followRun(a, base, first[i]!, first[i - 1]!);
      differ(a, base, x - x1);
    }
    advance(a, base, x, x1, x2, quiet);
    x2 = x1;
    x1 = x;
  }
  coarsen(a, base + FIRST[LEVEL]!, a[base + RESOLUTION]!);
}
