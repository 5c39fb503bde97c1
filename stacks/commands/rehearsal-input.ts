import { type EdgeSettings, gatewaysOf, priorityOf, softwareOf } from "../../constructs/edge/edge-settings";
import { deviceHub, type EdgeDevice } from "../../constructs/edge/device-list";
import { isInRing } from "../../constructs/edge/rings";
import { IOT_HUB_DEFAULTS, IOT_HUB_SKUS } from "../../constructs/hub/iot-hub";
import { LAYERS, layersOf } from "../../edge-manifests/layers";
import {
  ALERT_OUTPUT,
  DEFAULT_JOB_NAME,
  SCORE_INPUT,
  SENSOR_INPUT,
  DETECTOR,
  DETECTOR_MODULE,
  SIMULATED_SENSOR_ENDPOINTS,
  SIMULATED_SENSOR_MODULE,
} from "@edge-anomaly-detection/edge-manifest-tools";
import { type AnomalyQuery, DEFAULT_SIGNALS } from "../../edge-manifests/anomaly-query";
import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import type { RehearsalInput } from "@edge-anomaly-detection/rehearsal";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";

/** What cannot be rehearsed, for people. */
export class NoRehearsal extends Error {}

/** Samples are five seconds apart where an environment says nothing, as the query takes it too. */
const DEFAULT_SAMPLE_SECONDS = 5;
const DEFAULT_TIME_PATH = "timeCreated";
const MACHINE_PATH = "machine.id";
/** Simulated at once, whatever a gateway has. */
const MOST_MACHINES = 50;

export interface RehearsalChoice {
  /** @default - the environment's first edge device */
  readonly deviceId?: string;
  /** Simulated machines. @default - those that the configuration names, else one */
  readonly machines?: number;
}

/**
 * What a device of an environment runs, as a rehearsal takes it: its merged layers and what watches it, from the same
 * functions that deployments come from.
 *
 * @throws NoRehearsal where the environment has no such device
 */
export function rehearsalInput(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  choice: RehearsalChoice = {},
): RehearsalInput {
  const { edge } = environment;
  if (edge === undefined) {
    throw new NoRehearsal(`${environment.name} has no devices; choose another environment`);
  }
  const device = deviceOf(environment.name, edge, choice.deviceId);
  const [, ring] = Object.entries(edge.rings).find(([, each]) => isInRing(device, each)) ?? [];
  if (ring === undefined) {
    throw new NoRehearsal(
      `${device.id} belongs to no ring of ${environment.name}; rings: ${Object.keys(edge.rings).join(", ")}`,
    );
  }
  const surroundings = edgeSurroundings(organization, environment);
  const { query, machines, notes } = machinesOf(surroundings.job, device, edge, choice.machines);
  const contents = layersOf(softwareOf(edge, ring, { ...surroundings, job: query }));
  const isGateway = gatewaysOf(edge).has(device.id);
  const layers = LAYERS.flatMap((name) => {
    const content = contents[name];
    return content === undefined || (name === "gateway" && !isGateway)
      ? []
      : [{ name, priority: priorityOf(edge, name), content }];
  });
  const desired = layers.flatMap(({ content }) => Object.entries(content[DETECTOR_MODULE] ?? {}));
  const sku = environment.hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const units = environment.hub?.units ?? IOT_HUB_DEFAULTS.units;
  const jobName = query.jobName ?? DEFAULT_JOB_NAME;
  const has = (name: (typeof LAYERS)[number]): boolean => layers.some((layer) => layer.name === name);
  const { alerts } = environment;
  return {
    environment: environment.name,
    deviceId: device.id,
    layers,
    signals: (query.signals ?? DEFAULT_SIGNALS).map(({ name, path, unit }) => ({
      name,
      path,
      ...(unit !== undefined && { unit }),
    })),
    timePath: query.timestampPath ?? DEFAULT_TIME_PATH,
    ...(query.machines !== undefined && { machineIdPath: query.machines.path }),
    machines,
    sensor: {
      source: has("simulatedSensor")
        ? { module: SIMULATED_SENSOR_MODULE, output: SIMULATED_SENSOR_ENDPOINTS.outputs[0] }
        : "leafDevices",
      intervalSeconds: edge.simulatedSensorSeconds ?? query.sampleIntervalSeconds ?? DEFAULT_SAMPLE_SECONDS,
    },
    ...(has("detector") && {
      detector: {
        module: DETECTOR_MODULE,
        sensorInput: DETECTOR.sensorInput,
        alertOutput: DETECTOR.alertOutput,
        scoreOutput: DETECTOR.scoreOutput,
        desired: Object.fromEntries(desired.map(([path, value]) => [path.split(".").slice(2).join("."), value])),
      },
    }),
    ...(has("streamAnalytics") && {
      streamAnalytics: {
        jobName,
        query: streamAnalyticsQuery(query),
        sensorInput: SENSOR_INPUT,
        ...(query.modelScores === true && { scoreInput: SCORE_INPUT }),
        alertOutput: ALERT_OUTPUT,
      },
    }),
    alertRules: {
      toleratedAnomaliesPerHour: alerts.toleratedAnomaliesPerHour ?? 0,
      minimumConnectedDevices: alerts.minimumConnectedDevices ?? 1,
      toleratedRoutingFailures: alerts.toleratedRoutingFailures ?? 0,
      toleratedThrottledMessages: alerts.toleratedThrottledMessages ?? 0,
      quotaPercent: alerts.quotaPercent ?? 80,
      anomalyFeed: environment.logs?.anomalyFeed ?? true,
    },
    hub: {
      sku,
      units,
      dailyMessages: IOT_HUB_SKUS[sku].dailyMessages * units,
      devices: Math.max(1, (edge.devices ?? []).filter((one) => deviceHub(one) === deviceHub(device)).length),
    },
    receivers: environment.alerts.receivers,
    notes,
  };
}

function deviceOf(environment: string, edge: EdgeSettings, wanted: string | undefined): EdgeDevice {
  const devices = (edge.devices ?? []).filter(({ edge: isEdge }) => isEdge !== false);
  const device = wanted === undefined ? devices[0] : devices.find(({ id }) => id === wanted);
  if (device === undefined) {
    const names = devices.map(({ id }) => id).join(", ");
    throw new NoRehearsal(
      wanted === undefined
        ? `${environment} lists no edge devices`
        : `${environment} has no edge device ${wanted}; devices: ${names === "" ? "none" : names}`,
    );
  }
  return device;
}

/** Machines that send, and the query that tells them apart. */
function machinesOf(
  job: AnomalyQuery & { readonly jobName?: string },
  device: EdgeDevice,
  edge: EdgeSettings,
  count: number | undefined,
): { readonly query: typeof job; readonly machines: readonly string[]; readonly notes: readonly string[] } {
  if (job.machines !== undefined) {
    const { ids } = job.machines;
    const more = Array.from({ length: Math.max(0, (count ?? 0) - ids.length) }, (_each, index) => `extra-${index + 1}`);
    const notes =
      more.length === 0
        ? []
        : [`the configuration names ${ids.length} machines; ${more.join(", ")} are not watched by the query`];
    return { query: job, machines: [...ids, ...more].slice(0, count ?? ids.length), notes };
  }
  const isModule = edge.simulatedSensorSeconds !== undefined;
  const children = (edge.devices ?? []).filter(({ parent }) => parent === device.id);
  const leafDevices = children.filter(({ edge: isEdge }) => isEdge === false).map(({ id }) => id);
  const nested = children.filter(({ edge: isEdge }) => isEdge !== false).map(({ id }) => id);
  const notes = nested.map((id) => `${id} sends through ${device.id} and is not run; rehearse it by its own name`);
  const names = Array.from({ length: count ?? 1 }, (_each, index) => `machine-${String(index + 1).padStart(2, "0")}`);
  if (!isModule) {
    const invented = names.slice(leafDevices.length).map((name) => `${device.id}-${name}`);
    return { query: job, machines: [...leafDevices, ...invented].slice(0, count ?? MOST_MACHINES), notes };
  }
  if (names.length === 1) {
    return { query: job, machines: [device.id], notes };
  }
  return {
    query: { ...job, machines: { path: MACHINE_PATH, ids: names } },
    machines: names,
    notes: [
      ...notes,
      `${names.length} machines behind one device are told apart by ${MACHINE_PATH}: query and detector are generated ` +
        "with streamAnalytics.machines, which the configuration does not set",
    ],
  };
}
