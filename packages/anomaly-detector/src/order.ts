/**
 * The order of one machine's messages. Detectors need times that do not go back, and what a sensor sends is not always
 * so: messages overtake each other, the hub sends again what was not acknowledged, a gateway delivers yesterday's
 * beside today's, and clocks are set back.
 */
export interface OrderState {
  /** Time of the newest message, or -1 before the first. */
  newestMs: number;
  /** Marks of the last messages; the oldest is overwritten. */
  recent: number[];
  /** Where the next mark goes. */
  next: number;
}

/** Messages of which one is known again: more than a hub has under way. */
const RECENT = 32;

export type Place =
  /** In order, or by no more than the reordering window behind: `timeMs` is the time to score it at. */
  | { readonly kind: "inOrder"; readonly timeMs: number }
  /** The same time and values as one of the last messages. */
  | { readonly kind: "duplicate" }
  /** Older than the reordering window allows. */
  | { readonly kind: "older" };

export function createOrder(): OrderState {
  // All at once: an array that grows takes half as much again.
  return { newestMs: -1, recent: new Array<number>(RECENT).fill(-1), next: 0 };
}

/** Judges where a message belongs, and remembers it unless it is older. */
export function placeOf(
  state: OrderState,
  timeMs: number,
  values: readonly (number | undefined)[],
  windowMs: number,
): Place {
  const mark = markOf(timeMs, values);
  if (timeMs <= state.newestMs && state.recent.includes(mark)) return { kind: "duplicate" };
  if (timeMs < state.newestMs - windowMs) return { kind: "older" };
  state.recent[state.next] = mark;
  state.next = (state.next + 1) % RECENT;
  if (timeMs > state.newestMs) state.newestMs = timeMs;
  return { kind: "inOrder", timeMs: state.newestMs };
}

/** Goes on from an earlier time, for a clock that was set back. */
export function startFrom(state: OrderState, timeMs: number): void {
  state.newestMs = timeMs;
}

const bits = new Float64Array(1);
const halves = new Uint32Array(bits.buffer);

/** A number of 53 bits that two messages with the same time and values share, and others hardly ever. */
function markOf(timeMs: number, values: readonly (number | undefined)[]): number {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let i = -1; i < values.length; i++) {
    bits[0] = i < 0 ? timeMs : (values[i] ?? NaN);
    low = Math.imul(low ^ (halves[0] ?? 0), 0x01000193) ^ (low >>> 15);
    high = Math.imul(high ^ (halves[1] ?? 0) ^ (low >>> 7), 0x5bd1e995) ^ (high >>> 13);
  }
  return (high >>> 0) * 2 ** 21 + ((low >>> 0) & 0x1fffff);
}
