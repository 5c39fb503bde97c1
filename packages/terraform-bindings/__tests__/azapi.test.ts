import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { Testing, TerraformStack } from "cdktf";
import { AzapiProvider, AzapiResource, AzapiResourceAction, EphemeralAzapiResourceAction } from "../index";
import { argumentNames, providerSchema } from "../../../__tests__/support/schemas";
import { at, type Block, type StackJson } from "../../../__tests__/support/synth";

const stack = new TerraformStack(Testing.app(), "test");
new AzurermProvider(stack, "Azurerm", { features: [{}] });
new AzapiProvider(stack, "Azapi", { subscriptionId: "s", disableDefaultOutput: true });
const common = {
  type: "Microsoft.Test/things@2026-01-01",
  body: { properties: { camelCase: "kept", "with.dot": [{ innerKey: 1 }] } },
  sensitiveBody: { properties: { key: "k" } },
  locks: ["l"],
  retry: { errorMessageRegex: ["busy"], intervalSeconds: 1, maxIntervalSeconds: 2 },
};
const requests = {
  sensitiveBodyVersion: { "properties.key": "1" },
  responseExportValues: { a: "b" },
  timeouts: { create: "1m", read: "1m", update: "1m", delete: "1m" },
};
new AzapiResource(stack, "Resource1", {
  ...common,
  ...requests,
  name: "n",
  parentId: "p",
  location: "l",
  tags: { t: "v" },
  identity: { type: "UserAssigned", identityIds: ["i"] },
  schemaValidationEnabled: false,
  replaceTriggersExternalValues: ["x"],
  replaceTriggersRefs: ["r"],
  ignoreBodyChanges: ["b"],
  ignoreCasing: true,
  ignoreMissingProperty: true,
  ignoreNullProperty: true,
  ignoreOtherItemsInList: ["o"],
  listUniqueIdProperty: { list: "id" },
  createHeaders: { h: "1" },
  readHeaders: { h: "1" },
  updateHeaders: { h: "1" },
  deleteHeaders: { h: "1" },
  createQueryParameters: { q: ["1"] },
  readQueryParameters: { q: ["1"] },
  updateQueryParameters: { q: ["1"] },
  deleteQueryParameters: { q: ["1"] },
});
new AzapiResourceAction(stack, "Action", {
  ...common,
  ...requests,
  resourceId: "r",
  action: "a",
  method: "POST",
  when: "apply",
  sensitiveResponseExportValues: { s: "s" },
  headers: { h: "1" },
  queryParameters: { q: ["1"] },
  ignoreNotFound: true,
});
new EphemeralAzapiResourceAction(stack, "Link", {
  ...common,
  resourceId: "r",
  action: "a",
  method: "POST",
  responseExportValues: { a: "b" },
  headers: { h: "1" },
  queryParameters: { q: ["1"] },
  timeouts: { open: "1m" },
});
const json = JSON.parse(Testing.synth(stack)) as StackJson;
const resource = json.resource.azapi_resource?.Resource1 ?? {};
const action = json.resource.azapi_resource_action?.Action ?? {};
const link = json.ephemeral?.azapi_resource_action?.Link ?? {};

test("body properties are sent as they are spelled", () => {
  expect(resource.body).toEqual(common.body);
});

test("the provider is pinned to its second major version", () => {
  expect(at(json.terraform, "required_providers.azapi")).toEqual({ source: "azure/azapi", version: "~> 2.5" });
});

describe("azapi bindings have what the provider has", () => {
  const schema = providerSchema("azure.azapi");
  const names = (block: Block): string[] => Object.keys(block).filter((name) => name !== "//");
  const withoutTimeouts = (block: Block): string[] => names(block).filter((name) => name !== "timeouts");

  test.each([
    ["azapi_resource", resource, schema.resources.azapi_resource],
    ["azapi_resource_action", action, schema.resources.azapi_resource_action],
    ["ephemeral azapi_resource_action", link, schema.ephemeralResources.azapi_resource_action],
  ])("%s: every argument, and no other", (_type, block, type) => {
    expect(withoutTimeouts(block).sort()).toEqual(argumentNames(type));
  });

  test("retry: every argument that is not deprecated", () => {
    const type = schema.resources.azapi_resource;
    const current = argumentNames(type, "retry").filter((name) => !type?.arguments[`retry.${name}`]?.includes("d"));
    expect(current.length).toBeGreaterThan(2);
    expect(Object.keys(resource.retry as Block).sort()).toEqual(current);
  });

  test("the provider's own arguments exist", () => {
    expect(argumentNames(schema.provider)).toEqual(expect.arrayContaining(names(json.provider.azapi?.[0] ?? {})));
  });
});
