import fc from "fast-check";
import {
  graphProblems,
  importFile,
  keyOf,
  type Plant,
  type PlantDevice,
  placedMachines,
  plantProblems,
  type PlantTwin,
  twinId,
  twinOf,
} from "../index";
import { plant } from "./support/plant";

const idsOf = ({ twins }: PlantTwin): string[] => twins.map(({ $dtId }) => $dtId);
const arrows = ({ relationships }: PlantTwin): string[] =>
  relationships.map(({ $dtId, $relationshipName, $targetId }) => `${$dtId} ${$relationshipName} ${$targetId}`);

it("places every machine in its line or its site, with its signals and its detector", () => {
  const twin = twinOf({ ...plant, signals: [{ name: "temperature", unit: "°C" }] });
  expect(idsOf(twin)).toEqual([
    "site.aachen",
    "site.essen",
    "line.aachen.press",
    "machine.aachen-press-01",
    "machine.aachen-press-02",
    "machine.essen-pump-01",
    "detector.aachen-press-01",
    "detector.aachen-press-02",
    "detector.essen-gateway",
    "detector.essen-mill-01",
    "signal.aachen-press-01.temperature",
    "signal.aachen-press-02.temperature",
    "signal.essen-pump-01.temperature",
  ]);
  expect(arrows(twin)).toEqual([
    "detector.aachen-press-01 watches machine.aachen-press-01",
    "detector.aachen-press-02 watches machine.aachen-press-02",
    "detector.essen-mill-01 connectsThrough detector.essen-gateway",
    "detector.essen-mill-01 watches machine.essen-pump-01",
    "line.aachen.press hasMachine machine.aachen-press-01",
    "line.aachen.press hasMachine machine.aachen-press-02",
    "machine.aachen-press-01 hasSignal signal.aachen-press-01.temperature",
    "machine.aachen-press-02 hasSignal signal.aachen-press-02.temperature",
    "machine.essen-pump-01 hasSignal signal.essen-pump-01.temperature",
    "site.aachen hasLine line.aachen.press",
    "site.essen hasMachine machine.essen-pump-01",
  ]);
});

it("begins machines healthy, with what the maintenance system knows of them", () => {
  const [machine] = twinOf(plant).twins.filter(({ $dtId }) => $dtId === "machine.aachen-press-01");
  expect(machine).toEqual({
    $dtId: "machine.aachen-press-01",
    $metadata: { $model: "dtmi:edgeAnomalyDetection:Machine;1" },
    name: "aachen-press-01",
    machineId: "aachen-press-01",
    deviceId: "aachen-press-01",
    equipment: "10004711",
    planningPlant: "1010",
    workCentre: "MECH",
    criticality: "A",
    health: "normal",
    healthLevel: 0,
    openEpisodes: 0,
    episodes: {},
  });
});

it("names machines as messages do, where several send through a device", () => {
  const machines = { "press-1": { device: "aachen-press-01", line: "hall 2", name: "Press 1" } };
  expect(placedMachines({ ...plant, machines, machineIds: ["press-1"] })).toEqual([
    {
      id: "press-1",
      name: "Press 1",
      device: "aachen-press-01",
      site: "aachen",
      line: "hall 2",
      analysedBy: "aachen-press-01",
    },
  ]);
  const [only] = plant.devices;
  const alone = placedMachines({ ...plant, devices: only === undefined ? [] : [only], machineIds: ["a", "b"] });
  expect(alone.map(({ id, device }) => [id, device])).toEqual([
    ["a", "aachen-press-01"],
    ["b", "aachen-press-01"],
  ]);
});

it("calls a site after the plant where no device names one, and has no detector where nothing analyses", () => {
  const twin = twinOf({ name: "dev", modules: [], signals: [], devices: [{ id: "factory-sim-01" }] });
  expect(idsOf(twin)).toEqual(["site.dev", "machine.factory-sim-01"]);
});

it("names everything that is wrong with machines at once", () => {
  const problems = plantProblems({
    ...plant,
    machineIds: ["press-1", "press-2"],
    machines: {
      "press-1": { device: "aachen-press-99", line: "" },
      "press-3": { device: "aachen-press-01", name: "\u0007" },
      ["x".repeat(129)]: { device: "aachen-press-01" },
    },
  });
  expect(problems.map(({ path }) => path.replace(/x{129}/, "LONG"))).toEqual([
    "machines.press-1.device",
    "machines.press-1.line",
    "machines.press-3",
    "machines.press-3.name",
    "machines.LONG",
    "machines.LONG",
    "machines",
  ]);
  expect(plantProblems(plant)).toEqual([]);
});

describe("ids", () => {
  it("keeps plain names, and writes others with a hash", () => {
    expect(twinId("signal", "press-1", "oil_temperature")).toBe("signal.press-1.oil_temperature");
    expect(twinId("machine", "Presse 1/Ä")).toMatch(/^machine\.Presse-1-\.\.[0-9a-f]{16}$/);
    expect(twinId("line", "aachen.press", "x")).not.toBe(twinId("line", "aachen", "press.x"));
    expect(twinId("machine", "Press")).not.toBe(twinId("machine", "press"));
  });

  it("are legal and different for different machines, whatever these are called", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 128 });
    const tricky = fc.stringMatching(/^[ab.\-_ /]{1,8}$/);
    const parts = fc.oneof(fc.tuple(text, text), fc.tuple(tricky, tricky), fc.tuple(tricky));
    fc.assert(
      fc.property(fc.uniqueArray(parts, { selector: (one) => JSON.stringify(one), maxLength: 30 }), (all) => {
        const ids = all.map((one) => twinId("signal", ...one));
        expect(new Set(ids).size).toBe(all.length);
        for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a device more", () => {
  const device = (id: string): fc.Arbitrary<PlantDevice> =>
    fc.record(
      {
        id: fc.constant(id),
        site: fc.constantFrom("aachen", "essen"),
        line: fc.constantFrom("press", "mill"),
        isEdge: fc.boolean(),
      },
      { requiredKeys: ["id"] },
    );
  const devices = fc
    .nat(12)
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => device(`d-${index}`))));

  it("adds its twins and their relationships, and changes nothing else", () => {
    fc.assert(
      fc.property(devices, device("new"), (before, added) => {
        const from = (all: readonly PlantDevice[]): Plant => ({ ...plant, devices: all });
        const [old, grown] = [twinOf(from(before)), twinOf(from([...before, added]))];
        expect(grown.models).toEqual(old.models);
        const own = (id: string): boolean => id.split(".").includes("new");
        const isNewPlace = (id: string): boolean => /^(site|line)\./.test(id) && !idsOf(old).includes(id);
        expect(grown.twins.filter(({ $dtId }) => !own($dtId) && !isNewPlace($dtId))).toEqual(old.twins);
        const known = new Set(old.relationships.map(keyOf));
        const others = grown.relationships.filter((one) => !known.has(keyOf(one)));
        expect(grown.relationships.filter((one) => known.has(keyOf(one)))).toEqual(old.relationships);
        for (const one of others) {
          expect([one.$dtId, one.$targetId].some((id) => own(id) || isNewPlace(id))).toBe(true);
        }
        expect(grown.twins.filter(({ $dtId }) => own($dtId)).length).toBe(
          1 + plant.signals.length + (added.isEdge === false ? 0 : 1),
        );
      }),
    );
  });

  it("is the same twin in whatever order the devices are written", () => {
    fc.assert(
      fc.property(
        devices.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([one, other]) => {
          expect(importFile(twinOf({ ...plant, devices: one }), "prod")).toBe(
            importFile(twinOf({ ...plant, devices: other }), "prod"),
          );
        },
      ),
    );
  });
});

it("writes the graph in the sections that an import job reads", () => {
  const twin = twinOf({ ...plant, devices: [{ id: "p", site: "s" }], signals: [], modules: [] });
  const lines = importFile(twin, "prod")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(
    lines.map((line) => line.Section ?? line.fileVersion ?? line["@id"] ?? line.$relationshipId ?? line.$dtId),
  ).toEqual([
    "Header",
    "1.0.0",
    "Models",
    ...twin.models.map((model) => model["@id"]),
    "Twins",
    "site.s",
    "machine.p",
    "Relationships",
    "machine.p",
  ]);
});

describe("a graph that does not fit its models", () => {
  const good = twinOf(plant);
  const machine = good.twins.find(({ $dtId }) => $dtId === "machine.aachen-press-01");
  const site = good.twins.find(({ $dtId }) => $dtId === "site.aachen");
  if (machine === undefined || site === undefined) throw new Error("the plant has changed");
  const relation = {
    $dtId: "site.aachen",
    $relationshipId: "x",
    $targetId: "machine.aachen-press-01",
    $relationshipName: "hasMachine",
  };

  it("has no problems where it fits", () => {
    expect(graphProblems(good)).toEqual([]);
  });

  it.each([
    ["an unknown model", { twins: [{ ...site, $metadata: { $model: "dtmi:x;1" } }] }, "twins.site.aachen"],
    ["an illegal id", { twins: [{ ...site, $dtId: "site aachen" }] }, "twins.site aachen"],
    ["an id twice", { twins: [site, site] }, "twins"],
    ["a property that its model lacks", { twins: [{ ...site, colour: "red" }] }, "twins.site.aachen.colour"],
    [
      "a text for a number",
      { twins: [{ ...machine, openEpisodes: "1" }] },
      "twins.machine.aachen-press-01.openEpisodes",
    ],
    ["another value of an enum", { twins: [{ ...machine, health: "fine" }] }, "twins.machine.aachen-press-01.health"],
    [
      "a time without a zone in a map",
      { twins: [{ ...machine, episodes: { e1: { at: "2026-11-25T06:00:00" } } }] },
      "twins.machine.aachen-press-01.episodes.e1.at",
    ],
    [
      "a field that its object lacks",
      { twins: [{ ...machine, lastAnomaly: { reason: "" } }] },
      "twins.machine.aachen-press-01.lastAnomaly.reason",
    ],
    ["a text that is too long", { twins: [{ ...site, name: "x".repeat(5000) }] }, "twins.site.aachen.name"],
    [
      "a relationship to nowhere",
      { relationships: [{ ...relation, $targetId: "machine.x" }] },
      "relationships.site.aachen.x",
    ],
    [
      "a relationship that its source lacks",
      { relationships: [{ ...relation, $relationshipName: "owns" }] },
      "relationships.site.aachen.x",
    ],
    [
      "a target of another model",
      { relationships: [{ ...relation, $targetId: "site.essen" }] },
      "relationships.site.aachen.x",
    ],
  ])("names %s", (_name, change, path) => {
    const [problem, ...more] = graphProblems({ ...good, relationships: [], ...change });
    expect(more).toEqual([]);
    expect(problem?.path).toBe(path);
  });

  it("names a second way to the hub, and more machines than a site may have", () => {
    const detector = (id: string): PlantTwin["twins"][number] => ({
      $dtId: id,
      $metadata: { $model: "dtmi:edgeAnomalyDetection:Detector;1" },
    });
    const through = (target: string): PlantTwin["relationships"][number] => ({
      $dtId: "detector.a",
      $relationshipId: target,
      $targetId: target,
      $relationshipName: "connectsThrough",
    });
    const twins = ["detector.a", "detector.b", "detector.c"].map(detector);
    const problems = graphProblems({ ...good, twins, relationships: [through("detector.b"), through("detector.c")] });
    expect(problems.map(({ path }) => path)).toEqual(["relationships.detector.a.connectsThrough"]);
    const many = Array.from({ length: 50_001 }, (_, index): PlantDevice => ({
      id: `m-${index}`,
      site: "one",
      isEdge: false,
    }));
    const large = twinOf({ ...plant, devices: many, signals: [] });
    expect(graphProblems(large).map(({ path, value }) => [path, value])).toEqual([["relationships.site.one", 50_001]]);
  });
});
