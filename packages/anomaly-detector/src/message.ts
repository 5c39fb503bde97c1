import type { Configuration, MessagePath } from "./configuration";
import { LIMITS } from "@edge-anomaly-detection/detector-contract";
import { isMeasurable, MAX_MAGNITUDE } from "./detectors/detector";
import { parseTime } from "./time";

/** Larger messages are not even parsed. IoT Hub takes 256 KB; a reading of sixteen signals needs one or two. */
export const MAX_MESSAGE_BYTES = LIMITS.messageBytes.max;

/** 2025-01-01: a device whose clock is before has no time yet, and cannot say what is in the future. */
const SOUND_CLOCK_MS = Date.UTC(2025, 0);

/** Why one signal of a message cannot be used. */
export interface SignalProblem {
  /** Its place among the configured signals. */
  readonly signal: number;
  readonly reason: string;
}

/** A message that can be scored. */
export interface Reading {
  readonly machineId: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** One for each configured signal; undefined where the message has none that can be used. */
  readonly values: readonly (number | undefined)[];
  /** Signals that are there and cannot be used; the others are scored. */
  readonly problems?: readonly SignalProblem[];
}

export type Parsed = { readonly ok: true; readonly reading: Reading } | { readonly ok: false; readonly reason: string };

/** What the transport knows of a message. */
export interface Arrival {
  /** Milliseconds since 1970, by the device's clock. */
  readonly arrivedMs: number;
  /** The device that sent the message, for messages that do not name their machine. */
  readonly deviceId: string;
  /** Milliseconds of a clock that only goes forward, for silence. @default arrivedMs */
  readonly clockMs?: number;
  /** A recording: its times are as they are, whenever it is read, and one without a zone is UTC. @default false */
  readonly isRecording?: boolean;
}

function refuse(reason: string): Parsed {
  return { ok: false, reason };
}

function at(message: unknown, path: MessagePath): unknown {
  let value = message;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

/**
 * Reads a message: JSON with a number at each signal's path. A signal that is absent or null is left out; one of another
 * type, or beyond 1e100, is left out as well and named in the reading's problems. The others are scored.
 */
export function parseMessage(body: Buffer | string, configuration: Configuration, arrival: Arrival): Parsed {
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  if (bytes > MAX_MESSAGE_BYTES) return refuse(`message has ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are taken`);
  let message: unknown;
  try {
    message = JSON.parse(typeof body === "string" ? body : body.toString("utf8"));
  } catch {
    return refuse("message is no JSON");
  }
  return readMessage(message, configuration, arrival);
}

/** {@link parseMessage} of a message that is an object already. */
export function readMessage(message: unknown, configuration: Configuration, arrival: Arrival): Parsed {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return refuse(`message is ${message === null ? "null" : describe(message)}; a JSON object is expected`);
  }

  const values: (number | undefined)[] = [];
  let problems: SignalProblem[] | undefined;
  let present = 0;
  for (const { path } of configuration.signals) {
    const value = at(message, path);
    if (typeof value === "number" && isMeasurable(value)) {
      values.push(value);
      present++;
      continue;
    }
    if (value !== undefined && value !== null) {
      const reason =
        typeof value === "number" ? `beyond ±${MAX_MAGNITUDE}` : `${describe(value)}; a number is expected`;
      (problems ??= []).push({ signal: values.length, reason });
    }
    values.push(undefined);
  }
  if (present === 0) {
    if (problems === undefined) return refuse("message has none of the configured signals");
    const all = problems.map(({ signal, reason }) => `${configuration.signals[signal]?.name ?? ""} is ${reason}`);
    return refuse(`message has no usable signal: ${all.join(", ")}`);
  }

  const machineId = machineIdOf(message, configuration.machineIdPath, arrival.deviceId);
  if (machineId === undefined) {
    return refuse(
      `machine id is absent, no text, not 1 to ${LIMITS.machineId.max} characters, or has control characters`,
    );
  }
  const time = timeOf(at(message, configuration.timePath), configuration, arrival);
  if (!time.ok) return time;
  const reading = { machineId, timeMs: time.timeMs, values };
  return { ok: true, reading: problems ? { ...reading, problems } : reading };
}

/** Control characters would break lines of logs, and lanes of the registry are told from machines by one. */
const CONTROL = /[\u0000-\u001f\u007f]/;

function machineIdOf(message: unknown, path: MessagePath, deviceId: string): string | undefined {
  const id = path.length === 0 ? deviceId : at(message, path);
  const isId = typeof id === "string" && id.length > 0 && id.length <= LIMITS.machineId.max && !CONTROL.test(id);
  return isId ? id : undefined;
}

/** A message's time; one further ahead than the clocks may differ is that of its arrival. */
function timeOf(
  value: unknown,
  { timeUnit, maxFutureSeconds }: Configuration,
  arrival: Arrival,
): ReturnType<typeof parseTime> {
  const { arrivedMs, isRecording = false } = arrival;
  if (value === undefined || value === null) return { ok: true, timeMs: arrivedMs };
  const time = parseTime(value, { unit: timeUnit, assumeUtc: isRecording });
  if (!time.ok || isRecording || arrivedMs < SOUND_CLOCK_MS) return time;
  return time.timeMs > arrivedMs + maxFutureSeconds * 1000 ? { ok: true, timeMs: arrivedMs } : time;
}
