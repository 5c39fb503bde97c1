import fc from "fast-check";
import { type AnomalyQuery, DEFAULT_SIGNALS, type Signal, VIBRATION_SIGNAL } from "../../edge-manifests/anomaly-query";
import { anomalyQueryProblems } from "../../edge-manifests/anomaly-query-problems";
import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import { paths } from "../support/synth";
import { validQuery } from "./stream-analytics-query.arbitrary";

const temperature: Signal = {
  name: "temperature",
  path: "machine.temperature",
  detectors: [{ kind: "spikeAndDip", confidence: 95, historySize: 120 }],
};

describe("the query", () => {
  test("of one signal with one detector, whole", () => {
    expect(streamAnalyticsQuery({ signals: [temperature] })).toBe(
      `WITH Scored AS (
  SELECT
    System.Timestamp() AS eventTime,
    TRY_CAST(machine.temperature AS float) AS temperature,
    AnomalyDetection_SpikeAndDip(TRY_CAST(machine.temperature AS float), 95, 120, 'spikesanddips') OVER (LIMIT DURATION(second, 600) WHEN TRY_CAST(machine.temperature AS float) IS NOT NULL) AS temperature_SpikeAndDip
  FROM sensorInput TIMESTAMP BY timeCreated
),
Anomalies AS (
  SELECT eventTime, 'temperature' AS signal, 'spikeAndDip' AS detector, temperature AS value, CAST(GetRecordPropertyValue(temperature_SpikeAndDip, 'Score') AS float) AS score
  FROM Scored
  WHERE CAST(GetRecordPropertyValue(temperature_SpikeAndDip, 'IsAnomaly') AS bigint) = 1
)
SELECT eventTime, signal, detector, value, score
INTO alertOutput
FROM Anomalies
`,
    );
  });

  test("watches by default what the simulated sensor sends", () => {
    const query = streamAnalyticsQuery({});
    expect(query).toContain("TRY_CAST(machine.temperature AS float)");
    expect(query).toContain("TRY_CAST(machine.pressure AS float)");
    expect(query).not.toContain("vibration");
  });

  test("watches vibration where it is asked to", () => {
    const query = streamAnalyticsQuery({ signals: [...DEFAULT_SIGNALS, VIBRATION_SIGNAL] });
    expect(query).toContain("TRY_CAST(machine.vibration AS float)");
  });

  test("looks back as long as the history takes at the sample interval", () => {
    expect(streamAnalyticsQuery({ signals: [temperature], sampleIntervalSeconds: 1 })).toContain(
      "DURATION(second, 120)",
    );
    expect(streamAnalyticsQuery({ signals: [temperature], sampleIntervalSeconds: 0.01 })).toContain(
      "DURATION(millisecond, 1200)",
    );
  });

  test("passes confidence, history and mode on", () => {
    const detectors = [
      { kind: "spikeAndDip", confidence: 99.9, historySize: 60, mode: "dips" },
      { kind: "changePoint", confidence: 80, historySize: 200 },
    ] as const;
    const query = streamAnalyticsQuery({ signals: [{ ...temperature, detectors }] });
    expect(query).toContain("AnomalyDetection_SpikeAndDip(TRY_CAST(machine.temperature AS float), 99.9, 60, 'dips')");
    expect(query).toContain("AnomalyDetection_ChangePoint(TRY_CAST(machine.temperature AS float), 80, 200)");
  });

  test("judges each of several machines by its own samples, one WHEN each", () => {
    const query = streamAnalyticsQuery({
      signals: [temperature],
      machines: { path: "machine.id", ids: ["press-1", "press-2"] },
    });
    expect(query.match(/WHEN machine\.id = 'press-1'/g)).toHaveLength(1);
    expect(query.match(/WHEN machine\.id = 'press-2'/g)).toHaveLength(1);
    expect(query.match(/WHERE machine\.id = 'press-2'/g)).toHaveLength(1);
    expect(query).toContain("SELECT eventTime, machineId, signal, detector, value, score\nINTO alertOutput");
  });

  test("takes in the scores of an ML module where there is one", () => {
    const query = streamAnalyticsQuery({ signals: [temperature], modelScores: true });
    expect(query).toContain("FROM scoreInput TIMESTAMP BY eventTime");
    expect(query).toContain("TRY_CAST(signals.temperature.value AS float) AS temperature_Value");
    expect(query).toContain("WHERE isAnomaly = 1 AND (wasAnomaly = 0 OR lastMachineId <> machineId)");
    expect(streamAnalyticsQuery({ signals: [temperature] })).not.toContain("scoreInput");
  });

  test("reads the time where it is told to", () => {
    expect(streamAnalyticsQuery({ timestampPath: "meta.at" })).toContain("TIMESTAMP BY meta.at");
  });
});

test("no query of any valid definition uses what the edge does not have", () => {
  fc.assert(
    fc.property(validQuery, (definition) => {
      fc.pre(anomalyQueryProblems(definition).length === 0);
      const query = streamAnalyticsQuery(definition);
      expect(query).not.toMatch(/PARTITION BY|GetMetadataPropertyValue|"|\bundefined\b|\bNaN\b|\de[-+]\d/);
      expect(query.split("'").length % 2).toBe(1);
      // A CAST that fails stops the job: only the results of our own functions are cast without TRY.
      expect(query).not.toMatch(/(?<!TRY_)CAST\((?!GetRecordPropertyValue)/);
      const selects = query.match(/SELECT /g)?.length ?? 0;
      const machines = definition.machines?.ids.length ?? 1;
      const watched = (definition.signals ?? DEFAULT_SIGNALS).reduce((sum, signal) => sum + signal.detectors.length, 0);
      const modelled = definition.modelScores === true ? (definition.signals ?? DEFAULT_SIGNALS).length : 0;
      expect(selects).toBe(machines * (watched + modelled) + 1);
      expect(streamAnalyticsQuery(structuredClone(definition))).toBe(query);
    }),
    { numRuns: 200 },
  );
});

describe("refuses", () => {
  const signal = (overrides: Partial<Signal>): AnomalyQuery => ({ signals: [{ ...temperature, ...overrides }] });

  test.each([
    ["no signal", { signals: [] }, ["signals"]],
    ["a name that is no name", signal({ name: "1st" }), ["signals[0].name"]],
    ["a path that is no path", signal({ path: "machine..x" }), ["signals[0].path"]],
    ["a unit with a line break", signal({ unit: "°C\n" }), ["signals[0].unit"]],
    ["an empty unit", signal({ unit: "" }), ["signals[0].unit"]],
    ["a reserved word in a path", signal({ path: "order.value" }), ["signals[0].path"]],
    ["a signal that nothing watches", signal({ detectors: [] }), ["signals[0].detectors"]],
    ["a sample interval of nothing", { sampleIntervalSeconds: 0 }, ["sampleIntervalSeconds"]],
    ["a time path that is no path", { timestampPath: "a b" }, ["timestampPath"]],
    ["machines without an id", { machines: { path: "machine.id", ids: [] } }, ["machines.ids.length"]],
    ["a machine with a quote", { machines: { path: "machine.id", ids: ["o'brien"] } }, ["machines.ids[0]"]],
    ["a machine named twice", { machines: { path: "machine.id", ids: ["a", "a"] } }, ["machines.ids[1]"]],
  ] as [string, AnomalyQuery, string[]][])("%s", (_what, query, expected) => {
    expect(paths(anomalyQueryProblems(query))).toEqual(expected);
  });

  test.each([
    ["confidence", 0.9],
    ["confidence", 101],
    ["historySize", 9],
    ["historySize", 10_001],
    ["historySize", 50.5],
  ])("a detector's %s of %p", (field, value) => {
    const detector = { kind: "changePoint" as const, confidence: 80, historySize: 100, [field]: value };
    expect(paths(anomalyQueryProblems(signal({ detectors: [detector] })))).toEqual([
      `signals[0].detectors[0].${field}`,
    ]);
  });

  test("the same kind of detector twice", () => {
    const detector = { kind: "changePoint" as const, confidence: 80, historySize: 100 };
    expect(paths(anomalyQueryProblems(signal({ detectors: [detector, detector] })))).toEqual([
      "signals[0].detectors[1].kind",
    ]);
  });

  test.each([
    ["the same place", "machine.temperature"],
    ["the same place in other letters", "Machine.Temperature"],
    ["a place that contains it", "machine"],
    ["a place within it", "machine.temperature.celsius"],
  ])("two signals that read %s", (_what, path) => {
    const query = { signals: [temperature, { ...temperature, name: "other", path }] };
    expect(paths(anomalyQueryProblems(query))).toEqual(["signals[1].path"]);
  });

  test("two signals of one name", () => {
    const query = { signals: [temperature, { ...temperature, name: "Temperature", path: "other" }] };
    expect(paths(anomalyQueryProblems(query))).toEqual(["signals[1].name"]);
  });

  test("a window of more than seven days, and says how much history fits", () => {
    const [problem] = anomalyQueryProblems({ signals: [temperature], sampleIntervalSeconds: 7_200 });
    expect(problem).toMatchObject({ path: "signals[0].detectors[0].historySize", value: 120 });
    expect(problem?.allowed).toContain("at most 84");
  });

  test("more functions than an edge step takes", () => {
    const signals = Array.from({ length: 15 }, (_, index) => ({
      ...temperature,
      name: `s${index}`,
      path: `value${index}`,
    }));
    expect(anomalyQueryProblems({ signals: signals.slice(0, 14) })).toEqual([]);
    expect(paths(anomalyQueryProblems({ signals }))).toEqual(["signals"]);
  });
});
