import { Testing } from "cdktf";
import { environments } from "../../environments";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { organization as own } from "../../environments/organization";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { organization } from "../support/environments";
import { providerRefusals } from "../support/provider-rules";
import type { StackJson } from "../support/synth";
import { bootstraps, variants } from "../support/variants";

function refusalsOf(environment: EnvironmentConfig, by = organization): string[] {
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization: by, environment });
  return providerRefusals(JSON.parse(Testing.synth(stack, true)) as StackJson);
}

test.each(environments)("the providers take the stack of $name", (environment) => {
  expect(refusalsOf(environment, own)).toEqual([]);
});

test.each(variants)("the providers take %s", (_name, environment) => {
  expect(environmentProblems(organization, environment)).toEqual([]);
  expect(refusalsOf(environment)).toEqual([]);
});

test.each(bootstraps)("the providers take a bootstrap with states on $stateStorage.replication", (bootstrap) => {
  const app = Testing.app();
  const hosted = variants.flatMap(([, environment]) => (environment.backend.kind === "azurerm" ? [environment] : []));
  const stacks = hosted.map(
    (environment) => new EnvironmentStack(app, environment.name, { organization, environment }),
  );
  expect(stacks).toHaveLength(1);
  const stack = new BootstrapStack(app, "bootstrap", { organization, bootstrap, environments: stacks });
  expect(providerRefusals(JSON.parse(Testing.synth(stack, true)) as StackJson)).toEqual([]);
});

describe("what the providers would refuse is found", () => {
  const container = {
    name: "lake",
    resource_group_name: "rg",
    iothub_id: "${azurerm_iothub.Hub.id}",
    container_name: "c",
    endpoint_uri: "${azurerm_storage_account.Lake.primary_blob_endpoint}",
    authentication_type: "identityBased",
  };
  const refused = (change: object): string[] =>
    providerRefusals({ resource: { azurerm_iothub_endpoint_storage_container: { E: { ...container, ...change } } } });

  test("and what they take is not", () => {
    expect(refused({})).toEqual([]);
  });

  test.each([
    ["a value that is not allowed", { encoding: "XML" }, "encoding is"],
    [
      "a number outside its range",
      { batch_frequency_in_seconds: 59 },
      "batch_frequency_in_seconds is 59, not 60 to 720",
    ],
    ["an argument that is not there", { encodings: "JSON" }, "encodings is no argument"],
    ["one that is missing", { name: undefined }, "name is required"],
    ["two that exclude each other", { connection_string: "x", endpoint_uri: "y" }, "excludes"],
    ["none of those of which one must be given", { endpoint_uri: undefined }, "must be given"],
  ])("%s", (_what, change, reason) => {
    expect(refused(change).join("\n")).toContain(reason);
  });

  test("a reserved name, a deprecated argument, and a type that nobody recorded", () => {
    const route = { name: "r", resource_group_name: "rg", iothub_name: "h", source: "Everything", enabled: true };
    expect(providerRefusals({ resource: { azurerm_iothub_route: { R: route } } }).join("\n")).toContain("source is");
    expect(providerRefusals({ resource: { azurerm_iothub_fallback_route: { R: route } } })).toEqual([
      expect.stringContaining("run npm run record-schemas"),
    ]);
  });
});
