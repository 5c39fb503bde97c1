import { type Alert, DETECTOR_VERSION, episodeIdOf, probability } from "../alerts";
import { describeDrift, DRIFTED, SAME } from "./watch";

/** A week of a machine that is unlike what the model was trained on. */
export interface Drift {
  readonly machineId: string;
  readonly version: string;
  readonly sinceMs: number;
  readonly timeMs: number;
  readonly samples: number;
  readonly distances: readonly number[];
}

/** -log10 of the chance of a distance that counts. */
const UNLIKELIHOOD = 3;

/** Tells of a week that differed when it is over: it begins and ends at once, so that it is told once and stays open nowhere. */
export function driftAlerts(drift: Drift, names: readonly string[]): readonly Alert[] {
  const { machineId, version, sinceMs, timeMs, samples, distances } = drift;
  const worst = Math.max(...distances);
  const leading = names[distances.indexOf(worst)];
  const opened: Alert = {
    episodeId: episodeIdOf(machineId, "drift", sinceMs),
    phase: "opened",
    eventTime: new Date(timeMs).toISOString(),
    machineId,
    signal: leading ?? names.join("+"),
    signals: leading === undefined ? [...names] : names.filter((_, i) => (distances[i] ?? 0) > SAME),
    detector: "plant",
    detectorVersion: DETECTOR_VERSION,
    modelVersion: version,
    kind: "modelDrift",
    severity: "info",
    unlikelihood: UNLIKELIHOOD,
    value: worst,
    score: probability(UNLIKELIHOOD),
    expected: 0,
    expectedLow: 0,
    expectedHigh: DRIFTED,
    explanation:
      `the last week is unlike what model ${version} was trained on, by the population stability index: ` +
      `${describeDrift({ distances: [...distances] }, names)}; train it again, or see what has changed`,
    startedAt: new Date(sinceMs).toISOString(),
    durationSeconds: Math.max(timeMs - sinceMs, 0) / 1000,
    anomalousMessages: samples,
  };
  return [opened, { ...opened, phase: "closed", reason: "ended" }];
}
