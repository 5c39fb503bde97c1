import { layersOf } from "../../edge-manifests/layers";
import { DEFAULT_SIGNALS } from "../../edge-manifests/anomaly-query";
import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import { DEFAULT_DESIRED } from "@edge-anomaly-detection/detector-contract";
import type { ScoredMessage } from "@edge-anomaly-detection/anomaly-detector";
import { at } from "../support/synth";

test("the detector layer sets desired properties that the module knows", () => {
  const { detector } = layersOf({
    runtime: "1.6.1",
    timeToLiveSeconds: 1,
    telemetryToCloud: false,
    detector: {
      image: "cr.example/anomaly-detector:1.0.0",
      signals: { temperature: "machine.temperature" },
      timePath: "timeCreated",
      machineIdPath: "machine.id",
      model: { uri: "https://m.example/a.onnx", sha256: "0".repeat(64), version: "1", window: 60 },
      registry: { address: "cr.example", username: "u", password: "p" },
    },
  });
  const paths = Object.keys(detector?.anomalyDetector ?? {}).map((path) => path.replace("properties.desired.", ""));
  expect(paths.filter((path) => !(path in DEFAULT_DESIRED) && path !== "model")).toEqual([]);
  // The default one judges the model's score, within the budget of false alerts; `onnx` would alert beside it, without one.
  expect(DEFAULT_DESIRED.detectors).toMatchObject({ plant: { enabled: true }, onnx: { enabled: false } });
  expect(detector?.anomalyDetector).toHaveProperty(["properties.desired.model"]);
  expect(detector?.anomalyDetector).not.toHaveProperty(["properties.desired.detectors"]);
});

test("the Stream Analytics query reads of a scored message what the module writes into it", () => {
  const scored: ScoredMessage = {
    eventTime: "2026-11-23T12:00:00Z",
    machineId: "press-1",
    warmingUp: false,
    isAnomaly: true,
    score: 1,
    signals: { temperature: { value: 99, score: 1 }, pressure: { value: 9, score: 0.5 } },
    detectors: {},
  };
  const machines = { path: "machine.id", ids: ["press-1"] };
  const query = streamAnalyticsQuery({ signals: DEFAULT_SIGNALS, machines, modelScores: true });
  const steps = query.split("),\n").filter((step) => step.includes("FROM scoreInput"));
  expect(steps).toHaveLength(1);
  const read = steps.flatMap(
    (step) => step.match(/signals\.\w+\.\w+|\bmachineId\b|\bisAnomaly\b|(?<=BY )eventTime/g) ?? [],
  );
  expect([...new Set(read)].sort()).toEqual([
    "eventTime",
    "isAnomaly",
    "machineId",
    "signals.pressure.score",
    "signals.pressure.value",
    "signals.temperature.score",
    "signals.temperature.value",
  ]);
  expect(read.filter((path) => at(scored, path) === undefined)).toEqual([]);
});
