import type { ExpectedDeployment, HubExpectations } from "@edge-anomaly-detection/doctor";
import { isObject } from "@edge-anomaly-detection/common";
import { DEFAULT_JOB_NAME } from "@edge-anomaly-detection/edge-manifest-tools";
import { deviceHub } from "../../constructs/edge/device-list";
import { type EdgeSettings, gatewaysOf, softwareOf } from "../../constructs/edge/edge-settings";
import { isInRing } from "../../constructs/edge/rings";
import { FIRST_HUB, hubNames, stampOf } from "../../constructs/hub/hub-stamps";
import { IOT_HUB_DEFAULTS, IOT_HUB_SKUS } from "../../constructs/hub/iot-hub";
import { ALERTED_CATEGORIES } from "../../constructs/monitoring/hub-alerts";
import * as names from "../../constructs/shared/names";
import { LAYERS, type LayerName, layersOf } from "../../edge-manifests/layers";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import { nameParts } from "../../environments/validation/name-parts";

/** Minutes without any activity after which a connected device counts as silent. */
const SILENT_MINUTES = 60;

/** Arguments of a resource as they are synthesized. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The first hub, and those of `hub.stamps` that are not removed. */
export function eachHub<T>(environment: EnvironmentConfig, of: (hub: string) => T): [T, ...T[]] {
  const [, ...others] = hubNames(environment.hub ?? {});
  return [of(FIRST_HUB), ...others.map(of)];
}

/** What one hub should hold, from what the stack synthesizes. */
export function hubExpectations(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  hub: string,
  of: (type: string) => readonly Arguments[],
): HubExpectations {
  const { edge } = environment;
  const sku = environment.hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const name = names.iotHubName(nameParts(organization, environment), stampOf(hub));
  const devices = (edge?.devices ?? []).filter((device) => deviceHub(device) === hub);
  const endpoints = of("azurerm_iothub_endpoint_storage_container").flatMap((one) =>
    isPlain(one.name) ? [one.name] : [],
  );
  return {
    hub: {
      name,
      hostname: `${name}.azure-devices.net`,
      // The same on every hub.
      routes: Object.fromEntries(of("azurerm_iothub_route").map(routeOf)),
      endpoints: [...new Set(endpoints)],
      logCategories: ALERTED_CATEGORIES,
      dailyMessages: IOT_HUB_SKUS[sku].dailyMessages * (environment.hub?.units ?? IOT_HUB_DEFAULTS.units),
      silentMinutes: SILENT_MINUTES,
    },
    devices: devices.map((device) => {
      const [ring] = Object.entries(edge?.rings ?? {}).find(([, one]) => isInRing(device, one)) ?? [];
      return {
        id: device.id,
        enabled: device.enabled ?? true,
        ...(ring !== undefined && device.edge !== false && { ring }),
      };
    }),
    deployments:
      edge === undefined
        ? []
        : deploymentsOf(organization, environment, { ...edge, devices }, of("iothub_edge_deployment")),
  };
}

/** Text that holds no expression. */
export const isPlain = (value: unknown): value is string => typeof value === "string" && !value.includes("${");

function routeOf({ name, endpoint_names: endpoints }: Arguments): [string, string] {
  const [endpoint] = Array.isArray(endpoints) ? (endpoints as unknown[]) : [];
  // An endpoint of the stack's own is a reference to its name.
  const reference = /endpoint_storage_container\.[\w-]*?(Anomaly|Telemetry)Endpoint/.exec(String(endpoint))?.[1];
  const plain = { Anomaly: "lake-anomalies", Telemetry: "lake-telemetry" }[reference ?? ""] ?? String(endpoint);
  return [String(name), plain];
}

const kebab = (layer: LayerName): string => layer.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Deployments by layer and ring: ids and conditions from what is synthesized, modules from the layers' own contents. */
function deploymentsOf(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  edge: EdgeSettings,
  written: readonly Arguments[],
): ExpectedDeployment[] {
  const surroundings = edgeSurroundings(organization, environment);
  const gateways = gatewaysOf(edge);
  return Object.entries(edge.rings).flatMap(([ring, settings]) => {
    const contents = layersOf(softwareOf(edge, settings, surroundings));
    const devices = (edge.devices ?? []).filter((device) => device.edge !== false && isInRing(device, settings));
    return LAYERS.flatMap((layer): ExpectedDeployment[] => {
      const content = contents[layer];
      const resource = written.find(({ labels }) => isObject(labels) && labels.layer === kebab(layer));
      const entry = isObject(resource?.for_each) ? resource.for_each[ring] : undefined;
      if (content === undefined || !isObject(entry)) {
        return [];
      }
      const id = typeof entry.id === "string" ? entry.id : undefined;
      const targeted = layer === "gateway" ? devices.filter((device) => gateways.has(device.id)) : devices;
      return [
        {
          layer: kebab(layer),
          ring,
          version: settings.version,
          id: id ?? `${kebab(layer)}-${ring}-`,
          isPrefix: id === undefined,
          targetCondition: String(entry.condition),
          devices: targeted.length,
          ...(layer === "base" && edge.devices !== undefined && gateways.size > 0 && { replacedBy: "gateway" }),
          modules: imagesIn(content.$edgeAgent ?? {}, environment.streamAnalytics?.jobName ?? DEFAULT_JOB_NAME),
        },
      ];
    });
  });
}

/** Images by module; the image of a published job is known after apply. */
function imagesIn(agent: Arguments, job: string): Record<string, string | null> {
  const prefix = "properties.desired.modules.";
  const imageOf = (module: unknown): string | null => {
    const image = isObject(module) && isObject(module.settings) ? module.settings.image : undefined;
    return isPlain(image) ? image : null;
  };
  const desired = agent["properties.desired"];
  const system = isObject(desired) && isObject(desired.systemModules) ? desired.systemModules : {};
  return Object.fromEntries([
    ...Object.entries(system).map(([name, module]) => [`$${name}`, imageOf(module)]),
    ...Object.entries(agent)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, module]) => [path.slice(prefix.length), path === `${prefix}${job}` ? null : imageOf(module)]),
  ]) as Record<string, string | null>;
}
