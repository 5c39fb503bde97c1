import { byOutput, byTopicIdentity, fromModules, type HubSubscription } from "../../constructs/hub/hub-events";
import { IotHub, iotHubProblems, type IotHubSku } from "../../constructs/hub/iot-hub";
import { LakeRouting, lakeRoutingProblems, type LakeRoutingSettings } from "../../constructs/hub/lake-routing";
import { all, at, Bench, find, paths, problemsOf, type StackJson } from "../support/synth";

describe("IotHub", () => {
  test("is by default the recipe's S1 with 2 partitions, without the hub's own keys", () => {
    const bench = new Bench();
    bench.hub();
    expect(find(bench.json(), "azurerm_iothub")).toMatchObject({
      sku: { name: "S1", capacity: 1 },
      event_hub_partition_count: 2,
      event_hub_retention_in_days: 1,
      identity: { type: "SystemAssigned" },
      local_authentication_enabled: false,
      min_tls_version: "1.2",
      public_network_access_enabled: true,
    });
  });

  test("never has routes, endpoints or enrichments of its own: they are separate resources", () => {
    const bench = new Bench();
    bench.hub();
    const hub = find(bench.json(), "azurerm_iothub");
    for (const inline of ["endpoint", "route", "fallback_route", "enrichment", "file_upload"]) {
      expect(hub).not.toHaveProperty(inline);
    }
  });

  test("takes an environment's word", () => {
    const bench = new Bench();
    new IotHub(bench.stack, "Hub", {
      ...bench.common("iot-test"),
      sku: "S2",
      units: 3,
      partitions: 8,
      retentionDays: 7,
      preventDestroy: true,
    });
    expect(find(bench.json(), "azurerm_iothub")).toMatchObject({
      sku: { name: "S2", capacity: 3 },
      event_hub_partition_count: 8,
      event_hub_retention_in_days: 7,
      lifecycle: { prevent_destroy: true },
    });
  });

  test("gives each reader a consumer group, addressed by its name", () => {
    const bench = new Bench();
    new IotHub(bench.stack, "Hub", { ...bench.common("iot-test"), readers: ["historian", "dashboards"] });
    expect(find(bench.json(), "azurerm_iothub_consumer_group")).toMatchObject({
      for_each: '${toset(["dashboards", "historian"])}',
      name: "${each.value}",
      eventhub_endpoint_name: "events",
    });
  });

  test.each(["B1", "B2", "B3", "S4"])("refuses %s and says what it lacks", (sku) => {
    const [problem, ...others] = iotHubProblems({ sku: sku as IotHubSku });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: "sku", value: sku, allowed: "F1, S1, S2, S3" });
    expect(problem?.remedy).toContain("no IoT Edge");
  });

  test.each([
    ["S1", 200, 32, 7],
    ["S3", 10, 32, 7],
    ["F1", 1, 2, 1],
  ] as const)("%s: at most %p units, %p partitions, %p days", (sku, units, partitions, retentionDays) => {
    expect(iotHubProblems({ sku, units, partitions, retentionDays })).toEqual([]);
    expect(
      paths(iotHubProblems({ sku, units: units + 1, partitions: partitions + 1, retentionDays: retentionDays + 1 })),
    ).toEqual(["units", "partitions", "retentionDays"]);
    expect(paths(iotHubProblems({ sku, units: 0, partitions: 0, retentionDays: 0 }))).toHaveLength(3);
  });

  test.each([[["$Default"]], [["a", "A"]], [["with space"]], [Array.from({ length: 21 }, (_, i) => `r${i}`)]])(
    "refuses readers %p",
    (readers) => {
      expect(iotHubProblems({ readers })).toHaveLength(1);
    },
  );

  test("counts a day's messages over all units", () => {
    const bench = new Bench();
    expect(bench.hub().dailyMessageQuota).toBe(400_000);
    const large = new IotHub(bench.stack, "Large", { ...bench.common("iot-large"), sku: "S2", units: 3 });
    expect(large.dailyMessageQuota).toBe(18_000_000);
  });
});

function routing(settings: LakeRoutingSettings = {}): StackJson {
  const bench = new Bench();
  new LakeRouting(bench.stack, "Routing", {
    ...settings,
    resourceGroup: bench.resourceGroup,
    hub: bench.hub(),
    lake: bench.lake(),
    anomalyModules: ["job", "detector"],
  });
  return bench.json();
}

describe("LakeRouting", () => {
  const json = routing();
  const routes = new Map(all(json, "azurerm_iothub_route").map((route) => [route.name, route]));

  test("writes to the lake as JSON, by the hub's identity, into each kind's container", () => {
    expect(find(json, "azurerm_iothub_endpoint_storage_container", "Routing_AnomalyEndpoint")).toMatchObject({
      authentication_type: "identityBased",
      batch_frequency_in_seconds: 60,
      encoding: "JSON",
      endpoint_uri: expect.stringMatching(/primary_blob_endpoint/),
      max_chunk_size_in_bytes: 10_485_760,
      name: "lake-anomalies",
      container_name: expect.stringContaining('["anomaly-data"].name'),
    });
    expect(find(json, "azurerm_iothub_endpoint_storage_container", "Routing_TelemetryEndpoint")).toMatchObject({
      container_name: expect.stringContaining('["telemetry-data"].name'),
    });
  });

  test("names blobs with every part that IoT Hub requires", () => {
    const format = find(json, "azurerm_iothub_endpoint_storage_container", "Routing_AnomalyEndpoint").file_name_format;
    for (const part of ["{iothub}", "{partition}", "{YYYY}", "{MM}", "{DD}", "{HH}", "{mm}"]) {
      expect(format).toContain(part);
    }
  });

  test("makes no endpoint before the hub's role on the lake is effective", () => {
    const sleep = Object.keys(json.resource.time_sleep ?? {})[0] ?? "";
    for (const endpoint of all(json, "azurerm_iothub_endpoint_storage_container")) {
      expect(endpoint.depends_on).toEqual([`time_sleep.${sleep}`]);
    }
    expect(find(json, "azurerm_role_assignment")).toMatchObject({
      role_definition_name: "Storage Blob Data Contributor",
      principal_id: "${azurerm_iothub.Hub_C5CB2B3F.identity[0].principal_id}",
    });
  });

  test("every message still reaches the built-in endpoint", () => {
    expect(routes.get("all-to-events")).toMatchObject({ condition: "true", endpoint_names: ["events"], enabled: true });
    // The provider's resource refuses the name `events`; the hub falls back to it without one.
    expect(json.resource.azurerm_iothub_fallback_route).toBeUndefined();
  });

  test("a message is an anomaly by the module that sent it, unless it is of another of its outputs, and never by both routes", () => {
    expect(routes.get("anomalies-to-lake")?.condition).toBe(
      "IS_DEFINED($connectionModuleId) AND ($connectionModuleId = 'job' OR $connectionModuleId = 'detector')" +
        " AND (NOT IS_DEFINED(detectorOutput) OR detectorOutput = 'anomalyOutput')",
    );
    expect(routes.get("telemetry-to-lake")?.condition).toBe(
      "NOT IS_DEFINED($connectionModuleId) OR ($connectionModuleId != 'job' AND $connectionModuleId != 'detector')",
    );
  });

  test("enriches messages for every endpoint", () => {
    const enrichment = find(json, "azurerm_iothub_enrichment");
    expect(enrichment).toMatchObject({ for_each: { site: "$twin.tags.site" }, key: "${each.key}" });
    expect(enrichment.endpoint_names).toHaveLength(3);
  });

  test("without telemetry there is one endpoint", () => {
    const small = routing({ telemetryToLake: false });
    expect(all(small, "azurerm_iothub_endpoint_storage_container")).toHaveLength(1);
    expect(all(small, "azurerm_iothub_route").map(({ name }) => name)).not.toContain("telemetry-to-lake");
  });

  test("takes an environment's word on batches and enrichments", () => {
    const own = routing({ batchSeconds: 720, batchMegabytes: 500, enrichments: { hub: "$iothubname" } });
    expect(find(own, "azurerm_iothub_endpoint_storage_container", "Routing_AnomalyEndpoint")).toMatchObject({
      batch_frequency_in_seconds: 720,
      max_chunk_size_in_bytes: 524_288_000,
    });
    expect(at(find(own, "azurerm_iothub_enrichment"), "for_each")).toEqual({ hub: "$iothubname" });
  });

  test.each([
    [{ batchSeconds: 59 }, "batchSeconds"],
    [{ batchSeconds: 721 }, "batchSeconds"],
    [{ batchMegabytes: 9 }, "batchMegabytes"],
    [{ batchMegabytes: 501 }, "batchMegabytes"],
    [{ enrichments: { "a b": "x" } }, "enrichments.a b"],
    [{ enrichments: { a: "$twin.site" } }, "enrichments.a"],
    [{ enrichments: { a: "" } }, "enrichments.a"],
    [{ enrichments: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, "x"])) }, "enrichments"],
  ])("refuses %p", (settings, path) => {
    expect(paths(lakeRoutingProblems(settings))).toEqual([path]);
  });

  test("a free hub has one endpoint and two enrichments", () => {
    expect(paths(lakeRoutingProblems({}, "F1"))).toEqual(["telemetryToLake"]);
    expect(lakeRoutingProblems({ telemetryToLake: false, enrichments: { a: "1", b: "2" } }, "F1")).toEqual([]);
    expect(
      paths(lakeRoutingProblems({ telemetryToLake: false, enrichments: { a: "1", b: "2", c: "3" } }, "F1")),
    ).toEqual(["enrichments"]);
  });

  test("refuses to route without knowing whose messages are anomalies", () => {
    const bench = new Bench();
    const make = (): unknown =>
      new LakeRouting(bench.stack, "Routing", {
        resourceGroup: bench.resourceGroup,
        hub: bench.hub(),
        lake: bench.lake(),
        anomalyModules: [],
      });
    expect(paths(problemsOf(make))).toEqual(["anomalyModules"]);
  });
});

describe("HubEvents", () => {
  const subscription = (name: string): HubSubscription => ({
    name,
    filters: [fromModules(["detector"]), byOutput("StringIn", ["feedbackOutput"])],
    delivery: byTopicIdentity({ endpointType: "ServiceBusQueue", properties: { resourceId: "/queue" } }),
  });

  test("is one topic for the hub, with an identity of its own", () => {
    const bench = new Bench();
    bench.hubEvents();
    expect(find(bench.json(), "azurerm_eventgrid_system_topic")).toMatchObject({
      source_resource_id: expect.stringMatching(/^\$\{azurerm_iothub\.Hub_/) as string,
      topic_type: "Microsoft.Devices.IoTHubs",
      identity: { type: "SystemAssigned" },
    });
  });

  test("subscribes one after the other, after what else changes the hub", () => {
    const bench = new Bench();
    const events = bench.hubEvents([bench.lake().resource]);
    events.subscribe(bench.stack, "First", subscription("first"));
    events.subscribe(bench.stack, "Second", { ...subscription("second"), after: [bench.registry().resource] });
    events.subscribe(bench.stack, "Third", subscription("third"));
    const json = bench.json();
    expect(["First", "Second", "Third"].map((id) => find(json, "azapi_resource", id).depends_on)).toEqual([
      [expect.stringMatching(/^azurerm_storage_account\.Lake/)],
      [
        expect.stringMatching(/^azurerm_container_registry\.Registry/),
        expect.stringMatching(/^azapi_resource\.First$/),
      ],
      [expect.stringMatching(/^azapi_resource\.Second$/)],
    ]);
  });

  test("takes messages of modules and outputs, and delivers by the topic's identity", () => {
    const bench = new Bench();
    bench.hubEvents().subscribe(bench.stack, "First", subscription("first"));
    expect(at(find(bench.json(), "azapi_resource", "First"), "body.properties")).toMatchObject({
      deliveryWithResourceIdentity: {
        identity: { type: "SystemAssigned" },
        destination: { endpointType: "ServiceBusQueue" },
      },
      filter: {
        includedEventTypes: ["Microsoft.Devices.DeviceTelemetry"],
        advancedFilters: [
          {
            operatorType: "StringIn",
            key: "data.systemProperties.iothub-connection-module-id",
            values: ["detector"],
          },
          { operatorType: "StringIn", key: "data.properties.detectorOutput", values: ["feedbackOutput"] },
        ],
      },
    });
  });

  test.each([
    [[fromModules([])]],
    [[fromModules(Array.from({ length: 24 }, (_, i) => `m${i}`)), byOutput("StringNotIn", ["a", "b"])]],
  ])("refuses filters that Event Grid refuses (%#)", (filters) => {
    const bench = new Bench();
    const make = (): unknown =>
      bench.hubEvents().subscribe(bench.stack, "First", { ...subscription("first"), filters });
    expect(paths(problemsOf(make))).toEqual(["filters"]);
  });
});
