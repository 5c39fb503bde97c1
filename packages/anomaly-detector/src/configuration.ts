import { checkLimits, checkModel, checkSignals, isObject, merge, type Report, toPath } from "./configuration-parts";
import { PROPERTIES } from "./configuration-rules";
import {
  DEFAULT_DESIRED,
  MEMORY,
  type ScoredOutputMode,
  type SPIKE_AND_DIP_MODES,
} from "@edge-anomaly-detection/detector-contract";
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
  /** Absent: the image has the file. */
  readonly uri?: string;
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
  /** Seconds between two messages; 0 for no limit. */
  readonly cadence: { readonly lowSeconds: number; readonly highSeconds: number };
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
    const { detectors, cadence } = settings;
    if (cadence.highSeconds > 0 && cadence.lowSeconds >= cadence.highSeconds) {
      report(
        "cadence.lowSeconds",
        cadence.lowSeconds,
        `a number below highSeconds, which is ${cadence.highSeconds}`,
        "swap them",
      );
    }
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

function show(value: unknown): string {
  const shown = JSON.stringify(typeof value === "string" && /^https?:/i.test(value) ? withoutQuery(value) : value);
  return (shown as string | undefined)?.slice(0, 80) ?? "nothing";
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
