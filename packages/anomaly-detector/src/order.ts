/**
 * The order of one machine's messages. Detectors need times that do not go back, and what a sensor sends is not always
 * so: messages overtake each other, the hub sends again what was not acknowledged, a gateway delivers yesterday's
 * beside today's, and clocks are set back.
 */
export interface OrderState {
  /** Time of the newest message, or -1 before the first. */
  newestMs: number;
  /** Times and fingerprints of the last messages, in pairs; the oldest is overwritten. */
  recent: number[];
  /** Where the next pair goes. */
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
  return { newestMs: -1, recent: [], next: 0 };
}

/** Judges where a message belongs, and remembers it unless it is older. */
export function placeOf(
  state: OrderState,
  timeMs: number,
  values: readonly (number | undefined)[],
  windowMs: number,
): Place {
  const mark = fingerprint(values);
  if (timeMs <= state.newestMs && isKnown(state, timeMs, mark)) return { kind: "duplicate" };
  if (timeMs < state.newestMs - windowMs) return { kind: "older" };
  remember(state, timeMs, mark);
  if (timeMs > state.newestMs) state.newestMs = timeMs;
  return { kind: "inOrder", timeMs: state.newestMs };
}

/** Goes on from an earlier time, for a clock that was set back. */
export function startFrom(state: OrderState, timeMs: number): void {
  state.newestMs = timeMs;
}

function remember(state: OrderState, timeMs: number, mark: number): void {
  state.recent[2 * state.next] = timeMs;
  state.recent[2 * state.next + 1] = mark;
  state.next = (state.next + 1) % RECENT;
}

function isKnown({ recent }: OrderState, timeMs: number, mark: number): boolean {
  for (let i = 0; i < recent.length; i += 2) if (recent[i] === timeMs && recent[i + 1] === mark) return true;
  return false;
}

/** A number that two messages with the same values share, and others hardly ever. */
function fingerprint(values: readonly (number | undefined)[]): number {
  let sum = values.length;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // A place of its own for each value, and for its absence.
    sum = sum * 0.7548776662466927 + (value === undefined ? 0.5698402909980532 : value * (i + 1.618033988749895));
  }
  return sum;
}
