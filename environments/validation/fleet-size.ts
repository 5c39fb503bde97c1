import { DPS_LIMITS, HUB_TIERS, type HubTier, type HubTierName, rateOf } from "@edge-anomaly-detection/azure-facts";
import { deploymentCount, type EdgeSurroundings, softwareOf } from "../../constructs/edge/edge-settings";
import { layersOf, modulesOf } from "../../edge-manifests/layers";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { edgeSurroundings } from "./edge-surroundings";
import { ASSUMED, messageVolume } from "./message-volume";

/**
 * What is assumed beside `ASSUMED` of the message volume: a device connects edgeAgent and edgeHub (with AMQP upstream its
 * modules share edgeHub's connection), a sensor's message has 512 bytes in the lake, a month has 30 days.
 */
const FLEET_ASSUMED = { connections: 2, telemetryBytes: 512, daysAMonth: 30 } as const;

/** Modules that every edge device has beside those of its layers. */
const RUNTIME_MODULES = ["$edgeAgent", "$edgeHub"] as const;

/** What a fleet needs of hubs of one tier. */
export interface TierSize {
  readonly tier: HubTierName;
  readonly hubs: number;
  /** Units of each hub. */
  readonly units: number;
  /** What decides about the number of hubs, and about that of units. */
  readonly decidedBy: { readonly hubs: FleetLimit; readonly units: FleetLimit };
  /** Hours until every device is registered: at the DPS's rate, and at which hubs create the identities of devices and modules. */
  readonly registrationHours: { readonly dps: number; readonly hubs: number };
  /** Minutes until every device has connected again after an outage. */
  readonly reconnectMinutes: number;
  /** Minutes until a changed deployment is in every device's twin, one update for each. */
  readonly rolloutMinutes: number;
  /** Minutes for which creating a hub's deployments takes. */
  readonly deploymentMinutes: number;
}

/** What decides: identities that a hub takes, messages of a day, messages a second, or the least that there is. */
export type FleetLimit = "identities" | "messages a day" | "messages a second" | "at least one";

/** What is billed by the fleet's size. */
export interface CostDriver {
  readonly name: string;
  readonly amount: number;
  readonly unit: string;
}

/** What a fleet is, whatever the hubs. */
export interface FleetSize {
  readonly devices: number;
  /** Modules of a device that runs everything its environment rolls out. */
  readonly modules: readonly string[];
  /** Device and module identities of one device. */
  readonly identitiesPerDevice: number;
  readonly identities: number;
  /** Deployments on each hub. */
  readonly deployments: number;
  /** Messages a day of all devices, in pieces of 4 KB: an estimate, because only a simulated sensor's rate is in a configuration. */
  readonly messagesADay: number;
  /** Device Provisioning Services; a device knows one of them by its id scope. */
  readonly dpsServices: number;
  readonly tiers: readonly TierSize[];
  readonly costDrivers: readonly CostDriver[];
}

/**
 * What so many edge devices, each like those of the environment, need.
 *
 * @param devices edge devices in all
 */
export function fleetSize(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  devices: number,
): FleetSize {
  const surroundings = edgeSurroundings(organization, { ...environment, hub: { ...environment.hub, sku: "S1" } });
  const modules = modulesOfDevices(environment, surroundings);
  const identitiesPerDevice = 1 + modules.length;
  const daily = volumeOf(environment, devices);
  const deployments = environment.edge === undefined ? 0 : deploymentCount(environment.edge, surroundings);
  const load: Load = { devices, identitiesPerDevice, deployments, messagesADay: daily.total };
  return {
    devices,
    modules,
    identitiesPerDevice,
    identities: devices * identitiesPerDevice,
    deployments,
    messagesADay: daily.total,
    dpsServices: Math.ceil(devices / DPS_LIMITS.registrations.value),
    tiers: (["S1", "S2", "S3"] as const).map((tier) => tierSize(tier, load)),
    costDrivers: costDrivers(environment, devices, daily),
  };
}

interface Load {
  readonly devices: number;
  readonly identitiesPerDevice: number;
  readonly deployments: number;
  readonly messagesADay: number;
}

interface DailyVolume {
  readonly telemetry: number;
  readonly anomalies: number;
  readonly total: number;
}

function modulesOfDevices({ edge }: EnvironmentConfig, surroundings: EdgeSurroundings): string[] {
  const contents = Object.values(edge?.rings ?? {}).flatMap((ring) =>
    edge === undefined ? [] : Object.values(layersOf(softwareOf(edge, ring, surroundings))),
  );
  return [...new Set([...RUNTIME_MODULES, ...contents.flatMap(modulesOf)])];
}

/** Of so many devices like those that the environment has, whatever is in its list. */
function volumeOf(environment: EnvironmentConfig, devices: number): DailyVolume {
  const { simulatedTelemetry, telemetry, anomalies, streamAnalyticsRows, runtime } = messageVolume({
    ...environment,
    hub: { ...environment.hub, sku: "S1" },
    fleet: { devices },
    ...(environment.edge !== undefined && { edge: { ...environment.edge, devices: [] } }),
  });
  const sent = simulatedTelemetry + telemetry;
  const found = anomalies + streamAnalyticsRows;
  return { telemetry: sent, anomalies: found, total: sent + found + runtime };
}

/** What one hub takes of devices, each with its modules. */
export interface HubCapacity {
  readonly maxDevices: number;
  /** Devices a minute whose identities, modules included, it creates. */
  readonly creationsAMinute: number;
  /** Devices a minute that connect. */
  readonly connectionsAMinute: number;
}

/** What a hub with so many units takes. */
export function hubCapacity(tier: HubTierName, units: number, identitiesPerDevice: number): HubCapacity {
  const limits: HubTier = HUB_TIERS[tier];
  return {
    maxDevices: Math.floor(limits.identities.value / identitiesPerDevice),
    creationsAMinute: rateOf(limits.identityOperations, units) / identitiesPerDevice,
    connectionsAMinute: (rateOf(limits.connections, units) * 60) / FLEET_ASSUMED.connections,
  };
}

function tierSize(tier: HubTierName, load: Load): TierSize {
  const limits: HubTier = HUB_TIERS[tier];
  const byIdentities = Math.ceil(load.devices / hubCapacity(tier, 1, load.identitiesPerDevice).maxDevices);
  const byUnits = Math.ceil(unitsFor(limits, load.messagesADay).units / limits.maxUnits.value);
  let hubs = Math.max(1, byIdentities, byUnits);
  // Devices cannot be divided: an even share rounded up may need one unit more than the average.
  while (unitsFor(limits, shareOf(load, hubs).messagesADay).units > limits.maxUnits.value) {
    hubs += 1;
  }
  const share = shareOf(load, hubs);
  const { units, decidedBy } = unitsFor(limits, share.messagesADay);
  const { creationsAMinute, connectionsAMinute } = hubCapacity(tier, units, load.identitiesPerDevice);
  const dpsServices = Math.ceil(load.devices / DPS_LIMITS.registrations.value);
  return {
    tier,
    hubs,
    units,
    decidedBy: { hubs: hubs === 1 ? "at least one" : hubs > byIdentities ? decidedBy : "identities", units: decidedBy },
    registrationHours: {
      dps: load.devices / (DPS_LIMITS.registrationsAMinute.value * dpsServices) / 60,
      hubs: share.devices / creationsAMinute / 60,
    },
    reconnectMinutes: share.devices / connectionsAMinute,
    rolloutMinutes: share.devices / rateOf(limits.twinUpdates, units) / 60,
    deploymentMinutes: load.deployments / rateOf(limits.deploymentOperations, units),
  };
}

function shareOf({ devices, messagesADay }: Load, hubs: number): { devices: number; messagesADay: number } {
  const share = Math.ceil(devices / hubs);
  return { devices: share, messagesADay: devices === 0 ? 0 : (messagesADay / devices) * share };
}

/** Units that take so many messages a day, spread evenly over it. */
function unitsFor(limits: HubTier, messagesADay: number): { units: number; decidedBy: FleetLimit } {
  const byQuota = Math.ceil(messagesADay / limits.dailyMessages.value);
  const aSecond = messagesADay / 86_400;
  const bySends = aSecond <= limits.sends.atLeast ? 0 : Math.ceil(aSecond / limits.sends.perUnit);
  const units = Math.max(1, byQuota, bySends);
  return {
    units,
    decidedBy: units === 1 ? "at least one" : bySends > byQuota ? "messages a second" : "messages a day",
  };
}

function costDrivers({ logs }: EnvironmentConfig, devices: number, daily: DailyVolume): CostDriver[] {
  const { daysAMonth, telemetryBytes } = FLEET_ASSUMED;
  const gigabytes = (bytes: number): number => Math.ceil(bytes / 1e9);
  const anomalies = daily.anomalies * daysAMonth;
  const telemetry = daily.telemetry * daysAMonth;
  const hasFeed = logs?.anomalyFeed ?? true;
  return [
    { name: "registrations by DPS", amount: devices, unit: "once, and again at each re-provisioning" },
    { name: "messages to the hubs", amount: daily.total * daysAMonth, unit: "a month, within the units' price" },
    {
      name: "written to the lake",
      amount: gigabytes(telemetry * telemetryBytes + anomalies * ASSUMED.anomalyBytes),
      unit: "GB a month, kept until the lake's lifecycle rules end it",
    },
    ...(hasFeed
      ? [
          { name: "events of Event Grid and runs of the workflow", amount: anomalies, unit: "a month" },
          {
            name: "taken in by Log Analytics for the anomaly feed",
            amount: gigabytes(anomalies * ASSUMED.anomalyBytes),
            unit: "GB a month",
          },
        ]
      : []),
  ];
}
