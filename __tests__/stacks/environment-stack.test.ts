import { Testing } from "cdktf";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";
import { all, at, type Block, find, paths, problemsOf, type StackJson } from "../support/synth";

function synth(environment: EnvironmentConfig): StackJson {
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
  return JSON.parse(Testing.synth(stack, true)) as StackJson;
}

const base = synth(minimal);

/** Every resource that can be found by type and the start of its id. */
const value = (json: StackJson, type: string, id: string, path: string): unknown => at(find(json, type, id), path);

/** Settings that let findings of these rules pass. */
const accepting = (...rules: readonly string[]): EnvironmentConfig["policy"] => ({
  exceptions: rules.map((rule) => ({ rule, reason: "Not what this test is about." })),
});

describe("what a configuration says reaches the JSON", () => {
  const lake = { "anomaly-data": { archiveAfterDays: 200 }, "ml-models": {}, "telemetry-data": {}, extra: {} };

  test.each<[string, Partial<EnvironmentConfig>, [string, string, string], unknown]>([
    ["location", { location: "eastus2" }, ["azurerm_resource_group", "", "location"], "eastus2"],
    ["code", { code: "xyz" }, ["azurerm_resource_group", "", "name"], "rg-anomaly-xyz"],
    ["tags", { tags: { owner: "plant 7" } }, ["azurerm_iothub", "", "tags.owner"], "plant 7"],
    [
      "protection",
      { protection: { preventDestroy: true, purgeOnDestroy: false } },
      ["azurerm_iothub", "", "lifecycle.prevent_destroy"],
      true,
    ],
    [
      "keyVault.softDeleteDays",
      { keyVault: { softDeleteDays: 8 } },
      ["azurerm_key_vault", "Vault_", "soft_delete_retention_days"],
      8,
    ],
    [
      "keyVault.purgeProtection",
      { keyVault: { purgeProtection: false }, policy: accepting("public-network-access", "vault-purge-protection") },
      ["azurerm_key_vault", "WorkspaceVault", "purge_protection_enabled"],
      false,
    ],
    [
      "lake.replication",
      { lake: { replication: "GRS" } },
      ["azurerm_storage_account", "Lake", "account_replication_type"],
      "GRS",
    ],
    [
      "lake.softDeleteDays",
      { lake: { softDeleteDays: 9 } },
      ["azurerm_storage_account", "Lake", "blob_properties.delete_retention_policy.days"],
      9,
    ],
    [
      "lake.containers",
      { lake: { containers: lake } },
      ["azurerm_storage_container", "Lake", "for_each"],
      '${toset(["anomaly-data", "extra", "ml-models", "telemetry-data"])}',
    ],
    [
      "accounts.replication",
      { accounts: { replication: "ZRS" } },
      ["azurerm_storage_account", "PackageStorage", "account_replication_type"],
      "ZRS",
    ],
    [
      "accounts.softDeleteDays",
      { accounts: { softDeleteDays: 9 } },
      ["azurerm_storage_account", "WorkspaceStorage", "blob_properties.delete_retention_policy.days"],
      9,
    ],
    [
      "machineLearning.registrySku",
      { machineLearning: { registrySku: "Standard" } },
      ["azurerm_container_registry", "", "sku"],
      "Standard",
    ],
    [
      "machineLearning.maxNodes",
      { machineLearning: { maxNodes: 9 } },
      ["azurerm_machine_learning_compute_cluster", "", "scale_settings.max_node_count"],
      9,
    ],
    ["hub.units", { hub: { units: 3 } }, ["azurerm_iothub", "", "sku.capacity"], 3],
    ["hub.readers", { hub: { readers: ["a"] } }, ["azurerm_iothub_consumer_group", "", "for_each"], '${toset(["a"])}'],
    [
      "hub.logCategories",
      { hub: { logCategories: ["Connections", "Routes"] } },
      ["azurerm_monitor_diagnostic_setting", "Hub", "enabled_log"],
      [{ category: "Connections" }, { category: "Routes" }],
    ],
    [
      "routing.batchSeconds",
      { routing: { batchSeconds: 90 } },
      ["azurerm_iothub_endpoint_storage_container", "Routing_Anomaly", "batch_frequency_in_seconds"],
      90,
    ],
    [
      "streamAnalytics.jobName",
      { streamAnalytics: { jobName: "line-7" } },
      ["azapi_resource", "EdgeJob_4", "name"],
      "line-7",
    ],
    [
      "streamAnalytics.publishGeneration",
      { streamAnalytics: { publishGeneration: 2 } },
      ["time_static", "EdgePackage", "triggers.generation"],
      "2",
    ],
    [
      "logs.retentionDays",
      { logs: { retentionDays: 31 } },
      ["azurerm_log_analytics_workspace", "", "retention_in_days"],
      31,
    ],
    [
      "alerts.receivers",
      { alerts: { receivers: { a: "a@example.com" } } },
      ["azurerm_monitor_action_group", "", "email_receiver[0].email_address"],
      "a@example.com",
    ],
    [
      "alerts.quotaPercent",
      { alerts: { ...minimal.alerts, quotaPercent: 50 } },
      ["azurerm_monitor_metric_alert", "Alerts_Quota", "criteria[0].threshold"],
      200_000,
    ],
    ["budget", { budget: { monthlyAmount: 7 } }, ["azurerm_consumption_budget_resource_group", "", "amount"], 7],
  ])("%s", (_what, overrides, [type, id, path], expected) => {
    const before = (): unknown => value(base, type, id, path);
    expect(value(synth({ ...minimal, ...overrides }), type, id, path)).toEqual(expected);
    if (all(base, type).length > 0) {
      expect(before()).not.toEqual(expected);
    }
  });

  test("the name is a tag that nothing can replace", () => {
    expect(value(base, "azurerm_iothub", "", "tags")).toEqual({ environment: "test", purpose: "anomaly-detection" });
  });

  test("the subscription reaches both providers", () => {
    const subscriptionId = "99999999-9999-4999-8999-999999999999";
    const { provider } = synth({ ...minimal, subscriptionId });
    expect(provider.azurerm?.[0]).toMatchObject({ subscription_id: subscriptionId });
    expect(provider.azapi?.[0]).toMatchObject({ subscription_id: subscriptionId });
  });

  test("without the feed there is none", () => {
    const json = synth({ ...minimal, logs: { anomalyFeed: false } });
    expect(json.ephemeral).toBeUndefined();
    expect(all(json, "azurerm_monitor_scheduled_query_rules_alert_v2").map(({ name }) => name)).not.toContain(
      "machine-anomalies",
    );
  });

  test("another job's name is what routes and feed look for", () => {
    const json = synth({ ...minimal, streamAnalytics: { jobName: "line-7" } });
    expect(value(json, "azurerm_iothub_route", "Routing_Anomaly", "condition")).toContain("'line-7'");
    expect(
      value(json, "azapi_resource", "AnomalyFeed_Subscription", "body.properties.filter.advancedFilters[0].values"),
    ).toEqual(["line-7", "anomalyDetector"]);
  });
});

describe("backends", () => {
  test("local is a relative path outside the output folder", () => {
    expect(at(base.terraform, "backend.local")).toEqual({ path: "../../../terraform.test.tfstate" });
  });

  test("cloud is a named workspace", () => {
    const { terraform } = synth({
      ...minimal,
      backend: { kind: "cloud", organization: "contoso", workspace: "w", hostname: "tfe.example.com" },
    });
    expect(terraform.cloud).toEqual({
      organization: "contoso",
      workspaces: { name: "w" },
      hostname: "tfe.example.com",
    });
    expect(terraform.backend).toBeUndefined();
  });

  test("azurerm signs in with Entra ID", () => {
    const place = { resourceGroupName: "rg", storageAccountName: "st1", containerName: "tfstate", key: "test" };
    const { terraform } = synth({ ...minimal, backend: { kind: "azurerm", ...place } });
    expect(at(terraform, "backend.azurerm")).toEqual({
      resource_group_name: "rg",
      storage_account_name: "st1",
      container_name: "tfstate",
      key: "test",
      use_azuread_auth: true,
    });
  });
});

describe("providers", () => {
  test("accept what has come since the bindings were made, up to the next major version", () => {
    expect(base.terraform).toMatchObject({
      required_version: ">= 1.11",
      required_providers: {
        azurerm: { version: "~> 4.55" },
        azapi: { source: "azure/azapi", version: "~> 2.5" },
        time: { version: "~> 0.13" },
      },
    });
  });

  test("register what the stack needs and nothing by default, and stay off storage's data plane", () => {
    const azurerm = base.provider.azurerm?.[0];
    expect(azurerm).toMatchObject({ resource_provider_registrations: "none", storage_use_azuread: true });
    expect(at(azurerm, "features[0].storage[0].data_plane_available")).toBe(false);
  });

  test("purge on destruction only where an environment says so", () => {
    const purging = synth({ ...minimal, protection: { preventDestroy: false, purgeOnDestroy: true } });
    const purge = (json: StackJson): unknown =>
      at(json.provider.azurerm?.[0], "features[0].key_vault[0].purge_soft_delete_on_destroy");
    expect([purge(base), purge(purging)]).toEqual([false, true]);
    expect(value(purging, "azapi_resource", "Workspace_", "delete_query_parameters.forceToPurge")).toEqual(["true"]);
  });
});

describe("the whole stack", () => {
  const resources = Object.entries(base.resource).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, block]): [string, Block] => [`${type}.${id}`, block]),
  );

  test("has every stateful resource protected where an environment asks for it", () => {
    const json = synth({ ...minimal, protection: { preventDestroy: true, purgeOnDestroy: false } });
    const stateful = [
      ["azurerm_iothub", 1],
      ["azurerm_key_vault", 2],
      ["azurerm_storage_account", 3],
      ["azurerm_log_analytics_workspace", 1],
      ["azurerm_container_registry", 1],
      // Azure deletes a group with everything in it.
      ["azurerm_resource_group", 1],
    ] as const;
    for (const [type, count] of stateful) {
      const guarded = all(json, type).filter((block) => at(block, "lifecycle.prevent_destroy") === true);
      expect([type, guarded.length]).toEqual([type, count]);
    }
    expect(value(json, "azapi_resource", "Workspace_", "lifecycle.prevent_destroy")).toBe(true);
  });

  test("watches every resource that has diagnostics", () => {
    const targets = all(base, "azurerm_monitor_diagnostic_setting").map(({ target_resource_id }) =>
      String(target_resource_id),
    );
    const watched = resources
      .map(([address]) => address)
      .filter(
        (address) =>
          /^(azurerm_(iothub|key_vault|storage_account|container_registry|log_analytics_workspace)|azapi_resource\.(Workspace|EdgeJob))[._][A-Za-z_]*[0-9A-F]{8}$/.test(
            address,
          ) && !/^azapi_resource\.EdgeJob_[A-Z][a-z]/.test(address),
      );
    expect(watched).toHaveLength(10);
    for (const address of watched) {
      expect(targets).toContain(`\${${address}.id}`);
    }
  });

  test("has tags on everything that takes them", () => {
    const untagged = resources.filter(
      ([address, block]) =>
        /azurerm_(iothub|storage_account|key_vault|monitor_action_group)\./.test(address) && block.tags === undefined,
    );
    expect(untagged).toEqual([]);
  });

  test("has no secret literal and no key in a readable argument", () => {
    for (const [address, block] of resources) {
      // A condition reads a value and writes it nowhere.
      const unread = { sensitive_body: undefined, sensitive_body_version: undefined, lifecycle: undefined };
      const readable = JSON.stringify({ ...block, ...unread });
      expect([address, /\.(primary|secondary)_\w*(key|string)|instrumentation_key|password/.test(readable)]).toEqual([
        address,
        false,
      ]);
    }
  });

  test("has no outputs that are secret", () => {
    expect(Object.keys(base.output ?? {})).toEqual([
      "iot_hub_hostname",
      "key_vault_uri",
      "lake_blob_endpoint",
      "machine_learning_workspace",
      "resource_group",
    ]);
  });

  test("refuses a configuration with validation errors before it makes anything", () => {
    const record = { ...minimal, hub: { units: 0 }, budget: { monthlyAmount: 0 } };
    expect(paths(problemsOf(() => synth(record)))).toEqual(["hub.units", "budget.monthlyAmount"]);
  });
});

describe("addresses in the state", () => {
  const addresses = (json: StackJson): string[] =>
    Object.entries(json.resource).flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`));

  test("stay when names, readers, receivers and principals change", () => {
    const other = synth({
      ...minimal,
      code: "oth",
      hub: { readers: ["b", "a"] },
      alerts: { receivers: { x: "x@example.com", y: "y@example.com" } },
    });
    expect(addresses(other)).toEqual(expect.arrayContaining(addresses(base)));
  });

  test("contain no token", () => {
    expect(addresses(base).filter((address) => /TfToken|TOKEN/.test(address))).toEqual([]);
  });
});

test("a hub's topic that the anomaly feed made keeps its place in the state", () => {
  const [topic] = Object.keys(base.resource.azurerm_eventgrid_system_topic ?? {});
  expect(base.moved).toEqual([
    {
      from: "azurerm_eventgrid_system_topic.AnomalyFeed_Topic_451B1B0A",
      to: `azurerm_eventgrid_system_topic.${topic ?? ""}`,
    },
  ]);
  expect(synth({ ...minimal, logs: { anomalyFeed: false } }).moved).toBeUndefined();
});
