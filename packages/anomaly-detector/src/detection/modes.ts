import { nowOf, quieten } from "./holds";
import { FIELDS, referenceOf, switchScale } from "./scale";
import {
  DIFFERENCE,
  FIRST,
  HELD_COUNT,
  HELD_DIFFERENCE,
  holdOffset,
  LEVEL,
  LEVEL_WINDOWS,
  SETTLING,
  SETTLING_READINGS,
  WINDOW,
} from "./signal-state";

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
