import { normalRandom, seededRandom } from "../bench/random";
import type { Alert } from "../src/alerts";
import { checkConfiguration } from "../src/configuration";
import { ModelReports } from "../src/models/reports";
import { parseReference } from "../src/models/reference";
import { chance, type Reference, stabilityIndex } from "../src/models/watch";
import { type ModelInUse, Pipeline } from "../src/pipeline";

const START = Date.parse("2026-01-05T00:00:00Z");
const WEEK = 7 * 86_400_000;
/** A message each ten minutes: 1,008 a week. */
const STEP = 600_000;
const SIGNALS = { flow: "flow", power: "power" };
/** Quartiles of a standard normal, and of the scores 0 to 4. */
const QUARTILES = [-0.6745, 0, 0.6745];
const EVENLY = [0.25, 0.25, 0.25, 0.25];
const reference: Reference = {
  edges: [QUARTILES, QUARTILES, [1, 2, 3]],
  correlation: [1, 1, 1],
  machines: { "unit-1": { samples: 10_000, shares: [EVENLY, EVENLY, EVENLY] } },
};
const model: ModelInUse = { version: "1", sha256: "a".repeat(64), form: { window: 1, signals: 2 }, reference };
const shadow: ModelInUse = { version: "2", sha256: "b".repeat(64), form: { window: 1, signals: 2 } };

function pipelineWith(...models: readonly ModelInUse[]): Pipeline {
  const checked = checkConfiguration({ signals: SIGNALS, machineIdPath: "id", timePath: "at" });
  if (!checked.ok) throw new Error("not sound");
  const pipeline = new Pipeline(checked.configuration);
  const [first, second] = models;
  pipeline.useModel("model", first);
  pipeline.useModel("shadowModel", second);
  return pipeline;
}

/** One machine's plant: what it measures, and how models score it. */
class Plant {
  private readonly random = seededRandom(7);
  private readonly normal = normalRandom(this.random);
  private sent = 0;

  public constructor(
    private readonly pipeline: Pipeline,
    private readonly id: string,
  ) {}

  /** Returns the alerts of drift. */
  public run(weeks: number, shift = { power: 0, score: 0 }, shadowScore?: (index: number) => number): Alert[] {
    const alerts: Alert[] = [];
    for (const end = this.sent + Math.ceil((weeks * WEEK) / STEP); this.sent < end; this.sent++) {
      const arrivedMs = START + this.sent * STEP;
      const message = { id: this.id, at: arrivedMs, flow: this.normal(), power: this.normal() + shift.power };
      const prepared = this.pipeline.prepareObject(message, { arrivedMs, deviceId: "edge" });
      if (prepared.kind !== "prepared") throw new Error(prepared.kind);
      const outcome = this.pipeline.finish(prepared, {
        model: 4 * this.random() + shift.score,
        ...(shadowScore && { shadowModel: shadowScore(this.sent) }),
      });
      if (outcome.kind === "scored") alerts.push(...outcome.alerts.filter(({ kind }) => kind === "modelDrift"));
    }
    return alerts;
  }
}

describe("drift", () => {
  test("is gathered for a week, and is none while readings and scores are those of training", () => {
    const pipeline = pipelineWith(model);
    const plant = new Plant(pipeline, "unit-1");
    plant.run(0.9);
    expect(pipeline.modelReport()?.drift).toMatchObject({ status: "gathering", machines: 1 });
    plant.run(3);
    expect(pipeline.modelReport()?.drift).toEqual({ status: "same", machines: 1, drifted: 0, worst: "" });
  });

  test("of a signal is told with its machine and size, and ends when it is over", () => {
    const pipeline = pipelineWith(model);
    const plant = new Plant(pipeline, "unit-1");
    plant.run(1);
    plant.run(1.1, { power: 1.5, score: 0 });
    const { drift } = pipeline.modelReport() ?? {};
    expect(drift).toMatchObject({ status: "drifted", drifted: 1, worst: expect.stringMatching(/^unit-1: power \d/) });
    plant.run(2);
    expect(pipeline.modelReport()?.drift).toMatchObject({ status: "same", drifted: 0, worst: "" });
  });

  test("is alerted once when the week is over, and again only after it was over", () => {
    const plant = new Plant(pipelineWith(model), "unit-1");
    expect(plant.run(1)).toEqual([]);
    const shifted = { power: 1.5, score: 0 };
    const alerts = plant.run(3.1, shifted);
    expect(alerts.map(({ phase }) => phase)).toEqual(["opened", "closed"]);
    expect(alerts[0]).toMatchObject({
      machineId: "unit-1",
      signal: "power",
      signals: ["power"],
      severity: "info",
      modelVersion: "1",
      explanation: expect.stringMatching(/^the last week is unlike what model 1 was trained on, .*: power \d/),
    });
    expect(plant.run(2)).toEqual([]);
    expect(plant.run(2, shifted).map(({ phase }) => phase)).toEqual(["opened", "closed"]);
  });

  test("of scores alone is told as theirs", () => {
    const pipeline = pipelineWith(model);
    const plant = new Plant(pipeline, "unit-1");
    plant.run(1);
    plant.run(1.1, { power: 0, score: 2 });
    expect(pipeline.modelReport()?.drift?.worst).toMatch(/^unit-1: score \d/);
  });

  test("of a machine that training does not know is from its own first week", () => {
    const pipeline = pipelineWith(model);
    const plant = new Plant(pipeline, "unit-9");
    const usual = { power: 3, score: 1 };
    plant.run(3.1, usual);
    expect(pipeline.modelReport()?.drift).toMatchObject({ status: "same", drifted: 0 });
    plant.run(1.1, { power: 0, score: 1 });
    expect(pipeline.modelReport()?.drift).toMatchObject({ status: "drifted", drifted: 1 });
  });

  test("of two machines is that of each", () => {
    const pipeline = pipelineWith(model);
    const [one, other] = [new Plant(pipeline, "unit-1"), new Plant(pipeline, "unit-2")];
    for (const plant of [one, other]) plant.run(1.1);
    one.run(1);
    other.run(1, { power: 2, score: 0 });
    other.run(0.1);
    expect(pipeline.modelReport()?.drift).toMatchObject({
      machines: 2,
      drifted: 1,
      worst: expect.stringMatching(/^unit-2: power/),
    });
  });

  test("is not told of what chance alone explains, where neighbouring values say the same", () => {
    const pipeline = pipelineWith({ ...model, reference: { ...reference, correlation: [400, 400, 400] } });
    const plant = new Plant(pipeline, "unit-1");
    plant.run(1);
    plant.run(1.1, { power: 0.7, score: 0 });
    expect(pipeline.modelReport()?.drift).toMatchObject({ status: "same", drifted: 0 });
    const [few, many] = [chance(10, 10, 10), chance(10, 1000, 1000)] as const;
    expect(few / many).toBeCloseTo(100, 8);
    // The 99.9th percentile of chi-squared with 9 degrees is 27.88.
    expect(many).toBeCloseTo(27.88 / 500, 2);
  });

  test("survives a restart, is forgotten with another model, and a damaged state is refused", () => {
    const pipeline = pipelineWith(model);
    new Plant(pipeline, "unit-1").run(2.2, { power: 1.5, score: 0 });
    const saved = JSON.parse(JSON.stringify(pipeline.snapshot("unit-1"))) as Record<string, unknown>;
    const next = pipelineWith(model);
    expect(next.restore("unit-1", saved)).toBeUndefined();
    expect(next.modelReport()).toEqual(pipeline.modelReport());
    next.useModel("model", { ...model, sha256: "c".repeat(64) });
    expect(next.modelReport()?.drift).toBeNull();
    expect(next.restore("unit-1", { ...saved, drift: { counts: ["x"] } })).toBe("it is no snapshot of a machine");
  });

  test("is not watched without what training saw", () => {
    const { version, sha256, form } = model;
    const pipeline = pipelineWith({ version, sha256, form });
    new Plant(pipeline, "unit-1").run(1);
    expect(pipeline.modelReport()).toBeUndefined();
  });

  test("takes the same memory, however long it goes on", () => {
    const pipeline = pipelineWith(model);
    const plant = new Plant(pipeline, "unit-1");
    plant.run(1.5);
    const size = (): number =>
      JSON.stringify((pipeline.snapshot("unit-1") as { drift: { counts: unknown } }).drift.counts).length;
    const before = size();
    plant.run(4);
    expect(size()).toBeLessThan(before * 1.5);
  });
});

test.each<[string, unknown, boolean]>([
  ["is sound", reference, true],
  ["has no machine", { ...reference, machines: {} }, true],
  ["is none", null, false],
  ["has edges that fall", { ...reference, edges: [[2, 1], QUARTILES, [1, 2, 3]] }, false],
  ["has edges that are no numbers", { ...reference, edges: [["1"], QUARTILES, [1, 2, 3]] }, false],
  ["has no correlation", { ...reference, correlation: undefined }, false],
  ["has a correlation below 1", { ...reference, correlation: [0, 1, 1] }, false],
  [
    "has a machine without samples",
    { ...reference, machines: { a: { samples: 0, shares: [EVENLY, EVENLY, EVENLY] } } },
    false,
  ],
  ["has too few shares", { ...reference, machines: { a: { samples: 1, shares: [EVENLY, EVENLY] } } }, false],
  ["has shares of other bins", { ...reference, machines: { a: { samples: 1, shares: [EVENLY, EVENLY, [1]] } } }, false],
])("a reference that %s", (_what, value, isSound) => {
  expect(parseReference(JSON.stringify(value)) !== undefined).toBe(isSound);
});

test("the index is 0 for the same shares, and grows with their distance", () => {
  expect(stabilityIndex([0.25, 0.25, 0.5], [250, 250, 500])).toBeCloseTo(0, 10);
  const [near, far] = [stabilityIndex([0.5, 0.5], [450, 550]), stabilityIndex([0.5, 0.5], [100, 900])] as const;
  expect(near).toBeLessThan(0.1);
  // (0.9 - 0.5) ln(0.9 / 0.5) + (0.1 - 0.5) ln(0.1 / 0.5)
  expect(far).toBeCloseTo(0.88, 1);
  expect(stabilityIndex([1, 0], [0, 0])).toBe(0);
});

describe("a shadow model", () => {
  test("is reported with how often it says another thing than the model in use, by machine", () => {
    const pipeline = pipelineWith(model, shadow);
    new Plant(pipeline, "unit-1").run(1, undefined, () => 1);
    expect(pipeline.modelReport()?.shadow).toMatchObject({ modelOnly: 0, shadowOnly: 0, rate: 0, machines: "" });
    // A score far above its past each hundredth message: the judge learns a level that stays, so single peaks.
    new Plant(pipeline, "unit-2").run(1, undefined, (index) =>
      index > 500 && index % 100 === 0 ? 1000 : Math.sin(index),
    );
    const { shadow: report } = pipeline.modelReport() ?? {};
    expect(report).toMatchObject({ modelOnly: 0, machines: expect.stringMatching(/^unit-2: 0\.00\d+$/) });
    expect(report?.shadowOnly).toBeGreaterThan(0);
    expect(report?.compared).toBeGreaterThan(1700);
  });

  test("is reported without one that is compared until both know what is usual", () => {
    const pipeline = pipelineWith(model, shadow);
    new Plant(pipeline, "unit-1").run(0.05, undefined, () => 1);
    expect(pipeline.modelReport()?.shadow).toMatchObject({ compared: 0, rate: null });
  });
});

test("reports are hourly, only of what has changed, and take away what is no more", () => {
  let seen: unknown;
  const reports = new ModelReports(() => seen);
  expect(reports.due(0)).toBeUndefined();
  seen = { drift: { status: "same" } };
  expect(reports.due(1000)).toBeUndefined();
  expect(reports.due(3_600_000)).toEqual({ modelWatch: seen });
  expect(reports.due(7_200_000)).toBeUndefined();
  seen = undefined;
  expect(reports.due(10_800_000)).toEqual({ modelWatch: null });
});
