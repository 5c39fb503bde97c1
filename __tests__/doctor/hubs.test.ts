import { type Endpoints, examine, type Expectations, type Report } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { expectationsFor, plant } from "./environment";

const [first, second, ...others] = plant.edge?.devices ?? [];
let expected: Expectations;
let azure: AzureStandIn;
let endpoints: Endpoints;

beforeAll(() => {
  expected = expectationsFor({
    ...plant,
    hub: { ...plant.hub, stamps: { second: {}, third: { state: "removed" } } },
    edge: {
      ...(plant.edge ?? { versions: {}, rings: {} }),
      devices: [...(first ? [first] : []), ...(second ? [{ ...second, hub: "second" }] : []), ...others],
    },
  });
});

beforeEach(async () => {
  azure = new AzureStandIn(expected);
  endpoints = await azure.start();
});

afterEach(async () => {
  await azure.stop();
});

const look = (): Promise<Report> => examine({ expected, tokenFor, endpoints, now: azure.plant.now });
const found = ({ findings }: Report): string[] => findings.map(({ check, subject }) => `${check}: ${subject}`);
const secondHub = (): string => expected.otherHubs?.[0]?.hub.name ?? "";

test("what is expected of each hub: its devices, the same routes and deployments", () => {
  expect(expected.otherHubs).toHaveLength(1);
  expect(expected.devices.map(({ id }) => id)).toEqual([first?.id, ...others.map(({ id }) => id)]);
  expect(expected.otherHubs?.[0]?.devices.map(({ id }) => id)).toEqual([second?.id]);
  expect(secondHub()).toMatch(/^iot-anomaly-second-prd-/);
  expect(expected.otherHubs?.[0]?.hub.routes).toEqual(expected.hub.routes);
  expect(expected.otherHubs?.[0]?.deployments.map(({ id }) => id)).toEqual(expected.deployments.map(({ id }) => id));
  expect(expected.logs.feed?.topics).toEqual(["evgt-iot-hub", "evgt-iot-hub-second"]);
});

test("a device that its hub does not know is named with the hub, and nothing is said of the others", async () => {
  azure.plant.devices = azure.plant.devices.filter(({ deviceId }) => deviceId !== second?.id);
  expect(found(await look()).filter((one) => one.startsWith("device-missing"))).toEqual([
    `device-missing: ${second?.id ?? ""} on ${secondHub()}`,
  ]);
});

test("a missing hub is one finding, of that hub", async () => {
  azure.plant.resources = azure.plant.resources.filter(({ name }) => name !== secondHub());
  const report = await look();
  expect(found(report)).toEqual([`hub-missing: ${secondHub()}`]);
  expect(report.notChecked).toEqual([]);
});

test("a healthy environment is healthy with two hubs, and what both count is summed up", async () => {
  const report = await look();
  expect(report.verdict).toBe("healthy");
  expect(report.facts.find(({ what }) => what === "messages within a day")?.value).toBe(String(2 * 86_400));
});
