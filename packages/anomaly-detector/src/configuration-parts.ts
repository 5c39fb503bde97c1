import type { ModelConfiguration, Signal, SignalLimit, MessagePath } from "./configuration";
import { isLeaf, MODEL, PATH, type Branch } from "./configuration-rules";
import { DEFAULT_MODEL_DEADLINE_MS, LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";

/** Takes note of something that is wrong. */
export type Report = (path: string, value: unknown, allowed: string, advice: string) => void;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function toPath(path: string): MessagePath {
  return path === "" ? [] : path.split(".");
}

/** Fills in defaults, and reports what is unknown or not allowed. */
export function merge(
  branch: Branch,
  defaults: Readonly<Record<string, unknown>>,
  given: unknown,
  prefix: string,
  report: Report,
  alsoKnown: readonly string[] = [],
): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  if (!isObject(given)) {
    report(prefix, given, "an object", `the properties are ${Object.keys(branch).join(", ")}`);
    return merged;
  }
  for (const key of Object.keys(given)) {
    if (key.startsWith("$") || Object.hasOwn(branch, key)) continue;
    const known = [...Object.keys(branch), ...alsoKnown].join(", ");
    report(
      prefix === "" ? key : `${prefix}.${key}`,
      given[key],
      `one of ${known}`,
      "take it out or correct its spelling",
    );
  }
  for (const [key, node] of Object.entries(branch)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    const value = Object.hasOwn(given, key) ? given[key] : defaults[key];
    if (!isLeaf(node)) {
      const below = defaults[key];
      merged[key] = merge(node, isObject(below) ? below : {}, value, path, report);
    } else if (node.accepts(value)) {
      merged[key] = value;
    } else {
      report(path, value, node.allowed, node.advice);
    }
  }
  return merged;
}

const SIGNAL_NAME = new RegExp(PATTERNS.signalName);

export function checkSignals(given: unknown, report: Report): Signal[] {
  const advice = 'write them like {"temperature": "machine.temperature"}';
  if (!isObject(given)) {
    report("signals", given, "an object of names and paths", advice);
    return [];
  }
  const entries = Object.entries(given);
  if (entries.length < LIMITS.signals.min || entries.length > LIMITS.signals.max) {
    report("signals", given, `${LIMITS.signals.min} to ${LIMITS.signals.max} signals`, advice);
  }
  const signals: Signal[] = [];
  for (const [name, path] of entries) {
    if (!SIGNAL_NAME.test(name)) {
      report(
        `signals.${name}`,
        name,
        "a name of up to 40 letters, digits and underscores that starts with a letter, and not one that every JavaScript object has",
        advice,
      );
    }
    if (PATH.accepts(path)) signals.push({ name, path: toPath(path as string) });
    else report(`signals.${name}`, path, PATH.allowed, PATH.advice);
  }
  return signals;
}

export function checkLimits(given: unknown, signals: readonly Signal[], report: Report): Record<string, SignalLimit> {
  const advice = 'write them like {"temperature": {"low": -20, "high": 90, "flatlineSeconds": 3600}}';
  const checked: Record<string, SignalLimit> = {};
  if (!isObject(given)) {
    report("limits", given, "an object of signal names and limits", advice);
    return checked;
  }
  for (const [name, limit] of Object.entries(given)) {
    const path = `limits.${name}`;
    if (!signals.some((signal) => signal.name === name)) {
      report(path, limit, `one of the signals ${signals.map((signal) => signal.name).join(", ")}`, advice);
      continue;
    }
    if (!isObject(limit)) {
      report(path, limit, "an object of low, high and flatlineSeconds", advice);
      continue;
    }
    const { low, high, flatlineSeconds, ...unknown } = limit;
    for (const [key, value] of Object.entries(unknown)) {
      report(`${path}.${key}`, value, "one of low, high, flatlineSeconds", "take it out or correct its spelling");
    }
    for (const [key, value] of Object.entries({ low, high })) {
      if (value === undefined || (typeof value === "number" && Math.abs(value) <= 1e100)) continue;
      report(`${path}.${key}`, value, "a number in the signal's unit", "leave it out for no limit");
    }
    if (typeof low === "number" && typeof high === "number" && low >= high) {
      report(`${path}.low`, low, `a number below high, which is ${high}`, "swap them");
    }
    const { min, max } = LIMITS.flatlineSeconds;
    const isSeconds =
      Number.isInteger(flatlineSeconds) && Number(flatlineSeconds) >= min && Number(flatlineSeconds) <= max;
    if (flatlineSeconds !== undefined && !isSeconds) {
      report(`${path}.flatlineSeconds`, flatlineSeconds, `a whole number of seconds from ${min} to ${max}`, advice);
    }
    checked[name] = limit;
  }
  return checked;
}

/** Properties of a model that have no default and may be left out. */
const OPTIONAL_OF_MODEL = ["uri", "bytes"];

/** Checks a model; only `uri`, `bytes` and `deadlineMs` may be left out. */
export function checkModel(path: string, given: unknown, report: Report): ModelConfiguration | undefined {
  const absent = OPTIONAL_OF_MODEL.filter((key) => !isObject(given) || given[key] === undefined);
  const branch = Object.fromEntries(Object.entries(MODEL).filter(([key]) => !absent.includes(key)));
  const defaults = { deadlineMs: DEFAULT_MODEL_DEADLINE_MS };
  const merged = merge(branch, defaults, given, path, report, absent);
  const model = merged as unknown as ModelConfiguration;
  return typeof model.sha256 === "string" ? { ...model, sha256: model.sha256.toLowerCase() } : undefined;
}
