import { DeploymentError, mergeLayers } from "../../src/edge-hub/deployment";
import type { DeploymentLayer } from "../../src/input";
import { layers } from "../helpers/fixture";

const layer = (name: string, priority: number, content: DeploymentLayer["content"]): DeploymentLayer => ({
  name,
  priority,
  content,
});

const base = (priority: number, routes: Readonly<Record<string, unknown>> = {}): DeploymentLayer =>
  layer(`base-${priority}`, priority, {
    $edgeAgent: { "properties.desired": { modules: { [`m${priority}`]: { settings: { image: "i:1" } } } } },
    $edgeHub: { "properties.desired": { routes, storeAndForwardConfiguration: { timeToLiveSecs: 100 } } },
  });

test("layers add modules, routes and desired properties to their base, whatever order they come in", () => {
  const merged = mergeLayers([...layers].reverse());
  expect(Object.keys(merged.modules).sort()).toEqual(["detector", "job", "sensor"]);
  expect(merged.routes.map(({ name }) => name).sort()).toEqual([
    "alerts",
    "jobAlerts",
    "scores",
    "telemetry",
    "toDetector",
    "toJob",
  ]);
  expect(merged.desired.detector).toEqual({
    signals: { temperature: "machine.temperature", pressure: "machine.pressure" },
    timePath: "timeCreated",
    machineIdPath: "machine.id",
    limits: { temperature: { high: 120 } },
  });
});

test("of two layers that set the same path the higher one wins, whole", () => {
  const set = (priority: number, value: unknown): DeploymentLayer =>
    layer("set", priority, { m: { "properties.desired.limits": value } });
  const merged = mergeLayers([base(1), set(3, { high: 2 }), set(2, { low: 1 })]);
  expect(merged.desired.m).toEqual({ limits: { high: 2 } });
});

test("a longer path changes only its part of what a lower layer set", () => {
  const merged = mergeLayers([
    base(1),
    layer("a", 2, { m: { "properties.desired": { limits: { low: 1, high: 2 } } } }),
    layer("b", 3, { m: { "properties.desired.limits.high": 9 } }),
  ]);
  expect(merged.desired.m).toEqual({ limits: { low: 1, high: 9 } });
});

test("of two bases the higher one holds alone, and layers below it are left out", () => {
  const low = layer("low", 2, { $edgeAgent: { "properties.desired.modules.low": { settings: { image: "i:1" } } } });
  const high = layer("high", 4, { $edgeAgent: { "properties.desired.modules.high": { settings: { image: "i:1" } } } });
  expect(Object.keys(mergeLayers([base(1), low, base(3), high]).modules)).toEqual(["m3", "high"]);
});

test("a route without a time to live has the store's, and 0 means the same", () => {
  const { routes } = mergeLayers([
    base(1, {
      a: "FROM /messages/* INTO $upstream",
      b: { route: "FROM /messages/* INTO $upstream", timeToLiveSecs: 0, priority: 0 },
      c: { route: "FROM /messages/* INTO $upstream", timeToLiveSecs: 7, priority: 9 },
    }),
  ]);
  expect(routes.map(({ priority, timeToLiveSeconds }) => [priority, timeToLiveSeconds])).toEqual([
    [2_000_000_000, 100],
    [0, 100],
    [9, 7],
  ]);
});

test("everything that the edge hub would refuse is named at once", () => {
  const broken = base(1, {
    a: "FROM /messages/*",
    b: { route: "FROM /messages/* INTO $upstream", priority: 10 },
    c: { priority: 1 },
  });
  expect(() => mergeLayers([broken])).toThrow(DeploymentError);
  expect(() => mergeLayers([broken])).toThrow(
    /route a: .*INTO[^]*route b: .*priority is 10[^]*route c: it has no text/,
  );
});

test("layers without a base are no deployment", () => {
  expect(() => mergeLayers(layers.slice(1))).toThrow("no layer is a base");
});
