import type { ServiceAccess } from "../../constructs/network/service-access";
import { EpisodeSubscription } from "../../constructs/maintenance/episode-subscription";
import { maintenanceProblems } from "../../constructs/maintenance/maintenance-settings";
import {
  WorkOrderQueue,
  workOrderQueueProblems,
  type WorkOrderQueueSettings,
} from "../../constructs/maintenance/work-order-queue";
import { all, at, Bench, type Block, find, paths, problemsOf, type StackJson } from "../support/synth";

const receivers = {
  scheduler: { objectId: "77777777-7777-4777-8777-777777777777", type: "ServicePrincipal" },
} as const;

function queueIn(
  bench: Bench,
  settings: Partial<WorkOrderQueueSettings> & { access?: ServiceAccess } = {},
): WorkOrderQueue {
  return new WorkOrderQueue(bench.stack, "Orders", {
    ...bench.common("sbns-test"),
    receivers,
    alertReceivers: bench.receivers(),
    ...settings,
  });
}

function synth(settings: Partial<WorkOrderQueueSettings> & { access?: ServiceAccess } = {}): StackJson {
  const bench = new Bench();
  queueIn(bench, settings);
  return bench.json();
}

/** Minutes of an ISO 8601 duration of days, hours and minutes. */
function minutesOf(duration: unknown): number {
  const [, days = "0", hours = "0", minutes = "0"] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(String(duration)) ?? [];
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
}

function subscriptionIn(bench: Bench): Block {
  new EpisodeSubscription(bench.stack, "Episodes", {
    resourceGroup: bench.resourceGroup,
    events: bench.hubEvents(),
    queue: queueIn(bench),
    lake: bench.lake(),
    alertReceivers: bench.receivers(),
    after: [bench.registry().resource],
  });
  return find(bench.json(), "azapi_resource", "Episodes_Subscription");
}

describe("WorkOrderQueue", () => {
  test("has no keys, TLS 1.2 and duplicate detection", () => {
    const json = synth();
    expect(find(json, "azurerm_servicebus_namespace")).toMatchObject({
      sku: "Standard",
      local_auth_enabled: false,
      minimum_tls_version: "1.2",
      lifecycle: { prevent_destroy: false },
    });
    expect(find(json, "azurerm_servicebus_queue")).toMatchObject({
      requires_duplicate_detection: true,
      dead_lettering_on_message_expiration: true,
      default_message_ttl: "P14D",
    });
  });

  test("detects duplicates for as long as Event Grid delivers an event", () => {
    const bench = new Bench();
    const subscription = subscriptionIn(bench);
    const queue = find(bench.json(), "azurerm_servicebus_queue");
    const delivered = at(subscription, "body.properties.retryPolicy.eventTimeToLiveInMinutes") as number;
    expect(minutesOf(queue.duplicate_detection_history_time_window)).toBeGreaterThanOrEqual(delivered);
  });

  test("outlasts a system that is away for days, within Azure's limits", () => {
    const queue = find(synth(), "azurerm_servicebus_queue");
    expect(Number(queue.max_delivery_count) * minutesOf(queue.lock_duration)).toBeGreaterThan(6 * 1440);
    expect(minutesOf(queue.lock_duration)).toBeLessThanOrEqual(5);
    expect(Number(queue.max_delivery_count)).toBeLessThanOrEqual(2000);
  });

  test("lets receivers take messages out of the queue, and nothing else", () => {
    const role = find(synth(), "azurerm_role_assignment");
    expect(role).toMatchObject({
      role_definition_name: "Azure Service Bus Data Receiver",
      scope: expect.stringMatching(/^\$\{azurerm_servicebus_queue\.Orders_Queue/) as string,
      for_each: {
        scheduler: { principal_id: receivers.scheduler.objectId, principal_type: "ServicePrincipal" },
      },
    });
  });

  test("tells people of dead letters and of messages that nobody takes", () => {
    const alerts = all(synth(), "azurerm_monitor_metric_alert").map((alert) => ({
      name: alert.name,
      criteria: at(alert, "criteria[0]"),
      told: at(alert, "action[0].action_group_id"),
    }));
    expect(alerts).toEqual([
      {
        name: "work-orders-dead-letters",
        criteria: expect.objectContaining({
          metric_namespace: "Microsoft.ServiceBus/namespaces",
          metric_name: "DeadletteredMessages",
          dimension: [{ name: "EntityName", operator: "Include", values: ["work-orders"] }],
        }) as unknown,
        told: expect.stringMatching(/azurerm_monitor_action_group\.Receivers/) as unknown,
      },
      {
        name: "work-orders-not-taken",
        criteria: expect.objectContaining({ metric_name: "ActiveMessages", aggregation: "Minimum" }) as unknown,
        told: expect.stringMatching(/azurerm_monitor_action_group\.Receivers/) as unknown,
      },
    ]);
  });

  test.each<[string, ServiceAccess, Block]>([
    [
      "everybody",
      { kind: "everybody" },
      { default_action: "Allow", public_network_access_enabled: true, ip_rules: [] },
    ],
    [
      "named addresses",
      { kind: "addresses", addresses: ["203.0.113.0/28"] },
      { default_action: "Deny", public_network_access_enabled: true, ip_rules: ["203.0.113.0/28"] },
    ],
    [
      "private endpoints",
      { kind: "privateEndpoints" },
      { default_action: "Allow", public_network_access_enabled: false, ip_rules: [] },
    ],
  ])("in Premium %s reach it, and Event Grid as a trusted service", (_who, access, rules) => {
    const namespace = find(synth({ sku: "Premium", access }), "azurerm_servicebus_namespace");
    expect(namespace).toMatchObject({
      capacity: 1,
      premium_messaging_partitions: 1,
      public_network_access_enabled: access.kind !== "privateEndpoints",
    });
    expect(namespace.network_rule_set).toEqual({ ...rules, trusted_services_allowed: true });
  });

  test("in Standard has no network rules, which Azure refuses there", () => {
    const namespace = find(
      synth({ access: { kind: "addresses", addresses: ["203.0.113.0/28"] } }),
      "azurerm_servicebus_namespace",
    );
    expect(namespace).not.toHaveProperty("network_rule_set");
    expect(namespace).not.toHaveProperty("capacity");
  });

  test("takes an environment's word", () => {
    const queue = find(synth({ messageDays: 3 }), "azurerm_servicebus_queue");
    expect(queue.default_message_ttl).toBe("P3D");
  });

  test("reports every validation error at once, where it stands", () => {
    const settings = {
      receivers: {
        Scheduler: { objectId: "me", type: "Robot" },
        other: { ...receivers.scheduler },
        again: { ...receivers.scheduler },
      },
      sku: "Basic",
      messageDays: 0,
    } as unknown as WorkOrderQueueSettings;
    expect(paths(maintenanceProblems({ queue: settings }))).toEqual([
      "queue.receivers.Scheduler",
      "queue.receivers.Scheduler.objectId",
      "queue.receivers.Scheduler.type",
      "queue.receivers.again.objectId",
      "queue.sku",
      "queue.messageDays",
    ]);
    expect(paths(workOrderQueueProblems({ receivers: {} }))).toEqual(["receivers"]);
    const make = (): unknown => queueIn(new Bench(), { messageDays: 366 });
    expect(paths(problemsOf(make))).toEqual(["messageDays"]);
  });
});

describe("EpisodeSubscription", () => {
  const bench = new Bench();
  const subscription = subscriptionIn(bench);
  const json = bench.json();

  test("takes alerts and operators' words of the ML module, and nothing else", () => {
    expect(at(subscription, "body.properties.filter.advancedFilters")).toEqual([
      {
        operatorType: "StringIn",
        key: "data.systemProperties.iothub-connection-module-id",
        values: ["anomalyDetector"],
      },
      {
        operatorType: "StringIn",
        key: "data.properties.detectorOutput",
        values: ["anomalyOutput", "feedbackOutput"],
      },
    ]);
  });

  test("delivers, and keeps what it cannot deliver, by the topic's identity", () => {
    const identity = { type: "SystemAssigned" };
    expect(at(subscription, "body.properties")).toMatchObject({
      deliveryWithResourceIdentity: {
        identity,
        destination: {
          endpointType: "ServiceBusQueue",
          properties: { resourceId: expect.stringMatching(/azurerm_servicebus_queue\.Orders_Queue.*\.id/) as string },
        },
      },
      deadLetterWithResourceIdentity: {
        identity,
        deadLetterDestination: {
          endpointType: "StorageBlob",
          properties: {
            resourceId: expect.stringMatching(/azurerm_storage_account\.Lake/) as string,
            blobContainerName: expect.stringMatching(/azurerm_storage_container\.Episodes_Undelivered/) as string,
          },
        },
      },
    });
    expect(subscription).not.toHaveProperty("sensitive_body");
    const topic = /azurerm_eventgrid_system_topic\.HubEvents.*identity\[0\]\.principal_id/;
    const roles = all(json, "azurerm_role_assignment").filter(({ principal_id: id }) => topic.test(String(id)));
    expect(roles.map(({ role_definition_name: role, scope }) => [role, scope])).toEqual([
      ["Azure Service Bus Data Sender", expect.stringMatching(/azurerm_servicebus_queue\.Orders_Queue/)],
      ["Storage Blob Data Contributor", expect.stringMatching(/azurerm_storage_container\.Episodes_Undelivered/)],
    ]);
  });

  test("comes after its roles and every other change of the hub, and people are told of what was not delivered", () => {
    expect(subscription.depends_on).toEqual([
      expect.stringMatching(/^time_sleep\.Episodes_Propagation/),
      expect.stringMatching(/^azurerm_container_registry\.Registry/),
    ]);
    const alert = all(json, "azurerm_monitor_metric_alert").find(({ name }) => name === "work-orders-undelivered");
    expect(at(alert, "criteria[0]")).toMatchObject({
      metric_name: "DeadLetteredCount",
      dimension: [{ name: "EventSubscriptionName", operator: "Include", values: [subscription.name] }],
    });
  });
});
