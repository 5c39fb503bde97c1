import { KeyVault } from "../../constructs/security/key-vault";
import { mergeTags, Tags } from "../../constructs/shared/tags";
import { LakeDatastores } from "../../constructs/machine-learning/lake-datastores";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import { Bench, find } from "../support/synth";

describe("mergeTags", () => {
  test("the stronger side wins", () => {
    expect(mergeTags({ a: "1", b: "1" }, { b: "2" })).toEqual({ a: "1", b: "2" });
  });

  test("names are the same whatever their case, and the stronger side's spelling stands", () => {
    expect(mergeTags({ environment: "dev" }, { Environment: "mine" })).toEqual({ Environment: "mine" });
  });

  test("the result is sorted, so that equal tags are equal text", () => {
    expect(Object.keys(mergeTags({ b: "1" }, { a: "1" }))).toEqual(["a", "b"]);
  });
});

describe("Tags", () => {
  const bench = new Bench();
  new KeyVault(bench.stack, "Vault", { ...bench.common("kv-test"), deployer: bench.deployer });
  const group = { parentId: bench.resourceGroup.id, type: "Microsoft.Test/things@2026-01-01" };
  new AzapiResource(bench.stack, "Tracked", {
    ...group,
    name: "tracked",
    location: "westeurope",
    tags: { Own: "mine" },
  });
  new AzapiResource(bench.stack, "Child", { ...group, name: "child" });
  new LakeDatastores(bench.stack, "Datastores", { workspace: bench.workspace(), lake: bench.lake() });
  bench.addAspect(new Tags({ purpose: "test", own: "theirs" }));
  const json = bench.json();

  test("tag azurerm resources", () => {
    expect(find(json, "azurerm_key_vault", "Vault")).toMatchObject({ tags: { purpose: "test", own: "theirs" } });
  });

  test("keep what a resource was made with", () => {
    expect(find(json, "azapi_resource", "Tracked").tags).toEqual({ Own: "mine", purpose: "test" });
  });

  test("leave ARM's child resources alone, which take no tags", () => {
    expect(find(json, "azapi_resource", "Child")).not.toHaveProperty("tags");
  });

  test("leave resources alone that a change of tags would replace", () => {
    expect(find(json, "azurerm_machine_learning_datastore_datalake_gen2")).not.toHaveProperty("tags");
  });

  test("leave resources alone that have no tags", () => {
    expect(find(json, "azurerm_storage_container", "Lake")).not.toHaveProperty("tags");
  });
});
