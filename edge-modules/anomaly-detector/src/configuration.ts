import { isLeaf, MODEL, PATH, PROPERTIES, type Branch } from "./configuration-rules";
import {
  DEFAULT_DESIRED,
  DEFAULT_MODEL_DEADLINE_MS,
  LIMITS,
  MEMORY,
  PATTERNS,
  type ScoredOutputMode,
  type SPIKE_AND_DIP_MODES,
} from "./contract";
import { memoryOf } from "./memory";
import type { TimeUnit } from "./time";

/** A place in a message, as the keys that lead to it. */
export type MessagePath = readonly string[];

export interface Signal {
  readonly name: string;
  readonly path: MessagePath;
}

/** What a site knows of a signal. */
export interface SignalLimit {
  readonly low?: number;
  readonly high?: number;
  readonly flatlineSeconds?: number;
}

interface Switch {
  readonly enabled: boolean;
  /** Percent. */
  readonly confidence: number;
}

export interface ModelConfiguration {
  readonly uri: string;
  readonly sha256: string;
  readonly version: string;
  readonly window: number;
  readonly deadlineMs: number;
  readonly bytes?: number;
}

/** A configuration that has been checked as a whole. */
export interface Configuration {
  readonly signals: readonly Signal[];
  readonly machineIdPath: MessagePath;
  readonly timePath: MessagePath;
  readonly timeUnit: TimeUnit;
  readonly maxFutureSeconds: number;
  readonly reorderSeconds: number;
  readonly timeZone: string;
  readonly falseAlertsPerMachineMonth: number;
  readonly newLevelAfterSeconds: number;
  /** By signal name. */
  readonly limits: Readonly<Record<string, SignalLimit>>;
  readonly silenceSeconds: number;
  readonly detectors: {
    readonly plant: { readonly enabled: boolean };
    readonly ensemble: Switch;
    readonly spikeAndDip: Switch & {
      readonly historySize: number;
      readonly mode: (typeof SPIKE_AND_DIP_MODES)[number];
    };
    readonly changePoint: Switch & { readonly historySize: number };
    readonly seasonal: Switch;
    readonly multivariate: Switch;
    readonly onnx: Switch;
  };
  readonly cooldownMessages: number;
  readonly quietMessages: number;
  readonly episodeTimeoutSeconds: number;
  readonly seasonSeconds: number;
  readonly stateSaveSeconds: number;
  readonly maxMachines: number;
  readonly scoredOutput: { readonly mode: ScoredOutputMode; readonly every: number; readonly seconds: number };
  readonly model?: ModelConfiguration;
  readonly shadowModel?: ModelConfiguration;
}

/** One thing that is wrong with a configuration. */
export interface Mistake {
  /** Where, as keys separated by dots; empty for the whole. */
  readonly path: string;
  /** What is there, as JSON, cut to 80 characters; a model's address without its query. */
  readonly value: string;
  readonly allowed: string;
  readonly advice: string;
}

export type Checked =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

type Report = (path: string, value: unknown, allowed: string, advice: string) => void;

export interface CheckOptions {
  /** Bytes of memory that the container has. @default - the limit that deployments give it */
  readonly memoryBytes?: number;
}

/**
 * Checks the desired properties of a twin, or a configuration file, as a whole. Either all of it is sound and comes back
 * with the defaults filled in, or every mistake comes back at once. Keys that start with `$` are the hub's own.
 */
export function checkConfiguration(desired: unknown, options: CheckOptions = {}): Checked {
  const mistakes: Mistake[] = [];
  const report: Report = (path, value, allowed, advice) => {
    mistakes.push({ path, value: show(value), allowed, advice });
  };
  if (!isObject(desired)) {
    report("", desired, "an object", "write the properties as one JSON object");
    return { ok: false, mistakes };
  }

  const { signals: signalPaths, limits: givenLimits, model, shadowModel, ...rest } = desired;
  const settings = merge(PROPERTIES, DEFAULT_DESIRED, rest, "", report, [
    "signals",
    "limits",
    "model",
    "shadowModel",
  ]) as unknown as Omit<Configuration, "signals" | "limits" | "machineIdPath" | "timePath"> & {
    machineIdPath: string;
    timePath: string;
  };
  const signals = checkSignals(signalPaths === undefined ? DEFAULT_DESIRED.signals : signalPaths, report);
  const limits = checkLimits(givenLimits === undefined ? {} : givenLimits, signals, report);
  const checkedModel = model === undefined ? undefined : checkModel("model", model, report);
  const checkedShadow = shadowModel === undefined ? undefined : checkModel("shadowModel", shadowModel, report);

  if (mistakes.length === 0) {
    const { detectors } = settings;
    if (!Object.values(detectors).some(({ enabled }) => enabled)) {
      report("detectors", rest.detectors, "at least one detector that is enabled", "enable plant");
    }
    if (detectors.multivariate.enabled && signals.length < 2) {
      report("detectors.multivariate.enabled", true, "true with at least two signals", "add a signal or disable it");
    }
    if (detectors.onnx.enabled && checkedModel === undefined) {
      report("detectors.onnx.enabled", true, "true together with a model", "name a model or disable it");
    }
    checkMemory(settings.maxMachines, signals.length, { model: checkedModel, shadowModel: checkedShadow });
  }

  function checkMemory(
    machines: number,
    signalCount: number,
    models: Readonly<Record<"model" | "shadowModel", ModelConfiguration | undefined>>,
  ): void {
    const limit = options.memoryBytes ?? MEMORY.container;
    const given = Object.entries(models).filter(([, each]) => each !== undefined);
    const needs = memoryOf(machines, signalCount, Object.values(models));
    if (needs.total <= limit) return;
    const has = `the container has ${megabytes(limit)}`;
    const most = Math.max(1, Math.floor((limit - needs.total + needs.machines) / needs.perMachine));
    report(
      "maxMachines",
      machines,
      `settings that together need no more memory than ${has}; these need ${megabytes(needs.total)}: ` +
        `${megabytes(needs.machines)} for machines, ${megabytes(needs.models)} for models, ` +
        `${megabytes(needs.total - needs.machines - needs.models)} for the module`,
      needs.total - needs.machines < limit
        ? `${most} machines would fit; or give the container more memory`
        : `take a smaller ${given.map(([name]) => name).join(" or ")}, or give the container more memory`,
    );
  }

  if (mistakes.length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    configuration: {
      ...settings,
      machineIdPath: toPath(settings.machineIdPath),
      timePath: toPath(settings.timePath),
      signals,
      limits,
      ...(checkedModel && { model: checkedModel }),
      ...(checkedShadow && { shadowModel: checkedShadow }),
    },
  };
}

/** One line for each mistake, for a log or a terminal. */
export function describeMistakes(mistakes: readonly Mistake[]): string[] {
  return mistakes.map(
    ({ path, value, allowed, advice }) =>
      `${path === "" ? "(whole)" : path} is ${value}; allowed: ${allowed}; ${advice}`,
  );
}

/** An address as it may be shown: without query and fragment, which may carry a signature. */
export function withoutQuery(uri: string): string {
  return uri.replace(/[?#].*$/s, "");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const shown = JSON.stringify(typeof value === "string" && /^https?:/i.test(value) ? withoutQuery(value) : value);
  return (shown as string | undefined)?.slice(0, 80) ?? "nothing";
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}

function toPath(path: string): MessagePath {
  return path === "" ? [] : path.split(".");
}

function merge(
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
    report(prefix === "" ? key : `${prefix}.${key}`, given[key], `one of ${known}`, "take it out or correct its spelling");
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

function checkSignals(given: unknown, report: Report): Signal[] {
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
    // Names are keys of records of states, where those that every object has would find something that is no state.
    if (!SIGNAL_NAME.test(name) || name in Object.prototype) {
      report(
        `signals.${name}`,
        name,
        "a name of up to 40 letters, digits and underscores that starts with a letter",
        advice,
      );
    }
    if (PATH.accepts(path)) signals.push({ name, path: toPath(path as string) });
    else report(`signals.${name}`, path, PATH.allowed, PATH.advice);
  }
  return signals;
}

function checkLimits(given: unknown, signals: readonly Signal[], report: Report): Record<string, SignalLimit> {
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
    const isSeconds = Number.isInteger(flatlineSeconds) && Number(flatlineSeconds) >= min && Number(flatlineSeconds) <= max;
    if (flatlineSeconds !== undefined && !isSeconds) {
      report(`${path}.flatlineSeconds`, flatlineSeconds, `a whole number of seconds from ${min} to ${max}`, advice);
    }
    checked[name] = limit as SignalLimit;
  }
  return checked;
}

const REQUIRED_OF_MODEL = { deadlineMs: DEFAULT_MODEL_DEADLINE_MS } as const;

function checkModel(path: string, given: unknown, report: Report): ModelConfiguration | undefined {
  const { bytes: _bytes, ...withoutBytes } = MODEL;
  const hasBytes = isObject(given) && given.bytes !== undefined;
  const branch: Branch = hasBytes ? MODEL : withoutBytes;
  const model = merge(branch, REQUIRED_OF_MODEL, given, path, report, hasBytes ? [] : ["bytes"]) as unknown as
    ModelConfiguration;
  return typeof model.sha256 === "string" ? { ...model, sha256: model.sha256.toLowerCase() } : undefined;
}
