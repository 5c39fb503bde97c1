import { DEFAULT_DESIRED } from "./contract";
import { SPIKE_AND_DIP_MODES, type SpikeAndDipMode } from "./detectors/spike-and-dip";

/** A place in a message, as the keys that lead to it. */
export type MessagePath = readonly string[];

export interface Signal {
  readonly name: string;
  readonly path: MessagePath;
}

interface Switch {
  readonly enabled: boolean;
  /** Percent. */
  readonly confidence: number;
}

/** What a site allows of a signal. */
export interface SignalLimits {
  readonly low?: number;
  readonly high?: number;
  /** Seconds that the signal may stay exactly the same. */
  readonly flatlineSeconds?: number;
}

export interface ModelConfiguration {
  readonly uri: string;
  readonly sha256: string;
  readonly version: string;
  readonly window: number;
}

/** A configuration that has been checked as a whole. */
export interface Configuration {
  readonly signals: readonly Signal[];
  readonly machineIdPath: MessagePath;
  readonly timePath: MessagePath;
  readonly falseAlertsPerMachineMonth: number;
  readonly newLevelAfterSeconds: number;
  readonly limits: Readonly<Record<string, SignalLimits>>;
  /** An IANA name. */
  readonly timeZone: string;
  readonly detectors: {
    readonly plant: { readonly enabled: boolean };
    readonly ensemble: Switch;
    readonly spikeAndDip: Switch & { readonly historySize: number; readonly mode: SpikeAndDipMode };
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
  readonly model?: ModelConfiguration;
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

interface Leaf {
  readonly accepts: (value: unknown) => boolean;
  readonly allowed: string;
  readonly advice: string;
}

function whole(low: number, high: number, unit: string, advice: string): Leaf {
  return {
    accepts: (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
    allowed: `a whole number of ${unit} from ${low} to ${high}`,
    advice,
  };
}

function text(pattern: RegExp, allowed: string, advice: string): Leaf {
  return { accepts: (value) => typeof value === "string" && pattern.test(value), allowed, advice };
}

const CONFIDENCE: Leaf = {
  accepts: (value) => typeof value === "number" && value >= 50 && value < 100,
  allowed: "a number of percent, 50 or more and below 100",
  advice: "raise it for fewer alerts, lower it for more; 95 to 99.9 are usual",
};

const ENABLED: Leaf = {
  accepts: (value) => typeof value === "boolean",
  allowed: "true or false",
  advice: "write it without quotation marks",
};

const HISTORY_SIZE = whole(2, 10_000, "messages", "the cost of each message grows with it; 20 to 600 are usual");

const MODE: Leaf = {
  accepts: (value) => (SPIKE_AND_DIP_MODES as readonly unknown[]).includes(value),
  allowed: SPIKE_AND_DIP_MODES.map((mode) => JSON.stringify(mode)).join(", "),
  advice: "write the mode as Stream Analytics does",
};

const PATH_PATTERN = /^[^.\s]{1,64}(\.[^.\s]{1,64}){0,7}$/;
const PATH_ALLOWED = "up to eight keys separated by dots, without spaces";

const PATH = text(PATH_PATTERN, PATH_ALLOWED, 'write it like "machine.temperature"');

const OPTIONAL_PATH: Leaf = {
  accepts: (value) => value === "" || PATH.accepts(value),
  allowed: `${PATH_ALLOWED}, or an empty text`,
  advice: 'write it like "machine.id", or leave it out',
};

interface Branch {
  readonly [key: string]: Leaf | Branch;
}

const SWITCH = { enabled: ENABLED, confidence: CONFIDENCE } as const;

/** What each property takes. Signals and the model have rules of their own below. */
const PROPERTIES: Branch = {
  machineIdPath: OPTIONAL_PATH,
  timePath: PATH,
  falseAlertsPerMachineMonth: {
    accepts: (value) => typeof value === "number" && value >= 0.1 && value <= 1000,
    allowed: "a number of alerts from 0.1 to 1000",
    advice: "2 is usual; raise it to find smaller faults, lower it for fewer alerts",
  },
  newLevelAfterSeconds: whole(60, 31_622_400, "seconds", "86400 is a day"),
  timeZone: {
    accepts: (value) => typeof value === "string" && isTimeZone(value),
    allowed: "the IANA name of a time zone",
    advice: 'write it like "Europe/Berlin"',
  },
  detectors: {
    plant: { enabled: ENABLED },
    ensemble: SWITCH,
    spikeAndDip: { ...SWITCH, historySize: HISTORY_SIZE, mode: MODE },
    changePoint: { ...SWITCH, historySize: HISTORY_SIZE },
    seasonal: SWITCH,
    multivariate: SWITCH,
    onnx: SWITCH,
  },
  cooldownMessages: whole(0, 1_000_000, "messages", "0 reports every anomalous message"),
  quietMessages: whole(1, 1_000_000, "messages", "a minute's worth is usual"),
  episodeTimeoutSeconds: whole(1, 604_800, "seconds", "a week at most"),
  seasonSeconds: whole(60, 31_622_400, "seconds", "86400 is a day, 604800 a week"),
  stateSaveSeconds: whole(1, 86_400, "seconds", "a restart learns anew what was not saved"),
  maxMachines: whole(
    1,
    100_000,
    "machines",
    "a machine with three signals takes about 20 KB of memory while it warms up and 6 KB after",
  ),
};

const MODEL: Branch & Readonly<Record<keyof ModelConfiguration, Leaf>> = {
  uri: {
    accepts: (value) => typeof value === "string" && value.length <= 2048 && isPlainHttps(value),
    allowed: "an https:// address without user name, at most 2048 characters",
    advice: "put the file where the device can read it over HTTPS, a storage account say",
  },
  sha256: text(/^[0-9a-fA-F]{64}$/, "64 hexadecimal digits", "take them from `sha256sum model.onnx`"),
  version: text(
    /^[A-Za-z0-9._-]{1,64}$/,
    "1 to 64 letters, digits, dots, dashes or underscores",
    "use the registered version",
  ),
  window: whole(1, 1024, "messages", "take the window that the model was trained with"),
};

const SIGNAL_NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
const MAX_SIGNALS = 16;

function isPlainHttps(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === "https:" && url.username === "" && url.password === "";
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLeaf(node: Leaf | Branch): node is Leaf {
  return typeof node.accepts === "function";
}

/** An address as it may be shown: without query and fragment, which may carry a signature. */
export function withoutQuery(uri: string): string {
  return uri.replace(/[?#].*$/s, "");
}

function show(value: unknown): string {
  const shown = JSON.stringify(typeof value === "string" && /^https?:/i.test(value) ? withoutQuery(value) : value);
  return (shown as string | undefined)?.slice(0, 80) ?? "nothing";
}

/**
 * Checks the desired properties of a twin, or a configuration file, as a whole. Either all of it is sound and comes back
 * with the defaults filled in, or every mistake comes back at once. Keys that start with `$` are the hub's own.
 */
export function checkConfiguration(desired: unknown): Checked {
  const mistakes: Mistake[] = [];
  const report = (path: string, value: unknown, allowed: string, advice: string): void => {
    mistakes.push({ path, value: show(value), allowed, advice });
  };
  if (!isObject(desired)) {
    report("", desired, "an object", "write the properties as one JSON object");
    return { ok: false, mistakes };
  }

  const { signals: signalPaths, model, limits: givenLimits, ...rest } = desired;
  const settings = merge(PROPERTIES, DEFAULT_DESIRED, rest, "", report, [
    "signals",
    "model",
    "limits",
  ]) as unknown as Omit<Configuration, "signals" | "machineIdPath" | "timePath" | "limits"> & {
    machineIdPath: string;
    timePath: string;
  };
  const signals = checkSignals(signalPaths === undefined ? DEFAULT_DESIRED.signals : signalPaths, report);
  const limits = givenLimits === undefined ? {} : checkLimits(givenLimits, signals, report);
  const checkedModel = model === undefined ? undefined : checkModel(model, report);

  if (mistakes.length === 0) {
    const { detectors } = settings;
    if (!Object.values(detectors).some(({ enabled }) => enabled)) {
      report("detectors", rest.detectors, "at least one detector that is enabled", "enable the ensemble");
    }
    if (detectors.multivariate.enabled && signals.length < 2) {
      report("detectors.multivariate.enabled", true, "true with at least two signals", "add a signal or disable it");
    }
    if (detectors.onnx.enabled && checkedModel === undefined) {
      report("detectors.onnx.enabled", true, "true together with a model", "name a model or disable it");
    }
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

type Report = (path: string, value: unknown, allowed: string, advice: string) => void;

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
    report(prefix === "" ? key : `${prefix}.${key}`, given[key], `one of ${known}`, "take it out or mend its spelling");
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

function checkSignals(given: unknown, report: Report): Signal[] {
  const advice = 'write them like {"temperature": "machine.temperature"}';
  if (!isObject(given)) {
    report("signals", given, "an object of names and paths", advice);
    return [];
  }
  const entries = Object.entries(given);
  if (entries.length < 1 || entries.length > MAX_SIGNALS) {
    report("signals", given, `1 to ${MAX_SIGNALS} signals`, advice);
  }
  const signals: Signal[] = [];
  for (const [name, path] of entries) {
    // Names are keys of records of states, where those that every object has would find something that is no state.
    if (!SIGNAL_NAME.test(name) || name in Object.prototype) {
      report(
        `signals.${name}`,
        name,
        "a name of up to 32 letters, digits and underscores that starts with a letter",
        advice,
      );
    }
    if (PATH.accepts(path)) signals.push({ name, path: toPath(path as string) });
    else report(`signals.${name}`, path, PATH.allowed, PATH.advice);
  }
  return signals;
}

const LIMIT: Branch = {
  low: { accepts: Number.isFinite, allowed: "a number", advice: "the lowest value that the site allows" },
  high: { accepts: Number.isFinite, allowed: "a number", advice: "the highest value that the site allows" },
  flatlineSeconds: whole(1, 604_800, "seconds", "how long the signal may stay exactly the same"),
};

function checkLimits(given: unknown, signals: readonly Signal[], report: Report): Record<string, SignalLimits> {
  const limits: Record<string, SignalLimits> = {};
  if (!isObject(given)) {
    report("limits", given, "an object of signals and their limits", 'write {"temperature": {"low": 5, "high": 90}}');
    return limits;
  }
  for (const [name, value] of Object.entries(given)) {
    const path = `limits.${name}`;
    if (!signals.some((signal) => signal.name === name)) {
      report(path, name, `one of ${signals.map((signal) => signal.name).join(", ")}`, "name a configured signal");
      continue;
    }
    if (!isObject(value)) {
      report(path, value, "an object with low, high or flatlineSeconds", 'write {"low": 5, "high": 90}');
      continue;
    }
    const taken: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) {
      const leaf = Object.hasOwn(LIMIT, key) ? LIMIT[key] : undefined;
      if (leaf === undefined || !isLeaf(leaf))
        report(`${path}.${key}`, each, "low, high or flatlineSeconds", "mend its spelling");
      else if (leaf.accepts(each)) taken[key] = each;
      else report(`${path}.${key}`, each, leaf.allowed, leaf.advice);
    }
    const { low, high } = taken as SignalLimits;
    if (low !== undefined && high !== undefined && low >= high) {
      report(path, value, "low below high", "swap them or widen the range");
    }
    limits[name] = taken;
  }
  return limits;
}

function checkModel(given: unknown, report: Report): ModelConfiguration | undefined {
  const model = merge(MODEL, {}, given, "model", report) as unknown as ModelConfiguration;
  return typeof model.sha256 === "string" ? { ...model, sha256: model.sha256.toLowerCase() } : undefined;
}
