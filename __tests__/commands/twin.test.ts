import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { twin } from "../../stacks/commands/twin";
import { AzureStandIn } from "../../packages/twin/__tests__/support/azure";
import { alert } from "../../packages/twin/__tests__/support/news";
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
const run = (...args: string[]): Promise<number> => twin(args, { organization, environments: [plant] });
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

it("counts without writing", async () => {
  expect(await run(plant.name)).toBe(0);
  expect(printed()).toBe(`${plant.name}: 7 models, 1 site, 0 lines, 1 machine, 1 detector, 2 signals, 4 relationships`);
  expect(await run(plant.name, "--json")).toBe(0);
  expect(JSON.parse(printed().split("\n").slice(1).join("\n"))).toEqual({
    models: 7,
    twins: { site: 1, line: 0, machine: 1, detector: 1, signal: 2 },
    relationships: 4,
    files: [],
  });
  expect(readdirSync(folder)).toEqual([]);
});

it("writes the same files every time, and deletes its own that are out of date", async () => {
  mkdirSync(join(folder, "models"));
  writeFileSync(join(folder, "models/old.json"), '{"@id":"dtmi:edgeAnomalyDetection:signal:Old;1"}');
  writeFileSync(join(folder, "models/theirs.json"), '{"@id":"dtmi:com:example:Theirs;1"}');
  expect(await run(plant.name, "--out", folder)).toBe(0);
  const first = all();
  expect(await run(plant.name, "--out", folder)).toBe(0);
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

it("lets a scene colour each machine by its health", async () => {
  await run(plant.name, "--out", folder);
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

it("says what is wrong with the configuration, and with the arguments", async () => {
  const broken = {
    ...plant,
    streamAnalytics: { machines: { path: "machine.id", ids: ["a", "b"] } },
    edge: { ...plant.edge, devices: [{ id: "p-1" }, { id: "p-2" }] },
  };
  await expect(twin([plant.name], { organization, environments: [broken] })).rejects.toThrow(/machines is \["a","b"\]/);
  expect(await run()).toBe(1);
  expect(await run("nowhere")).toBe(1);
  expect(await run(plant.name, "--outt", folder)).toBe(1);
  expect(complained()).toContain("there is no environment nowhere");
  expect(await run("--help")).toBe(0);
  expect(printed()).toContain("npm run -s twin -- ENV");
});

it("has a picture of prod in the documentation that is up to date", async () => {
  expect(await twin(["prod", "--out", folder])).toBe(0);
  const shipped = resolve(__dirname, "../../docs/images/twin.svg");
  expect(existsSync(shipped)).toBe(true);
  expect(read("graph.svg")).toBe(readFileSync(shipped, "utf8"));
});

describe("an instance", () => {
  const azure = new AzureStandIn();
  beforeAll(() => azure.start());
  afterAll(() => azure.stop());

  const live = (action: string, ...args: string[]): Promise<number> =>
    twin([action, plant.name, "--instance", azure.address, ...args], {
      organization,
      environments: [plant],
      storage: { tokenFor: (scope) => Promise.resolve(`token of ${scope}`), wait: () => Promise.resolve() },
      accountAt: (account, service) => `${azure.address}/${account}-${service}`,
    });

  it("is planned, loaded, and followed", async () => {
    expect(await live("plan")).toBe(0);
    expect(printed()).toContain("+ machine.press-1\n");
    expect(printed()).toMatch(/^\S+: 5 twins to create, 0 to change, 0 to remove, 0 unchanged; 4 relationships/m);
    expect(azure.twins.size).toBe(0);
    expect(await live("apply")).toBe(0);
    expect(azure.twins.size).toBe(5);
    expect([...azure.blobs.keys()]).toEqual([
      expect.stringMatching(/\/stanomalytwin\w+-blob\/imports\/\S+\.ndjson$/) as string,
    ]);
    expect(await live("plan", "--json")).toBe(0);
    expect(JSON.parse(heard.printed.at(-1) ?? "")).toMatchObject({ create: [], change: [], unchanged: 5 });
    azure.send(alert({ machineId: "press-1" }));
    expect(await live("follow")).toBe(0);
    expect(printed()).toContain("press-1 e-1: open, warning: written\n1 messages: 1 changes");
    expect(azure.requests).toContainEqual(expect.stringMatching(/^GET \/stanomalytwin\w+-queue\/episodes\/messages$/));
    expect(azure.twin("machine.press-1").health).toBe("warning");
  });

  it("ends with 2 where it is away, and says what to do", async () => {
    azure.isDown = true;
    expect(await live("apply")).toBe(2);
    expect(await live("follow", "--json")).toBe(2);
    azure.isDown = false;
    expect(complained()).toContain("cannot be reached");
  });

  it.each([
    [["plan", plant.name], "--instance is https://HOST"],
    [["plan", plant.name, "--instance", "http://example.com"], "--instance is https://HOST"],
    [["plan", plant.name, "--instance", "https://h", "--remove"], "--remove goes with apply"],
    [["apply", plant.name, "--instance", "https://h", "--out", "x"], "--out goes with files"],
    [[plant.name, "--instance", "https://h"], "--instance goes with plan, apply, follow"],
    [["load", plant.name], "name one environment"],
  ])("refuses %j", async (args, reason) => {
    expect(await run(...args)).toBe(1);
    expect(complained()).toContain(reason);
  });
});
