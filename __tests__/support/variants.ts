import type { EdgeSettings } from "../../constructs/edge/edge-settings";
import { IOT_HUB_SKUS, type IotHubSku } from "../../constructs/hub/iot-hub";
import { RULES } from "../../constructs/policy/rules";
import type { BootstrapConfig } from "../../environments/bootstrap-config";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { minimal } from "./environments";
import { networkEnvironments } from "./networks";
import { provisioningEnvironments } from "./provisioning";

const edge: EdgeSettings = {
  devices: [
    { id: "press-01", hostname: "press-01.plant.example", tags: { line: "1" } },
    { id: "press-02", parent: "press-01", edge: false, authentication: { kind: "symmetricKeys", keyVersion: 2 } },
    { id: "press-03", tags: { line: "2" }, parent: "press-01", authentication: { kind: "certificateAuthority" } },
    {
      id: "press-04",
      tags: { line: "2" },
      enabled: false,
      authentication: { kind: "thumbprints", primary: "ab".repeat(20) },
    },
    { id: "press-05", tags: { line: "2" }, virtualMachine: true },
  ],
  versions: { v1: { detector: "1.0.0" }, v2: { detector: "1.1.0" } },
  rings: { canary: { version: "v2", where: { line: "1" } }, fleet: { version: "v1", where: { line: "2" } } },
};

/** What the project's own rules think of a variant is not what variants are for. */
const policy = { exceptions: RULES.map(({ id }) => ({ rule: id, reason: "Variants go to the limits." })) };
const base: EnvironmentConfig = { ...minimal, edge, policy };

const REPLICATIONS = ["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"] as const;
const named = <T>(values: readonly T[], of: (value: T) => Partial<EnvironmentConfig>): [string, EnvironmentConfig][] =>
  values.map((value) => [JSON.stringify(of(value)).replaceAll(/["{}]/g, "").slice(0, 80), { ...base, ...of(value) }]);
const each = (...parts: readonly Partial<EnvironmentConfig>[]): [string, EnvironmentConfig][] =>
  named(parts, (part) => part);

/** Both ends of every range, every choice, and every part on and off, one at a time. */
export const variants: readonly [string, EnvironmentConfig][] = [
  ["minimal", { ...minimal, policy }],
  ["base", base],
  ...named(Object.keys(IOT_HUB_SKUS) as IotHubSku[], (sku) => {
    const { maxUnits: units, maxPartitions: partitions, maxRetentionDays: retentionDays } = IOT_HUB_SKUS[sku];
    const isFree = sku === "F1";
    return {
      hub: { sku, units, partitions, retentionDays, readers: ["historian", "dashboards"] },
      ...(isFree && {
        routing: { telemetryToLake: false },
        edge: { ...edge, devices: [], rings: { all: { version: "v1" } }, simulatedSensorSeconds: 86_400 },
      }),
    };
  }),
  ...named(REPLICATIONS, (replication) => ({ lake: { replication }, accounts: { replication } })),
  ...named([1, 365], (softDeleteDays) => ({ lake: { softDeleteDays }, accounts: { softDeleteDays } })),
  ...named(["Basic", "Standard", "Premium"] as const, (registrySku) => ({ machineLearning: { registrySku } })),
  ...Object.entries(networkEnvironments).map(([kind, environment]): [string, EnvironmentConfig] => [
    `network ${kind}`,
    environment,
  ]),
  ...Object.entries(provisioningEnvironments).map(([kind, environment]): [string, EnvironmentConfig] => [
    `provisioning ${kind}`,
    environment,
  ]),
  ...each(
    { machineLearning: { minNodes: 0, maxNodes: 1, idleMinutes: 1, computeName: "c-1", vmSize: "Standard_DS3_v2" } },
    { machineLearning: { minNodes: 100, maxNodes: 100, idleMinutes: 1_440 } },
    { protection: { preventDestroy: true, purgeOnDestroy: false } },
    { protection: { preventDestroy: false, purgeOnDestroy: true } },
    { keyVault: { softDeleteDays: 7, purgeProtection: false } },
    { keyVault: { softDeleteDays: 90, purgeProtection: true } },
    { logs: { retentionDays: 30, dailyQuotaGb: 0.1, anomalyFeed: false } },
    { logs: { retentionDays: 730, dailyQuotaGb: 10_000, anomalyFeed: true } },
    { routing: { batchSeconds: 60, batchMegabytes: 10, telemetryToLake: false, enrichments: {} } },
    { routing: { batchSeconds: 720, batchMegabytes: 500, enrichments: { a: "literal", hub: "$iothubname" } } },
    { streamAnalytics: { packageStorage: "jobStorageAccount", publishEveryDays: 1, publishGeneration: 1_000_000 } },
    { streamAnalytics: { packageStorage: "package", publishEveryDays: 1_000 } },
    { budget: { monthlyAmount: 1, actualPercent: 1, forecastPercent: 1 } },
    { budget: { monthlyAmount: 1_000_000_000, actualPercent: 1_000, forecastPercent: 1_000 } },
    { edge: { ...edge, analysers: { detector: false }, simulatedSensorSeconds: 1, timeToLiveSeconds: 0 } },
    { edge: { ...edge, analysers: { streamAnalytics: false }, telemetryToCloud: true, timeToLiveSeconds: 2_592_000 } },
    { edge: { ...edge, devices: [] } },
    { backend: { kind: "cloud", organization: "contoso", workspace: "edge", hostname: "terraform.contoso.com" } },
    {
      backend: {
        kind: "azurerm",
        resourceGroupName: "rg-state",
        storageAccountName: "ststate",
        containerName: "states",
        key: "test.tfstate",
      },
    },
    { subscriptionId: "99999999-9999-4999-8999-999999999999", tags: { owner: "plant" } },
  ),
  ...named([0, 1, 1_000_000], (count) => ({
    alerts: {
      ...base.alerts,
      toleratedAnomaliesPerHour: count,
      minimumConnectedDevices: count,
      toleratedRoutingFailures: count,
      toleratedThrottledMessages: count,
      quotaPercent: Math.min(Math.max(count, 1), 100),
    },
  })),
  ...named(["User", "Group", "ServicePrincipal"] as const, (type) => {
    const principal = (digit: string): { objectId: string; type: typeof type } => ({
      objectId: `${digit.repeat(8)}-2222-4222-8222-222222222222`,
      type,
    });
    return {
      access: { contributors: { a: principal("2") }, readers: { b: principal("3") }, analysts: { c: principal("4") } },
    };
  }),
];

/** Bootstraps for an environment with an `azurerm` backend. */
export const bootstraps: readonly BootstrapConfig[] = REPLICATIONS.map((replication, index) => ({
  backend: { kind: "local" },
  operators: { jane: "44444444-4444-4444-8444-444444444444" },
  github: { owner: "contoso", repository: "edge" },
  stateStorage: {
    location: "westeurope",
    resourceGroupName: "rg-state",
    storageAccountName: "ststate",
    replication,
    softDeleteDays: index === 0 ? 7 : 365,
  },
}));
