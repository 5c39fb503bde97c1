/** From when to when an alert was fired; without an end it still is. Milliseconds since 1970. */
export interface Firing {
  readonly from: number;
  readonly to?: number;
}

/** Counts by number of a bin of equal length. */
export type Bins = ReadonlyMap<number, number>;

/**
 * A metric alert that looks back over `windowBins` at the end of each bin and fires above the threshold. With automatic
 * mitigation it is resolved when its condition was not met in three consecutive checks (MicrosoftDocs/azure-monitor-docs,
 * articles/azure-monitor/alerts/alerts-overview.md, "Stateful alerts", read at 147b042 of May 2025).
 */
export function metricAlert(bins: Bins, binMs: number, windowBins: number, threshold: number): Firing[] {
  return evaluate(bins, { binMs, windowBins, everyBins: 1, threshold, healthyEvaluations: 3 });
}

/**
 * A log alert over an hour, evaluated every 15 minutes. The same table of the documentation resolves log search alerts of 5 to
 * 15 minutes after three frequency periods and those of 15 minutes to 11 hours after two: 15 minutes are in both. Two are taken
 * here, so that a quarter of an hour sooner an alert can fire again: an estimate of mails is rather too high than too low.
 */
export function logAlert(bins: Bins, binMs: number, threshold: number): Firing[] {
  const perHour = 3_600_000 / binMs;
  return evaluate(bins, { binMs, windowBins: perHour, everyBins: perHour / 4, threshold, healthyEvaluations: 2 });
}

interface Evaluation {
  readonly binMs: number;
  readonly windowBins: number;
  readonly everyBins: number;
  readonly threshold: number;
  readonly healthyEvaluations: number;
}

function evaluate(bins: Bins, { binMs, windowBins, everyBins, threshold, healthyEvaluations }: Evaluation): Firing[] {
  const firings: Firing[] = [];
  let firedAt: number | undefined;
  let healthy = 0;
  for (const end of evaluationsNear(bins, windowBins, everyBins, healthyEvaluations)) {
    let sum = 0;
    for (let bin = end - windowBins; bin < end; bin += 1) sum += bins.get(bin) ?? 0;
    if (sum > threshold) {
      firedAt ??= end * binMs;
      healthy = 0;
    } else if (firedAt !== undefined) {
      healthy += 1;
      if (healthy < healthyEvaluations) continue;
      firings.push({ from: firedAt, to: end * binMs });
      firedAt = undefined;
      healthy = 0;
    }
  }
  return firedAt === undefined ? firings : [...firings, { from: firedAt }];
}

/** Ends of windows that can matter: those that hold something, and those after, until an alert would be resolved. */
function evaluationsNear(bins: Bins, windowBins: number, everyBins: number, healthyEvaluations: number): number[] {
  const ends = new Set<number>();
  for (const [bin, count] of bins) {
    if (count === 0) continue;
    const first = Math.ceil((bin + 1) / everyBins) * everyBins;
    const last = bin + windowBins + (healthyEvaluations + 1) * everyBins;
    for (let end = first; end <= last; end += everyBins) ends.add(end);
  }
  return [...ends].sort((a, b) => a - b);
}
