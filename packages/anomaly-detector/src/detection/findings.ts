import type { Candidate } from "./candidate";
import { LEVEL, NOISE, RELATION } from "./signal-state";
import { ALL_SIGNALS, type AnomalyKind, type Limits, type Member } from "./types";
import type { UpwardFinding } from "./upward";

/** What a signal deviates by. */
export function ofSignal(candidate: Candidate, signal: number, timeMs: number): Member {
  const { current, predicted, limit, spread, ratio, unlikelihood, readings } = candidate;
  return {
    signal,
    kind: kindOf(candidate),
    sinceMs: timeMs,
    deviation: current - predicted,
    expected: predicted,
    low: predicted - limit * spread,
    high: predicted + limit * spread,
    ratio,
    unlikelihood,
    readings,
  };
}

/** The distance of all signals together from what they usually are, which is judged by its logarithm. */
export function ofDistance(found: UpwardFinding, timeMs: number): Member {
  const { ratio, unlikelihood, readings } = found;
  return {
    signal: ALL_SIGNALS,
    kind: "relation",
    sinceMs: timeMs,
    deviation: Math.exp(found.current),
    expected: Math.exp(found.expected),
    low: 0,
    high: Math.exp(found.high),
    ratio,
    unlikelihood,
    readings,
  };
}

/** A model's score. */
export function ofModel(found: UpwardFinding, timeMs: number): Member {
  const { current, expected, high, ratio, unlikelihood, readings } = found;
  return {
    signal: ALL_SIGNALS,
    kind: "model",
    sinceMs: timeMs,
    deviation: current - expected,
    expected,
    low: expected,
    high,
    ratio,
    unlikelihood,
    readings,
  };
}

/** A state rather than a deviation: stuck, missing, silent, or outside of limits that the site has set. */
export function ofState(signal: number, kind: AnomalyKind, timeMs: number, x: number, limits?: Limits): Member {
  const low = limits?.low ?? -Infinity;
  const high = limits?.high ?? Infinity;
  return {
    signal,
    kind,
    sinceMs: timeMs,
    deviation: limits ? (x < low ? x - low : x - high) : 0,
    expected: x,
    low: Number.isFinite(low) ? low : x,
    high: Number.isFinite(high) ? high : x,
    ratio: kind === "range" ? 3 : 1.5,
    unlikelihood: 16,
    readings: 1,
  };
}

function kindOf({ channel, window, direction }: Candidate): AnomalyKind {
  if (channel === NOISE) return "noise";
  if (channel === RELATION) return "relation";
  if (channel !== LEVEL) return "oscillation";
  if (window === 0) return direction > 0 ? "spike" : "dip";
  return window >= 3 ? "drift" : "level";
}
