import { MEMORY } from "@edge-anomaly-detection/detector-contract";
import {
  DETECTOR,
  DETECTOR_MODULE,
  type Layer,
  READ_ONLY_ROOT,
  type Route,
  type RouteSource,
  SCORE_INPUT,
  waitingFor,
} from "@edge-anomaly-detection/edge-manifest-tools";
import type { JsonObject } from "@edge-anomaly-detection/common";

/** A trained model that the module checks before it scores with it. */
export interface DetectorModel {
  /** HTTPS address of the ONNX file, for a store that devices read without a key. Not a signed link: it would be readable in plans. @default - the image has the file */
  readonly uri?: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Name of the version, as alerts repeat it. */
  readonly version: string;
  /** Messages that the model sees at once, 1 to 10,000. */
  readonly window: number;
}

/** What the ML module is made of. */
export interface DetectorLayerOptions {
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
  /** A second one that is scored and reported, and never alerts. @default - none */
  readonly shadowModel?: DetectorModel;
  /** Where sensor messages come from. */
  readonly source: RouteSource;
  /** Module of a Stream Analytics job that reads the scores. @default - none does */
  readonly scoresTo?: string;
  /** Seconds for which messages wait for a module that does not read. @default - the edge hub's own */
  readonly readerTimeToLiveSeconds?: number;
}

/** Named volume that outlives the container: what the module has learnt, and its model. */
const DATA_VOLUME = "anomaly-detector-data";

/** The ML module, what it reads and where its alerts go: to the hub whether Stream Analytics runs or not. */
export function detectorLayer(options: DetectorLayerOptions): Layer {
  const { source, scoresTo, machineIdPath, model, shadowModel } = options;
  const desired: JsonObject = {
    signals: { ...options.signals },
    timePath: options.timePath,
    ...(machineIdPath !== undefined && { machineIdPath }),
    // Its score is judged by the default detector, within the budget of false alerts.
    ...(model !== undefined && { model: { ...model } }),
    ...(shadowModel !== undefined && { shadowModel: { ...shadowModel } }),
  };
  const waiting = waitingFor(options.readerTimeToLiveSeconds);
  const routes: Record<string, Route> = {
    sensorToDetector: { from: source, to: { module: DETECTOR_MODULE, input: DETECTOR.sensorInput }, ...waiting },
    // Before telemetry, when a device comes back to the network with a full store.
    detectorToCloud: {
      from: { module: DETECTOR_MODULE, output: DETECTOR.alertOutput },
      to: "upstream",
      priority: 0,
    },
    detectorFeedbackToCloud: { from: { module: DETECTOR_MODULE, output: DETECTOR.feedbackOutput }, to: "upstream" },
    ...(scoresTo !== undefined && {
      detectorToStreamAnalytics: {
        from: { module: DETECTOR_MODULE, output: DETECTOR.scoreOutput },
        to: { module: scoresTo, input: SCORE_INPUT },
        ...waiting,
      },
    }),
  };
  return {
    modules: {
      [DETECTOR_MODULE]: {
        image: options.image,
        startupOrder: 10,
        createOptions: {
          ExposedPorts: { [`${DETECTOR.port}/tcp`]: {} },
          HostConfig: {
            ...READ_ONLY_ROOT,
            Mounts: [{ Type: "volume", Source: DATA_VOLUME, Target: DETECTOR.dataDirectory }],
            // A module that leaks is restarted before it takes the device with it.
            Memory: MEMORY.container,
          },
        },
        desired,
      },
    },
    routes,
  };
}
