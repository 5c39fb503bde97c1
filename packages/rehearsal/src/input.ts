/**
 * What a rehearsal is given: one device of one environment, as plain data. The app builds it from its configuration; this
 * package never reads the configuration itself, so it runs on any deployment that has this form.
 */

/** A deployment that reaches the device, as IoT Hub stores it. */
export interface DeploymentLayer {
  readonly name: string;
  /** Of two layers that set the same thing, the one with the higher priority wins. */
  readonly priority: number;
  /** `modulesContent`: the base has `properties.desired`, layers have paths such as `properties.desired.routes.NAME`. */
  readonly content: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A measured quantity. */
export interface InputSignal {
  readonly name: string;
  /** Where a message carries it, property names joined by dots. */
  readonly path: string;
  /** For pages and reports. @default - none */
  readonly unit?: string;
}

/** The Stream Analytics job of the device. */
export interface InputStreamAnalytics {
  /** Name of the job and of its module. */
  readonly jobName: string;
  /** The generated query, the only source of what the job does. */
  readonly query: string;
  /** Input that sensor messages enter by. */
  readonly sensorInput: string;
  /** Input that the scores of the ML module enter by. @default - the query reads none */
  readonly scoreInput?: string;
  /** Output that alerts leave by. */
  readonly alertOutput: string;
  /** What the job does with events whose time is not what it should be. @default - as Stream Analytics does */
  readonly order?: {
    readonly outOfOrderSeconds?: number;
    readonly lateArrivalSeconds?: number;
    readonly policy?: "adjust" | "drop";
  };
}

/** The ML module of the device. */
export interface InputDetector {
  /** Id of its module. */
  readonly module: string;
  readonly sensorInput: string;
  readonly alertOutput: string;
  readonly scoreOutput: string;
  /** Desired properties of its twin, as the merged layers set them. */
  readonly desired: Readonly<Record<string, unknown>>;
}

/** How a simulated machine's messages enter the device. */
export interface InputSensor {
  /** Module and output that send, or devices without modules (leaf devices), one for each machine. */
  readonly source: { readonly module: string; readonly output: string } | "leafDevices";
  /** Seconds between two messages of a machine, as the environment is configured. */
  readonly intervalSeconds: number;
}

/** From when on people are told, with the defaults filled in. Units as in the configuration. */
export interface InputAlertRules {
  readonly toleratedAnomaliesPerHour: number;
  readonly minimumConnectedDevices: number;
  readonly toleratedRoutingFailures: number;
  readonly toleratedThrottledMessages: number;
  /** Percent of the day's messages. */
  readonly quotaPercent: number;
  /** Whether anomalies are copied into Log Analytics, and alerts name the machine. */
  readonly anomalyFeed: boolean;
}

/** The hub in the cloud. */
export interface InputHub {
  readonly sku: string;
  readonly units: number;
  /** Messages that all its units take in a day. */
  readonly dailyMessages: number;
  /** Devices of the environment that share that quota with this one, itself included. */
  readonly devices: number;
}

export interface RehearsalInput {
  /** Name of the environment. */
  readonly environment: string;
  readonly deviceId: string;
  /** Layers that reach the device, in any order. */
  readonly layers: readonly DeploymentLayer[];
  readonly signals: readonly InputSignal[];
  /** Where a message says when it was measured. */
  readonly timePath: string;
  /** Where a message names its machine. @default - the device that sent it is the machine */
  readonly machineIdPath?: string;
  /** Machines that send, at least one. Without `machineIdPath` they are ids of devices. */
  readonly machines: readonly string[];
  readonly sensor: InputSensor;
  /** @default - none */
  readonly detector?: InputDetector;
  /** @default - none */
  readonly streamAnalytics?: InputStreamAnalytics;
  readonly alertRules: InputAlertRules;
  readonly hub: InputHub;
  /** Mail addresses by name. */
  readonly receivers: Readonly<Record<string, string>>;
  /** What differs from the environment's own configuration, sentences for people: said on screen and in the summary. */
  readonly notes: readonly string[];
}
