import {
  applyTwin,
  follow,
  Instance,
  isEmpty,
  type Plant,
  planTwin,
  readGraph,
  StorageQueue,
  type TwinPlan,
  twinOf,
} from "../index";
import { AzureStandIn, type Fault } from "./support/azure";
import { alert } from "./support/news";
import { plant } from "./support/plant";

let azure: AzureStandIn;
const tokenFor = (scope: string): Promise<string> => Promise.resolve(`token of ${scope}`);
const wait = (): Promise<void> => Promise.resolve();

beforeEach(async () => {
  azure = new AzureStandIn();
  await azure.start();
});
afterEach(() => azure.stop());

const instance = (): Instance => new Instance({ address: azure.address, tokenFor, wait });
const plan = async (of: Plant): Promise<TwinPlan> => planTwin(twinOf(of), await readGraph(instance()));
async function apply(of: Plant, remove = false): Promise<void> {
  await applyTwin(await plan(of), {
    instance: instance(),
    name: of.name,
    imports: { address: `${azure.address}/imports`, tokenFor, wait },
    remove,
  });
}
const graph = (): unknown => [
  [...azure.models.keys()].sort(),
  [...azure.twins.values()].map(({ twin }) => twin).sort((a, b) => (String(a.$dtId) < String(b.$dtId) ? -1 : 1)),
  [...azure.relationships.values()].map((one) => JSON.stringify(one)).sort(),
];
const requests = (method: string): number => azure.requests.filter((one) => one.startsWith(method)).length;
const more: Plant = { ...plant, devices: [...plant.devices, { id: "essen-mill-02", site: "essen" }] };

it("loads an empty instance by one import job, and then has nothing to do", async () => {
  const first = await plan(plant);
  expect(first).toMatchObject({ isFirstLoad: true, unchanged: 0, foreign: 0 });
  await apply(plant);
  expect(requests("PUT /jobs/imports/prod-")).toBe(1);
  expect(requests("PUT /digitaltwins")).toBe(0);
  expect(isEmpty(await plan(plant))).toBe(true);
  const { twins, relationships } = twinOf(plant);
  expect([azure.twins.size, azure.relationships.size]).toEqual([twins.length, relationships.length]);
});

it("loads an empty instance twin by twin, where it does not reach the account", async () => {
  await applyTwin(await plan(plant), {
    instance: instance(),
    name: "prod",
    imports: { address: "http://127.0.0.1:1/imports", tokenFor, wait },
    remove: false,
    withoutImport: true,
  });
  expect(isEmpty(await plan(plant))).toBe(true);
  expect(requests("PUT /jobs")).toBe(0);
});

it("adds a device's twins one by one, and leaves states alone", async () => {
  await apply(plant);
  azure.send(alert({}));
  await follow({ queue: new StorageQueue(`${azure.address}/episodes`, { tokenFor }), instance: instance() });
  const before = azure.twin("machine.aachen-press-01");
  expect(before.health).toBe("warning");
  const next = await plan(more);
  expect(next.addTwins.map(({ $dtId }) => $dtId)).toEqual([
    "machine.essen-mill-02",
    "detector.essen-mill-02",
    ...["pressure", "temperature", "vibration"].map((name) => `signal.essen-mill-02.${name}`),
  ]);
  expect([next.addModels, next.changeTwins, next.removeTwins, next.isFirstLoad]).toEqual([[], [], [], false]);
  await apply(more);
  expect(isEmpty(await plan(more))).toBe(true);
  expect(azure.twin("machine.aachen-press-01")).toEqual(before);
  expect(requests("PUT /jobs/imports")).toBe(1);
});

it("changes what the configuration changed: a record, a unit, a line", async () => {
  await apply(plant);
  const changed: Plant = {
    ...plant,
    records: { "aachen-press-02": { planningPlant: "1010", workCentre: "ELEC", criticality: "C" } },
    signals: [{ name: "temperature", unit: "K" }, ...plant.signals.slice(1)],
    devices: plant.devices.map((device) => (device.id === "aachen-press-02" ? { ...device, line: "mill" } : device)),
  };
  const next = await plan(changed);
  expect(next.addModels.map((model) => model["@id"])).toEqual([
    "dtmi:edgeAnomalyDetection:signal:Temperature:kelvin;1",
  ]);
  expect(
    next.changeTwins.find(({ id }) => id === "machine.aachen-press-01")?.patch.map(({ op, path }) => [op, path]),
  ).toEqual(["criticality", "equipment", "planningPlant", "workCentre"].map((name) => ["remove", `/${name}`]));
  await apply(changed);
  expect(azure.twin("machine.aachen-press-02")).toMatchObject({ workCentre: "ELEC", health: "normal" });
  expect(azure.twin("signal.aachen-press-01.temperature")).toMatchObject({
    unit: "K",
    $metadata: { $model: "dtmi:edgeAnomalyDetection:signal:Temperature:kelvin;1" },
  });
  const left = await plan(changed);
  expect([left.addTwins, left.changeTwins, left.addRelationships]).toEqual([[], [], []]);
  expect(left.removeRelationships.map(({ $dtId, $targetId }) => [$dtId, $targetId])).toEqual([
    ["line.aachen.press", "machine.aachen-press-02"],
  ]);
});

it("removes what the configuration no longer has only where it is told to, and nothing of others", async () => {
  await apply(more);
  azure.models.set("dtmi:com:example:Hall;1", { "@id": "dtmi:com:example:Hall;1", contents: [] });
  azure.store({ $dtId: "hall", $metadata: { $model: "dtmi:com:example:Hall;1" } });
  azure.relationships.set("hall m", {
    $sourceId: "hall",
    $relationshipId: "m",
    $targetId: "machine.aachen-press-01",
    $relationshipName: "hasMachine",
  });
  const kept = graph();
  await apply(plant);
  expect(graph()).toEqual(kept);
  const next = await plan(plant);
  expect(next).toMatchObject({
    foreign: 1,
    removeTwins: [
      "detector.essen-mill-02",
      "machine.essen-mill-02",
      ...["pressure", "temperature", "vibration"].map((name) => `signal.essen-mill-02.${name}`),
    ],
  });
  await apply(plant, true);
  expect(isEmpty(await plan(plant))).toBe(true);
  expect([azure.twins.has("hall"), azure.relationships.has("hall m")]).toEqual([true, true]);
});

it("says why an import failed, and loads at the next attempt", async () => {
  azure.jobEnd = "failed";
  await expect(apply(plant)).rejects.toThrow(
    /failed: no role\n {2}do: read .*log\.ndjson.*Storage Blob Data Contributor/,
  );
  azure.jobEnd = "succeeded";
  await apply(plant);
  expect(isEmpty(await plan(plant))).toBe(true);
});

it.each([
  ["429 and 5xx", ["429", "500", "none", "503", "429", "429"]],
  ["answers lost", Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? "lost" : "none"))],
  ["connections cut", ["cut", "none", "cut", "cut"]],
] as const)("comes to the same graph with %s", async (_name, faults) => {
  await apply(more);
  const wanted = graph();
  await azure.stop();
  azure = new AzureStandIn();
  await azure.start();
  await apply(plant);
  azure.faults = [...faults] as Fault[];
  await apply(more);
  expect(graph()).toEqual(wanted);
});

it("goes on where an apply was interrupted", async () => {
  await apply(plant);
  azure.faults = [
    ...Array.from({ length: 14 }, (): Fault => "none"),
    ...Array.from({ length: 60 }, (): Fault => "503"),
  ];
  await expect(apply(more)).rejects.toThrow("503");
  azure.faults = [];
  expect(isEmpty(await plan(more))).toBe(false);
  await apply(more);
  expect(isEmpty(await plan(more))).toBe(true);
});
