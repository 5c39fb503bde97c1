import fc from "fast-check";
import { baseLayer, DEFAULT_RUNTIME } from "../../edge-manifests/base-layer";
import { stableJson } from "@edge-anomaly-detection/common";
import { layersOf } from "../../edge-manifests/layers";
import {
  CREATE_OPTIONS_PIECE,
  renderBase,
  renderCreateOptions,
  renderLayer,
  renderModule,
  renderRoute,
} from "@edge-anomaly-detection/edge-manifest-tools";
import { at } from "../support/synth";
import { detector, plain, software, streamAnalytics } from "./layers.arbitrary";

/** Every route of every layer, as text by name. */
function routesOf(layers: ReturnType<typeof layersOf>): Record<string, unknown> {
  return Object.fromEntries(
    Object.values(layers).flatMap(({ $edgeHub }) =>
      Object.entries($edgeHub ?? {}).flatMap(([path, value]): [string, unknown][] =>
        path === "properties.desired"
          ? Object.entries((value as { routes: object }).routes).map(([name, route]) => [name, at(route, "route")])
          : [[path.replace("properties.desired.routes.", ""), at(value, "route")]],
      ),
    ),
  );
}

describe("createOptions", () => {
  const defaults = {
    CapDrop: ["ALL"],
    LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    SecurityOpt: ["no-new-privileges"],
  };

  test("are text, with log rotation and no rights added", () => {
    const { createOptions } = renderCreateOptions({ Env: ["a=b"] });
    expect(JSON.parse(createOptions ?? "")).toEqual({
      Env: ["a=b"],
      HostConfig: defaults,
    });
  });

  test("keep a log configuration of their own", () => {
    const { createOptions } = renderCreateOptions({ HostConfig: { LogConfig: { Type: "journald" } } });
    expect(JSON.parse(createOptions ?? "")).toEqual({ HostConfig: { ...defaults, LogConfig: { Type: "journald" } } });
  });

  test("longer than a piece are cut, and join to what they were", () => {
    const pieces = renderCreateOptions({ Labels: { long: "x".repeat(1_200) } });
    expect(Object.keys(pieces)).toEqual(["createOptions", "createOptions01", "createOptions02"]);
    expect(Object.values(pieces).map(({ length }) => length <= CREATE_OPTIONS_PIECE)).toEqual([true, true, true]);
    expect(at(JSON.parse(Object.values(pieces).join("")), "Labels.long")).toBe("x".repeat(1_200));
  });

  test("are never cut within a character", () => {
    fc.assert(
      fc.property(fc.integer({ min: 380, max: 420 }), (filler) => {
        const pieces = Object.values(renderCreateOptions({ Labels: { a: "x".repeat(filler) + "🏭".repeat(20) } }));
        return pieces.every((piece) => !/\p{Surrogate}/u.test(piece));
      }),
    );
  });

  test("that no device could join are refused", () => {
    expect(() => renderCreateOptions({ a: "x".repeat(51_200) })).toThrow("at most 51200 characters");
  });
});

test("a module has safe defaults and no more than it says", () => {
  expect(renderModule({ image: "a.example/b:1.0.0" })).toEqual({
    type: "docker",
    status: "running",
    restartPolicy: "always",
    imagePullPolicy: "on-create",
    settings: { image: "a.example/b:1.0.0", createOptions: expect.any(String) as string },
  });
});

test("what a module says reaches the manifest", () => {
  const rendered = renderModule({
    image: "a.example/b:1.0.0",
    version: "3",
    status: "stopped",
    restartPolicy: "never",
    imagePullPolicy: "never",
    startupOrder: 4,
    env: { NUMBER: 1, TEXT: "t", TRUTH: false },
  });
  expect(rendered).toMatchObject({
    version: "3",
    status: "stopped",
    restartPolicy: "never",
    imagePullPolicy: "never",
    startupOrder: 4,
    env: { NUMBER: { value: 1 }, TEXT: { value: "t" }, TRUTH: { value: false } },
  });
});

test.each([
  [
    { from: { module: "a", output: "b" }, to: "upstream" },
    { route: "FROM /messages/modules/a/outputs/b INTO $upstream" },
  ],
  [
    {
      from: { module: "a", output: "b" },
      to: { module: "c", input: "d" },
      where: "x > 1",
      priority: 0,
      timeToLiveSeconds: 5,
    },
    {
      route: 'FROM /messages/modules/a/outputs/b WHERE x > 1 INTO BrokeredEndpoint("/modules/c/inputs/d")',
      priority: 0,
      timeToLiveSecs: 5,
    },
  ],
  [
    { from: "leafDevices", to: "upstream" },
    { route: "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream" },
  ],
] as const)("route %j", (route, expected) => {
  expect(renderRoute(route)).toEqual(expected);
});

describe("a base", () => {
  const content = renderBase({
    ...baseLayer({ runtime: DEFAULT_RUNTIME, timeToLiveSeconds: 99, storageFolder: "/srv/edge", isGateway: false }),
    modules: { extra: { image: "a.example/b:1.0.0", desired: { on: true } } },
    registryCredentials: { one: { address: "cr.example", username: "u", password: "p" } },
  });
  const desired = at(content.$edgeAgent, "properties.desired") ?? content.$edgeAgent?.["properties.desired"];

  test("has the supported runtime with a pinned tag", () => {
    expect(at(desired, "systemModules.edgeAgent.settings.image")).toBe("mcr.microsoft.com/azureiotedge-agent:1.6.1");
    expect(at(desired, "systemModules.edgeHub.settings.image")).toBe("mcr.microsoft.com/azureiotedge-hub:1.6.1");
  });

  test("keeps messages for as long as told", () => {
    expect(at(content.$edgeHub?.["properties.desired"], "storeAndForwardConfiguration.timeToLiveSecs")).toBe(99);
  });

  test("has modules, their settings and registry credentials", () => {
    expect(at(desired, "modules.extra.status")).toBe("running");
    expect(content.extra).toEqual({ "properties.desired": { on: true } });
    expect(at(desired, "runtime.settings.registryCredentials.one.username")).toBe("u");
  });
});

test("a layer adds under paths of its own", () => {
  const content = renderLayer({
    modules: { m: { image: "a.example/b:1.0.0", desired: { on: true } } },
    routes: { r: { from: "leafDevices", to: "upstream" } },
    registryCredentials: { one: { address: "cr.example", username: "u", password: "p" } },
  });
  expect(Object.keys(content.$edgeAgent ?? {})).toEqual([
    "properties.desired.runtime.settings.registryCredentials.one",
    "properties.desired.modules.m",
  ]);
  expect(Object.keys(content.$edgeHub ?? {})).toEqual(["properties.desired.routes.r"]);
  expect(content.m).toEqual({ "properties.desired.on": true });
});

describe("the simulated sensor", () => {
  const layers = layersOf({ ...plain, simulatedSensorSeconds: 90_061 % 86_400 });

  test("runs on, at the interval that was asked for", () => {
    const module = layers.simulatedSensor?.$edgeAgent?.["properties.desired.modules.simulatedSensor"];
    expect(at(module, "env.MessageCount.value")).toBe(-1);
    expect(at(module, "env.MessageDelay.value")).toBe("01:01:01");
    expect(layers.simulatedSensor?.simulatedSensor).toMatchObject({ "properties.desired.SendInterval": 3661 });
  });

  test.each([
    [5, "00:00:05"],
    [86_400, "1.00:00:00"],
  ])("every %d s is %s", (seconds, expected) => {
    const { simulatedSensor } = layersOf({ ...plain, simulatedSensorSeconds: seconds });
    const module = simulatedSensor?.$edgeAgent?.["properties.desired.modules.simulatedSensor"];
    expect(at(module, "env.MessageDelay.value")).toBe(expected);
  });
});

describe("routes", () => {
  const sensor = { simulatedSensorSeconds: 5 };

  test("with both analysers: sensor to both, scores to Stream Analytics, alerts of both and feedback to the cloud", () => {
    expect(routesOf(layersOf({ ...plain, ...sensor, detector, streamAnalytics }))).toEqual({
      sensorToDetector:
        'FROM /messages/modules/simulatedSensor/outputs/temperatureOutput INTO BrokeredEndpoint("/modules/anomalyDetector/inputs/sensorInput")',
      sensorToStreamAnalytics:
        'FROM /messages/modules/simulatedSensor/outputs/temperatureOutput INTO BrokeredEndpoint("/modules/job/inputs/sensorInput")',
      detectorToStreamAnalytics:
        'FROM /messages/modules/anomalyDetector/outputs/scoredOutput INTO BrokeredEndpoint("/modules/job/inputs/scoreInput")',
      detectorToCloud: "FROM /messages/modules/anomalyDetector/outputs/anomalyOutput INTO $upstream",
      detectorFeedbackToCloud: "FROM /messages/modules/anomalyDetector/outputs/feedbackOutput INTO $upstream",
      streamAnalyticsToCloud: "FROM /messages/modules/job/outputs/alertOutput INTO $upstream",
    });
  });

  test("without Stream Analytics the detector still reaches the cloud", () => {
    expect(Object.keys(routesOf(layersOf({ ...plain, ...sensor, detector })))).toEqual([
      "sensorToDetector",
      "detectorToCloud",
      "detectorFeedbackToCloud",
    ]);
  });

  test("without the detector Stream Analytics still reaches the cloud", () => {
    const layers = layersOf({ ...plain, ...sensor, streamAnalytics: { ...streamAnalytics, modelScores: false } });
    expect(Object.keys(routesOf(layers))).toEqual(["sensorToStreamAnalytics", "streamAnalyticsToCloud"]);
    expect(layers.registryAccess).toBeUndefined();
  });

  test("a job that reads no scores gets none", () => {
    const layers = layersOf({ ...plain, detector, streamAnalytics: { ...streamAnalytics, modelScores: false } });
    expect(Object.keys(routesOf(layers))).not.toContain("detectorToStreamAnalytics");
  });

  test.each([
    [{}, "base", "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream"],
    [sensor, "simulatedSensor", "FROM /messages/modules/simulatedSensor/outputs/temperatureOutput INTO $upstream"],
  ] as const)("telemetry to the cloud with %j stands in layer %s", (extra, layer, expected) => {
    const layers = layersOf({ ...plain, ...extra, telemetryToCloud: true });
    expect(routesOf({ [layer]: layers[layer] })).toEqual({ telemetryToCloud: expected });
  });
});

test("a model is passed on, to be judged by the default detector", () => {
  const model = { uri: "https://m.example/a.onnx", sha256: "0".repeat(64), version: "7", window: 60 };
  const layers = layersOf({ ...plain, detector: { ...detector, model, machineIdPath: "machine.id" } });
  expect(layers.detector?.anomalyDetector).toEqual({
    "properties.desired.signals": { temperature: "machine.temperature" },
    "properties.desired.timePath": "timeCreated",
    "properties.desired.machineIdPath": "machine.id",
    "properties.desired.model": model,
  });
});

test("only the Stream Analytics layer has what was published", () => {
  fc.assert(
    fc.property(software, (any) => {
      const others = Object.entries(layersOf(any)).filter(([layer]) => layer !== "streamAnalytics");
      return !JSON.stringify(others).includes("ASAJobInfo");
    }),
    { numRuns: 50 },
  );
});

test("equal manifests give equal text, whatever the order of their properties", () => {
  const mirrored = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, mirrored(inner)]),
        )
      : value;
  fc.assert(
    fc.property(software, (any) => {
      const layers = layersOf(any);
      expect(stableJson(mirrored(layers))).toBe(stableJson(layers));
    }),
    { numRuns: 50 },
  );
});
