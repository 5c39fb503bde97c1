import {
  isModelUri,
  LIMITS,
  MAX_MODEL_URI,
  PATTERNS,
  SCORED_OUTPUT_MODES,
  SPIKE_AND_DIP_MODES,
  TIME_UNITS,
  type DesiredModel,
} from "@edge-anomaly-detection/detector-contract";

/** What one property takes, and what to say of anything else. */
export interface Leaf {
  readonly accepts: (value: unknown) => boolean;
  readonly allowed: string;
  readonly advice: string;
}

export interface Branch {
  readonly [key: string]: Leaf | Branch;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function whole({ min, max }: Range, unit: string, advice: string): Leaf {
  return {
    accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    allowed: `a whole number of ${unit} from ${min} to ${max}`,
    advice,
  };
}

function text(pattern: string, allowed: string, advice: string): Leaf {
  const form = new RegExp(pattern);
  return { accepts: (value) => typeof value === "string" && form.test(value), allowed, advice };
}

function oneOf(values: readonly string[], advice: string): Leaf {
  return {
    accepts: (value) => (values as readonly unknown[]).includes(value),
    allowed: values.map((value) => JSON.stringify(value)).join(", "),
    advice,
  };
}

const CONFIDENCE: Leaf = {
  accepts: (value) => typeof value === "number" && value >= LIMITS.confidence.min && value < LIMITS.confidence.max,
  allowed: "a number of percent, 50 or more and below 100",
  advice: "raise it for fewer alerts, lower it for more; 95 to 99.9 are usual",
};

const ENABLED: Leaf = {
  accepts: (value) => typeof value === "boolean",
  allowed: "true or false",
  advice: "write it without quotation marks",
};

const HISTORY_SIZE = whole(
  LIMITS.historySize,
  "messages",
  "the cost of each message grows with it; 20 to 600 are usual",
);

const PATH_ALLOWED = "up to eight keys separated by dots, without spaces";

export const PATH = text(PATTERNS.path, PATH_ALLOWED, 'write it like "machine.temperature"');

const OPTIONAL_PATH: Leaf = {
  accepts: (value) => value === "" || PATH.accepts(value),
  allowed: `${PATH_ALLOWED}, or an empty text`,
  advice: 'write it like "machine.id", or leave it out',
};

const TIME_ZONE: Leaf = {
  accepts: (value) => typeof value === "string" && isTimeZone(value),
  allowed: "an IANA time zone",
  advice: 'write it like "Europe/Berlin"',
};

const FALSE_ALERTS: Leaf = {
  accepts: (value) =>
    typeof value === "number" &&
    value >= LIMITS.falseAlertsPerMachineMonth.min &&
    value <= LIMITS.falseAlertsPerMachineMonth.max,
  allowed: `a number of alerts from ${LIMITS.falseAlertsPerMachineMonth.min} to ${LIMITS.falseAlertsPerMachineMonth.max}`,
  advice: "lower it for fewer alerts; smaller faults are then found later",
};

const CADENCE: Leaf = {
  accepts: (value) =>
    typeof value === "number" && value >= LIMITS.cadenceSeconds.min && value <= LIMITS.cadenceSeconds.max,
  allowed: `a number of seconds from ${LIMITS.cadenceSeconds.min} to ${LIMITS.cadenceSeconds.max}`,
  advice: "0 sets no limit; with neither limit, three times more or less often than usual is alerted",
};

const SWITCH = { enabled: ENABLED, confidence: CONFIDENCE } as const;

/** What each property takes. Signals, their limits and models have rules of their own below. */
export const PROPERTIES: Branch = {
  machineIdPath: OPTIONAL_PATH,
  timePath: PATH,
  timeUnit: oneOf(TIME_UNITS, "times that are texts need none"),
  maxFutureSeconds: whole(LIMITS.maxFutureSeconds, "seconds", "300 allows for clocks that differ"),
  reorderSeconds: whole(LIMITS.reorderSeconds, "seconds", "0 takes every older message for one of a backlog"),
  timeZone: TIME_ZONE,
  falseAlertsPerMachineMonth: FALSE_ALERTS,
  newLevelAfterSeconds: whole(LIMITS.newLevelAfterSeconds, "seconds", "86400 is a day"),
  silenceSeconds: whole(LIMITS.silenceSeconds, "seconds", "0 takes ten of the machine's usual intervals"),
  cadence: { lowSeconds: CADENCE, highSeconds: CADENCE },
  detectors: {
    plant: { enabled: ENABLED },
    ensemble: SWITCH,
    spikeAndDip: {
      ...SWITCH,
      historySize: HISTORY_SIZE,
      mode: oneOf(SPIKE_AND_DIP_MODES, "write the mode as Stream Analytics does"),
    },
    changePoint: { ...SWITCH, historySize: HISTORY_SIZE },
    seasonal: SWITCH,
    multivariate: SWITCH,
    onnx: SWITCH,
  },
  cooldownMessages: whole(LIMITS.cooldownMessages, "messages", "0 reports every anomalous message"),
  quietMessages: whole(LIMITS.quietMessages, "messages", "a minute's worth is usual"),
  episodeTimeoutSeconds: whole(LIMITS.episodeTimeoutSeconds, "seconds", "a week at most"),
  seasonSeconds: whole(LIMITS.seasonSeconds, "seconds", "86400 is a day, 604800 a week"),
  stateSaveSeconds: whole(LIMITS.stateSaveSeconds, "seconds", "a restart learns anew what was not saved"),
  maxMachines: whole(LIMITS.maxMachines, "machines", "a machine with three signals takes about 8 KB of memory"),
  scoredOutput: {
    mode: oneOf(SCORED_OUTPUT_MODES, "nothing reads scores but what a route sends them to"),
    every: whole(LIMITS.scoredEvery, "messages", "60 sends one score in sixty"),
    seconds: whole(LIMITS.scoredSeconds, "seconds", "60 sends one summary of each machine a minute"),
  },
};

/** What a model takes; `uri`, `bytes` and `deadlineMs` may be left out. */
export const MODEL: Branch & Readonly<Record<keyof DesiredModel, Leaf>> = {
  uri: {
    accepts: (value) => typeof value === "string" && isModelUri(value),
    allowed: `an https:// address without user name, at most ${MAX_MODEL_URI} characters`,
    advice: "leave it out for a model in the image, or name a server that the device reads over HTTPS without a key",
  },
  sha256: text(PATTERNS.sha256, "64 hexadecimal digits", "take them from `sha256sum model.onnx`"),
  version: text(
    PATTERNS.modelVersion,
    "1 to 64 letters, digits, dots, colons, dashes or underscores",
    "use the registered version",
  ),
  window: whole(LIMITS.modelWindow, "messages", "take the window that the model was trained with"),
  bytes: whole(LIMITS.modelBytes, "bytes", "take it from `stat -c %s model.onnx`, or leave it out"),
  deadlineMs: whole(LIMITS.modelDeadlineMs, "milliseconds", "a message waits so long at most; leave it out for 1000"),
};

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function isLeaf(node: Leaf | Branch): node is Leaf {
  return typeof node.accepts === "function";
}
