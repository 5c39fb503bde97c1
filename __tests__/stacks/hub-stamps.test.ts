import * as fc from "fast-check";
import { Testing } from "cdktf";
import { Policy } from "../../constructs/policy/policy";
import { iotHubName } from "../../constructs/shared/names";
import type { EdgeDevice } from "../../constructs/edge/device-list";
import type { HubStampSettings } from "../../constructs/hub/hub-stamps";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { wantedGroups } from "../../stacks/commands/enrollments/group";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";
import { stampEnvironments } from "../support/networks";
import { at, type Block, find, type StackJson } from "../support/synth";

function synthesize(environment: EnvironmentConfig): { text: string; json: StackJson; stack: EnvironmentStack } {
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
  const text = Testing.synth(stack, true);
  return { text, json: JSON.parse(text) as StackJson, stack };
}

/** Resources, ephemeral ones and providers by address, without synthesis metadata. */
function blocksOf(json: StackJson): Map<string, Block> {
  const sections = [["", json.resource] as const, ["ephemeral.", json.ephemeral ?? {}] as const];
  return new Map(
    sections.flatMap(([prefix, section]) =>
      Object.entries(section).flatMap(([type, byId]) =>
        Object.entries(byId).map(([id, block]): [string, Block] => [
          `${prefix}${type}.${id}`,
          { ...block, "//": undefined },
        ]),
      ),
    ),
  );
}

const { edge } = stampEnvironments.stamps;
const listed: readonly EdgeDevice[] = edge.devices.filter((device) => !("hub" in device));
const withStamps = (stamps: Readonly<Record<string, HubStampSettings>>, devices = listed): EnvironmentConfig => ({
  ...stampEnvironments.stamps,
  edge: { ...edge, devices },
  hub: { readers: ["historian"], stamps },
});
const many = (count: number): EnvironmentConfig =>
  withStamps(Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index + 10}`, {}])));

describe("hub stamps", () => {
  const one = synthesize(withStamps({}));
  const two = synthesize(withStamps({ second: {} }));
  const three = synthesize(withStamps({ second: {}, third: {} }));

  test("every stamp adds the same resources and about the same text, whatever there is already", () => {
    const sizes = [0, 1, 2, 4, 8].map((count) => {
      const { json, text } = synthesize(many(count));
      return { count, resources: blocksOf(json).size, bytes: text.length };
    });
    const [none, single, ...more] = sizes;
    const each = (single?.resources ?? 0) - (none?.resources ?? 0);
    expect(each).toBeGreaterThan(20);
    // The first stamp brings the list of host names as an output, and alerts that name the hub.
    const eachBytes = (more[0]?.bytes ?? 0) - (single?.bytes ?? 0);
    for (const { count, resources, bytes } of more) {
      expect(resources).toBe((none?.resources ?? 0) + count * each);
      expect(bytes).toBe((single?.bytes ?? 0) + (count - 1) * eachBytes);
    }
  });

  test("a stamp more changes nothing of what is there but links, charts, and the alert that now names the hub", () => {
    const changed = (before: StackJson, after: StackJson): string[] => {
      const next = blocksOf(after);
      return [...blocksOf(before)]
        .filter(([address, block]) => JSON.stringify(block) !== JSON.stringify(next.get(address)))
        .map(([address]) => address.replace(/_[0-9A-F]{8}$/, ""))
        .sort();
    };
    // The service that registers devices is linked to the new hub, after its identity has a role there.
    const shared = [
      "azapi_resource.Provisioning",
      "azurerm_application_insights_workbook.Workbook",
      "time_sleep.Provisioning_Propagation",
    ];
    expect(changed(two.json, three.json)).toEqual(shared);
    expect(changed(one.json, two.json)).toEqual(
      [...shared, "azurerm_monitor_scheduled_query_rules_alert_v2.Alerts_RoutingErrors"].sort(),
    );
  });

  test("a million devices that register on their own are as large as ten", () => {
    const fleet = (devices: number): string =>
      synthesize({
        ...many(9),
        fleet: { devices },
        provisioning: {
          kind: "dps",
          service: "contoso-factories",
          enrollmentGroups: { fleet: { attestation: { kind: "symmetricKey" } } },
        },
      }).text;
    expect(fleet(1_000_000)).toBe(fleet(10));
  });

  test("each hub has everything that the first has", () => {
    const count = (type: string): number => Object.keys(three.json.resource[type] ?? {}).length;
    const firstOnly = (type: string): number => Object.keys(one.json.resource[type] ?? {}).length;
    for (const type of [
      "azurerm_iothub",
      "azurerm_iothub_consumer_group",
      "azurerm_iothub_endpoint_storage_container",
      "azurerm_iothub_route",
      "azurerm_iothub_enrichment",
      "azurerm_eventgrid_system_topic",
      "iothub_edge_deployment",
    ]) {
      expect([type, count(type)]).toEqual([type, 3 * firstOnly(type)]);
      expect(firstOnly(type)).toBeGreaterThan(0);
    }
    // Anomalies to the logs, episodes to the queues of work orders and of the twin.
    const subscriptions = ({ resource }: StackJson): number =>
      Object.values(resource.azapi_resource ?? {}).filter(({ type }) => String(type).includes("eventSubscriptions@"))
        .length;
    expect([subscriptions(one.json), subscriptions(three.json)]).toEqual([3, 9]);
    const names = Object.values(three.json.resource.azurerm_iothub ?? {}).map(({ name }) => name);
    expect(names).toEqual(["iot-anomaly-stm-gh9owr", "iot-anomaly-second-stm-gh9owr", "iot-anomaly-third-stm-gh9owr"]);
  });

  test("the layers are the same on every hub", () => {
    const contents = (prefix: string): unknown[] =>
      Object.entries(three.json.resource.iothub_edge_deployment ?? {})
        .filter(([id]) => id.startsWith(prefix))
        .map(([, block]) => [block.for_each, block.labels, block.priority, block.metrics])
        .filter(([entries]) => JSON.stringify(entries).includes("content"));
    expect(contents("Rollout_").length).toBeGreaterThan(1);
    expect(contents("Stamp-second_Rollout_")).toEqual(contents("Rollout_"));
    expect(contents("Stamp-third_Rollout_")).toEqual(contents("Rollout_"));
  });

  test("what is on a hub names the provider of that hub, and the first hub's none", () => {
    const { json } = synthesize(stampEnvironments.stamps);
    const onHubs = [...blocksOf(json)].filter(([address]) => /^(ephemeral\.)?iothub_/.test(address));
    expect(onHubs.map(([address]) => address).filter((address) => address.includes("Stamp-second_")).length).toBe(8);
    for (const [address, { provider }] of onHubs) {
      const stamp = /\.Stamp-([a-z]+)_/.exec(address)?.[1];
      expect([address, provider]).toEqual([address, stamp === undefined ? undefined : `iothub.${stamp}`]);
    }
    expect(json.provider.iothub?.map(({ alias, hostname }) => [alias, hostname]).sort()).toEqual([
      [undefined, expect.stringMatching(/^\$\{azurerm_iothub\.Hub_\w+\.hostname\}$/)],
      ["second", expect.stringMatching(/^\$\{azurerm_iothub\.Stamp-second_Hub_\w+\.hostname\}$/)],
      ["third", expect.stringMatching(/^\$\{azurerm_iothub\.Stamp-third_Hub_\w+\.hostname\}$/)],
    ]);
  });

  test("alerts by metric watch each hub, a draining one without waiting for devices; charts show all", () => {
    const { json } = synthesize(stampEnvironments.stamps);
    const alerts = Object.values(json.resource.azurerm_monitor_metric_alert ?? {});
    const ending = (name: string): unknown[] =>
      alerts
        .filter(({ scopes }) => String(scopes).includes(`.${name}Hub_`))
        .map((alert) => alert.name)
        .sort();
    const all = ["anomalies-delivered", "devices-disconnected", "message-quota-used", "messages-throttled"];
    expect(ending("")).toEqual([...all, "routing-failures"]);
    expect(ending("Stamp-second_")).toEqual([...all, "routing-failures"].map((name) => `${name}-second`));
    expect(ending("Stamp-third_")).not.toContain("devices-disconnected-third");
    expect(ending("Stamp-third_").length).toBe(4);
    const workbook = JSON.parse(String(find(json, "azurerm_application_insights_workbook").data_json)) as {
      items: Block[];
    };
    const charts = workbook.items.filter(({ type }) => type === 10);
    expect(charts.length).toBeGreaterThan(3);
    for (const chart of charts) {
      expect((at(chart, "content.resourceIds") as string[]).length).toBe(3);
    }
    expect(JSON.stringify(json.output?.iot_hub_hostnames)).toContain("Stamp-second_Hub");
  });

  test("devices that register are divided over active hubs, by the service and by groups alike", () => {
    const { json } = synthesize(stampEnvironments.stamps);
    const service = find(json, "azapi_resource", "Provisioning_");
    const linked = at(service, "body.properties.iotHubs") as Block[];
    expect(linked.map((hub) => [/\.(.*)Hub_/.exec(String(hub.hostName))?.[1], hub.applyAllocationPolicy])).toEqual([
      ["", true],
      ["Stamp-second_", true],
      ["Stamp-third_", false],
    ]);
    const { provisioning } = stampEnvironments.stamps;
    const [group] = wantedGroups(organization, stampEnvironments.stamps, provisioning);
    expect(group?.body).toMatchObject({
      allocationPolicy: "hashed",
      iotHubs: ["iot-anomaly-second-stm-gh9owr.azure-devices.net", "iot-anomaly-stm-gh9owr.azure-devices.net"],
    });
    const [one] = wantedGroups(organization, stampEnvironments.stamps, {
      ...provisioning,
      enrollmentGroups: { fleet: { ...provisioning.enrollmentGroups.fleet, hubs: ["second"] } },
    });
    expect(one?.body).toMatchObject({
      allocationPolicy: "static",
      iotHubs: ["iot-anomaly-second-stm-gh9owr.azure-devices.net"],
    });
  });

  test("a device's secret keeps its address on another hub", () => {
    const moved = listed.map((device) => ({ ...device, hub: "second" }));
    const { json } = synthesize(withStamps({ second: {} }, [...moved, { id: "press-09" }]));
    expect(Object.keys(json.resource.azurerm_key_vault_secret ?? {})).toEqual(
      Object.keys(two.json.resource.azurerm_key_vault_secret ?? {}),
    );
    const secret = find(json, "azurerm_key_vault_secret");
    expect(secret.for_each).toMatch(
      /^\$\{merge\(\{ for id, device in local\.Devices_\w+ .*local\.Stamp-second_Devices_/,
    );
    expect(secret.value_wo).toMatch(/^\$\{merge\(ephemeral\..*\)\[each\.key\]\.primary_connection_string\}$/);
  });

  test("of a removed hub the provider alone is left, to destroy what is on it", () => {
    const { json } = synthesize(withStamps({ second: { state: "removed" } }));
    expect([...blocksOf(json).keys()]).toEqual([...blocksOf(one.json).keys()]);
    expect(json.provider.iothub?.[1]).toEqual({
      alias: "second",
      hostname: "iot-anomaly-second-stm-gh9owr.azure-devices.net",
    });
  });

  test("the rules find no more than with one hub", () => {
    const errors = ({ stack }: typeof one): string[] =>
      Policy.report(stack)
        .findings.filter(({ level, exception }) => level === "error" && exception === undefined)
        .map(({ rule }) => rule);
    expect(errors(three)).toEqual([]);
  });

  test("every name of a hub that validation takes is one that Azure takes", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9]{1,7}$/),
        fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/).filter((name) => name !== "first"),
        (workload, stamp) => {
          const environment = { ...minimal, hub: { stamps: { [stamp]: {} } } };
          fc.pre(environmentProblems({ ...organization, workload }, environment).length === 0);
          const parts = { workload, code: minimal.code, location: minimal.location, seed: organization.nameSeed };
          expect(iotHubName(parts, stamp)).toMatch(/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/);
        },
      ),
      { numRuns: 50 },
    );
  });
});
