import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { twin } from "../../stacks/commands/twin";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";

const heard = listenToConsole();
const printed = (): string => heard.printed.join("\n");
const complained = (): string => heard.complained.join("\n");
const plant = {
  ...minimal,
  edge: {
    versions: { v: { detector: "1.0.0" } },
    rings: { all: { version: "v" } },
    devices: [{ id: "press-1", tags: { site: "aachen" } }],
  },
};
const run = (...args: string[]): number => twin(args, { organization, environments: [plant] });
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twin-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const read = (path: string): string => readFileSync(join(folder, path), "utf8");
const all = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.\w+$/.test(path))
      .map((path) => [path, read(path)]),
  );

it("counts without writing", () => {
  expect(run(plant.name)).toBe(0);
  expect(printed()).toBe(`${plant.name}: 7 models, 1 site, 0 lines, 1 machine, 1 detector, 2 signals, 4 relationships`);
  expect(run(plant.name, "--json")).toBe(0);
  expect(JSON.parse(printed().split("\n").slice(1).join("\n"))).toEqual({
    models: 7,
    twins: { site: 1, line: 0, machine: 1, detector: 1, signal: 2 },
    relationships: 4,
    files: [],
  });
  expect(readdirSync(folder)).toEqual([]);
});

it("writes the same files every time, and deletes its own that are out of date", () => {
  mkdirSync(join(folder, "models"));
  writeFileSync(join(folder, "models/old.json"), '{"@id":"dtmi:edgeAnomalyDetection:signal:Old;1"}');
  writeFileSync(join(folder, "models/theirs.json"), '{"@id":"dtmi:com:example:Theirs;1"}');
  expect(run(plant.name, "--out", folder)).toBe(0);
  const first = all();
  expect(run(plant.name, "--out", folder)).toBe(0);
  expect(all()).toEqual(first);
  expect(Object.keys(first).sort()).toEqual(
    [
      "3DScenesConfiguration.json",
      "graph.ndjson",
      "graph.svg",
      ...["Detector", "Line", "Machine", "NumericSignal", "Signal", "Site"].map((name) => `models/${name}-1.json`),
      "models/signal-Temperature-degreeCelsius-1.json",
      "models/theirs.json",
    ].sort(),
  );
  const models = read("graph.ndjson").split("\n").slice(3, 10);
  for (const model of models.map((line) => JSON.parse(line) as Record<string, unknown>)) {
    const file = `models/${String(model["@id"]).split(":").slice(2).join("-").replace(";", "-")}.json`;
    expect(JSON.parse(read(file))).toEqual(model);
  }
});

it("lets a scene colour each machine by its health", () => {
  run(plant.name, "--out", folder);
  const { configuration } = JSON.parse(read("3DScenesConfiguration.json")) as {
    configuration: {
      scenes: { id: string; assets: { url: string }[]; elements: Record<string, unknown>[]; behaviorIDs: string[] }[];
      behaviors: { id: string; datasources: { elementIDs: string[] }[]; visuals: Record<string, unknown>[] }[];
    };
  };
  const [scene] = configuration.scenes;
  expect(scene?.assets[0]?.url).toMatch(/^https:\/\/st[a-z0-9]+\.blob\.core\.windows\.net\/scenes\/aachen\.glb$/);
  expect(scene?.elements).toEqual([
    {
      type: "TwinToObjectMapping",
      id: "machine.press-1",
      displayName: "press-1",
      primaryTwinID: "machine.press-1",
      objectIDs: ["press-1"],
    },
  ]);
  const [behavior] = configuration.behaviors;
  expect(scene?.behaviorIDs).toEqual([behavior?.id]);
  expect(behavior?.datasources[0]?.elementIDs).toEqual(["machine.press-1"]);
  expect(behavior?.visuals[0]).toMatchObject({
    type: "ExpressionRangeVisual",
    expressionType: "NumericRange",
    valueExpression: "PrimaryTwin.healthLevel",
  });
});

it("says what is wrong with the configuration, and with the arguments", () => {
  const broken = {
    ...plant,
    streamAnalytics: { machines: { path: "machine.id", ids: ["a", "b"] } },
    edge: { ...plant.edge, devices: [{ id: "p-1" }, { id: "p-2" }] },
  };
  expect(() => twin([plant.name], { organization, environments: [broken] })).toThrow(/machines is \["a","b"\]/);
  expect(run()).toBe(1);
  expect(run("nowhere")).toBe(1);
  expect(run(plant.name, "--outt", folder)).toBe(1);
  expect(complained()).toContain("there is no environment nowhere");
  expect(run("--help")).toBe(0);
  expect(printed()).toContain("npm run -s twin -- ENV");
});

it("has a picture of prod in the documentation that is up to date", () => {
  expect(twin(["prod", "--out", folder])).toBe(0);
  const shipped = resolve(__dirname, "../../docs/images/twin.svg");
  expect(existsSync(shipped)).toBe(true);
  expect(read("graph.svg")).toBe(readFileSync(shipped, "utf8"));
});
