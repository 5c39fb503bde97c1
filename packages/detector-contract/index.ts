/**
 * What the rest of the project has to know of this module: names, limits, desired properties and their defaults. Both
 * the module and the synthesis of deployments take them from here; this file imports nothing, so that either may.
 */

export const DETECTOR_MODULE = {
  /** Repository of the image in the container registry; registry and tag are the deployment's. */
  imageRepository: "anomaly-detector",
  inputs: ["sensorInput"],
  outputs: ["anomalyOutput", "scoredOutput", "deadLetter", "feedbackOutput"],
  /** Direct methods that the module answers. */
  methods: ["status", "confirm", "falseAlarm", "acceptLevel", "maintenance", "probe"],
  /** TCP port of `/metrics` and `/healthz`; the IoT Edge metrics collector scrapes modules on 9600 by convention. */
  port: 9600,
  /** Folder in the container that keeps state and models; bind a host folder or a volume to it, writable by uid 1000. */
  dataDirectory: "/data",
  /** Folder of the image with models, each as `SHA256/model.onnx`: an image that is built on the detector's adds it. */
  modelDirectory: "/app/models",
  /** Application property of each message that names its output, for routes in the cloud. */
  outputProperty: "detectorOutput",
} as const;

/** The message that the direct method `probe` sends to `anomalyOutput`, to be followed from end to end. */
export const PROBE = {
  /** Property of the message that holds the probe's id; no other message has it. */
  property: "probe",
  /** Machine that the message names. */
  machineId: "probe",
  /** Form of ids. */
  idPattern: "^[A-Za-z0-9-]{8,64}$",
} as const;

/** Name of an input of the module. */
export type DetectorInput = (typeof DETECTOR_MODULE.inputs)[number];
/** Name of an output of the module. */
export type DetectorOutput = (typeof DETECTOR_MODULE.outputs)[number];
/** Name of a direct method of the module. */
export type DetectorMethod = (typeof DETECTOR_MODULE.methods)[number];

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Limits of numbers in the desired properties, both ends included; those of texts are {@link PATTERNS}. */
export const LIMITS = {
  signals: { min: 1, max: 64 },
  /** Characters of a machine's id. */
  machineId: { min: 1, max: 128 },
  /** Percent; the upper end is not included. */
  confidence: { min: 50, max: 100 },
  historySize: { min: 2, max: 10_000 },
  cooldownMessages: { min: 0, max: 1_000_000 },
  quietMessages: { min: 1, max: 1_000_000 },
  episodeTimeoutSeconds: { min: 1, max: 604_800 },
  seasonSeconds: { min: 60, max: 31_622_400 },
  stateSaveSeconds: { min: 1, max: 86_400 },
  maxMachines: { min: 1, max: 100_000 },
  falseAlertsPerMachineMonth: { min: 0.1, max: 1000 },
  newLevelAfterSeconds: { min: 60, max: 31_622_400 },
  flatlineSeconds: { min: 1, max: 604_800 },
  silenceSeconds: { min: 0, max: 604_800 },
  /** Seconds between two messages, with fractions. */
  cadenceSeconds: { min: 0, max: 604_800 },
  maxFutureSeconds: { min: 0, max: 86_400 },
  reorderSeconds: { min: 0, max: 3600 },
  /** One message in so many, where scores are sampled. */
  scoredEvery: { min: 2, max: 1_000_000 },
  /** Seconds of a summary, where scores are aggregated. */
  scoredSeconds: { min: 1, max: 86_400 },
  modelWindow: { min: 1, max: 10_000 },
  /** Bytes of a model's file; what the container's memory allows of it is in {@link MEMORY}. */
  modelBytes: { min: 1, max: 268_435_456 },
  /** Milliseconds that a model may take for one window. */
  modelDeadlineMs: { min: 1, max: 10_000 },
  /** Bytes of a sensor message. */
  messageBytes: { min: 2, max: 65_536 },
} as const satisfies Readonly<Record<string, Range>>;

/** Names that every JavaScript object has and that look like names of signals. */
const NAMES_OF_EVERY_OBJECT = [
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
] as const;

/** Forms of texts in the desired properties, as sources of regular expressions. */
export const PATTERNS = {
  /** Names are keys of records of states, where those that every object has would find something that is no state. */
  signalName: `^(?!(?:${NAMES_OF_EVERY_OBJECT.join("|")})$)[A-Za-z][A-Za-z0-9_]{0,39}$`,
  /** Keys separated by dots. */
  path: "^[^.\\s]{1,64}(\\.[^.\\s]{1,64}){0,7}$",
  modelVersion: "^[A-Za-z0-9._:-]{1,64}$",
  sha256: "^[0-9a-fA-F]{64}$",
} as const;

/** Characters of a model's address. */
export const MAX_MODEL_URI = 2048;

/** Whether the module fetches a model from an address: `https`, without a user name or a password. */
export function isModelUri(value: string): boolean {
  if (value.length > MAX_MODEL_URI || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return protocol === "https:" && username === "" && password === "";
}

/**
 * How the container's memory is shared out, in bytes. Measured on Linux x64 with Node 20.20 and onnxruntime-node 1.30 as
 * peaks of resident memory: the module without machines 91 MB, the process that runs a model 79 MB and 2.0 times the
 * model's file (110 MB at 16 MB, 206 at 64, 334 at 128). The numbers here leave a tenth and more for what was not seen.
 */
export const MEMORY = {
  /** Limit that deployments give the container. */
  container: 512 * 1024 * 1024,
  module: 110 * 1024 * 1024,
  modelProcess: 90 * 1024 * 1024,
  perModelByte: 2.25,
} as const;

/** How scores leave through `scoredOutput`. */
export const SCORED_OUTPUT_MODES = ["all", "off", "sampled", "aggregated"] as const;
export type ScoredOutputMode = (typeof SCORED_OUTPUT_MODES)[number];

export const TIME_UNITS = ["milliseconds", "seconds"] as const;

export const SPIKE_AND_DIP_MODES = ["spikes", "dips", "spikesanddips"] as const;

interface Switch {
  readonly enabled?: boolean;
  /** Percent, 50 to below 100. */
  readonly confidence?: number;
}

/** A trained model. */
export interface DesiredModel {
  /** HTTPS address; a query (a signature, say) is never logged or reported. @default - the image has the file in its folder of models */
  readonly uri?: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly version: string;
  /** Messages, or samples where the model's metadata say how long one is, that the model sees at once, 1 to 10,000. */
  readonly window: number;
  /** Size of the file in bytes: a model that the container's memory does not allow is refused before it is fetched. */
  readonly bytes?: number;
  /** Milliseconds after which the model is not waited for any longer, 1 to 10,000. @default 1000 */
  readonly deadlineMs?: number;
}

/** Limits that a site knows of a signal, in its unit. */
export interface SignalLimits {
  readonly low?: number;
  readonly high?: number;
  /** Seconds without any change after which the signal counts as stuck. @default - learnt */
  readonly flatlineSeconds?: number;
}

/** The desired properties of the module's twin. Everything has a default; an empty twin is a working configuration. */
export interface DesiredProperties {
  /** Signal names to where the message carries them, 1 to 64 of them; the parts of a path are separated by dots. */
  readonly signals?: Readonly<Record<string, string>>;
  /** Where a message names its machine; empty: the id of the device that sent it. */
  readonly machineIdPath?: string;
  /** Where a message carries its time (ISO 8601 with a zone, or a number); absent in a message: time of arrival. */
  readonly timePath?: string;
  /** Unit of times that are numbers. */
  readonly timeUnit?: (typeof TIME_UNITS)[number];
  /** Seconds that a message's time may be ahead of its arrival; a later time is taken as the time of arrival. */
  readonly maxFutureSeconds?: number;
  /** Seconds by which a message may be older than the newest of its machine and count as one of now. */
  readonly reorderSeconds?: number;
  /** IANA name of the plant's time zone, for profiles of weeks and shifts. */
  readonly timeZone?: string;
  /** Alerts that a machine without faults may raise in a month. */
  readonly falseAlertsPerMachineMonth?: number;
  /** Seconds after which a level that lasts is taken as the new normal. */
  readonly newLevelAfterSeconds?: number;
  /** Limits of signals, by their names. */
  readonly limits?: Readonly<Record<string, SignalLimits>>;
  /** Seconds without a message after which a machine is silent; 0: ten of its usual intervals, at least a minute. */
  readonly silenceSeconds?: number;
  /**
   * Seconds between two messages, in the geometric mean of sixteen of them, that a machine neither falls below nor goes
   * beyond; 0 for no limit. With neither, what is far from the learnt cadence is alerted: three times or more.
   */
  readonly cadence?: { readonly lowSeconds?: number; readonly highSeconds?: number };
  readonly detectors?: {
    readonly plant?: { readonly enabled?: boolean };
    readonly ensemble?: Switch;
    readonly spikeAndDip?: Switch & {
      readonly historySize?: number;
      readonly mode?: (typeof SPIKE_AND_DIP_MODES)[number];
    };
    readonly changePoint?: Switch & { readonly historySize?: number };
    readonly seasonal?: Switch;
    readonly multivariate?: Switch;
    readonly onnx?: Switch;
  };
  /** Messages of a machine after an alert during which the same detector raises no further one. */
  readonly cooldownMessages?: number;
  /** Normal messages in a row that end an episode. */
  readonly quietMessages?: number;
  /** Seconds without any message of the machine that end its open episodes. */
  readonly episodeTimeoutSeconds?: number;
  /** Length of the season in seconds. */
  readonly seasonSeconds?: number;
  /** Seconds between two saves of the state. */
  readonly stateSaveSeconds?: number;
  /** Machines that the module keeps state of. Newcomers take the places of those seen least, never of established ones. */
  readonly maxMachines?: number;
  /** Which scores leave: all, none, one in `every`, or a summary of each machine every `seconds`. */
  readonly scoredOutput?: {
    readonly mode?: ScoredOutputMode;
    readonly every?: number;
    readonly seconds?: number;
  };
  /** A trained model; leave it out for none. */
  readonly model?: DesiredModel;
  /** A second model that is scored and reported beside the one in use, and never alerts; leave it out for none. */
  readonly shadowModel?: DesiredModel;
}

/** Every desired property but the models, with the value that holds where the twin is silent. */
export const DEFAULT_DESIRED = {
  signals: { temperature: "machine.temperature", pressure: "machine.pressure", vibration: "machine.vibration" },
  machineIdPath: "",
  timePath: "timeCreated",
  timeUnit: "milliseconds",
  maxFutureSeconds: 300,
  reorderSeconds: 5,
  timeZone: "UTC",
  falseAlertsPerMachineMonth: 2,
  newLevelAfterSeconds: 86400,
  limits: {},
  silenceSeconds: 0,
  cadence: { lowSeconds: 0, highSeconds: 0 },
  detectors: {
    plant: { enabled: true },
    ensemble: { enabled: false, confidence: 99.9 },
    spikeAndDip: { enabled: false, confidence: 95, historySize: 120, mode: "spikesanddips" },
    changePoint: { enabled: false, confidence: 92, historySize: 20 },
    seasonal: { enabled: false, confidence: 99.9 },
    multivariate: { enabled: false, confidence: 99.9 },
    onnx: { enabled: false, confidence: 99.9 },
  },
  cooldownMessages: 120,
  quietMessages: 12,
  episodeTimeoutSeconds: 900,
  seasonSeconds: 86400,
  stateSaveSeconds: 60,
  maxMachines: 2000,
  scoredOutput: { mode: "all", every: 60, seconds: 60 },
} as const satisfies DesiredProperties;

/** Milliseconds that a model may take where the twin does not say. */
export const DEFAULT_MODEL_DEADLINE_MS = 1000;
