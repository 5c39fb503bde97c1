import { layersOf } from "../../edge-manifests/layers";
import { DETECTOR, DETECTOR_ENDPOINTS } from "../../edge-manifests/modules";
import { DEFAULT_DESIRED, DETECTOR_MODULE as CONTRACT } from "../../edge-modules/anomaly-detector/src/contract";
import { at } from "../support/synth";

test("deployments expect of the ML module what its own contract says", () => {
  expect({
    imageRepository: DETECTOR.imageRepository,
    ...DETECTOR_ENDPOINTS,
    port: DETECTOR.port,
    dataDirectory: DETECTOR.dataDirectory,
  }).toEqual({
    imageRepository: CONTRACT.imageRepository,
    inputs: CONTRACT.inputs,
    outputs: CONTRACT.outputs,
    port: CONTRACT.port,
    dataDirectory: CONTRACT.dataDirectory,
  });
});

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
  expect(Object.keys(DEFAULT_DESIRED.detectors)).toContain("onnx");
  expect(at(detector?.anomalyDetector?.["properties.desired.detectors"], "onnx.enabled")).toBe(true);
});
