import { DigitalTwins } from "../../constructs/digital-twins/digital-twins";
import { TwinEpisodes } from "../../constructs/digital-twins/twin-episodes";
import type { ServiceAccess } from "../../constructs/network/service-access";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { minimal, organization } from "../support/environments";
import { all, at, Bench, find, problemsOf, type StackJson } from "../support/synth";

const updaters = {
  updater: { objectId: "77777777-7777-4777-8777-777777777777", type: "ServicePrincipal" },
} as const;

function twinsIn(bench: Bench, access?: ServiceAccess): DigitalTwins {
  return new DigitalTwins(bench.stack, "Twins", {
    ...bench.common("dt-test"),
    storageName: "stanomalytwintest",
    updaters,
    ...(access && { access }),
  });
}

function synth(access?: ServiceAccess): StackJson {
  const bench = new Bench();
  twinsIn(bench, access);
  return bench.json();
}

describe("DigitalTwins", () => {
  test("signs in with its own identity, and has an account without keys", () => {
    const json = synth();
    expect(find(json, "azapi_resource")).toMatchObject({
      type: "Microsoft.DigitalTwins/digitalTwinsInstances@2023-01-31",
      identity: [{ type: "SystemAssigned" }],
      body: { properties: { publicNetworkAccess: "Enabled" } },
    });
    expect(find(json, "azurerm_storage_account")).toMatchObject({
      shared_access_key_enabled: false,
      is_hns_enabled: false,
      allow_nested_items_to_be_public: false,
    });
    expect(at(find(json, "azurerm_storage_account"), "blob_properties.cors_rule[0].allowed_origins")).toEqual([
      "https://explorer.digitaltwins.azure.net",
    ]);
    expect(all(json, "azurerm_storage_container").map(({ name }) => name)).toEqual(["imports", "scenes"]);
  });

  test("answers nobody at its own address behind private endpoints", () => {
    const json = synth({ kind: "privateEndpoints" });
    expect(at(find(json, "azapi_resource"), "body.properties.publicNetworkAccess")).toBe("Disabled");
    expect(find(json, "azurerm_storage_account").public_network_access_enabled).toBe(false);
  });

  test("gives each identity what it needs on what it needs it for, and nothing else", () => {
    const roles = all(synth(), "azurerm_role_assignment").map(
      ({ role_definition_name: role, scope, for_each: each }) => [
        role,
        /^\$\{(\w+\.Twins(_[A-Z][a-z]+)?)/.exec(String(scope))?.[1],
        each === undefined ? "instance" : Object.keys(each as object),
      ],
    );
    expect(roles).toEqual([
      ["Storage Blob Data Contributor", "azurerm_storage_container.Twins_Imports", "instance"],
      ["Storage Queue Data Message Processor", "azurerm_storage_queue.Twins_Episodes", ["updater"]],
      ["Azure Digital Twins Data Owner", "azapi_resource.Twins", ["updater"]],
    ]);
  });
});

test("TwinEpisodes brings what the ML module says of episodes to the queue by the topic's identity, and tells people of what was dropped", () => {
  const bench = new Bench();
  new TwinEpisodes(bench.stack, "Episodes", {
    resourceGroup: bench.resourceGroup,
    events: bench.hubEvents(),
    twins: twinsIn(bench),
    alertReceivers: bench.receivers(),
    after: [bench.registry().resource],
  });
  const json = bench.json();
  const subscription = find(json, "azapi_resource", "Episodes_Subscription");
  expect(at(subscription, "body.properties.deliveryWithResourceIdentity")).toEqual({
    identity: { type: "SystemAssigned" },
    destination: {
      endpointType: "StorageQueue",
      properties: {
        resourceId: expect.stringMatching(/azurerm_storage_account\.Twins_Storage/) as unknown,
        queueName: expect.stringMatching(/azurerm_storage_queue\.Twins_Episodes/) as unknown,
        queueMessageTimeToLiveInSeconds: 604_800,
      },
    },
  });
  expect(at(subscription, "body.properties.filter.advancedFilters")).toEqual([
    {
      operatorType: "StringIn",
      key: "data.systemProperties.iothub-connection-module-id",
      values: ["anomalyDetector"],
    },
    { operatorType: "StringIn", key: "data.properties.detectorOutput", values: ["anomalyOutput", "feedbackOutput"] },
  ]);
  const sleeps = (subscription.depends_on as string[]).filter((address) => address.startsWith("time_sleep."));
  expect(sleeps.length).toBe(1);
  expect(subscription.depends_on).toContainEqual(expect.stringMatching(/^azurerm_container_registry\./));
  expect(find(json, "azurerm_role_assignment", "Episodes_SenderRole")).toMatchObject({
    role_definition_name: "Storage Queue Data Message Sender",
    scope: expect.stringMatching(/azurerm_storage_queue\.Twins_Episodes/) as unknown,
  });
  expect(at(find(json, "azurerm_monitor_metric_alert"), "criteria[0]")).toMatchObject({
    metric_name: "DroppedEventCount",
    dimension: [{ name: "EventSubscriptionName", values: ["episodes-to-twins"] }],
  });
});

describe("settings", () => {
  const edge = {
    versions: { v: { detector: "1.0.0" } },
    rings: { all: { version: "v" } },
    devices: [{ id: "press-1" }],
  };
  const problems = (twin: EnvironmentConfig["twin"]): string[] =>
    environmentProblems(organization, { ...minimal, edge, ...(twin && { twin }) }).map(({ path }) => path);

  test("are named all at once where they are wrong", () => {
    expect(
      problems({
        machines: { "press-1a": { device: "press-9" }, "": { device: "press-1", line: "" } },
        instance: { updaters: { Updater: { objectId: "jane", type: "User" } } },
      }),
    ).toEqual([
      "twin.machines.press-1a.device",
      "twin.machines.",
      "twin.machines..line",
      "twin.instance.updaters.Updater",
      "twin.instance.updaters.Updater.objectId",
    ]);
    expect(problems({ instance: { updaters: {} } })).toEqual(["twin.instance.updaters"]);
    expect(problems({ machines: { "press-1a": { device: "press-1" } }, instance: { updaters } })).toEqual([]);
    expect(problems(undefined)).toEqual([]);
  });

  test("a construct refuses them too", () => {
    const bench = new Bench();
    expect(
      problemsOf(
        () =>
          new DigitalTwins(bench.stack, "Twins", { ...bench.common("dt-test"), storageName: "sttwin", updaters: {} }),
      ).map(({ path }) => path),
    ).toEqual(["updaters"]);
  });
});
