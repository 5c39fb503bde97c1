import { isMeasurable, NOT_READY, type Range, type Verdict } from "./detector";
import { createTailState, isTailReady, type TailState, tailValueAt, updateTail } from "./tail";

export interface SeasonalParameters {
  /** Length of the season in milliseconds; a day for most machines. */
  readonly seasonMs: number;
  /** Parts that the season is cut into, 1 to 96; each part has its own mean. */
  readonly parts: number;
  /** Percent, 50 to below 100: how rare a reading has to be, by {@link SeasonalVerdict.evidence}. */
  readonly confidence: number;
}

export interface SeasonalState {
  /** Mean of each part of the season. */
  means: number[];
  /** Readings that each mean was made of. */
  counts: number[];
  /** Smoothed signed deviation from the means: what lasts. */
  sustained: number;
  /** Time of the last reading in milliseconds since 1970, or -1 before the first. */
  lastMs: number;
  point: TailState;
  drift: TailState;
}

export interface SeasonalVerdict extends Verdict {
  /** -log10 of the chance of so large a deviation of this one reading, 0 to 16. */
  readonly point: number;
  /** -log10 of the chance of so large a deviation that lasts, 0 to 16. */
  readonly drift: number;
}

/** Share of a part's mean that one pass through the part renews. */
const RENEWAL = 0.3;
/** Readings over which a deviation counts as lasting. */
const SUSTAINED_READINGS = 20;
/** The parts of all readings that the two tails hold. */
export const POINT_SHARE = 0.05;
export const DRIFT_SHARE = 0.03;
/** Deviations below a millionth of the value are the sensor's resolution and rounding. */
const RESOLUTION = 1e-6;

export function createSeasonalState(parameters: SeasonalParameters): SeasonalState {
  return {
    means: new Array<number>(parameters.parts).fill(0),
    counts: new Array<number>(parameters.parts).fill(0),
    sustained: 0,
    lastMs: -1,
    point: createTailState(),
    drift: createTailState(),
  };
}

const NOT_READY_SEASONAL: SeasonalVerdict = { ...NOT_READY, point: 0, drift: 0 };

/**
 * One reading against the mean of its part of the season: for slow signals that follow the day.
 *
 * A part's mean is that of its first readings and then forgets: one pass through the part renews 30 % of it, however
 * many readings the pass has, so that the same parameters suit a message each second and one each hour. Two statistics
 * are judged by their own tails: the deviation of the reading and the smoothed deviation (20 readings).
 *
 * Score: the sum of both evidences, 0 to 32; higher is more anomalous. A reading is anomalous when the mean of both
 * is beyond `confidence`. Cost: O(1), about 0.1 µs; memory two numbers for each part.
 */
export function updateSeasonal(
  state: SeasonalState,
  parameters: SeasonalParameters,
  value: number,
  timeMs: number,
): SeasonalVerdict {
  if (!isMeasurable(value) || !Number.isFinite(timeMs)) return NOT_READY_SEASONAL;
  const { seasonMs, parts } = parameters;
  const phase = ((timeMs % seasonMs) + seasonMs) % seasonMs;
  const part = Math.min(Math.floor((phase / seasonMs) * parts), parts - 1);
  const ready = isTailReady(state.point);
  const expected = ready ? expectedRange(state, part, parameters.confidence) : undefined;

  const count = state.counts[part] ?? 0;
  const mean = state.means[part] ?? 0;
  const difference = count > 0 ? value - mean : 0;
  const deviation = Math.abs(difference) > RESOLUTION * Math.abs(mean) ? difference : 0;

  const share = state.lastMs < 0 ? 0 : Math.min(Math.max(timeMs - state.lastMs, 0) / (seasonMs / parts), 1);
  state.lastMs = timeMs;
  state.counts[part] = count + 1;
  state.means[part] = mean + Math.max(RENEWAL * share, 1 / (count + 1)) * (value - mean);
  state.sustained += (deviation - state.sustained) / SUSTAINED_READINGS;

  const point = updateTail(state.point, POINT_SHARE, Math.abs(deviation));
  const drift = updateTail(state.drift, DRIFT_SHARE, Math.abs(state.sustained));
  const score = point + drift;
  const isAnomaly = ready && score / 2 >= -Math.log10(1 - parameters.confidence / 100);
  return { isAnomaly, score, ready, point, drift, ...(expected && { expected }) };
}

/** The readings that the part's mean and the tail of single deviations make likely at a confidence in percent. */
function expectedRange(state: SeasonalState, part: number, confidence: number): Range | undefined {
  if ((state.counts[part] ?? 0) === 0) return undefined;
  const reach = tailValueAt(state.point, POINT_SHARE, -Math.log10(1 - confidence / 100));
  const mean = state.means[part] ?? 0;
  return { low: mean - reach, high: mean + reach };
}
