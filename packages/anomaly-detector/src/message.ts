import type { Configuration, MessagePath } from "./configuration";
import { isMeasurable, MAX_MAGNITUDE } from "./detectors/detector";

/** Larger messages are not even parsed. IoT Hub takes 256 KB; a reading of sixteen signals needs one or two. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

const MAX_MACHINE_ID = 128;
/** 1970 to 2286: an earlier or later time is a clock that is wrong, or a hostile message. */
const MAX_TIME_MS = 1e13;

/** A message that can be scored. */
export interface Reading {
  readonly machineId: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** One for each configured signal; undefined where the message has none. */
  readonly values: readonly (number | undefined)[];
}

export type Parsed = { readonly ok: true; readonly reading: Reading } | { readonly ok: false; readonly reason: string };

/** What the transport knows of a message. */
export interface Arrival {
  /** Milliseconds since 1970. */
  readonly arrivedMs: number;
  /** The device that sent the message, for messages that do not name their machine. */
  readonly deviceId: string;
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
 * Reads a message: JSON with a number at each signal's path. A signal that is absent or null is left out, and the
 * others are scored; a signal of any other type, or beyond 1e100, makes the message one that its sender has to mend.
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
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return refuse(`message is ${message === null ? "null" : describe(message)}; a JSON object is expected`);
  }

  const values: (number | undefined)[] = [];
  let present = 0;
  for (const { name, path } of configuration.signals) {
    const value = at(message, path);
    if (value === undefined || value === null) {
      values.push(undefined);
      continue;
    }
    if (typeof value !== "number") return refuse(`signal ${name} is ${describe(value)}; a number is expected`);
    if (!isMeasurable(value)) return refuse(`signal ${name} is beyond ±${MAX_MAGNITUDE}`);
    values.push(value);
    present++;
  }
  if (present === 0) return refuse("message has none of the configured signals");

  const machineId = machineIdOf(message, configuration.machineIdPath, arrival.deviceId);
  if (machineId === undefined) return refuse(`machine id is absent, no text, or not 1 to ${MAX_MACHINE_ID} characters`);
  const timeMs = timeOf(at(message, configuration.timePath), arrival.arrivedMs);
  if (timeMs === undefined) return refuse("time is neither ISO 8601 nor milliseconds between 1970 and 2286");
  return { ok: true, reading: { machineId, timeMs, values } };
}

function machineIdOf(message: unknown, path: MessagePath, deviceId: string): string | undefined {
  const id = path.length === 0 ? deviceId : at(message, path);
  return typeof id === "string" && id.length > 0 && id.length <= MAX_MACHINE_ID ? id : undefined;
}

function timeOf(value: unknown, arrivedMs: number): number | undefined {
  if (value === undefined || value === null) return arrivedMs;
  const timeMs = typeof value === "string" ? Date.parse(value) : value;
  return typeof timeMs === "number" && timeMs >= 0 && timeMs < MAX_TIME_MS ? timeMs : undefined;
}
