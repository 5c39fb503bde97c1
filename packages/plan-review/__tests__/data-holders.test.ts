import {
  ARM_DATA_HOLDERS,
  DATA_HOLDERS,
  lossOf,
  statefulType,
  statefulTypes,
} from "@edge-anomaly-detection/azure-facts";
import { changeOf } from "../src/diff/change-of";

const deletion = (type: string, before: object): ReturnType<typeof changeOf> =>
  changeOf("s", { address: `${type}.X`, type, change: { actions: ["delete"], before, after: null } });

test.each([
  "azurerm_cosmosdb_mongo_collection",
  "azurerm_mssql_managed_database",
  "azurerm_kusto_database",
  "azurerm_search_service",
  "azurerm_backup_protected_vm",
  "azurerm_key_vault_managed_hardware_security_module",
  "azurerm_elastic_san_volume",
  "aws_opensearch_domain",
  "aws_redshift_cluster",
  "aws_kinesis_stream",
  "google_spanner_database",
  "kubernetes_persistent_volume_claim",
])("the deletion of %s destroys data", (type) => {
  expect(deletion(type, {})).toMatchObject({
    level: "danger",
    consequence: lossOf(type, undefined),
    risks: [{ kind: "destruction" }],
  });
});

test("an azapi_resource loses what azurerm's type does", () => {
  expect(statefulType("azapi_resource", "Microsoft.Search/searchServices@2025-05-01")).toEqual({
    loses: DATA_HOLDERS.azurerm_search_service,
  });
});

test.each(Object.entries(DATA_HOLDERS))(
  "%s says in a sentence what is lost, and is in one table alone",
  (type, loses) => {
    expect(loses).toMatch(/^[A-Z].{20,170}\.$/);
    expect(statefulTypes().has(type)).toBe(false);
  },
);

test("ARM types name types that hold data", () => {
  expect(Object.values(ARM_DATA_HOLDERS).filter((type) => !Object.hasOwn(DATA_HOLDERS, type))).toEqual([]);
});

describe("a deletion of a type that nobody knows", () => {
  test.each([
    ["by its name", "acme_message_queue", {}, "the name of its type"],
    ["by what it has", "acme_thing", { allocated_storage: 100 }, "allocated_storage"],
    ["by how it is kept", "acme_thing", { backup_retention_period: 7, name: "x" }, "backup_retention_period"],
    ["by what is in it", "acme_thing", { tables: [{}] }, "what is in it (tables)"],
  ])("may take data, %s", (_how, type, before, says) => {
    const change = deletion(type, before);
    expect(change).toMatchObject({ level: "caution", risks: [{ kind: "destruction", level: "caution" }] });
    expect(change?.consequence).toContain(says);
  });

  test.each([
    ["acme_thing", { size: 0, allocated_storage: null, tables: [] }],
    ["acme_database_firewall_rule", {}],
    ["acme_bucket_policy", { storage: 1 }],
    ["null_resource", {}],
  ])("says nothing of %s %j", (type, before) => {
    expect(deletion(type, before)?.consequence).toBeUndefined();
    expect(deletion(type, before)?.level).toBe("caution");
  });
});
