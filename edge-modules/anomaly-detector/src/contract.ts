import type { SpikeAndDipMode } from "./detectors/spike-and-dip";

/**
 * What the rest of the project has to know of this module: the deployment manifest names the same image, inputs,
 * outputs and twin, and a test ties both together.
 */
export const DETECTOR_MODULE = {
  /** Repository of the image in the container registry; registry and tag are the deployment's. */
  imageRepository: "anomaly-detector",
  inputs: ["sensorInput"],
  outputs: ["anomalyOutput", "scoredOutput", "deadLetter"],
  /** Direct methods that the module answers. */
  methods: ["status"],
  /** TCP port of `/metrics` and `/healthz`; the IoT Edge metrics collector scrapes modules on 9600 by convention. */
  port: 9600,
  /** Folder in the container that keeps state and models; bind a host folder or a volume to it, writable by uid 1000. */
  dataDirectory: "/data",
} as const;

/** Name of an input of the module. */
export type DetectorInput = (typeof DETECTOR_MODULE.inputs)[number];
/** Name of an output of the module. */
export type DetectorOutput = (typeof DETECTOR_MODULE.outputs)[number];

/** The desired properties of the module's twin. Everything has a default; an empty twin is a working configuration. */
export interface DesiredProperties {
  /** Signal names to where the message carries them, 1 to 16 of them; the parts of a path are separated by dots. */
  readonly signals?: Readonly<Record<string, string>>;
  /** Where a message names its machine; empty: the id of the device that sent it. */
  readonly machineIdPath?: string;
  /** Where a message carries its time (ISO 8601, or milliseconds since 1970); absent in a message: time of arrival. */
  readonly timePath?: string;
  /** False alerts that a machine may raise in a month of thirty days; the limits follow from it and the message rate. */
  readonly falseAlertsPerMachineMonth?: number;
  /** Seconds after which a level that lasts is taken as the machine's new normal. */
  readonly newLevelAfterSeconds?: number;
  /** Limits of signals that the site sets: always alerted, whatever was learnt. */
  readonly limits?: Readonly<
    Record<string, { readonly low?: number; readonly high?: number; readonly flatlineSeconds?: number }>
  >;
  /** Time zone of the plant, an IANA name: alerts tell its time. */
  readonly timeZone?: string;
  readonly detectors?: {
    readonly plant?: { readonly enabled?: boolean };
    readonly ensemble?: { readonly enabled?: boolean; readonly confidence?: number };
    readonly spikeAndDip?: {
      readonly enabled?: boolean;
      readonly confidence?: number;
      readonly historySize?: number;
      readonly mode?: SpikeAndDipMode;
    };
    readonly changePoint?: {
      readonly enabled?: boolean;
      readonly confidence?: number;
      readonly historySize?: number;
    };
    readonly seasonal?: { readonly enabled?: boolean; readonly confidence?: number };
    readonly multivariate?: { readonly enabled?: boolean; readonly confidence?: number };
    readonly onnx?: { readonly enabled?: boolean; readonly confidence?: number };
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
  /** Machines that the module keeps state of; messages of further ones go to deadLetter. */
  readonly maxMachines?: number;
  /** A trained model; leave it out for none. */
  readonly model?: {
    /** HTTPS address; a query (a signature, say) is never logged or reported. */
    readonly uri: string;
    /** SHA-256 of the file, 64 hexadecimal digits. */
    readonly sha256: string;
    readonly version: string;
    /** Messages that the model sees at once; its input is a float tensor of window times signals, oldest first. */
    readonly window: number;
  };
}

/** Every desired property but the model, with the value that holds where the twin is silent. */
export const DEFAULT_DESIRED = {
  signals: { temperature: "machine.temperature", pressure: "machine.pressure", vibration: "machine.vibration" },
  machineIdPath: "",
  timePath: "timeCreated",
  falseAlertsPerMachineMonth: 2,
  newLevelAfterSeconds: 86400,
  limits: {},
  timeZone: "UTC",
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
} as const satisfies DesiredProperties;
