import { graphProblems, plantProblems, twinOf } from "@edge-anomaly-detection/twin";
import { plantOf } from "../../constructs/digital-twins/plant";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { loadConfiguration } from "../../environments/validation/load";
import { parsedInterfaces } from "../../packages/twin/__tests__/support/plant";

const { environments } = loadConfiguration();
const twinOfEnvironment = (environment: EnvironmentConfig): ReturnType<typeof twinOf> => twinOf(plantOf(environment));
const [prod] = environments.filter(({ name }) => name === "prod");
if (prod?.edge === undefined) throw new Error("prod has no devices");

it.each(environments)("$name: models are valid by Azure's parser, and its graph under them", async (environment) => {
  expect(plantProblems(plantOf(environment))).toEqual([]);
  const twin = twinOfEnvironment(environment);
  expect((await parsedInterfaces(twin.models)).sort()).toEqual(twin.models.map((model) => model["@id"]).sort());
  expect(graphProblems(twin)).toEqual([]);
  expect(twin.twins.filter(({ $dtId }) => $dtId.startsWith("machine.")).length).toBeGreaterThan(0);
});

it("prod: a device more adds its twins and nothing else", () => {
  const { edge } = prod;
  const more = { id: "essen-mill-02", tags: { site: "essen", ring: "fleet" }, parent: "essen-gateway" };
  const [before, after] = [prod, { ...prod, edge: { ...edge, devices: [...(edge?.devices ?? []), more] } }].map((one) =>
    twinOfEnvironment(one as EnvironmentConfig),
  );
  const lines = (twin: typeof before): string[] =>
    [...(twin?.models ?? []), ...(twin?.twins ?? []), ...(twin?.relationships ?? [])].map((one) => JSON.stringify(one));
  const old = new Set(lines(before));
  expect(lines(after).filter((line) => old.has(line))).toEqual([...old]);
  expect(
    lines(after)
      .filter((line) => !old.has(line))
      .map((line) => JSON.parse(line) as { $dtId: string; $targetId?: string })
      .map(({ $dtId, $targetId }) => ($targetId === undefined ? $dtId : `${$dtId} > ${$targetId}`)),
  ).toEqual([
    "machine.essen-mill-02",
    "detector.essen-mill-02",
    "signal.essen-mill-02.pressure",
    "signal.essen-mill-02.temperature",
    "signal.essen-mill-02.vibration",
    "detector.essen-mill-02 > detector.essen-gateway",
    "detector.essen-mill-02 > machine.essen-mill-02",
    "machine.essen-mill-02 > signal.essen-mill-02.pressure",
    "machine.essen-mill-02 > signal.essen-mill-02.temperature",
    "machine.essen-mill-02 > signal.essen-mill-02.vibration",
    "site.essen > machine.essen-mill-02",
  ]);
});

it("takes machines, signals, modules and records from where everything else does", () => {
  const plant = plantOf({
    ...prod,
    edge: { versions: {}, rings: {}, devices: [{ id: "p", tags: { line: "press" } }], analysers: { detector: false } },
    streamAnalytics: { jobName: "job", machines: { path: "machine.id", ids: ["press-1"] } },
    maintenance: { machines: { "press-1": { planningPlant: "1010", workCentre: "MECH", criticality: "B" } } },
  });
  expect(plant).toEqual({
    name: "prod",
    devices: [{ id: "p", line: "press" }],
    modules: ["job"],
    signals: [{ name: "temperature", unit: "°C" }, { name: "pressure" }],
    machineIds: ["press-1"],
    records: { "press-1": { planningPlant: "1010", workCentre: "MECH", criticality: "B" } },
  });
});
