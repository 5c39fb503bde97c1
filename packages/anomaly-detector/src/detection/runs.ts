import { ABSENT, EQUAL_SHARE, LONGEST_ABSENCE, LONGEST_RUN, RESOLUTION, RUN, SEEN, WARM_UP } from "./signal-state";

/** Follows runs of equal readings. The decision is the caller's: see {@link isStuck}. */
export function followRun(a: Float64Array, base: number, x: number, x1: number): void {
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

/** Whether a run of equal readings is too long: for what the site has set, or for what is usual of the signal. */
export function isStuck(
  a: Float64Array,
  base: number,
  p: number,
  intervalMs: number,
  flatlineSeconds: number | undefined,
): boolean {
  if (flatlineSeconds !== undefined) return a[base + RUN]! * intervalMs >= flatlineSeconds * 1000;
  return a[base + RUN]! >= stuckAfter(a, base, p);
}

/** Equal readings in a row after which a signal is stuck; infinite for one that usually rests. */
function stuckAfter(a: Float64Array, base: number, p: number): number {
  const share = a[base + EQUAL_SHARE]!;
  if (share > 0.95 || a[base + SEEN]! < 2 * WARM_UP) return Infinity;
  const geometric = share < 1e-3 ? 2 : Math.log(p) / Math.log(share);
  return Math.max(10, 1.5 * geometric, 2.5 * a[base + LONGEST_RUN]!);
}

/** Readings in a row without the signal after which it is missing. */
export function missingAfter(a: Float64Array, base: number): number {
  return Math.max(5, 3 * a[base + LONGEST_ABSENCE]!);
}

/** A message without the signal. */
export function absent(a: Float64Array, base: number): void {
  a[base + ABSENT]!++;
}

/** A message with the signal, after some without. */
export function present(a: Float64Array, base: number): void {
  const length = a[base + ABSENT]!;
  if (length > a[base + LONGEST_ABSENCE]! && length < 5 * Math.max(a[base + LONGEST_ABSENCE]!, 2)) {
    a[base + LONGEST_ABSENCE] = length;
  }
  a[base + ABSENT] = 0;
}
