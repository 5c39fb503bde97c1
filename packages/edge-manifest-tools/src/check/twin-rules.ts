import { isObject } from "@edge-anomaly-detection/common";
import { type Findings, pointerTo, show } from "./finding";
import { hasPlaceholder } from "./placeholder";

/** Limits of learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins (format of tags and properties). */
const MAX_VALUE_BYTES = 4096;
const MAX_TWIN_BYTES = 32 * 1024;
const MAX_DEPTH = 10;
const MAX_KEY_BYTES = 1024;
const MIN_INTEGER = -(2 ** 52);
const MAX_INTEGER = 2 ** 52 - 1;

/** A part of a twin's desired properties: its path below them, where it stands in the document, and what it is. */
export interface TwinPart {
  readonly path: readonly string[];
  readonly pointer: string;
  readonly value: unknown;
}

/** Values, names and depth of one part. */
export function checkTwinPart(part: TwinPart, findings: Findings): void {
  part.path.forEach((key) => {
    checkKey(key, part.pointer, findings);
  });
  visit(part.value, part.pointer, part.path.length, findings);
}

function visit(value: unknown, pointer: string, depth: number, findings: Findings): void {
  if (value === null) {
    findings.error(
      "null-value",
      pointer,
      "null deletes a property; a deployment must not hold any",
      "leave the property out",
    );
    return;
  }
  if (typeof value === "string") {
    const bytes = Buffer.byteLength(value);
    if (bytes > MAX_VALUE_BYTES) {
      findings.error(
        "value-size",
        pointer,
        `a value of ${bytes} bytes; a twin takes ${MAX_VALUE_BYTES} for each`,
        "shorten it, or cut it into pieces where the module joins them (createOptions01 and so on)",
      );
    }
    return;
  }
  if (typeof value === "number") {
    checkNumber(value, pointer, findings);
  }
  if (typeof value !== "object") {
    return;
  }
  if (depth > MAX_DEPTH) {
    findings.error(
      "twin-depth",
      pointer,
      `an object ${depth} levels below the desired properties; a twin takes ${MAX_DEPTH}`,
      "nest less",
    );
    return;
  }
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    const place = pointerTo(pointer, key);
    if (!isList) {
      checkKey(key, place, findings);
    }
    visit(inner, place, depth + 1, findings);
  }
}

function checkNumber(value: number, pointer: string, findings: Findings): void {
  if (!Number.isFinite(value) || (Number.isInteger(value) && (value < MIN_INTEGER || value > MAX_INTEGER))) {
    findings.error(
      "number-range",
      pointer,
      `a number of ${Number.isFinite(value) ? value : "more digits than any reader takes"}`,
      `use an integer from ${MIN_INTEGER} to ${MAX_INTEGER}, or write it as text`,
    );
  }
}

function checkKey(key: string, pointer: string, findings: Findings): void {
  if (hasPlaceholder(key)) {
    return;
  }
  if (key === "" || /[.$# \u0000-\u001f\u007f-\u009f]/.test(key) || Buffer.byteLength(key) > MAX_KEY_BYTES) {
    findings.error(
      "property-name",
      pointer,
      `a property name that a twin does not take: ${show(key)}`,
      "use a name without dots, $, #, spaces and control characters, of at most 1 KB",
    );
  }
}

/** The size of all parts of one twin together, counted as the hub does. */
export function checkTwinSize(moduleId: string, parts: readonly TwinPart[], findings: Findings): void {
  const bytes = parts.reduce(
    (sum, { path, value }) => sum + path.reduce((keys, key) => keys + Buffer.byteLength(key), 0) + sizeOf(value),
    0,
  );
  const first = parts[0];
  if (first !== undefined && bytes > MAX_TWIN_BYTES) {
    findings.error(
      "twin-size",
      first.pointer,
      `the desired properties of ${moduleId} take ${bytes} bytes; a twin takes ${MAX_TWIN_BYTES}`,
      "run fewer modules on the device, or shorten their createOptions and settings",
    );
  }
}

/** Bytes of text and names, 8 for a number, 4 for a truth value. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") {
    return Buffer.byteLength(value);
  }
  if (typeof value === "number") {
    return 8;
  }
  if (typeof value === "boolean") {
    return 4;
  }
  if (Array.isArray(value)) {
    return value.reduce((sum: number, inner: unknown) => sum + sizeOf(inner), 0);
  }
  return isObject(value)
    ? Object.entries(value).reduce((sum, [key, inner]) => sum + Buffer.byteLength(key) + sizeOf(inner), 0)
    : 0;
}
