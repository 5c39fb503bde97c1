import type { EdgeDevice } from "../../constructs/edge/device-list";
import type { HubStampsSettings } from "../../constructs/hub/hub-stamps";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { problemsAcross } from "../../environments/validation/across-environments";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { quotaWarning } from "../../environments/validation/message-volume";
import { minimal, organization } from "../support/environments";
import { paths } from "../support/synth";

const edge = { versions: { v1: { detector: "1.0.0" } }, rings: { all: { version: "v1" } } };
const problems = (environment: Partial<EnvironmentConfig>): ReturnType<typeof environmentProblems> =>
  environmentProblems(organization, { ...minimal, ...environment });
const stamps = (count: number): HubStampsSettings => ({
  stamps: Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, {}])),
});

test.each(["first", "Second", "2nd", "a-b", "thirteenchars", ""])("%j is no name of a stamp", (name) => {
  expect(paths(problems({ hub: { stamps: { [name]: {} } } }))).toEqual([`hub.stamps.${name}`]);
});

test("everything wrong with hubs is said at once", () => {
  const devices: EdgeDevice[] = [
    { id: "press-01", hub: "second" },
    { id: "press-02", parent: "press-01" },
    { id: "press-03", hub: "third" },
    { id: "press-04", hub: "fourth" },
  ];
  const found = problems({
    hub: { stamps: { second: { state: "gone" as "active" }, third: { state: "removed" } } },
    edge: { ...edge, devices },
    provisioning: {
      kind: "dps",
      service: "contoso-factories",
      enrollmentGroups: {
        a: { attestation: { kind: "symmetricKey" }, hubs: [] },
        b: { attestation: { kind: "symmetricKey" }, hubs: ["first", "third", "first"] },
      },
    },
  });
  expect(paths(found)).toEqual([
    "hub.stamps.second.state",
    "edge.devices[1].hub",
    "edge.devices[2].hub",
    "edge.devices[3].hub",
    "provisioning.enrollmentGroups.a.hubs",
    "provisioning.enrollmentGroups.b.hubs[1]",
    "provisioning.enrollmentGroups.b.hubs[2]",
  ]);
  expect(found[1]?.allowed).toBe("second, the hub of its parent press-01");
});

test("a subscription has one free hub", () => {
  const hub = { sku: "F1", stamps: { second: {} } } as const;
  expect(paths(problems({ hub, routing: { telemetryToLake: false } }))).toEqual(["hub.stamps"]);
});

test("an environment has as many hubs as a subscription, the first included; removed ones do not count", () => {
  expect(problems({ hub: stamps(49) })).toEqual([]);
  expect(problems({ hub: stamps(50) }).map(({ path, allowed }) => [path, allowed])).toEqual([
    [
      "hub.stamps",
      'at most 50: "Each Azure subscription can have at most 50 IoT hubs" (https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling)',
    ],
  ]);
  const { stamps: fifty = {} } = stamps(50);
  expect(problems({ hub: { stamps: { ...fifty, s0: { state: "removed" } } } })).toEqual([]);
});

test("environments of one subscription have 50 hubs in all", () => {
  const named = (name: string, count: number, subscriptionId?: string): EnvironmentConfig => ({
    ...minimal,
    name,
    code: name,
    backend: { kind: "cloud", organization: "contoso", workspace: name },
    hub: stamps(count),
    ...(subscriptionId !== undefined && { subscriptionId }),
  });
  expect(problemsAcross([named("aa", 24), named("bb", 24)])).toEqual([]);
  const [found, ...more] = problemsAcross([named("aa", 24), named("bb", 25)]);
  expect(more).toEqual([]);
  expect(found).toMatchObject({ path: "[1].hub.stamps", value: "51 hubs in the subscription: aa 25, bb 26" });
  expect(problemsAcross([named("aa", 24), named("bb", 25, "99999999-9999-4999-8999-999999999999")])).toEqual([]);
});

test("a fleet is divided evenly over active hubs, and each takes a million identities", () => {
  // Each device counts with edgeAgent, edgeHub, ML module and Stream Analytics job.
  const fleet = (devices: number, hub: HubStampsSettings): string[] =>
    problems({ edge, fleet: { devices }, hub }).map(({ value }) => String(value));
  expect(fleet(600_000, stamps(2))).toEqual([]);
  expect(fleet(600_001, stamps(2))).toEqual([
    "200,001 devices on hub first, 1,000,005 identities (5 for each device and its modules)",
  ]);
  expect(fleet(600_000, { stamps: { s0: {}, s1: { state: "draining" } } })).toEqual([
    "300,000 devices on hub first, 1,500,000 identities (5 for each device and its modules)",
  ]);
});

test("the hub with the most devices decides about messages", () => {
  const devices = (hub?: string): EdgeDevice[] =>
    ["1", "2", "3", "4"].map((id) => ({ id: `press-${id}`, ...(hub !== undefined && { hub }) }));
  const settings = (list: EdgeDevice[]): Partial<EnvironmentConfig> => ({
    hub: { stamps: { second: {} } },
    edge: { ...edge, devices: list, simulatedSensorSeconds: 1, telemetryToCloud: true },
  });
  expect(problems(settings(devices()))).toEqual([]);
  const five = [...devices(), { id: "press-5" }];
  expect(problems(settings(five)).map(({ value }) => value)).toEqual([
    "1 s: 432,000 messages a day from all devices on hub first",
  ]);
  expect(problems(settings([...devices(), { id: "press-5", hub: "second" }]))).toEqual([]);
  expect(
    quotaWarning({ ...minimal, ...settings([...devices("second"), { id: "press-5", hub: "second" }]) })?.value,
  ).toMatch(/^4\d\d,\d{3} messages a day estimated on hub second: /);
});
