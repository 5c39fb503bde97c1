import type { Expectations, ExpectedResource } from "@edge-anomaly-detection/doctor";
import { isObject } from "@edge-anomaly-detection/common";
import { DETECTOR, DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import type { EdgeSettings } from "../../constructs/edge/edge-settings";
import { registryTokensOf } from "../../constructs/edge/registry-tokens";
import { EPISODE_SUBSCRIPTION } from "../../constructs/maintenance/episode-subscription";
import { WORK_ORDER_QUEUE } from "../../constructs/maintenance/work-order-queue";
import { ANOMALY_TABLE } from "../../constructs/monitoring/anomaly-feed";
import { neededOperations, resourceUses } from "../../constructs/security/needed-operations";
import * as names from "../../constructs/shared/names";
import { writtenOf } from "../../constructs/shared/faster-synthesis";
import { ANOMALY_CONTAINER, TELEMETRY_CONTAINER } from "../../constructs/storage/data-lake";
import { versionImage } from "../../edge-manifests/model-image";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import { nameParts } from "../../environments/validation/name-parts";
import type { ConfigurationWarning } from "../../environments/validation/warnings";
import type { EnvironmentStack } from "../environment-stack";
import { type Arguments, eachHub, hubExpectations, isPlain } from "./doctor-hub-expectations";
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
  const topics = named("azurerm_eventgrid_system_topic").sort();
  const [first, ...others] = eachHub(environment, (hub) => hubExpectations(organization, environment, hub, of));
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
    ...first,
    ...(others.length > 0 && { otherHubs: others }),
    lake: {
      account: names.storageAccountName(parts, "lake"),
      anomalies: ANOMALY_CONTAINER,
      ...((environment.routing?.telemetryToLake ?? true) && { telemetry: TELEMETRY_CONTAINER }),
    },
    logs: {
      workspace: names.logAnalyticsWorkspaceName(parts),
      ...(workflow !== undefined &&
        topics.length > 0 && { feed: { table: ANOMALY_TABLE, workflow: workflow.name, topics } }),
    },
    ...(environment.maintenance?.queue && {
      workOrders: {
        topics,
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
    ...(hasDetector && { detectorModule: DETECTOR_MODULE }),
    configuration: configurationFindings(environment, warnings),
  };
}

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
