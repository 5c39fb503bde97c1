import { isObject } from "../edge-hub/json";
import type { AlertEvent, ReadingEvent } from "../events";
import type { InputDetector, InputStreamAnalytics, RehearsalInput } from "../input";

interface Range {
  readonly low: number;
  readonly high: number;
}

const SEVERITIES = ["info", "warning", "critical"] as const;

/** A value of a message by its path. */
function valueAt(body: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), body);
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Milliseconds since 1970 of a time in a message, `otherwise` where it is none. */
export function timeOf(value: unknown, otherwise: number): number {
  const time = typeof value === "number" ? value : Date.parse(String(value));
  return Number.isFinite(time) ? time : otherwise;
}

/** Body of a message as JSON; undefined where it is none. */
export function parseBody(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** A sensor message as an event; `arrived` stands for a time that the message lacks. */
export function readingOf(
  body: unknown,
  input: Pick<RehearsalInput, "signals" | "timePath" | "machineIdPath" | "deviceId">,
  arrived: number,
  sender = input.deviceId,
): ReadingEvent {
  const named = input.machineIdPath === undefined ? undefined : valueAt(body, input.machineIdPath);
  return {
    kind: "reading",
    time: timeOf(valueAt(body, input.timePath), arrived),
    machineId: named === undefined ? sender : typeof named === "string" ? named : JSON.stringify(named),
    signals: Object.fromEntries(input.signals.map(({ name, path }) => [name, numberOf(valueAt(body, path)) ?? null])),
  };
}

/** What the ML module expects next, by signal, from a message of its score output; empty while it learns. */
export function expectedOf(
  body: unknown,
): { readonly machineId: string; readonly expected: Record<string, Range> } | undefined {
  if (!isObject(body) || typeof body.machineId !== "string" || !isObject(body.signals)) return undefined;
  const ranges = Object.entries(body.signals).flatMap(([name, score]) => {
    const low = numberOf(isObject(score) ? score.expectedLow : undefined);
    const high = numberOf(isObject(score) ? score.expectedHigh : undefined);
    return low === undefined || high === undefined ? [] : [[name, { low, high }] as const];
  });
  return { machineId: body.machineId, expected: Object.fromEntries(ranges) };
}

/** An alert of the ML module as an event; undefined where the body is none. */
export function detectorAlert(body: unknown, arrived: number): AlertEvent | undefined {
  if (!isObject(body)) return undefined;
  const { phase, machineId, episodeId } = body;
  if (phase !== "opened" && phase !== "updated" && phase !== "closed") return undefined;
  const [low, high] = [numberOf(body.expectedLow), numberOf(body.expectedHigh)];
  const signal = textOf(body.signal);
  const value = numberOf(body.value);
  const severity = SEVERITIES.find((each) => each === body.severity);
  return {
    kind: "alert",
    time: timeOf(body.eventTime, arrived),
    phase,
    source: "detector",
    episodeId: String(episodeId),
    machineId: String(machineId),
    message: textOf(body.explanation) ?? `${signal ?? "a signal"} is not normal`,
    ...(signal !== undefined && { signal }),
    ...(severity !== undefined && { severity }),
    ...(value !== undefined && { value }),
    ...(low !== undefined && high !== undefined && { expected: { low, high } }),
  };
}

/** Rows of the Stream Analytics job as events, one each: it knows no episodes. */
export function streamAnalyticsAlerts(body: unknown, arrived: number, deviceId: string): AlertEvent[] {
  const rows = Array.isArray(body) ? (body as unknown[]) : [body];
  return rows.filter(isObject).map((row) => {
    const time = timeOf(row.eventTime, arrived);
    const machineId = textOf(row.machineId) ?? deviceId;
    const [signal, detector] = [textOf(row.signal), textOf(row.detector)];
    const [value, score] = [numberOf(row.value), numberOf(row.score)];
    return {
      kind: "alert",
      time,
      phase: "opened",
      source: "streamAnalytics",
      episodeId: [machineId, signal, detector, time].join("/"),
      machineId,
      message: `${detector ?? "the query"}: ${signal ?? "a signal"} was ${shortened(value)}, score ${shortened(score)}`,
      ...(signal !== undefined && { signal }),
      ...(value !== undefined && { value }),
    };
  });
}

/** What a message from a module's output holds. */
export type MessageKind = "sensor" | "alert" | "score" | "streamAnalyticsAlert" | "other";

/** Tells what a message holds by where it came from, `MODULE/OUTPUT` or `leaf`. */
export function kindOf(
  from: string,
  {
    sensor,
    detector,
    streamAnalytics,
  }: {
    readonly sensor: RehearsalInput["sensor"];
    readonly detector?: InputDetector;
    readonly streamAnalytics?: InputStreamAnalytics;
  },
): MessageKind {
  const { source } = sensor;
  if (from === (source === "leafDevices" ? "leaf" : `${source.module}/${source.output}`)) return "sensor";
  if (detector !== undefined && from === `${detector.module}/${detector.alertOutput}`) return "alert";
  if (detector !== undefined && from === `${detector.module}/${detector.scoreOutput}`) return "score";
  if (streamAnalytics !== undefined && from === `${streamAnalytics.jobName}/${streamAnalytics.alertOutput}`) {
    return "streamAnalyticsAlert";
  }
  return "other";
}

/** A number in four digits: more say nothing to an operator. */
function shortened(value: number | undefined): string {
  if (value === undefined) return "unknown";
  return value > 0 && value < 0.0001 ? "below 0.0001" : String(Number(value.toPrecision(4)));
}
