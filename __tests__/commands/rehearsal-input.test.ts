import type { EdgeDevice } from "../../constructs/edge/device-list";
import { dev } from "../../environments/dev";
import { organization } from "../../environments/organization";
import { prod } from "../../environments/prod";
import { endpointOf } from "../../packages/rehearsal/src/edge-hub/router";
import { mergeLayers } from "../../packages/rehearsal/src/edge-hub/deployment";
import type { RehearsalInput } from "../../packages/rehearsal/src/input";
import { NoRehearsal, rehearsalInput } from "../../stacks/commands/rehearsal-input";

/** Route names and where they lead, as the merged deployment has them. */
const routesOf = (input: RehearsalInput): string[] =>
  mergeLayers(input.layers)
    .routes.map((route) => `${route.name} ${endpointOf(route)}`)
    .sort();

test("dev is one machine behind its simulated sensor, with all its routes", () => {
  const input = rehearsalInput(organization, dev);
  expect(input).toMatchObject({
    environment: "dev",
    deviceId: "factory-sim-01",
    machines: ["factory-sim-01"],
    sensor: { source: { module: "simulatedSensor", output: "temperatureOutput" }, intervalSeconds: 5 },
    notes: [],
  });
  expect(routesOf(input)).toEqual([
    "detectorFeedbackToCloud $upstream",
    "detectorToCloud $upstream",
    "detectorToStreamAnalytics asa-edge-anomaly-job/scoreInput",
    "sensorToDetector anomalyDetector/sensorInput",
    "sensorToStreamAnalytics asa-edge-anomaly-job/sensorInput",
    "streamAnalyticsToCloud $upstream",
    "telemetryToCloud $upstream",
  ]);
});

test("several machines behind one sensor are told apart by query and detector, which is said", () => {
  const input = rehearsalInput(organization, dev, { machines: 2 });
  expect(input.machines).toEqual(["machine-01", "machine-02"]);
  expect(input.machineIdPath).toBe("machine.id");
  expect(mergeLayers(input.layers).desired.anomalyDetector).toMatchObject({ machineIdPath: "machine.id" });
  expect(input.streamAnalytics?.query).toContain("machine.id = 'machine-02'");
  expect(input.notes).toEqual([expect.stringContaining("streamAnalytics.machines")]);
});

test("devices of prod have no sensor of their own: devices without modules send, each a machine", () => {
  const input = rehearsalInput(organization, prod, { deviceId: "aachen-press-01", machines: 3 });
  expect(input.sensor.source).toBe("leafDevices");
  expect(input.machines).toEqual([
    "aachen-press-01-machine-01",
    "aachen-press-01-machine-02",
    "aachen-press-01-machine-03",
  ]);
  expect(input.machineIdPath).toBeUndefined();
  expect(input.signals.map(({ name, unit }) => [name, unit])).toEqual([
    ["temperature", "°C"],
    ["pressure", undefined],
    ["vibration", "mm/s"],
  ]);
});

test("a device runs the version of its ring", () => {
  const versionOf = (deviceId: string): unknown => {
    const base = rehearsalInput(organization, prod, { deviceId }).layers.find(({ name }) => name === "base");
    return /azureiotedge-hub:([\d.]+)/.exec(JSON.stringify(base))?.[1];
  };
  expect([versionOf("aachen-press-01"), versionOf("aachen-press-02")]).toEqual(["1.6.1", "1.6.0"]);
});

const WITHOUT_DEVICES = Object.fromEntries(Object.entries(dev).filter(([key]) => key !== "edge")) as typeof dev;

test.each([
  ["a device that is not there", { deviceId: "nobody" }, prod, /no edge device nobody; devices: aachen-press-01, /],
  ["an environment without devices", {}, WITHOUT_DEVICES, /dev has no devices/],
])("%s is named with what there is", (_what, choice, environment, message) => {
  expect(() => rehearsalInput(organization, environment, choice)).toThrow(NoRehearsal);
  expect(() => rehearsalInput(organization, environment, choice)).toThrow(message);
});

test("a gateway's leaf devices send, and edge devices behind it are named as not run", () => {
  const edge = prod.edge;
  if (edge === undefined) throw new Error("prod has devices");
  const leaf = (id: string): EdgeDevice => ({ id, edge: false, parent: "essen-gateway" });
  const devices = [...(edge.devices ?? []), leaf("essen-pump-01"), leaf("essen-pump-02")];
  const environment = { ...prod, edge: { ...edge, devices } };
  const of = (machines?: number): RehearsalInput =>
    rehearsalInput(organization, environment, {
      deviceId: "essen-gateway",
      ...(machines !== undefined && { machines }),
    });
  expect(of().machines).toEqual(["essen-pump-01", "essen-pump-02"]);
  expect(of(1).machines).toEqual(["essen-pump-01"]);
  expect(of(3).machines).toEqual(["essen-pump-01", "essen-pump-02", "essen-gateway-machine-03"]);
  expect(of().notes).toEqual(["essen-mill-01 sends through essen-gateway and is not run; rehearse it by its own name"]);
});
