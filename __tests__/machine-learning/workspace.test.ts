import {
  ComputeCluster,
  computeClusterProblems,
  type ComputeClusterSettings,
} from "../../constructs/machine-learning/compute-cluster";
import { ContainerRegistry, containerRegistryProblems } from "../../constructs/machine-learning/container-registry";
import { LakeDatastores } from "../../constructs/machine-learning/lake-datastores";
import { all, at, Bench, type Block, find, paths, type StackJson } from "../support/synth";

/** What an identity may do and where, without the metadata around it. */
function rolesOf(json: StackJson, idPrefix: string): [unknown, string][] {
  return Object.entries(json.resource.azurerm_role_assignment ?? {})
    .filter(([id]) => id.startsWith(idPrefix))
    .map(([, role]): [unknown, string] => [
      role.role_definition_name,
      String(role.scope).replace(/^\$\{|_[0-9A-F]{8}.*/g, ""),
    ])
    .sort();
}

describe("MachineLearningWorkspace", () => {
  const bench = new Bench();
  bench.workspace();
  const json = bench.json();
  const workspace = find(json, "azapi_resource");

  test("reaches its own storage by identity", () => {
    expect(at(workspace, "body.properties.systemDatastoresAuthMode")).toBe("Identity");
    expect(workspace.type).toBe("Microsoft.MachineLearningServices/workspaces@2025-06-01");
  });

  test("has the account without a hierarchical namespace as its own", () => {
    expect(at(workspace, "body.properties.storageAccount")).toMatch(/azurerm_storage_account\.WorkspaceStorage_/);
  });

  test("has its vault, component and registry", () => {
    expect(at(workspace, "body.properties.keyVault")).toMatch(/azurerm_key_vault\.WorkspaceVault_/);
    expect(at(workspace, "body.properties.applicationInsights")).toMatch(/azurerm_application_insights\./);
    expect(at(workspace, "body.properties.containerRegistry")).toMatch(/azurerm_container_registry\./);
  });

  test("is made only when everything that its identity needs is granted and effective", () => {
    expect(rolesOf(json, "Workspace_")).toEqual([
      ["Contributor", "azurerm_application_insights.ApplicationInsights"],
      ["Contributor", "azurerm_container_registry.Registry"],
      ["Contributor", "azurerm_key_vault.WorkspaceVault"],
      ["Contributor", "azurerm_storage_account.WorkspaceStorage_Account"],
      ["Key Vault Administrator", "azurerm_key_vault.WorkspaceVault"],
      ["Storage Blob Data Contributor", "azurerm_storage_account.Lake_Account"],
      ["Storage Blob Data Contributor", "azurerm_storage_account.WorkspaceStorage_Account"],
      ["Storage File Data Privileged Contributor", "azurerm_storage_account.WorkspaceStorage_Account"],
    ]);
    const [sleepId, sleep] = Object.entries(json.resource.time_sleep ?? {})[0] ?? [];
    expect(workspace.depends_on).toEqual([`time_sleep.${sleepId}`]);
    expect(Object.keys(sleep?.triggers as Block)).toHaveLength(8);
  });

  test("has the identity that was granted all that, and no other", () => {
    expect(at(workspace, "identity[0].type")).toBe("UserAssigned");
    expect(at(workspace, "body.properties.primaryUserAssignedIdentity")).toEqual(
      at(workspace, "identity[0].identity_ids[0]"),
    );
  });

  test("stays recoverable under its name unless it is purged on destruction", () => {
    expect(workspace).not.toHaveProperty("delete_query_parameters");
  });
});

function cluster(settings: ComputeClusterSettings = {}): StackJson {
  const bench = new Bench();
  new ComputeCluster(bench.stack, "Compute", {
    ...settings,
    resourceGroup: bench.resourceGroup,
    identityName: "id-training-test",
    workspace: bench.workspace(),
    storage: bench.workspaceStorage(),
    registry: bench.registry(),
    lake: bench.lake(),
  });
  return bench.json();
}

describe("ComputeCluster", () => {
  const json = cluster();

  test("has 0 to 4 nodes of a size that does not retire soon, without keys or SSH", () => {
    expect(find(json, "azurerm_machine_learning_compute_cluster")).toMatchObject({
      local_auth_enabled: false,
      ssh_public_access_enabled: false,
      vm_priority: "Dedicated",
      vm_size: "Standard_D4ds_v5",
      scale_settings: { min_node_count: 0, max_node_count: 4, scale_down_nodes_after_idle_duration: "PT15M" },
    });
  });

  test("trains as an identity of its own that may do what training needs", () => {
    expect(rolesOf(json, "Compute_")).toEqual([
      ["AcrPull", "azurerm_container_registry.Registry"],
      ["AzureML Data Scientist", "azapi_resource.Workspace"],
      ["Managed Identity Operator", "azurerm_user_assigned_identity.Compute_Identity"],
      ["Storage Blob Data Contributor", "azurerm_storage_account.Lake_Account"],
      ["Storage Blob Data Contributor", "azurerm_storage_account.WorkspaceStorage_Account"],
      ["Storage File Data Privileged Contributor", "azurerm_storage_account.WorkspaceStorage_Account"],
    ]);
  });

  test("the workspace may put that identity on nodes", () => {
    expect(find(json, "azurerm_role_assignment", "Compute_OperatorRole").principal_id).toMatch(/Workspace_Identity/);
  });

  test("takes an environment's word", () => {
    const own = cluster({
      computeName: "gpu",
      vmSize: "Standard_NC4as_T4_v3",
      minNodes: 1,
      maxNodes: 2,
      idleMinutes: 60,
    });
    expect(find(own, "azurerm_machine_learning_compute_cluster")).toMatchObject({
      name: "gpu",
      vm_size: "Standard_NC4as_T4_v3",
      scale_settings: { min_node_count: 1, max_node_count: 2, scale_down_nodes_after_idle_duration: "PT60M" },
    });
  });

  test("reports every validation error at once", () => {
    expect(
      paths(computeClusterProblems({ computeName: "1", vmSize: "D4", minNodes: 5, maxNodes: 101, idleMinutes: 0 })),
    ).toEqual(["computeName", "vmSize", "maxNodes", "idleMinutes"]);
    expect(paths(computeClusterProblems({ minNodes: 5 }))).toEqual(["minNodes"]);
  });
});

describe("ContainerRegistry", () => {
  test("has no admin user and no anonymous pull", () => {
    const bench = new Bench();
    new ContainerRegistry(bench.stack, "Registry", { ...bench.common("crtest"), registrySku: "Premium" });
    expect(find(bench.json(), "azurerm_container_registry")).toMatchObject({
      admin_enabled: false,
      anonymous_pull_enabled: false,
      sku: "Premium",
    });
  });

  test("refuses a size that Azure does not have", () => {
    expect(paths(containerRegistryProblems({ registrySku: "Free" as "Basic" }))).toEqual(["registrySku"]);
  });
});

describe("LakeDatastores", () => {
  const bench = new Bench();
  new LakeDatastores(bench.stack, "Datastores", { workspace: bench.workspace(), lake: bench.lake() });
  const datastore = find(bench.json(), "azurerm_machine_learning_datastore_datalake_gen2");

  test("are one for each container, with a name that Azure ML takes", () => {
    expect(Object.entries(datastore.for_each as Record<string, Block>).map(([key, { name }]) => [key, name])).toEqual([
      ["anomaly-data", "anomaly_data"],
      ["ml-models", "ml_models"],
      ["telemetry-data", "telemetry_data"],
    ]);
  });

  test("hold no credential", () => {
    expect(datastore).toMatchObject({ service_data_identity: "WorkspaceUserAssignedIdentity" });
    expect(datastore).not.toHaveProperty("client_secret");
  });

  test("make no second workspace", () => {
    expect(all(bench.json(), "azapi_resource")).toHaveLength(1);
  });
});
