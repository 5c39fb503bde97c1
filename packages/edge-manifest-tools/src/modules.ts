import { DETECTOR_MODULE as CONTRACT } from "@edge-anomaly-detection/detector-contract";

/** Id of the ML module on every device; its messages to the cloud are anomalies. */
export const DETECTOR_MODULE = "anomalyDetector";

/** Id of the simulated sensor on devices that have one. */
export const SIMULATED_SENSOR_MODULE = "simulatedSensor";

/** Name of the Stream Analytics job, and so of its module, where an environment gives none. */
export const DEFAULT_JOB_NAME = "asa-edge-anomaly-job";

/** What a module reads and writes, by the names that routes use. */
export interface ModuleEndpoints {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const [sensorInput] = CONTRACT.inputs;
const [alertOutput, scoreOutput, deadLetterOutput, feedbackOutput] = CONTRACT.outputs;

/** What deployments name of the ML module, from its contract. */
export const DETECTOR = {
  /** Repository of its image in the environment's container registry. */
  imageRepository: CONTRACT.imageRepository,
  /** Where sensor messages enter. */
  sensorInput,
  /** Where its alerts leave. */
  alertOutput,
  /** Where every message leaves with its scores. */
  scoreOutput,
  /** Where messages leave that it could not read. No route reads it. */
  deadLetterOutput,
  /** Where leaves what operators said of alerts: to the hub, and there to the built-in endpoint alone. */
  feedbackOutput,
  /** Application property of each of its messages that names the output, so that routes in the cloud tell them apart. */
  outputProperty: CONTRACT.outputProperty,
  /** TCP port of its metrics and health pages. */
  port: CONTRACT.port,
  /** Folder in the container for state and models, written by user 1000. */
  dataDirectory: CONTRACT.dataDirectory,
} as const;

/** Image repositories by which a module is known whatever its id. */
export const IMAGE_REPOSITORIES = {
  edgeAgent: "mcr.microsoft.com/azureiotedge-agent",
  edgeHub: "mcr.microsoft.com/azureiotedge-hub",
  simulatedSensor: "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor",
  streamAnalytics: "mcr.microsoft.com/azure-stream-analytics/azureiotedge",
} as const;

export const DETECTOR_ENDPOINTS: ModuleEndpoints = { inputs: CONTRACT.inputs, outputs: CONTRACT.outputs };

/** `SimulatedTemperatureSensor` of Azure/iotedge: it sends on one output and can be reset through one input. */
export const SIMULATED_SENSOR_ENDPOINTS = {
  inputs: ["control"],
  outputs: ["temperatureOutput"],
} as const satisfies ModuleEndpoints;

/** Aliases of the job's streams; `scoreInput` exists only where the query reads the scores of a model. */
export function streamAnalyticsEndpoints(modelScores: boolean): ModuleEndpoints {
  return { inputs: [SENSOR_INPUT, ...(modelScores ? [SCORE_INPUT] : [])], outputs: [ALERT_OUTPUT] };
}

/** An image of the runtime that deployments name by its tag. */
export type RuntimeImage = "edgeAgent" | "edgeHub" | "simulatedSensor";

/** The modules of the runtime, which keep what must outlive their containers. */
export type SystemModule = Exclude<RuntimeImage, "simulatedSensor">;

/** User ids as which they run (Azure/iotedge, `agentStart.sh` and `hubStart.sh`). */
export const SYSTEM_USERS: Readonly<Record<SystemModule, number>> = { edgeAgent: 13622, edgeHub: 13623 };

/** Where sensor messages enter the job; also the edge module's input, which routes must name. */
export const SENSOR_INPUT = "sensorInput";
/** Where the scores of an ML module enter the job. */
export const SCORE_INPUT = "scoreInput";
/** Where anomalies leave the job. */
export const ALERT_OUTPUT = "alertOutput";
