import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { ContainerRegistry } from "@cdktf/provider-azurerm/lib/container-registry";
import { Iothub, type IothubConfig } from "@cdktf/provider-azurerm/lib/iothub";
import { IothubRouteA } from "@cdktf/provider-azurerm/lib/iothub-route";
import { KeyVault, type KeyVaultConfig } from "@cdktf/provider-azurerm/lib/key-vault";
import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import { LinuxVirtualMachine } from "@cdktf/provider-azurerm/lib/linux-virtual-machine";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { MachineLearningComputeCluster } from "@cdktf/provider-azurerm/lib/machine-learning-compute-cluster";
import {
  MonitorDiagnosticSetting,
  type MonitorDiagnosticSettingConfig,
} from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { NetworkSecurityGroup } from "@cdktf/provider-azurerm/lib/network-security-group";
import { NetworkSecurityRule } from "@cdktf/provider-azurerm/lib/network-security-rule";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { ServicebusNamespace, type ServicebusNamespaceConfig } from "@cdktf/provider-azurerm/lib/servicebus-namespace";
import { StorageAccount, type StorageAccountConfig } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { StreamAnalyticsJob } from "@cdktf/provider-azurerm/lib/stream-analytics-job";
import { AzurermBackend, TerraformIterator, TerraformLocal, TerraformVariable } from "cdktf";
import { evaluate, type PolicyReport, type Surroundings } from "../../constructs/policy/evaluate";
import type { Rule } from "../../constructs/policy/rule";
import { RULES } from "../../constructs/policy/rules";
import { PROTECTED_KINDS } from "../../constructs/policy/rules/stateful-protected";
import { stableJson } from "@edge-anomaly-detection/common";
import { statefulType } from "@edge-anomaly-detection/azure-facts";
import { AzapiResource, AzapiResourceAction, IothubEdgeDeployment } from "@edge-anomaly-detection/terraform-bindings";
import { Bench } from "../support/synth";

const SURROUNDINGS: Surroundings = {
  allowedRegions: ["westeurope"],
  exceptions: [],
  minimumLogRetentionDays: 60,
  minimumSoftDeleteDays: 14,
  preventDestroy: true,
  requiredTags: ["owner"],
};

/** What a rule says of one stack: right, wrong at these arguments, or not to be judged for this reason. */
type Outcome = "compliant" | { readonly wrong: readonly string[] } | { readonly notJudged: string };
type Case = readonly [title: string, build: (bench: Bench) => void, outcome: Outcome];

const wrong = (...paths: readonly string[]): Outcome => ({ wrong: paths });
const later = (path: string): Outcome => ({ notJudged: `${path} is known only when Terraform applies` });

const place = { resourceGroupName: "rg-test", location: "westeurope" } as const;

function account(bench: Bench, config: Partial<StorageAccountConfig> = {}): StorageAccount {
  const required = { ...place, name: "stone", accountTier: "Standard", accountReplicationType: "LRS" };
  return new StorageAccount(bench.stack, "Account", { ...required, ...config });
}

function namespace(bench: Bench, config: Partial<ServicebusNamespaceConfig> = {}): ServicebusNamespace {
  return new ServicebusNamespace(bench.stack, "Namespace", {
    ...place,
    name: "sbns-test",
    sku: "Standard",
    ...config,
  });
}

function hub(bench: Bench, config: Partial<IothubConfig> = {}): Iothub {
  return new Iothub(bench.stack, "Hub", {
    ...place,
    name: "iot-test",
    sku: { name: "S1", capacity: 1 },
    ...config,
  });
}

function vault(bench: Bench, config: Partial<KeyVaultConfig> = {}): KeyVault {
  const required = { ...place, name: "kv-test", tenantId: "11111111-1111-4111-8111-111111111111", skuName: "standard" };
  return new KeyVault(bench.stack, "Vault", { ...required, ...config });
}

function registry(bench: Bench, config: { adminEnabled?: boolean; anonymousPullEnabled?: boolean }): ContainerRegistry {
  return new ContainerRegistry(bench.stack, "Registry", { ...place, name: "crtest", sku: "Standard", ...config });
}

function cluster(bench: Bench, minNodeCount: number, localAuthEnabled?: boolean): MachineLearningComputeCluster {
  return new MachineLearningComputeCluster(bench.stack, "Cluster", {
    name: "cpu",
    location: "westeurope",
    machineLearningWorkspaceId: "/subscriptions/x",
    vmPriority: "Dedicated",
    vmSize: "Standard_D4ds_v5",
    scaleSettings: { minNodeCount, maxNodeCount: 4, scaleDownNodesAfterIdleDuration: "PT15M" },
    localAuthEnabled,
  });
}

function workspace(bench: Bench, config: object = {}): LogAnalyticsWorkspace {
  return new LogAnalyticsWorkspace(bench.stack, "Workspace", { ...place, name: "log-test", ...config });
}

function insights(bench: Bench, config: object = {}): ApplicationInsights {
  return new ApplicationInsights(bench.stack, "Insights", {
    ...place,
    name: "appi",
    applicationType: "web",
    ...config,
  });
}

function machine(bench: Bench, disablePasswordAuthentication?: boolean): LinuxVirtualMachine {
  return new LinuxVirtualMachine(bench.stack, "Machine", {
    ...place,
    name: "vm",
    size: "Standard_B2s_v2",
    adminUsername: "azureuser",
    networkInterfaceIds: [],
    osDisk: { caching: "ReadWrite", storageAccountType: "StandardSSD_LRS" },
    disablePasswordAuthentication,
  });
}

function setting(bench: Bench, config: Partial<MonitorDiagnosticSettingConfig>, id = "Setting"): void {
  new MonitorDiagnosticSetting(bench.stack, id, {
    name: "to-log-analytics",
    targetResourceId: "/subscriptions/x",
    ...config,
  });
}

const ARM_WORKSPACE = "Microsoft.MachineLearningServices/workspaces@2025-01-01";

function learning(bench: Bench, config: object): AzapiResource {
  return new AzapiResource(bench.stack, "Learning", {
    type: ARM_WORKSPACE,
    name: "mlw",
    parentId: "/subscriptions/x",
    location: "westeurope",
    ...config,
  });
}

function job(bench: Bench, properties: Readonly<Record<string, string | object>>): AzapiResource {
  return new AzapiResource(bench.stack, "Job", {
    type: "Microsoft.StreamAnalytics/streamingjobs@2021-10-01-preview",
    name: "job",
    parentId: "/subscriptions/x",
    body: { properties: { ...properties } as Record<string, string> },
  });
}

function transformation(
  bench: Bench,
  owner: AzapiResource,
  properties: Readonly<Record<string, string | number>>,
): void {
  new AzapiResourceAction(bench.stack, "Transformation", {
    type: "Microsoft.StreamAnalytics/streamingjobs/transformations@2021-10-01-preview",
    resourceId: `${owner.id}/transformations/main`,
    method: "PUT",
    body: { properties },
  });
}

function deployment(bench: Bench, modulesContent: string, rings?: Readonly<Record<string, string>>): void {
  new IothubEdgeDeployment(bench.stack, "Deployment", {
    deploymentId: "base",
    modulesContent,
    targetCondition: "*",
    ...(rings !== undefined && { forEach: TerraformIterator.fromMap(rings) }),
  });
}

const content = (image: string): string =>
  stableJson({ $edgeAgent: { "properties.desired.modules.detector": { settings: { image } } } });

const boolean = (bench: Bench): TerraformVariable => new TerraformVariable(bench.stack, "Later", { type: "bool" });

function securityRule(
  bench: Bench,
  config: { sourceAddressPrefix?: string; direction?: string; access?: string },
): void {
  new NetworkSecurityRule(bench.stack, "Rule", {
    name: "ssh",
    resourceGroupName: "rg-test",
    networkSecurityGroupName: "nsg",
    priority: 100,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    sourcePortRange: "*",
    destinationPortRange: "22",
    destinationAddressPrefix: "*",
    ...config,
  });
}

const BIG_KEY = `${"k".repeat(86)}==`;

/** At least one compliant and one non-compliant stack for every rule. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "storage-shared-keys-off": [
    ["an account without", (b) => account(b, { sharedAccessKeyEnabled: false }), "compliant"],
    ["an account that says nothing, which has them", (b) => account(b), wrong("shared_access_key_enabled")],
    ["an account with", (b) => account(b, { sharedAccessKeyEnabled: true }), wrong("shared_access_key_enabled")],
    [
      "false as text",
      (b) => {
        account(b).addOverride("shared_access_key_enabled", "false");
      },
      "compliant",
    ],
    [
      "an escape hatch",
      (b) => {
        account(b, { sharedAccessKeyEnabled: false }).addOverride("shared_access_key_enabled", true);
      },
      wrong("shared_access_key_enabled"),
    ],
    [
      "an escape hatch of the stack",
      (b) => {
        const { friendlyUniqueId } = account(b, { sharedAccessKeyEnabled: false });
        b.stack.addOverride(`resource.azurerm_storage_account.${friendlyUniqueId}.shared_access_key_enabled`, true);
      },
      wrong("shared_access_key_enabled"),
    ],
    [
      "a variable",
      (b) => account(b, { sharedAccessKeyEnabled: boolean(b).booleanValue }),
      later("shared_access_key_enabled"),
    ],
    [
      "an expression in an escape hatch",
      (b) => {
        account(b).addOverride("shared_access_key_enabled", "${var.keys}");
      },
      later("shared_access_key_enabled"),
    ],
    [
      "accounts made with for_each",
      (b) => {
        const names = TerraformIterator.fromList(["one", "two"]);
        account(b, { forEach: names, name: names.value as string, sharedAccessKeyEnabled: true });
      },
      wrong("shared_access_key_enabled"),
    ],
  ],
  "storage-minimum-tls": [
    ["1.2", (b) => account(b, { minTlsVersion: "TLS1_2" }), "compliant"],
    ["nothing, which is 1.2", (b) => account(b), "compliant"],
    ["1.0", (b) => account(b, { minTlsVersion: "TLS1_0" }), wrong("min_tls_version")],
    [
      "1.0 by an escape hatch",
      (b) => {
        account(b).addOverride("min_tls_version", "TLS1_0");
      },
      wrong("min_tls_version"),
    ],
  ],
  "storage-https-only": [
    ["TLS", (b) => account(b, { httpsTrafficOnlyEnabled: true }), "compliant"],
    ["without", (b) => account(b, { httpsTrafficOnlyEnabled: false }), wrong("https_traffic_only_enabled")],
  ],
  "storage-no-public-blobs": [
    ["none", (b) => account(b, { allowNestedItemsToBePublic: false }), "compliant"],
    ["an account that says nothing", (b) => account(b), wrong("allow_nested_items_to_be_public")],
    [
      "a public container",
      (b) =>
        new StorageContainer(b.stack, "Container", {
          name: "one",
          storageAccountId: "/subscriptions/x",
          containerAccessType: "blob",
        }),
      wrong("container_access_type"),
    ],
  ],
  "storage-no-cross-tenant-replication": [
    ["none", (b) => account(b), "compliant"],
    ["allowed", (b) => account(b, { crossTenantReplicationEnabled: true }), wrong("cross_tenant_replication_enabled")],
  ],
  "storage-no-local-users": [
    ["none", (b) => account(b, { localUserEnabled: false }), "compliant"],
    ["an account that says nothing", (b) => account(b), wrong("local_user_enabled")],
  ],
  "hub-minimum-tls": [
    ["1.2", (b) => hub(b, { minTlsVersion: "1.2" }), "compliant"],
    ["nothing", (b) => hub(b), wrong("min_tls_version")],
    [
      "1.0 by an escape hatch",
      (b) => {
        hub(b, { minTlsVersion: "1.2" }).addOverride("min_tls_version", "1.0");
      },
      wrong("min_tls_version"),
    ],
  ],
  "service-bus-minimum-tls": [
    ["1.2", (b) => namespace(b, { minimumTlsVersion: "1.2" }), "compliant"],
    ["nothing, which is 1.2", (b) => namespace(b), "compliant"],
    ["1.1", (b) => namespace(b, { minimumTlsVersion: "1.1" }), wrong("minimum_tls_version")],
  ],
  "hub-routing-in-one-place": [
    ["routes in the hub alone", (b) => hub(b, { route: [inlineRoute] }), "compliant"],
    [
      "routes of their own alone",
      (b) => {
        route(b, hub(b).name);
      },
      "compliant",
    ],
    [
      "both",
      (b) => {
        route(b, hub(b, { route: [inlineRoute] }).name);
      },
      wrong("route"),
    ],
    [
      "routes apart and another part by an escape hatch",
      (b) => {
        route(b, hubWithFallback(b).name);
      },
      "compliant",
    ],
    [
      "both, the hub named by its name",
      (b) => {
        hub(b, { route: [inlineRoute] });
        route(b, "iot-test");
      },
      wrong("route"),
    ],
    [
      "another hub's",
      (b) => {
        hub(b, { route: [inlineRoute] });
        route(b, "iot-other");
      },
      "compliant",
    ],
  ],
  "vault-rbac": [
    ["roles", (b) => vault(b, { rbacAuthorizationEnabled: true }), "compliant"],
    ["nothing, which is policies", (b) => vault(b), wrong("rbac_authorization_enabled")],
  ],
  "vault-purge-protection": [
    ["protected", (b) => vault(b, { purgeProtectionEnabled: true }), "compliant"],
    ["nothing, which is not", (b) => vault(b), wrong("purge_protection_enabled")],
  ],
  "local-authentication-off": [
    ["a hub without", (b) => hub(b, { localAuthenticationEnabled: false }), "compliant"],
    ["a hub", (b) => hub(b), wrong("local_authentication_enabled")],
    ["logs", (b) => workspace(b), wrong("local_authentication_enabled")],
    ["a cluster without", (b) => cluster(b, 0, false), "compliant"],
    ["a cluster", (b) => cluster(b, 0), wrong("local_auth_enabled")],
    ["a component without", (b) => insights(b, { localAuthenticationDisabled: true }), "compliant"],
    ["a component", (b) => insights(b), wrong("local_authentication_disabled")],
    ["a namespace without", (b) => namespace(b, { localAuthEnabled: false }), "compliant"],
    ["a namespace", (b) => namespace(b), wrong("local_auth_enabled")],
  ],
  "registry-admin-off": [
    ["none", (b) => registry(b, {}), "compliant"],
    ["one", (b) => registry(b, { adminEnabled: true }), wrong("admin_enabled")],
  ],
  "registry-anonymous-pull-off": [
    ["nobody", (b) => registry(b, {}), "compliant"],
    ["everybody", (b) => registry(b, { anonymousPullEnabled: true }), wrong("anonymous_pull_enabled")],
  ],
  "virtual-machine-no-passwords": [
    ["keys", (b) => machine(b, true), "compliant"],
    ["nothing, which is keys", (b) => machine(b), "compliant"],
    ["passwords", (b) => machine(b, false), wrong("disable_password_authentication")],
  ],
  "network-closed-inbound": [
    [
      "some addresses",
      (b) => {
        securityRule(b, { sourceAddressPrefix: "10.0.0.0/8" });
      },
      "compliant",
    ],
    [
      "everybody out",
      (b) => {
        securityRule(b, { sourceAddressPrefix: "*", direction: "Outbound" });
      },
      "compliant",
    ],
    [
      "nobody in",
      (b) => {
        securityRule(b, { sourceAddressPrefix: "*", access: "Deny" });
      },
      "compliant",
    ],
    [
      "everybody in",
      (b) => {
        securityRule(b, { sourceAddressPrefix: "Internet" });
      },
      wrong("source_address_prefix"),
    ],
    [
      "everybody in by a group's own rule",
      (b) =>
        new NetworkSecurityGroup(b.stack, "Group", {
          ...place,
          name: "nsg",
          securityRule: [{ name: "all", direction: "Inbound", access: "Allow", sourceAddressPrefix: "0.0.0.0/0" }],
        }),
      wrong("security_rule[0].source_address_prefix"),
    ],
    [
      "addresses of a variable",
      (b) => {
        securityRule(b, { sourceAddressPrefix: new TerraformVariable(b.stack, "From", {}).stringValue });
      },
      later("source_address_prefix"),
    ],
  ],
  "public-network-access": [
    ["a hub without", (b) => hub(b, { publicNetworkAccessEnabled: false }), "compliant"],
    ["a hub that says nothing", (b) => hub(b), wrong("public_network_access_enabled")],
    ["a vault", (b) => vault(b), wrong("public_network_access_enabled")],
    ["an account", (b) => account(b), wrong("public_network_access_enabled")],
    ["a registry", (b) => registry(b, {}), wrong("public_network_access_enabled")],
    [
      "a workspace by azapi",
      (b) => learning(b, { body: { properties: { publicNetworkAccess: "Enabled" } } }),
      wrong("body.properties.publicNetworkAccess"),
    ],
    [
      "a workspace by azapi without",
      (b) => learning(b, { body: { properties: { publicNetworkAccess: "Disabled" } } }),
      "compliant",
    ],
  ],
  "no-secret-literals": [
    [
      "a reference and a sensitive variable",
      (b) => {
        const key = new TerraformVariable(b.stack, "Password", { type: "string", sensitive: true });
        machine(b).adminPassword = key.stringValue;
        learning(b, { sensitiveBody: { properties: { accountKey: account(b).primaryAccessKey } } });
      },
      "compliant",
    ],
    ["a password", (b) => (machine(b).adminPassword = "correct horse"), wrong("admin_password")],
    [
      "a password by an escape hatch",
      (b) => {
        machine(b).addOverride("admin_password", "correct horse");
      },
      wrong("admin_password"),
    ],
    [
      "a secret of a vault",
      (b) => new KeyVaultSecret(b.stack, "Secret", { name: "one", keyVaultId: "/x", value: "correct horse" }),
      wrong("value"),
    ],
    [
      "a key in a body",
      (b) => learning(b, { body: { properties: { accountKey: "abc" } } }),
      wrong("body.properties.accountKey"),
    ],
    [
      "a connection string under a name that says nothing",
      (b) => new TerraformLocal(b.stack, "Note", `HostName=x.azure-devices.net;SharedAccessKey=${BIG_KEY}`),
      wrong("locals.Note"),
    ],
    [
      "a backend's key",
      (b) =>
        new AzurermBackend(b.stack, {
          storageAccountName: "stone",
          containerName: "state",
          key: "test.tfstate",
          accessKey: BIG_KEY,
        }),
      wrong("terraform.backend.azurerm.access_key"),
    ],
    [
      "a connection string in for_each",
      (b) => {
        deployment(b, "${each.value}", { one: `HostName=x;SharedAccessKey=${BIG_KEY}` });
      },
      wrong("for_each.one"),
    ],
    [
      "names of secrets, and versions of them",
      (b) => {
        new TerraformLocal(b.stack, "Devices", { press: { secret: "device-press", password_secret_name: "press" } });
        learning(b, { sensitiveBodyVersion: { "properties.accountKey": "1" } });
      },
      "compliant",
    ],
  ],
  "pinned-images": [
    [
      "a version",
      (b) => {
        deployment(b, content("cr.azurecr.io/detector:1.0.0"));
      },
      "compliant",
    ],
    [
      "a digest",
      (b) => {
        deployment(b, content(`detector@sha256:${"0".repeat(64)}`));
      },
      "compliant",
    ],
    [
      "latest",
      (b) => {
        deployment(b, content("cr.azurecr.io/detector:latest"));
      },
      wrong("modules_content.$edgeAgent.properties.desired.modules.detector.settings.image"),
    ],
    [
      "a port and no version",
      (b) => {
        deployment(b, content("localhost:5000/detector"));
      },
      wrong("modules_content.$edgeAgent.properties.desired.modules.detector.settings.image"),
    ],
    [
      "latest in one of two rings",
      (b) => {
        deployment(b, "${each.value}", { all: content("detector:latest"), canary: content("detector:1.0.0") });
      },
      wrong("for_each.all.$edgeAgent.properties.desired.modules.detector.settings.image"),
    ],
    [
      "a registry that Azure names",
      (b) => {
        deployment(b, content("${azurerm_container_registry.R.login_server}/detector:1.0.0"));
      },
      "compliant",
    ],
    [
      "a version that Azure names",
      (b) => {
        deployment(b, content("cr.azurecr.io/detector:${local.version}"));
      },
      later("modules_content.$edgeAgent.properties.desired.modules.detector.settings.image"),
    ],
    [
      "an unpinned image in a local value",
      (b) =>
        new TerraformLocal(b.stack, "Contents", {
          all: { $edgeAgent: { "properties.desired.modules.x": { settings: { image: "x" } } } },
        }),
      wrong("locals.Contents.all.$edgeAgent.properties.desired.modules.x.settings.image"),
    ],
  ],
  "images-by-digest": [
    [
      "a digest",
      (b) => {
        deployment(b, content(`cr.azurecr.io/detector@sha256:${"0".repeat(64)}`));
      },
      "compliant",
    ],
    [
      "a tag alone",
      (b) => {
        deployment(b, content("cr.azurecr.io/detector:1.0.0"));
      },
      wrong("modules_content"),
    ],
    [
      "a tag alone in one of two rings",
      (b) => {
        const digest = content(`detector@sha256:${"0".repeat(64)}`);
        deployment(b, "${each.value}", { all: digest, canary: content("detector:1.0.0") });
      },
      wrong("modules_content"),
    ],
  ],
  "edge-job-without-streaming-units": [
    [
      "none",
      (b) => {
        transformation(b, job(b, { jobType: "Edge" }), { query: "SELECT 1" });
      },
      "compliant",
    ],
    [
      "units of the transformation",
      (b) => {
        transformation(b, job(b, { jobType: "Edge" }), { streamingUnits: 3 });
      },
      wrong("body.properties.streamingUnits"),
    ],
    ["a cluster", (b) => job(b, { jobType: "Edge", cluster: { id: "/x" } }), wrong("body.properties.cluster")],
    [
      "units in azurerm's own resource",
      (b) => new StreamAnalyticsJob(b.stack, "Job", { ...place, ...QUERY, type: "Edge", streamingUnits: 3 }),
      wrong("streaming_units"),
    ],
    [
      "a job in the cloud beside one on devices",
      (b) => {
        job(b, { jobType: "Edge" });
        new StreamAnalyticsJob(b.stack, "Cloud", { ...place, ...QUERY, type: "Cloud", streamingUnits: 3 });
      },
      "compliant",
    ],
    [
      "a type that is known later",
      (b) => job(b, { jobType: "${var.type}", cluster: { id: "/x" } }),
      later("body.properties.jobType"),
    ],
  ],
  "diagnostics-present": [
    [
      "a setting for the hub",
      (b) => {
        setting(b, { targetResourceId: hub(b).id });
      },
      "compliant",
    ],
    ["a hub without", (b) => hub(b), wrong("diagnostic setting")],
    [
      "another hub's",
      (b) => {
        hub(b);
        setting(b, { targetResourceId: vault(b).id });
      },
      wrong("diagnostic setting"),
    ],
    [
      "an account without its blobs",
      (b) => {
        setting(b, { targetResourceId: account(b).id });
      },
      wrong("diagnostic setting on blobServices/default"),
    ],
    [
      "an account with its blobs",
      (b) => {
        const { id } = account(b);
        setting(b, { targetResourceId: id });
        setting(b, { targetResourceId: `${id}/blobServices/default` }, "Blobs");
      },
      "compliant",
    ],
    [
      "one setting with for_each for several",
      (b) => {
        const targets = TerraformIterator.fromMap({ hub: hub(b).id, vault: vault(b).id });
        setting(b, { forEach: targets, targetResourceId: targets.value as string });
      },
      "compliant",
    ],
    [
      "a target that nobody knows yet",
      (b) => {
        hub(b);
        setting(b, { targetResourceId: "${var.target}" });
      },
      { notJudged: "the target of a diagnostic setting is known only when Terraform applies" },
    ],
  ],
  "diagnostics-complete": [
    [
      "a category and a place",
      (b) => {
        setting(b, { ...LOGS, ...TO_LOGS });
      },
      "compliant",
    ],
    [
      "nothing",
      (b) => {
        setting(b, {});
      },
      wrong("destination", "category"),
    ],
    [
      "no place",
      (b) => {
        setting(b, LOGS);
      },
      wrong("destination"),
    ],
    [
      "metric blocks",
      (b) => {
        setting(b, { ...TO_LOGS, metric: [{ category: "AllMetrics" }] });
      },
      wrong("category", "metric"),
    ],
    [
      "categories that Terraform makes",
      (b) => {
        const iterator = TerraformIterator.fromList(["Audit"]);
        setting(b, { ...TO_LOGS, enabledLog: iterator.dynamic({ category: iterator.value }) });
      },
      later("enabled_log or enabled_metric"),
    ],
  ],
  "log-retention": [
    ["enough", (b) => workspace(b, { retentionInDays: 60 }), "compliant"],
    ["a day less", (b) => workspace(b, { retentionInDays: 59 }), wrong("retention_in_days")],
    ["nothing, which is 30", (b) => workspace(b), wrong("retention_in_days")],
  ],
  "application-insights-workspace": [
    ["a workspace", (b) => insights(b, { workspaceId: workspace(b).id }), "compliant"],
    ["none", (b) => insights(b), wrong("workspace_id")],
  ],
  "soft-delete-days": [
    [
      "enough",
      (b) =>
        account(b, {
          blobProperties: { deleteRetentionPolicy: { days: 14 }, containerDeleteRetentionPolicy: { days: 14 } },
        }),
      "compliant",
    ],
    [
      "none",
      (b) => account(b),
      wrong("blob_properties.delete_retention_policy.days", "blob_properties.container_delete_retention_policy.days"),
    ],
    [
      "a day less for containers, by an escape hatch",
      (b) => {
        account(b).addOverride("blob_properties", [
          { delete_retention_policy: [{ days: 14 }], container_delete_retention_policy: [{ days: 13 }] },
        ]);
      },
      wrong("blob_properties.container_delete_retention_policy.days"),
    ],
    ["a vault that says nothing, which is 90", (b) => vault(b), "compliant"],
    ["a vault", (b) => vault(b, { softDeleteRetentionDays: 7 }), wrong("soft_delete_retention_days")],
  ],
  "stateful-protected": [
    ["a hub", (b) => hub(b, { lifecycle: { preventDestroy: true } }), "compliant"],
    ["a hub that can be destroyed", (b) => hub(b), wrong("lifecycle.prevent_destroy")],
    ["a workspace by azapi", (b) => learning(b, { body: {} }), wrong("lifecycle.prevent_destroy")],
    [
      "an escape hatch",
      (b) => {
        hub(b, { lifecycle: { preventDestroy: true } }).addOverride("lifecycle.prevent_destroy", false);
      },
      wrong("lifecycle.prevent_destroy"),
    ],
  ],
  "required-tags": [
    ["the tag, in another case", (b) => tagged(b, { Owner: "us" }), "compliant"],
    ["none", (b) => tagged(b), wrong("tags.owner")],
    ["another", (b) => tagged(b, { team: "us" }), wrong("tags.owner")],
    [
      "tags of a variable",
      (b) => {
        tagged(b).addOverride("tags", "${var.tags}");
      },
      later("tags"),
    ],
  ],
  "allowed-regions": [
    ["the region, as Azure shows it", (b) => group(b, "West Europe"), "compliant"],
    ["another", (b) => group(b, "eastus"), wrong("location")],
    ["a variable", (b) => group(b, new TerraformVariable(b.stack, "Where", {}).stringValue), later("location")],
    [
      "the region of a group of this stack",
      (b) => account(b, { location: group(b, "westeurope").location }),
      "compliant",
    ],
  ],
  "compute-scales-to-zero": [
    ["no node", (b) => cluster(b, 0), "compliant"],
    ["one node", (b) => cluster(b, 1), wrong("scale_settings.min_node_count")],
  ],
};

const QUERY = { name: "job", transformationQuery: "SELECT 1" };
const LOGS = { enabledLog: [{ category: "Audit" }] };
const TO_LOGS = { logAnalyticsWorkspaceId: "/subscriptions/x" };
const inlineRoute = { name: "all", source: "DeviceMessages", endpointNames: ["events"], enabled: true };

function route(bench: Bench, iothubName: string): void {
  new IothubRouteA(bench.stack, "Route", { ...inlineRoute, iothubName, resourceGroupName: "rg-test" });
}

/** Its fallback route stands in it, and nowhere else. */
function hubWithFallback(bench: Bench): Iothub {
  const made = hub(bench);
  made.addOverride("fallback_route", [{ enabled: true }]);
  return made;
}

function group(bench: Bench, location: string): ResourceGroup {
  return new ResourceGroup(bench.stack, "Group", { name: "rg-other", location });
}

function tagged(bench: Bench, tags?: Record<string, string>): StorageAccount {
  bench.resourceGroup.tags = { owner: "us" };
  return account(bench, { tags });
}

function judge(rule: Rule, build: Case[1]): PolicyReport {
  const bench = new Bench();
  build(bench);
  return evaluate(bench.stack, [rule], SURROUNDINGS);
}

describe.each(RULES.map((rule) => [rule.what, rule] as const))("%s", (_what, rule) => {
  test.each((CASES[rule.id] ?? []).map(([title, build, outcome]) => [title, outcome, build] as const))(
    "%s: %j",
    (_title, outcome, build) => {
      const { findings, notJudged, rules } = judge(rule, build);
      const paths = findings.map(({ path }) => path);
      const reasons = notJudged.map(({ because }) => because);
      if (outcome === "compliant") {
        expect([paths, reasons]).toEqual([[], []]);
        expect(rules[0]?.compliant).toBeGreaterThan(0);
      } else if ("wrong" in outcome) {
        expect([paths, reasons]).toEqual([outcome.wrong, []]);
      } else {
        expect([paths, reasons]).toEqual([[], [outcome.notJudged]]);
      }
    },
  );
});

test("images by their tag alone are fine where an environment is not protected", () => {
  const bench = new Bench();
  deployment(bench, content("cr.azurecr.io/detector:1.0.0"));
  const rules = RULES.filter(({ id }) => id === "images-by-digest");
  expect(evaluate(bench.stack, rules, { ...SURROUNDINGS, preventDestroy: false }).findings).toEqual([]);
});

describe("the rules", () => {
  test("are these", () => {
    expect(RULES.map(({ id }) => id)).toMatchInlineSnapshot(`
     [
       "storage-shared-keys-off",
       "storage-minimum-tls",
       "storage-https-only",
       "storage-no-public-blobs",
       "storage-no-cross-tenant-replication",
       "storage-no-local-users",
       "hub-minimum-tls",
       "service-bus-minimum-tls",
       "hub-routing-in-one-place",
       "vault-rbac",
       "vault-purge-protection",
       "local-authentication-off",
       "registry-admin-off",
       "registry-anonymous-pull-off",
       "virtual-machine-no-passwords",
       "network-closed-inbound",
       "public-network-access",
       "no-secret-literals",
       "pinned-images",
       "images-by-digest",
       "edge-job-without-streaming-units",
       "diagnostics-present",
       "diagnostics-complete",
       "log-retention",
       "application-insights-workspace",
       "soft-delete-days",
       "stateful-protected",
       "required-tags",
       "allowed-regions",
       "compute-scales-to-zero",
     ]
    `);
  });

  test.each(RULES)("$id has a compliant and a non-compliant case", ({ id }) => {
    const outcomes = (CASES[id] ?? []).map(([, , outcome]) => outcome);
    expect(outcomes).toContain("compliant");
    expect(outcomes.some((outcome) => typeof outcome === "object" && "wrong" in outcome)).toBe(true);
  });

  test("have no cases for rules that are not there", () => {
    const ids = RULES.map(({ id }) => id);
    expect(Object.keys(CASES).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("have ids of their own, that of their file", () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const files = readdirSync(join(__dirname, "../../constructs/policy/rules")).map((file) => basename(file, ".ts"));
    expect([...ids].sort()).toEqual(files.sort());
  });

  test.each(RULES)("$id says what must hold and why in a sentence each", ({ what, why }) => {
    expect([what, why].filter((text) => !/^\w[^\n]+\.$/.test(text))).toEqual([]);
  });

  test("name rules of checkov and PSRule as those spell them", () => {
    const names = RULES.flatMap(({ checkov, psrule }) => [...checkov, ...psrule]);
    expect(names.filter((name) => !/^(CKV2?_AZURE_\d+|Azure\.\w+\.\w+)$/.test(name))).toEqual([]);
  });

  test("protect only what the review of plans knows to hold something", () => {
    const unknown = [...PROTECTED_KINDS].filter((kind) => {
      const [type = "", armType] = kind.split(":");
      return statefulType(type, armType) === undefined;
    });
    expect(unknown).toEqual([]);
  });

  test("ask for no protection where the environment has none", () => {
    const rule = RULES.filter(({ id }) => id === "stateful-protected");
    const bench = new Bench();
    hub(bench);
    expect(evaluate(bench.stack, rule, { ...SURROUNDINGS, preventDestroy: false }).findings).toEqual([]);
  });

  test.each([
    `AccountKey=${BIG_KEY}`,
    "https://stone.blob.core.windows.net/one?sv=1&sig=abcdefgh",
    '{ "adminPassword": "correct horse" }',
    '{ \\"primaryKey\\": \\"abcdefgh\\" }',
    "https://user:correct-horse@example.com/",
    "Authorization: Bearer abcdefghijklmnopqrst",
    "-----BEGIN RSA PRIVATE KEY-----",
    `ghp_${"a".repeat(36)}`,
    "az login --password correct-horse",
    "Authorization: Basic dTpjb3JyZWN0LWhvcnNl",
    "user: u\npasswd: correct-horse\n",
    BIG_KEY,
  ])("find %s in a text", (text) => {
    const secrets = RULES.filter(({ id }) => id === "no-secret-literals");
    const bench = new Bench();
    new TerraformLocal(bench.stack, "Note", text);
    expect(evaluate(bench.stack, secrets, SURROUNDINGS).findings).toHaveLength(1);
  });

  test("never show the secret that they find", () => {
    const secrets = RULES.filter(({ id }) => id === "no-secret-literals");
    const bench = new Bench();
    machine(bench).adminPassword = "correct horse";
    new TerraformLocal(bench.stack, "Note", `HostName=x;SharedAccessKey=${BIG_KEY}`);
    const report = JSON.stringify(evaluate(bench.stack, secrets, SURROUNDINGS));
    expect(report).toContain("admin_password");
    expect(report).not.toMatch(/correct horse|kkkk/);
  });
});
