import { LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";
import { DEFAULT_RUNTIME } from "../../edge-manifests/base-layer";
import type { DetectorModel } from "../../edge-manifests/detector-layer";
import { imageReference } from "../../edge-manifests/images";
import {
  checkDeployments,
  DEFAULT_JOB_NAME,
  DETECTOR,
  type ManifestFinding,
  type RegistryCredential,
} from "@edge-anomaly-detection/edge-manifest-tools";
import {
  DEFAULT_PRIORITIES,
  type DeviceSoftware,
  GATEWAY_TAG,
  jobsOf,
  LAYERS,
  type LayerName,
  layersOf,
} from "../../edge-manifests/layers";
import { type AnomalyQuery, DEFAULT_SIGNALS } from "../../edge-manifests/stream-analytics-query";
import { type PublishedModule, UNPUBLISHED } from "../../edge-manifests/stream-analytics-layer";
import { DEFAULT_TIME_TO_LIVE_SECONDS } from "../../edge-manifests/base-layer";
import { HUB_TIERS } from "@edge-anomaly-detection/azure-facts";
import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { deviceListProblems, type EdgeDevice } from "./device-list";
import { type RegistryTokenSettings, registryTokenProblems } from "./registry-tokens";
import { conditionOf, type EdgeRing, ringProblems } from "./rings";

/** Versions of what devices run, tested together and rolled out together. */
export interface EdgeVersion {
  /** Tag of edgeAgent, edgeHub and simulated sensor; `edge-manifests/images.ts` holds their digests. @default `DEFAULT_RUNTIME` */
  readonly runtime?: string;
  /** Tag of the ML module's image, with its digest where the environment is protected: `1.0.0@sha256:…`; devices pull by the digest. */
  readonly detector: string;
  /** Trained model for it. @default - it learns on the device */
  readonly model?: DetectorModel;
}

/** What judges sensor messages on devices. */
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
  /** What judges sensor messages. @default - both */
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

/** What runs on the devices of a ring. */
export function softwareOf(
  settings: EdgeSettings,
  ring: EdgeRing,
  surroundings: EdgeSurroundings,
  late: LateParts = UNKNOWN_PARTS,
): DeviceSoftware {
  const { job, registryHost } = surroundings;
  const version: EdgeVersion | undefined = settings.versions[ring.version];
  const signals = job.signals ?? DEFAULT_SIGNALS;
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
        image: imageReference(`${registryHost}/${DETECTOR.imageRepository}`, version?.detector ?? ""),
        signals: Object.fromEntries(signals.map(({ name, path }) => [name, path])),
        timePath: job.timestampPath ?? "timeCreated",
        ...(job.machines !== undefined && { machineIdPath: job.machines.path }),
        ...(version?.model !== undefined && { model: version.model }),
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

/** Mistakes in what an environment decides about its devices. */
export function edgeProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  const devices = settings.devices ?? [];
  const own = [
    ...under("devices", deviceListProblems(devices)),
    ...versionProblems(settings.versions),
    ...ringProblems(settings.rings, Object.keys(settings.versions), devices),
    ...analyserProblems(settings, surroundings),
    ...priorityProblems(settings),
    ...under("registryTokens", registryTokenProblems(settings.registryTokens ?? {})),
    ...collect(
      inRange(
        "simulatedSensorSeconds",
        settings.simulatedSensorSeconds,
        { min: 1, max: 86_400, unit: "seconds" },
        "choose how often the sensor sends, or leave it out for none",
      ),
      inRange(
        "timeToLiveSeconds",
        settings.timeToLiveSeconds,
        { min: 0, max: 2_592_000, unit: "seconds" },
        "choose how long a device may be without a network",
      ),
      inRange(
        "readerTimeToLiveSeconds",
        settings.readerTimeToLiveSeconds,
        { min: 1, max: 2_592_000, unit: "seconds" },
        "choose how old a message may be that a module gets when it runs again",
      ),
      hasForm(
        "storageFolder",
        settings.storageFolder,
        /^(?!.*\/\.{1,2}(\/|$))(\/[\w.-]{1,64}){1,16}$/,
        "an absolute path of letters, digits and - _ . / without . and .. as a part, not / itself",
        "name a folder on a disk of the hosts that is large enough",
      ),
      problemIf(
        surroundings.isFreeHub && devices.length > HUB_TIERS.F1.identities.value,
        "devices",
        devices.length,
        `at most ${HUB_TIERS.F1.identities.value} devices on a free hub`,
        "choose S1 or larger as hub.sku",
      ),
    ),
    ...countProblems(settings, surroundings),
  ];
  // Manifests of a record with mistakes would repeat them in other words.
  return own.length > 0 ? own : manifestProblems(settings, surroundings);
}

function versionProblems(versions: EdgeSettings["versions"]): Problem[] {
  const names = Object.keys(versions);
  return [
    ...collect(
      problemIf(names.length === 0, "versions", versions, "at least one version", "name what devices shall run"),
    ),
    ...Object.entries(versions).flatMap(([name, version]) =>
      under(`versions.${name}`, [
        ...collect(
          hasForm(
            "",
            name,
            /^[a-z0-9][a-z0-9.-]{0,31}$/,
            "a name of 1 to 32 lower-case letters, digits, dots and hyphens",
            "rename the version, for example 2026.11",
          ),
          pinnedTag("runtime", version.runtime, "1.6.1"),
          pinnedTag("detector", version.detector, "1.0.0", "(@sha256:[0-9a-f]{64})?"),
        ),
        ...(version.model === undefined ? [] : under("model", modelProblems(version.model))),
      ]),
    ),
  ];
}

const pinnedTag = (path: string, value: string | undefined, example: string, digest = ""): Problem[] =>
  collect(
    hasForm(
      path,
      value,
      new RegExp(`^(?!latest(@|$))(?=[^@]*\\d)[A-Za-z0-9_][\\w.-]{0,127}${digest}$`),
      `an image tag with a number in it, not latest${digest === "" ? "" : ", and after it a digest or nothing"}`,
      `name the version that was tested, for example ${example}`,
    ),
  );

function modelProblems(model: DetectorModel): Problem[] {
  return collect(
    hasForm(
      "uri",
      model.uri,
      /^https:\/\/[^\s?#]{3,1000}$/,
      "an https address without a query",
      "put the model where devices may read it; a signed link would stand readable in plans and twins",
    ),
    hasForm(
      "sha256",
      model.sha256,
      new RegExp(PATTERNS.sha256),
      "64 hexadecimal digits",
      "take it from `sha256sum MODEL.onnx`",
    ),
    hasForm(
      "version",
      model.version,
      new RegExp(PATTERNS.modelVersion),
      "1 to 64 letters, digits, dots, colons, hyphens and underscores",
      "name the model's version",
    ),
    inRange(
      "window",
      model.window,
      { ...LIMITS.modelWindow, unit: "messages" },
      "write the length that it was trained on",
    ),
  );
}

function analyserProblems(settings: EdgeSettings, { job }: EdgeSurroundings): Problem[] {
  const detector = settings.analysers?.detector ?? true;
  const streamAnalytics = hasStreamAnalytics(settings);
  return collect(
    problemIf(
      !detector && !streamAnalytics && settings.telemetryToCloud !== true,
      "analysers",
      settings.analysers,
      "detector or streamAnalytics true, or telemetryToCloud true",
      "switch one on: messages would be read by nobody",
    ),
    problemIf(
      !detector && streamAnalytics && job.modelScores === true,
      "analysers.detector",
      false,
      "true while streamAnalytics.modelScores is true",
      "leave modelScores out: without the ML module nobody writes to the job's second input",
    ),
  );
}

function priorityProblems(settings: EdgeSettings): Problem[] {
  const given = Object.entries(settings.priorities ?? {}) as [LayerName, number][];
  const ranks = LAYERS.map((layer) => ({ layer, rank: priorityOf(settings, layer) }));
  const base = priorityOf(settings, "base");
  const gateway = priorityOf(settings, "gateway");
  return collect(
    ...given.map(([layer, rank]) =>
      inRange(
        `priorities.${layer}`,
        rank,
        { min: 0, max: 1_000_000, unit: "ranks" },
        "choose its rank among the hub's deployments",
      ),
    ),
    ...ranks.map(({ layer, rank }, index) => {
      const twin = ranks.slice(0, index).find((other) => other.rank === rank);
      return problemIf(
        twin !== undefined,
        `priorities.${layer}`,
        rank,
        `another rank than that of ${twin?.layer ?? ""}, which reaches the same devices`,
        "give each layer a rank of its own; of two equal ones the younger deployment would win",
      );
    }),
    ...ranks.map(({ layer, rank }) =>
      problemIf(
        layer !== "base" && rank < base,
        `priorities.${layer}`,
        rank,
        `a rank above that of base, which is ${base}`,
        "raise it: devices ignore layers below their base",
      ),
    ),
    ...ranks.map(({ layer, rank }) =>
      problemIf(
        layer !== "base" && layer !== "gateway" && rank >= base && rank < gateway,
        `priorities.${layer}`,
        rank,
        `a rank above that of gateway, which is ${gateway}`,
        "raise it, or lower that of gateway: it is the base of gateways, and devices ignore layers below their base",
      ),
    ),
  );
}

/** Deployments that an environment puts on its hub: a layer for each ring. */
export function deploymentCount(settings: EdgeSettings, surroundings: EdgeSurroundings): number {
  return Object.values(settings.rings).reduce(
    (sum, ring) => sum + Object.keys(layersOf(softwareOf(settings, ring, surroundings))).length,
    0,
  );
}

function countProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  const rings = Object.values(settings.rings);
  const count = deploymentCount(settings, surroundings);
  // A changed deployment stands beside its predecessor for a moment.
  const { value: max, source } = HUB_TIERS[surroundings.isFreeHub ? "F1" : "S1"].deployments;
  return collect(
    problemIf(
      2 * count > max,
      "rings",
      `${rings.length} rings with ${count} deployments`,
      `at most ${max / 2} deployments: a hub takes ${max}, and a new one stands beside the one that it replaces (${source.url})`,
      "use fewer rings, or a larger hub than F1",
    ),
  );
}

/** What the checker finds in what each ring's devices would get: those that are gateways, and the others. */
function manifestProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  return Object.entries(settings.rings).flatMap(([name, ring]) => {
    const { gateway, ...others } = deploymentsOf(settings, ring, surroundings);
    const jobs = jobsOf(softwareOf(settings, ring, surroundings));
    const check = (layers: Partial<ReturnType<typeof deploymentsOf>>): Problem[] =>
      checkDeployments(Object.values(layers), { jobs, complete: true }).flatMap((findings, index) =>
        findings
          .filter(({ severity }) => severity === "error")
          .map((finding) =>
            asProblem(`rings.${name}.manifest.${Object.keys(layers)[index] ?? ""}${finding.pointer}`, finding),
          ),
      );
    const found = check(others);
    // What is wrong with the layers that both have is told once.
    return gateway === undefined || found.length > 0 ? found : check({ ...others, base: gateway });
  });
}

const asProblem = (path: string, { problem, remedy }: ManifestFinding): Problem => ({
  path,
  value: problem,
  allowed: "what the hub and the runtime take",
  remedy,
});

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
