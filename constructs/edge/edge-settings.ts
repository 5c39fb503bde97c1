import { DEFAULT_RUNTIME, DEFAULT_TIME_TO_LIVE_SECONDS } from "../../edge-manifests/base-layer";
import type { DetectorLayerOptions, DetectorModel } from "../../edge-manifests/detector-layer";
import { imageReference } from "../../edge-manifests/images";
import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import { versionImage } from "../../edge-manifests/model-image";
import { DEFAULT_JOB_NAME, DETECTOR, type RegistryCredential } from "@edge-anomaly-detection/edge-manifest-tools";
import {
  DEFAULT_PRIORITIES,
  type DeviceSoftware,
  GATEWAY_TAG,
  type LayerName,
  layersOf,
} from "../../edge-manifests/layers";
import { type AnomalyQuery, DEFAULT_SIGNALS } from "../../edge-manifests/anomaly-query";
import { type PublishedModule, UNPUBLISHED } from "../../edge-manifests/stream-analytics-layer";
import type { EdgeDevice } from "./device-list";
import type { RegistryTokenSettings } from "./registry-tokens";
import { conditionOf, type EdgeRing } from "./rings";

/** Versions of what devices run, tested together and rolled out together. */
export interface EdgeVersion {
  /** Tag of edgeAgent, edgeHub and simulated sensor; `edge-manifests/images.ts` holds their digests. @default `DEFAULT_RUNTIME` */
  readonly runtime?: string;
  /** Tag of the ML module's image, with its digest where the environment is protected: `1.0.0@sha256:…`; devices pull by the digest. Or `source`: the registry builds it from this repository's sources, in an environment that is not protected. */
  readonly detector: string;
  /** Trained model for it. @default - it learns on the device */
  readonly model?: DetectorModel;
  /** A second model, which is scored and reported beside the one in use and never alerts. @default - none */
  readonly shadowModel?: DetectorModel;
  /** Image that holds the models which have no `uri`, on top of `detector`: tag and digest, `model-0123456789ab@sha256:…`. Or `source`: the registry builds it from `models/SHA256/model.onnx`, in an environment that is not protected. @default - required where a model has no `uri` */
  readonly modelImage?: string;
}

/** What analyses sensor messages on devices. */
export interface EdgeAnalysers {
  /** The ML module. @default true */
  readonly detector?: boolean;
  /** The Stream Analytics job; without it there is no job, and nothing is published. @default true */
  readonly streamAnalytics?: boolean;
}

/** What an environment decides about its devices. */
export interface EdgeSettings {
  /** Devices. @default - none; others may still be registered by other means and get deployments by their tags */
  readonly devices?: readonly EdgeDevice[];
  /** Versions by name: lower-case letters, digits, dots and hyphens. */
  readonly versions: Readonly<Record<string, EdgeVersion>>;
  /** Rings by name, the first to be updated first: lower-case letters, digits and hyphens. */
  readonly rings: Readonly<Record<string, EdgeRing>>;
  /** Https address below which devices read models without a key, in the plant's network. @default - models travel in images */
  readonly modelStore?: string;
  /** What analyses sensor messages. @default - both */
  readonly analysers?: EdgeAnalysers;
  /** Run a simulated sensor on every device, 1 to 86,400 seconds between two messages. @default - none: devices without modules send, with the edge device as their gateway */
  readonly simulatedSensorSeconds?: number;
  /** Send every sensor message to the hub as well, to train models with. @default false */
  readonly telemetryToCloud?: boolean;
  /** Seconds for which a device keeps what it cannot deliver, 0 to 2,592,000. @default 7200 */
  readonly timeToLiveSeconds?: number;
  /** Seconds for which messages wait for a module that does not read, 1 to 2,592,000. @default 3600, or `timeToLiveSeconds` where that is less */
  readonly readerTimeToLiveSeconds?: number;
  /** Folder of the hosts for what must outlive containers: an absolute path of letters, digits and `- _ . /`. @default "/var/lib/edge-storage" */
  readonly storageFolder?: string;
  /** The tokens by which devices pull the ML module's image. @default - one, valid for a year from its creation */
  readonly registryTokens?: RegistryTokenSettings;
  /** Ranks of the layers where others deploy to the same hub, 0 to 1,000,000. @default `DEFAULT_PRIORITIES` */
  readonly priorities?: Partial<Readonly<Record<LayerName, number>>>;
}

/** What of an environment's other settings matters on devices. */
export interface EdgeSurroundings {
  /** Environment's name; every target condition asks for it. */
  readonly environment: string;
  /** Host of the environment's container registry. */
  readonly registryHost: string;
  /** Tag of the image that `source` stands for. @default - no version is built from the sources */
  readonly detectorSourceTag?: string;
  /** Hosts of the environment's own services, which answer nobody without a token or a key. @default - none is known */
  readonly ownHosts?: readonly string[];
  /** Whether the hub is a free one. */
  readonly isFreeHub: boolean;
  /** The Stream Analytics job, which says what is measured and where. */
  readonly job: AnomalyQuery & { readonly jobName?: string };
}

/** What is only known when Azure has answered: text where a manifest is shown, references where one is deployed. */
export interface LateParts {
  /** The module that Stream Analytics published. */
  readonly published: PublishedModule;
  /** How devices get the ML module's image. */
  readonly registry: Omit<RegistryCredential, "address">;
}

/** Stand-ins of the same form, for checking and showing manifests. */
export const UNKNOWN_PARTS: LateParts = {
  published: UNPUBLISHED,
  registry: { username: "edge-devices", password: "filled in when the token is made" },
};

/** What the ML module reads of a message, which is what its models are trained on. */
export function detectorInput(job: AnomalyQuery): Pick<DetectorLayerOptions, "machineIdPath" | "signals" | "timePath"> {
  return {
    signals: Object.fromEntries((job.signals ?? DEFAULT_SIGNALS).map(({ name, path }) => [name, path])),
    timePath: job.timestampPath ?? "timeCreated",
    ...(job.machines !== undefined && { machineIdPath: job.machines.path }),
  };
}

/** Whether a version runs an image that is built from this repository's sources. */
export const buildsDetector = ({ versions }: EdgeSettings): boolean =>
  Object.values(versions).some(({ detector }) => detector === FROM_SOURCE);

/** Whether the registry builds any image of a version. */
export const buildsImages = ({ versions }: EdgeSettings): boolean =>
  Object.values(versions).some(({ detector, modelImage }) => [detector, modelImage].includes(FROM_SOURCE));

/** What runs on the devices of a ring. */
export function softwareOf(
  settings: EdgeSettings,
  ring: EdgeRing,
  surroundings: EdgeSurroundings,
  late: LateParts = UNKNOWN_PARTS,
): DeviceSoftware {
  const { job, registryHost } = surroundings;
  const version: EdgeVersion | undefined = settings.versions[ring.version];
  return {
    runtime: version?.runtime ?? DEFAULT_RUNTIME,
    timeToLiveSeconds: settings.timeToLiveSeconds ?? DEFAULT_TIME_TO_LIVE_SECONDS,
    telemetryToCloud: settings.telemetryToCloud ?? false,
    gateways: gatewaysOf(settings).size > 0 || settings.simulatedSensorSeconds === undefined,
    ...(settings.storageFolder !== undefined && { storageFolder: settings.storageFolder }),
    ...(settings.readerTimeToLiveSeconds !== undefined && {
      readerTimeToLiveSeconds: settings.readerTimeToLiveSeconds,
    }),
    ...(settings.simulatedSensorSeconds !== undefined && { simulatedSensorSeconds: settings.simulatedSensorSeconds }),
    ...((settings.analysers?.detector ?? true) && {
      detector: {
        image: imageReference(
          `${registryHost}/${DETECTOR.imageRepository}`,
          version === undefined ? "" : versionImage(version, surroundings.detectorSourceTag),
        ),
        ...detectorInput(job),
        ...(version?.model !== undefined && { model: version.model }),
        ...(version?.shadowModel !== undefined && { shadowModel: version.shadowModel }),
        registry: { address: registryHost, ...late.registry },
      },
    }),
    ...(hasStreamAnalytics(settings) && {
      streamAnalytics: {
        jobName: job.jobName ?? DEFAULT_JOB_NAME,
        modelScores: job.modelScores ?? false,
        published: late.published,
      },
    }),
  };
}

/** Ids of the devices that others connect to. */
export function gatewaysOf({ devices = [], simulatedSensorSeconds }: EdgeSettings): ReadonlySet<string> {
  const parents = new Set(devices.map(({ parent }) => parent));
  return new Set(
    devices
      .filter(({ edge }) => edge !== false)
      .filter(({ id, gateway }) => gateway ?? (parents.has(id) || simulatedSensorSeconds === undefined))
      .map(({ id }) => id),
  );
}

/** Which devices of a ring get a layer. */
export function layerConditionOf(environment: string, ring: EdgeRing, layer: LayerName): string {
  return conditionOf(environment, ring, layer === "gateway" ? { [GATEWAY_TAG.name]: GATEWAY_TAG.value } : {});
}

/** Whether the Stream Analytics job runs on devices; where an environment says nothing about devices there is a job all the same. */
export const hasStreamAnalytics = (settings: EdgeSettings | undefined): boolean =>
  settings?.analysers?.streamAnalytics ?? true;

/** A layer's rank. */
export const priorityOf = (settings: EdgeSettings, layer: LayerName): number =>
  settings.priorities?.[layer] ?? DEFAULT_PRIORITIES[layer];

/** Deployments that an environment puts on each of its hubs: a layer for each ring. */
export function deploymentCount(settings: EdgeSettings, surroundings: EdgeSurroundings): number {
  return Object.values(settings.rings).reduce(
    (sum, ring) => sum + Object.keys(layersOf(softwareOf(settings, ring, surroundings))).length,
    0,
  );
}

/** A ring's deployments as whole documents, as `az iot edge deployment show` would print them, without ids. */
export function deploymentsOf(
  settings: EdgeSettings,
  ring: EdgeRing,
  surroundings: EdgeSurroundings,
): Partial<Record<LayerName, Readonly<Record<string, unknown>>>> {
  const contents = layersOf(softwareOf(settings, ring, surroundings));
  return Object.fromEntries(
    Object.entries(contents).map(([layer, modulesContent]) => [
      layer,
      {
        content: { modulesContent },
        priority: priorityOf(settings, layer as LayerName),
        targetCondition: layerConditionOf(surroundings.environment, ring, layer as LayerName),
      },
    ]),
  );
}
