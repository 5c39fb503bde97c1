import { DataLake, dataLakeProblems } from "../../constructs/storage/data-lake";
import { StorageAccount } from "../../constructs/storage/storage-account";
import { all, at, Bench, find, paths, problemsOf } from "../support/synth";

describe("StorageAccount", () => {
  test("writes every security setting out, so that no checker passes on a missing one", () => {
    const bench = new Bench();
    new StorageAccount(bench.stack, "Account", {
      ...bench.common("stone"),
      hierarchicalNamespace: false,
      sharedKeys: false,
    });
    expect(find(bench.json(), "azurerm_storage_account")).toMatchObject({
      account_kind: "StorageV2",
      account_replication_type: "LRS",
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      default_to_oauth_authentication: true,
      https_traffic_only_enabled: true,
      is_hns_enabled: false,
      local_user_enabled: false,
      min_tls_version: "TLS1_2",
      public_network_access_enabled: true,
      shared_access_key_enabled: false,
    });
  });

  test("keeps deleted blobs and containers for as long as it is told", () => {
    const bench = new Bench();
    new StorageAccount(bench.stack, "Account", {
      ...bench.common("stone"),
      hierarchicalNamespace: false,
      sharedKeys: false,
      softDeleteDays: 30,
    });
    const account = find(bench.json(), "azurerm_storage_account");
    expect(at(account, "blob_properties.delete_retention_policy.days")).toBe(30);
    expect(at(account, "blob_properties.container_delete_retention_policy.days")).toBe(30);
  });

  test.each([0, 366])("refuses %p days of soft delete", (softDeleteDays) => {
    const bench = new Bench();
    const make = (): unknown =>
      new StorageAccount(bench.stack, "Account", {
        ...bench.common("stone"),
        hierarchicalNamespace: false,
        sharedKeys: false,
        softDeleteDays,
      });
    expect(paths(problemsOf(make))).toEqual(["softDeleteDays"]);
  });
});

describe("the three accounts", () => {
  const bench = new Bench();
  bench.lake();
  bench.packages();
  bench.workspaceStorage();
  const json = bench.json();

  test.each([
    ["Lake", true, false],
    ["WorkspaceStorage", false, false],
    ["Packages", false, true],
  ])("%s: hierarchical namespace %p, shared keys %p", (id, hierarchical, keys) => {
    expect(find(json, "azurerm_storage_account", id)).toMatchObject({
      is_hns_enabled: hierarchical,
      shared_access_key_enabled: keys,
    });
  });

  test("packages are exported to a private container", () => {
    expect(find(json, "azurerm_storage_container", "Packages")).toMatchObject({
      name: "edge-packages",
      container_access_type: "private",
    });
  });
});

describe("DataLake", () => {
  test("makes one private container for each lifecycle, addressed by its name", () => {
    const bench = new Bench();
    bench.lake();
    expect(find(bench.json(), "azurerm_storage_container")).toMatchObject({
      for_each: '${toset(["anomaly-data", "ml-models", "telemetry-data"])}',
      name: "${each.value}",
      container_access_type: "private",
    });
  });

  test("moves and deletes blobs of the container alone, by the days given", () => {
    const bench = new Bench();
    new DataLake(bench.stack, "Lake", {
      ...bench.common("stlake"),
      containers: {
        "anomaly-data": { coolAfterDays: 10, coldAfterDays: 20, archiveAfterDays: 30, deleteAfterDays: 40 },
        "ml-models": {},
        "telemetry-data": {},
      },
    });
    expect(at(find(bench.json(), "azurerm_storage_management_policy"), "rule")).toEqual([
      {
        name: "anomaly-data",
        enabled: true,
        filters: { blob_types: ["blockBlob"], prefix_match: ["anomaly-data/"] },
        actions: {
          base_blob: {
            tier_to_cool_after_days_since_modification_greater_than: 10,
            tier_to_cold_after_days_since_modification_greater_than: 20,
            tier_to_archive_after_days_since_modification_greater_than: 30,
            delete_after_days_since_modification_greater_than: 40,
          },
        },
      },
    ]);
  });

  test("has no policy where everything is kept for good", () => {
    const bench = new Bench();
    const containers = { "anomaly-data": {}, "ml-models": {}, "telemetry-data": {} };
    new DataLake(bench.stack, "Lake", { ...bench.common("stlake"), containers });
    expect(all(bench.json(), "azurerm_storage_management_policy")).toEqual([]);
  });

  test("its containers are protected where the lake is", () => {
    const bench = new Bench();
    new DataLake(bench.stack, "Lake", { ...bench.common("stlake"), preventDestroy: true });
    const json = bench.json();
    expect(at(find(json, "azurerm_storage_account"), "lifecycle.prevent_destroy")).toBe(true);
    expect(at(find(json, "azurerm_storage_container"), "lifecycle.prevent_destroy")).toBe(true);
  });

  describe("refuses", () => {
    const own = { "anomaly-data": {}, "ml-models": {}, "telemetry-data": {} };

    test("steps out of order, ages out of range and names that Azure would not take, all at once", () => {
      const containers = {
        ...own,
        "anomaly-data": { coolAfterDays: 30, coldAfterDays: 30 },
        "telemetry-data": { deleteAfterDays: -1 },
        "Bad--Name": {},
      };
      expect(paths(dataLakeProblems({ containers }))).toEqual([
        "containers.anomaly-data.coldAfterDays",
        "containers.telemetry-data.deleteAfterDays",
        "containers.Bad--Name",
      ]);
    });

    test("to do without a container that messages are routed to", () => {
      expect(paths(dataLakeProblems({ containers: { "ml-models": {} } }))).toEqual([
        "containers.anomaly-data",
        "containers.telemetry-data",
      ]);
    });

    test.each(["ZRS", "GZRS", "RAGZRS"] as const)("an archive on %s, which has none", (replication) => {
      const containers = { ...own, "anomaly-data": { archiveAfterDays: 100 } };
      expect(paths(dataLakeProblems({ containers, replication }))).toEqual([
        "containers.anomaly-data.archiveAfterDays",
      ]);
      expect(dataLakeProblems({ containers, replication: "GRS" })).toEqual([]);
    });
  });
});
