import { baseLayer } from "./base-layer";
import { type DetectorModel, detectorLayer } from "./detector-layer";
import { DEFAULT_STORAGE_FOLDER } from "./host-storage";
import {
  type ModuleEndpoints,
  type ModulesContent,
  type RegistryCredential,
  renderBase,
  renderLayer,
  type Route,
  type RouteSource,
  SIMULATED_SENSOR_ENDPOINTS,
  SIMULATED_SENSOR_MODULE,
  streamAnalyticsEndpoints,
} from "@edge-anomaly-detection/edge-manifest-tools";
import { simulatedSensorLayer } from "./simulated-sensor-layer";
import { type PublishedModule, streamAnalyticsContent } from "./stream-analytics-layer";

/** The layers of a device, lowest first. */
export const LAYERS = ["base", "gateway", "registryAccess", "simulatedSensor", "detector", "streamAnalytics"] as const;

/** One of them. */
export type LayerName = (typeof LAYERS)[number];

/** Value of the twin tag `gateway` by which a device gets the layer `gateway`, which is then its base. */
export const GATEWAY_TAG = { name: "gateway", value: "true" } as const;

/** Seconds for which messages wait for a module that does not read, where an environment says nothing: an hour. */
export const DEFAULT_READER_TIME_TO_LIVE_SECONDS = 3600;

/** Ranks where an environment names none, with room between them for deployments of others. */
export const DEFAULT_PRIORITIES: Readonly<Record<LayerName, number>> = {
  base: 10,
  gateway: 15,
  registryAccess: 20,
  simulatedSensor: 30,
  detector: 40,
  streamAnalytics: 50,
};

/** What runs on the devices of one ring. */
export interface DeviceSoftware {
  /** Tag of the runtime's images and the simulated sensor's. */
  readonly runtime: string;
  /** Seconds for which a device keeps what it cannot deliver. */
  readonly timeToLiveSeconds: number;
  /** Seconds for which messages wait for a module that does not read. @default `DEFAULT_READER_TIME_TO_LIVE_SECONDS`, or `timeToLiveSeconds` where that is less */
  readonly readerTimeToLiveSeconds?: number;
  /** Folder of the host for what must outlive containers. @default `DEFAULT_STORAGE_FOLDER` */
  readonly storageFolder?: string;
  /** Whether some of the devices are gateways. @default false */
  readonly gateways?: boolean;
  /** Send every sensor message to the hub as well. */
  readonly telemetryToCloud: boolean;
  /** Seconds between two messages of a simulated sensor. @default - none, devices without modules send */
  readonly simulatedSensorSeconds?: number;
  /** The ML module. @default - none */
  readonly detector?: {
    /** Image with registry and tag. */
    readonly image: string;
    /** Names of signals and where messages carry them. */
    readonly signals: Readonly<Record<string, string>>;
    /** Where messages carry their time. */
    readonly timePath: string;
    /** Where messages name their machine. @default - one machine for each device */
    readonly machineIdPath?: string;
    /** A trained model. @default - none */
    readonly model?: DetectorModel;
    /** How devices get its image. */
    readonly registry: RegistryCredential;
  };
  /** The Stream Analytics module. @default - none */
  readonly streamAnalytics?: {
    /** Name of the job. */
    readonly jobName: string;
    /** Whether its query reads the scores of the ML module. */
    readonly modelScores: boolean;
    /** The module that was published. */
    readonly published: PublishedModule;
  };
}

/** The content of each layer that the software has. */
export function layersOf(software: DeviceSoftware): Partial<Record<LayerName, ModulesContent>> {
  const { runtime, timeToLiveSeconds, detector, streamAnalytics, simulatedSensorSeconds } = software;
  const source: RouteSource =
    simulatedSensorSeconds === undefined
      ? "leafDevices"
      : { module: SIMULATED_SENSOR_MODULE, output: SIMULATED_SENSOR_ENDPOINTS.outputs[0] };
  const storageFolder = software.storageFolder ?? DEFAULT_STORAGE_FOLDER;
  const wait = Math.min(software.readerTimeToLiveSeconds ?? DEFAULT_READER_TIME_TO_LIVE_SECONDS, timeToLiveSeconds);
  // Of a module that is down, messages pile up: this bounds what it analyses when it is back.
  const waiting = wait < timeToLiveSeconds ? { readerTimeToLiveSeconds: wait } : {};
  // After alerts: telemetry is what can wait.
  const telemetry: Readonly<Record<string, Route>> = software.telemetryToCloud
    ? { telemetryToCloud: { from: source, to: "upstream", priority: 9 } }
    : {};
  const renderRuntime = (isGateway: boolean): ModulesContent => {
    const base = baseLayer({ runtime, timeToLiveSeconds, storageFolder, isGateway });
    // A route that reads a module stands in that module's layer, so that each layer makes sense on top of the base alone.
    return renderBase(source === "leafDevices" ? { ...base, routes: telemetry } : base);
  };
  return {
    base: renderRuntime(false),
    // Layers cannot change how the runtime itself runs, so gateways have a base of their own with a higher rank.
    ...(software.gateways === true && { gateway: renderRuntime(true) }),
    ...(detector !== undefined && {
      registryAccess: renderLayer({
        modules: {},
        routes: {},
        registryCredentials: { environmentRegistry: detector.registry },
      }),
    }),
    ...(simulatedSensorSeconds !== undefined && {
      simulatedSensor: renderLayer({
        ...simulatedSensorLayer({ runtime, intervalSeconds: simulatedSensorSeconds }),
        routes: telemetry,
      }),
    }),
    ...(detector !== undefined && {
      detector: renderLayer(
        detectorLayer({
          ...detector,
          source,
          ...waiting,
          ...(streamAnalytics?.modelScores === true && { scoresTo: streamAnalytics.jobName }),
        }),
      ),
    }),
    ...(streamAnalytics !== undefined && {
      streamAnalytics: streamAnalyticsContent({ ...streamAnalytics, source, ...waiting }),
    }),
  };
}

/** Modules that a layer puts on devices. */
export function modulesOf(content: ModulesContent): string[] {
  const prefix = "properties.desired.modules.";
  return Object.keys(content.$edgeAgent ?? {}).flatMap((path) =>
    path.startsWith(prefix) ? [path.slice(prefix.length)] : [],
  );
}

/** Aliases of the software's Stream Analytics job, as the checker wants them. */
export function jobsOf({ streamAnalytics }: DeviceSoftware): Readonly<Record<string, ModuleEndpoints>> {
  return streamAnalytics === undefined
    ? {}
    : { [streamAnalytics.jobName]: streamAnalyticsEndpoints(streamAnalytics.modelScores) };
}
