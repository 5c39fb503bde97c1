import type { AlertEvent } from "../events";
import type { Alert } from "./detector";

const PHASES = { opened: "opened", ongoing: "updated", closed: "closed" } as const;

export function detectorAlert(alert: Alert): AlertEvent {
  const { expectedLow: low, expectedHigh: high } = alert;
  return {
    kind: "alert",
    time: Date.parse(alert.eventTime),
    phase: PHASES[alert.phase],
    source: "detector",
    detector: alert.detector,
    episodeId: alert.episodeId,
    machineId: alert.machineId,
    signal: alert.signal,
    severity: alert.severity,
    value: alert.value,
    ...(low !== undefined && high !== undefined && { expected: { low, high } }),
    message: alert.explanation,
  };
}

/** A row of the Stream Analytics job. Its columns are the query's; those that the generator writes are understood. */
export function streamAnalyticsAlert(
  body: Readonly<Record<string, unknown>>,
  time: number,
  deviceId: string,
): AlertEvent {
  const text = (name: string): string | undefined => (typeof body[name] === "string" ? body[name] : undefined);
  const { value, score } = body;
  const [signal, detector, machineId = deviceId] = [text("signal"), text("detector"), text("machineId")];
  const eventTime = Date.parse(text("eventTime") ?? "");
  const at = Number.isNaN(eventTime) ? time : eventTime;
  return {
    kind: "alert",
    time: at,
    phase: "opened",
    source: "streamAnalytics",
    episodeId: `${machineId}/${signal ?? ""}/${detector ?? ""}/${at}`,
    machineId,
    ...(detector !== undefined && { detector }),
    ...(signal !== undefined && { signal }),
    ...(typeof value === "number" && { value }),
    message: `${signal ?? "a signal"} is ${shown(value)}: ${detector ?? "anomaly"}, score ${shown(score)}`,
  };
}

const shown = (value: unknown): string =>
  typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
