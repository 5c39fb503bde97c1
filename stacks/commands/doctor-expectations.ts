import type { Expectations, ExpectedDeployment, ExpectedResource } from "@edge-anomaly-detection/doctor";
import { isObject } from "@edge-anomaly-detection/common";
import { DEFAULT_JOB_NAME, DETECTOR, DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import { type EdgeSettings, gatewaysOf, softwareOf } from "../../constructs/edge/edge-settings";
import { deviceHub, type EdgeDevice } from "../../constructs/edge/device-list";
import { FIRST_HUB } from "../../constructs/hub/hub-stamps";
import { isInRing } from "../../constructs/edge/rings";
import { registryTokensOf } from "../../constructs/edge/registry-tokens";
import { IOT_HUB_DEFAULTS, IOT_HUB_SKUS } from "../../constructs/hub/iot-hub";
import { EPISODE_SUBSCRIPTION } from "../../constructs/maintenance/episode-subscription";
import { WORK_ORDER_QUEUE } from "../../constructs/maintenance/work-order-queue";
import { ANOMALY_TABLE } from "../../constructs/monitoring/anomaly-feed";
import { ALERTED_CATEGORIES } from "../../constructs/monitoring/hub-alerts";
import { neededOperations, resourceUses } from "../../constructs/security/needed-operations";
import * as names from "../../constructs/shared/names";
import { writtenOf } from "../../constructs/shared/faster-synthesis";
import { ANOMALY_CONTAINER, TELEMETRY_CONTAINER } from "../../constructs/storage/data-lake";
import { versionImage } from "../../edge-manifests/model-image";
import { LAYERS, type LayerName, layersOf } from "../../edge-manifests/layers";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import { nameParts } from "../../environments/validation/name-parts";
import type { ConfigurationWarning } from "../../environments/validation/warnings";
import type { EnvironmentStack } from "../environment-stack";
import { RESOURCE_PROVIDERS } from "../providers";

/** ARM types of the resources that a group's list shows, by Terraform's. Others are parts of these. */
const LISTED_TYPES: Readonly<Record<string, string>> = {
  azurerm_application_insights: "Microsoft.Insights/components",
  azurerm_application_insights_workbook: "Microsoft.Insights/workbooks",
  azurerm_container_registry: "Microsoft.ContainerRegistry/registries",
  azurerm_eventgrid_system_topic: "Microsoft.EventGrid/systemTopics",
  azurerm_iothub: "Microsoft.Devices/IotHubs",
  azurerm_key_vault: "Microsoft.KeyVault/vaults",
  azurerm_linux_virtual_machine: "Microsoft.Compute/virtualMachines",
  azurerm_log_analytics_workspace: "Microsoft.OperationalInsights/workspaces",
  azurerm_monitor_action_group: "Microsoft.Insights/actionGroups",
  azurerm_monitor_metric_alert: "Microsoft.Insights/metricAlerts",
  azurerm_monitor_scheduled_query_rules_alert_v2: "Microsoft.Insights/scheduledQueryRules",
  azurerm_servicebus_namespace: "Microsoft.ServiceBus/namespaces",
  azurerm_storage_account: "Microsoft.Storage/storageAccounts",
};

const GLOBAL_TYPES = [
  "Microsoft.ContainerRegistry/registries",
  "Microsoft.Devices/IotHubs",
  "Microsoft.KeyVault/vaults",
  "Microsoft.ServiceBus/namespaces",
  "Microsoft.Storage/storageAccounts",
];

/** Virtual CPUs of the default size of virtual machines, and the least of any that validation takes. */
const CPUS_OF_A_MACHINE = 2;
/** Minutes without any activity after which a connected device counts as silent. */
const SILENT_MINUTES = 60;

type Arguments = Readonly<Record<string, unknown>>;

/**
 * What Azure should hold for an environment, from what its stack synthesizes.
 *
 * @param subscriptionId of environments that name none
 * @param warnings of the whole configuration
 */
export function doctorExpectations(
  organization: OrganizationConfig,
  stack: EnvironmentStack,
  warnings: readonly ConfigurationWarning[],
  subscriptionId: string | undefined,
): Expectations {
  const { environment } = stack;
  const parts = nameParts(organization, environment);
  const written = writtenOf(stack) as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  };
  const of = (type: string): readonly Arguments[] => Object.values(written.resource[type] ?? {});
  const named = (type: string): string[] => of(type).flatMap(({ name }) => (isPlain(name) ? [name] : []));
  const { edge } = environment;
  const surroundings = edgeSurroundings(organization, environment);
  const resources = resourcesOf(written.resource);
  const workflow = resources.find(({ type }) => type === "Microsoft.Logic/workflows");
  const [topic] = named("azurerm_eventgrid_system_topic");
  const sku = environment.hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const hubName = names.iotHubName(parts);
  const subscription = environment.subscriptionId ?? subscriptionId;
  const hasDetector = edge !== undefined && (edge.analysers?.detector ?? true);
  return {
    environment: environment.name,
    ...(subscription !== undefined && { subscriptionId: subscription }),
    location: environment.location,
    resourceGroup: names.resourceGroupName(parts),
    resourceProviders: RESOURCE_PROVIDERS,
    operations: neededOperations(resourceUses(stack), environment.protection.purgeOnDestroy).apply,
    resources,
    globalNames: resources.filter(({ type }) => GLOBAL_TYPES.includes(type)),
    hub: {
      name: hubName,
      hostname: `${hubName}.azure-devices.net`,
      routes: Object.fromEntries(of("azurerm_iothub_route").map(routeOf)),
      endpoints: [...new Set(named("azurerm_iothub_endpoint_storage_container"))],
      logCategories: ALERTED_CATEGORIES,
      dailyMessages: IOT_HUB_SKUS[sku].dailyMessages * (environment.hub?.units ?? IOT_HUB_DEFAULTS.units),
      silentMinutes: SILENT_MINUTES,
    },
    lake: {
      account: names.storageAccountName(parts, "lake"),
      anomalies: ANOMALY_CONTAINER,
      ...((environment.routing?.telemetryToLake ?? true) && { telemetry: TELEMETRY_CONTAINER }),
    },
    logs: {
      workspace: names.logAnalyticsWorkspaceName(parts),
      ...(workflow !== undefined &&
        topic !== undefined && { feed: { table: ANOMALY_TABLE, workflow: workflow.name, topic } }),
    },
    ...(environment.maintenance?.queue && {
      workOrders: {
        topics: named("azurerm_eventgrid_system_topic"),
        subscription: EPISODE_SUBSCRIPTION,
        namespace: names.serviceBusNamespaceName(parts),
        queue: WORK_ORDER_QUEUE,
      },
    }),
    alerts: {
      minimumConnectedDevices: environment.alerts.minimumConnectedDevices ?? 1,
      actionGroup: names.actionGroupName(parts),
    },
    budget: { name: names.budgetName(parts) },
    registry: {
      name: names.containerRegistryName(parts),
      host: surroundings.registryHost,
      tokens: hasDetector ? tokenNames(edge, named("azurerm_container_registry_token")) : [],
      images: hasDetector ? imagesOf(edge, surroundings.detectorSourceTag) : [],
    },
    models: Object.entries(edge?.versions ?? {}).flatMap(([version, { model, shadowModel }]) =>
      [model, shadowModel].flatMap((one) => (one?.uri === undefined ? [] : [{ version, uri: one.uri }])),
    ),
    virtualCpus:
      CPUS_OF_A_MACHINE * (edge?.devices ?? []).filter(({ virtualMachine }) => virtualMachine === true).length,
    devices: devicesOn(FIRST_HUB, edge).map((device) => {
      const [ring] = Object.entries(edge?.rings ?? {}).find(([, one]) => isInRing(device, one)) ?? [];
      return {
        id: device.id,
        enabled: device.enabled ?? true,
        ...(ring !== undefined && device.edge !== false && { ring }),
      };
    }),
    deployments: edge === undefined ? [] : deploymentsOf(organization, environment, edge, of("iothub_edge_deployment")),
    ...(hasDetector && { detectorModule: DETECTOR_MODULE }),
    configuration: configurationFindings(environment, warnings),
  };
}

const devicesOn = (hub: string, edge: EdgeSettings | undefined): EdgeDevice[] =>
  (edge?.devices ?? []).filter((device) => deviceHub(device) === hub);

/** Text that holds no expression. */
const isPlain = (value: unknown): value is string => typeof value === "string" && !value.includes("${");

function resourcesOf(written: Readonly<Record<string, Readonly<Record<string, Arguments>>>>): ExpectedResource[] {
  return Object.entries(written).flatMap(([terraformType, all]) =>
    Object.values(all).flatMap(({ name, type, for_each: forEach }): ExpectedResource[] => {
      const azapi = terraformType === "azapi_resource" && typeof type === "string" ? type.split("@")[0] : undefined;
      // A type with two names in it is a part of another resource.
      const arm = azapi?.split("/").length === 2 ? azapi : LISTED_TYPES[terraformType];
      if (arm === undefined) {
        return [];
      }
      const keys = name === "${each.key}" && isObject(forEach) ? Object.keys(forEach) : isPlain(name) ? [name] : [];
      return keys.map((each) => ({ type: arm, name: each }));
    }),
  );
}

function routeOf({ name, endpoint_names: endpoints }: Arguments): [string, string] {
  const [endpoint] = Array.isArray(endpoints) ? (endpoints as unknown[]) : [];
  // An endpoint of the stack's own is a reference to its name.
  const reference = /endpoint_storage_container\.[\w-]*?(Anomaly|Telemetry)Endpoint/.exec(String(endpoint))?.[1];
  const plain = { Anomaly: "lake-anomalies", Telemetry: "lake-telemetry" }[reference ?? ""] ?? String(endpoint);
  return [String(name), plain];
}

/** Names of the tokens that devices get: of two, the active one. */
function tokenNames({ registryTokens = {} }: EdgeSettings, all: readonly string[]): string[] {
  const active = Object.keys(registryTokensOf(registryTokens)).indexOf(registryTokens.active ?? "first");
  const name = all[Math.max(0, active)];
  return name === undefined ? [] : [name];
}

function imagesOf({ versions }: EdgeSettings, sourceTag?: string): Expectations["registry"]["images"] {
  return Object.entries(versions).map(([name, version]) => {
    const [tag = "", digest] = versionImage(version, sourceTag).split("@");
    return { version: name, repository: DETECTOR.imageRepository, reference: digest ?? tag };
  });
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
    const devices = devicesOn(FIRST_HUB, edge).filter((device) => device.edge !== false && isInRing(device, settings));
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

const CHECK_OF_WARNING = {
  placeholder: "placeholder",
  "unlisted-environment": "unlisted-environment",
  "message-quota": "message-volume",
  "provider-lock": "provider-lock",
} as const;

function configurationFindings(
  environment: EnvironmentConfig,
  warnings: readonly ConfigurationWarning[],
): Expectations["configuration"] {
  const isOwn = (owner: string): boolean => ["organization", "repository", environment.name].includes(owner);
  const versions = environment.protection.preventDestroy ? Object.entries(environment.edge?.versions ?? {}) : [];
  return [
    ...warnings
      .filter(({ owner }) => isOwn(owner))
      .map(({ rule, file, path, value, remedy }) => ({
        check: CHECK_OF_WARNING[rule],
        subject: file,
        what: `${path}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
        remedy,
      })),
    ...versions
      .filter(([, { detector }]) => !detector.includes("@sha256:"))
      .map(([name, { detector }]) => ({
        check: "image-tag" as const,
        subject: `version ${name}`,
        what: `its detector is ${detector}, a tag`,
      })),
  ];
}
