import type { Series } from "./corpus";

/** What NAB's three application profiles charge; true negatives are free. Source: NAB, config/profiles.json (v1.0). */
export const PROFILES = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  reward_low_FP_rate: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  reward_low_FN_rate: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
} as const;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

/** The first 15 % of a series, 750 rows at most, are not scored: detectors may learn there. */
export function probation(rows: number): number {
  return Math.min(Math.floor(0.15 * rows), 0.15 * 5000);
}

/**
 * NAB's sigmoid: nearly 1 at the left edge of a window (-1), 0 at its right edge, nearly -1 one width after it, and
 * exactly -1 from three widths on.
 */
export function scaledSigmoid(position: number): number {
  return position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** What an alarm at each row is worth before the profile's weights: up to 1 inside a window, down to -1 outside. */
export interface RowWorth {
  readonly worth: Float64Array;
  /** Index of the window that holds the row, or -1. */
  readonly window: Int32Array;
}

/** NAB's worth of an alarm at each row (its sweeper's rule, quirks included: see the comments). */
export function rowWorths(rows: number, windows: Series["windows"]): RowWorth {
  const worth = new Float64Array(rows);
  const window = new Int32Array(rows).fill(-1);
  const best = scaledSigmoid(-1);
  let next = 0;
  let previous: readonly [number, number] | undefined;
  for (let row = 0; row < rows; row++) {
    const current = windows[next];
    if (current && row >= current[0]) {
      const [first, last] = current;
      // The last row of a window still earns a little: NAB measures from one row after it.
      worth[row] = scaledSigmoid(-(last - row + 1) / (last - first + 1)) / best;
      window[row] = next;
      if (row === last) {
        previous = current;
        next++;
      }
    } else {
      // After a window NAB measures in window widths less one row.
      worth[row] = previous ? scaledSigmoid((row - previous[1]) / (previous[1] - previous[0])) : -1;
    }
  }
  return { worth, window };
}

export interface Counts {
  readonly tp: number;
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
}

export interface SeriesScore {
  readonly raw: number;
  readonly counts: Counts;
  readonly windowsHit: number;
  /** Rows from the start of each hit window to its first alarm. */
  readonly delays: readonly number[];
  /** Alarms outside windows for each 1,000 rows that are scored. */
  readonly falseAlarmsPer1000: number;
}

/** Scores one series at a threshold: a row whose score is at least the threshold is an alarm. */
export function scoreSeries(
  series: Series,
  scores: ArrayLike<number>,
  threshold: number,
  profile: ProfileName,
): SeriesScore {
  const weights = PROFILES[profile];
  const rows = series.timestamps.length;
  const { worth, window } = rowWorths(rows, series.windows);
  // A window that the probation swallows whole does not count; NAB's corpus has none.
  const parts = new Map<number, number>();
  const firstAlarm = new Map<number, number>();
  const counts = { tp: 0, tn: 0, fp: 0, fn: 0 };
  let falsePositives = 0;
  const start = Math.ceil(probation(rows));
  for (let row = start; row < rows; row++) {
    const inside = window[row] ?? -1;
    if (inside >= 0 && !parts.has(inside)) parts.set(inside, -weights.falseNegative);
    const alarm = (scores[row] ?? 0) >= threshold;
    if (inside < 0) {
      if (alarm) falsePositives += (worth[row] ?? 0) * weights.falsePositive;
      counts[alarm ? "fp" : "tn"]++;
    } else {
      if (alarm) {
        parts.set(inside, Math.max(parts.get(inside) ?? -Infinity, (worth[row] ?? 0) * weights.truePositive));
        if (!firstAlarm.has(inside)) firstAlarm.set(inside, row);
      }
      counts[alarm ? "tp" : "fn"]++;
    }
  }
  return {
    raw: [...parts.values()].reduce((sum, part) => sum + part, falsePositives),
    counts,
    windowsHit: firstAlarm.size,
    delays: [...firstAlarm].map(([index, row]) => row - (series.windows[index]?.[0] ?? row)),
    falseAlarmsPer1000: (1000 * counts.fp) / Math.max(rows - start, 1),
  };
}

export interface Optimum {
  readonly threshold: number;
  readonly raw: number;
}

/**
 * NAB's threshold optimisation: the one threshold for all series at which the sum of their raw scores is largest. Only
 * thresholds that are scores of the detector, and 1.1 for "no alarm at all", can differ in what they alarm.
 */
export function optimiseThreshold(
  corpus: readonly Series[],
  scores: readonly ArrayLike<number>[],
  profile: ProfileName,
): Optimum {
  const weights = PROFILES[profile];
  const points: { score: number; worth: number; window: number }[] = [];
  let windows = 0;
  corpus.forEach((series, index) => {
    const rows = series.timestamps.length;
    const { worth, window } = rowWorths(rows, series.windows);
    for (let row = Math.ceil(probation(rows)); row < rows; row++) {
      const inside = window[row] ?? -1;
      const score = scores[index]?.[row] ?? 0;
      points.push({ score, worth: worth[row] ?? 0, window: inside < 0 ? -1 : windows + inside });
    }
    windows += series.windows.length;
  });
  points.sort((a, b) => b.score - a.score);

  const parts = new Float64Array(windows).fill(-weights.falseNegative);
  let total = -weights.falseNegative * windows;
  let best: Optimum = { threshold: 1.1, raw: total };
  let threshold = 1.1;
  const settle = (): void => {
    if (total > best.raw) best = { threshold, raw: total };
  };
  for (const { score, worth, window } of points) {
    if (score !== threshold) {
      settle();
      threshold = score;
    }
    if (window < 0) {
      total += worth * weights.falsePositive;
    } else {
      const part = parts[window] ?? 0;
      const better = Math.max(part, worth * weights.truePositive);
      total += better - part;
      parts[window] = better;
    }
  }
  settle();
  return best;
}

/** NAB's final score: 0 for a detector that never alarms, 100 for one that alarms at the start of each window only. */
export function normalise(raw: number, windows: number, profile: ProfileName): number {
  const { truePositive, falseNegative } = PROFILES[profile];
  return (100 * (raw + windows * falseNegative)) / (windows * (truePositive + falseNegative));
}
