import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  checkDeployments,
  describeFinding,
  type ManifestFinding,
  MAX_CHARACTERS,
  readManifest,
  renderBase,
  renderCreateOptions,
  renderLayer,
  targetConditionMistakes,
} from "@edge-anomaly-detection/edge-manifest-tools";
import { jobsOf, layersOf } from "../../edge-manifests/layers";
import type { JsonObject } from "@edge-anomaly-detection/common";
import { UNPUBLISHED } from "../../edge-manifests/stream-analytics-layer";
import { base, layer, software } from "./layers.arbitrary";

type Document = Record<string, unknown>;

/** The deployments of a device with everything on it, as whole documents. */
function device(): Document[] {
  const layers = layersOf({
    runtime: "1.6.1",
    timeToLiveSeconds: 7200,
    telemetryToCloud: true,
    simulatedSensorSeconds: 5,
    detector: {
      image: "cr.example/anomaly-detector:1.0.0",
      signals: { temperature: "machine.temperature" },
      timePath: "timeCreated",
      registry: { address: "cr.example", username: "u", password: "p" },
    },
    streamAnalytics: { jobName: "asa-edge-anomaly-job", modelScores: true, published: UNPUBLISHED },
  });
  return Object.entries(layers).map(([name, modulesContent], index) => ({
    id: `${name.toLowerCase()}-1`,
    content: { modulesContent: structuredClone(modulesContent) },
    priority: 10 * index,
    targetCondition: "tags.environment = 'dev'",
  }));
}

const errors = (found: readonly (readonly ManifestFinding[])[]): ManifestFinding[] =>
  found.flat().filter(({ severity }) => severity === "error");

/** Changes the value at a path of property names; undefined removes it. */
function change(target: unknown, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  const object = target as Document;
  if (rest.length > 0) {
    change(object[first], rest, value);
  } else if (value === undefined) {
    Reflect.deleteProperty(object, first);
  } else {
    object[first] = value;
  }
}

const content = ["content", "modulesContent"];
const agent = [...content, "$edgeAgent", "properties.desired"];
const hub = [...content, "$edgeHub", "properties.desired"];
const [BASE, , SENSOR, DETECTOR, JOB] = [0, 1, 2, 3, 4];
const sensorModule = [...content, "$edgeAgent", "properties.desired.modules.simulatedSensor"];
const detectorModule = [...content, "$edgeAgent", "properties.desired.modules.anomalyDetector"];
const detectorRoute = [...content, "$edgeHub", "properties.desired.routes.sensorToDetector"];
const jobRoute = [...content, "$edgeHub", "properties.desired.routes.sensorToStreamAnalytics"];
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

test("a device with everything on it is fine, together and layer by layer", () => {
  expect(checkDeployments(device(), { complete: true }).flat()).toEqual([]);
  expect(errors(device().map((document) => checkDeployments([document]).flat()))).toEqual([]);
});

describe("each kind of damage is found", () => {
  const damages: readonly [rule: string, document: number, path: readonly string[], value: unknown][] = [
    ["no-content", BASE, ["content"], undefined],
    ["agent-missing", BASE, [...content, "$edgeAgent"], undefined],
    ["hub-missing", BASE, [...content, "$edgeHub"], undefined],
    ["schema-version", BASE, [...agent, "schemaVersion"], "1.2"],
    ["schema-version", BASE, [...hub, "schemaVersion"], "2.0"],
    ["runtime", BASE, [...agent, "runtime", "type"], "podman"],
    ["system-module", BASE, [...agent, "systemModules", "edgeHub"], undefined],
    ["unknown-property", BASE, [...agent, "moduls"], {}],
    ["modules-form", BASE, [...agent, "modules"], undefined],
    ["routes-form", BASE, [...hub, "routes"], []],
    ["time-to-live", BASE, [...hub, "storeAndForwardConfiguration"], undefined],
    [
      "module-name",
      BASE,
      [...agent, "modules", "my module"],
      { type: "docker", status: "running", restartPolicy: "always", settings: { image: "a:1.0.0" } },
    ],
    ["module-type", SENSOR, [...sensorModule, "type"], "process"],
    ["module-policy", SENSOR, [...sensorModule, "restartPolicy"], "sometimes"],
    ["module-policy", SENSOR, [...sensorModule, "status"], undefined],
    ["module-form", SENSOR, [...sensorModule, "pullPolicy"], "never"],
    ["module-settings", SENSOR, [...sensorModule, "settings"], undefined],
    ["startup-order", SENSOR, [...sensorModule, "startupOrder"], -1],
    ["variable-name", SENSOR, [...sensorModule, "env", "A.B"], { value: "x" }],
    ["variable-form", SENSOR, [...sensorModule, "env", "MessageCount"], -1],
    ["image", DETECTOR, [...detectorModule, "settings", "image"], ""],
    ["image", DETECTOR, [...detectorModule, "settings", "image"], "cr.example/anomaly-detector@sha256:12"],
    ["create-options-form", DETECTOR, [...detectorModule, "settings", "createOptions"], {}],
    ["create-options-json", DETECTOR, [...detectorModule, "settings", "createOptions"], "{"],
    ["create-options-pieces", DETECTOR, [...detectorModule, "settings", "createOptions02"], "{}"],
    ["null-value", JOB, [...content, "asa-edge-anomaly-job", "properties.desired.ASAJobEtag"], null],
    ["value-size", JOB, [...content, "asa-edge-anomaly-job", "properties.desired.ASAJobInfo"], "x".repeat(4097)],
    ["twin-depth", JOB, [...content, "asa-edge-anomaly-job", "properties.desired.deep"], deep(11)],
    ["property-name", DETECTOR, [...content, "anomalyDetector", "properties.desired.signals", "a b"], "x"],
    [
      "twin-size",
      DETECTOR,
      [...content, "anomalyDetector", "properties.desired.notes"],
      Array.from({ length: 9 }, () => "x".repeat(4000)),
    ],
    ["twin-form", DETECTOR, [...content, "anomalyDetector", "properties.reported"], {}],
    ["route-name", DETECTOR, [...content, "$edgeHub", "properties.desired.routes.a b"], "FROM /* INTO $upstream"],
    ["route-text", DETECTOR, [...detectorRoute, "route"], "FROM simulatedSensor TO anomalyDetector"],
    ["route-form", DETECTOR, [...detectorRoute, "route"], 7],
    ["route-priority", DETECTOR, [...detectorRoute, "priority"], 10],
    ["route-time-to-live", DETECTOR, [...detectorRoute, "timeToLiveSecs"], -1],
    [
      "route-source-output",
      DETECTOR,
      [...detectorRoute, "route"],
      "FROM /messages/modules/simulatedSensor/outputs/temperature INTO $upstream",
    ],
    [
      "route-sink-module",
      DETECTOR,
      [...detectorRoute, "route"],
      'FROM /messages/* INTO BrokeredEndpoint("/modules/ghost/inputs/a")',
    ],
    [
      "route-sink-input",
      DETECTOR,
      [...detectorRoute, "route"],
      'FROM /messages/* INTO BrokeredEndpoint("/modules/anomalyDetector/inputs/a")',
    ],
    [
      "route-sink-input",
      JOB,
      [...jobRoute, "route"],
      'FROM /messages/* INTO BrokeredEndpoint("/modules/asa-edge-anomaly-job/inputs/temperature")',
    ],
    ["deployment-id", DETECTOR, ["id"], "Detector 1"],
    ["deployment-priority", DETECTOR, ["priority"], 1.5],
    ["same-priority", DETECTOR, ["priority"], 40],
    ["layer-priority", BASE, ["priority"], 15],
    ["target-condition", DETECTOR, ["targetCondition"], "tags.environment = 'dev"],
    ["target-condition", DETECTOR, ["targetCondition"], "environment = 'dev'"],
    [
      "image-support",
      DETECTOR,
      [...detectorModule, "settings", "image"],
      "mcr.microsoft.com/azure-cognitive-services/decision/anomaly-detector:3.0.0",
    ],
  ];

  test.each(damages)("%s in document %d at %j", (rule, index, path, value) => {
    const documents = device();
    change(documents[index], path, value);
    const found = errors(checkDeployments(documents, { complete: true }));
    expect(found.map((finding) => finding.rule)).toContain(rule);
  });

  const keptElsewhere: readonly [title: string, module: string, env: unknown, host: object, warns: boolean][] = [
    ["nothing", "edgeHub", undefined, {}, true],
    ["a variable alone", "edgeHub", { storageFolder: { value: "/s" } }, {}, true],
    ["a mount alone, elsewhere", "edgeHub", undefined, { Binds: ["/srv/hub:/s"] }, true],
    ["a bound folder", "edgeHub", { storageFolder: { value: "/s" } }, { Binds: ["/srv/hub:/s"] }, false],
    [
      "a bound folder of its own",
      "edgeHub",
      { StorageFolder: { value: "/s/" } },
      { Binds: ["/srv:/s/edgeHub:rw"] },
      false,
    ],
    [
      "the other module's folder",
      "edgeHub",
      { storageFolder: { value: "/s" } },
      { Binds: ["/srv:/s/edgeAgent"] },
      true,
    ],
    ["a name that begins alike", "edgeAgent", { storageFolder: { value: "/s" } }, { Binds: ["/srv:/s/edge"] }, true],
    ["a bound default", "edgeAgent", undefined, { Binds: ["/srv/agent:/tmp"] }, false],
    [
      "a named volume",
      "edgeAgent",
      { storageFolder: { value: "/s" } },
      { Mounts: [{ Type: "volume", Source: "agent", Target: "/s" }] },
      false,
    ],
    [
      "a volume without a name",
      "edgeAgent",
      { storageFolder: { value: "/s" } },
      { Mounts: [{ Type: "volume", Target: "/s" }] },
      true,
    ],
    [
      "memory",
      "edgeAgent",
      { storageFolder: { value: "/s" } },
      { Mounts: [{ Type: "tmpfs", Source: "x", Target: "/s" }] },
      true,
    ],
  ];

  test.each(keptElsewhere)("a base with %s for the storage of %s", (_title, module, env, host, warns) => {
    const documents = device();
    change(documents[BASE], [...agent, "systemModules", module, "env"], env);
    change(documents[BASE], [...agent, "systemModules", module, "settings"], {
      image: "a.example/runtime:1.6.1",
      ...renderCreateOptions({ HostConfig: host as JsonObject, Labels: { long: "x".repeat(600) } }),
    });
    const found = checkDeployments(documents, { complete: true }).flat();
    expect(found.map(({ severity, rule, pointer }) => [severity, rule, pointer.split("/").slice(-2)])).toEqual(
      warns ? [["warning", "storage-in-container", [module, "settings"]]] : [],
    );
  });

  test("there are at least 20 kinds", () => {
    expect(new Set(damages.map(([rule]) => rule)).size).toBeGreaterThanOrEqual(20);
  });

  test("51 modules, and not 50", () => {
    const withModules = (count: number): Document => ({
      modulesContent: renderBase({
        edgeAgent: { image: "a.example/agent:1.6.1" },
        edgeHub: { image: "a.example/hub:1.6.1" },
        timeToLiveSeconds: 1,
        modules: Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, { image: "a.example/m:1.0.0" }])),
        routes: { all: { from: "leafDevices", to: "upstream" } },
      }),
    });
    expect(errors(checkDeployments([withModules(50)]))).toEqual([]);
    expect(errors(checkDeployments([withModules(51)])).map(({ rule }) => rule)).toEqual(["module-count"]);
  });

  test("a layer without a base", () => {
    const found = checkDeployments(device().slice(3, 4), { complete: true });
    expect(errors(found).map(({ rule }) => rule)).toContain("layer-without-base");
  });

  test("everything at once, each with its place and its remedy", () => {
    const documents = device();
    change(documents[BASE], [...agent, "schemaVersion"], "9");
    change(documents[DETECTOR], [...detectorModule, "settings", "image"], "a:latest");
    change(documents[JOB], ["targetCondition"], "deviceid = 'x'");
    const found = checkDeployments(documents, { complete: true });
    expect(found.map((findings) => findings.map(({ pointer }) => pointer))).toEqual([
      ["/content/modulesContent/$edgeAgent/properties.desired/schemaVersion"],
      [],
      [],
      ["/content/modulesContent/$edgeAgent/properties.desired.modules.anomalyDetector/settings/image"],
      ["/targetCondition"],
    ]);
    expect(found.flat().every(({ problem, remedy }) => problem !== "" && remedy !== "")).toBe(true);
  });
});

describe("boundaries", () => {
  const twin = (value: unknown): string[] => {
    const documents = device();
    change(documents[JOB], [...content, "asa-edge-anomaly-job", "properties.desired.x"], value);
    return errors(checkDeployments(documents, { complete: true })).map(({ rule }) => rule);
  };

  test.each([
    [4096, []],
    [4097, ["value-size"]],
  ])("a value of %d bytes", (length, expected) => {
    expect(twin("x".repeat(length))).toEqual(expected);
    expect(twin(`${"x".repeat(length - 2)}é`)).toEqual(expected);
  });

  test.each([
    [10, []],
    [11, ["twin-depth"]],
  ])("%d levels of objects below the desired properties", (levels, expected) => {
    // `x` itself is at the first level.
    expect(twin(deep(levels))).toEqual(expected);
  });

  test.each([
    [0, []],
    [9, []],
    [10, ["route-priority"]],
    [-1, ["route-priority"]],
    [1.5, ["route-priority"]],
  ])("a route of priority %d", (priority, expected) => {
    const documents = device();
    change(documents[DETECTOR], [...detectorRoute, "priority"], priority);
    expect(errors(checkDeployments(documents, { complete: true })).map(({ rule }) => rule)).toEqual(expected);
  });

  test("a twin of 32 KB, and one byte more", () => {
    const fill = (bytes: number): string[] => {
      const parts: string[] = Array.from({ length: Math.floor(bytes / 4096) }, () => "x".repeat(4096));
      const document = {
        modulesContent: renderLayer({
          modules: { m: { image: "a.example/m:1.0.0", desired: { k: [...parts, "x".repeat(bytes % 4096)] } } },
          routes: {},
        }),
      };
      return errors(checkDeployments([document])).map(({ rule }) => rule);
    };
    expect(fill(32 * 1024 - 1)).toEqual([]);
    expect(fill(32 * 1024)).toEqual(["twin-size"]);
  });
});

describe("warnings", () => {
  const warnings = (path: readonly string[], value: unknown, index: number): string[] => {
    const documents = device();
    change(documents[index], path, value);
    return checkDeployments(documents, { complete: true })
      .flat()
      .map(({ severity, rule }) => `${severity} ${rule}`);
  };

  test("an older schema is one, not an error", () => {
    expect(warnings([...agent, "schemaVersion"], "1.0", BASE)).toEqual(["warning schema-version"]);
  });

  test("a tag that moves", () => {
    expect(warnings([...detectorModule, "settings", "image"], "cr.example/d:1.6", DETECTOR)).toEqual([
      "warning image-rolling-tag",
    ]);
  });

  test("a runtime whose support has ended", () => {
    const path = [...agent, "systemModules", "edgeHub", "settings", "image"];
    expect(warnings(path, "mcr.microsoft.com/azureiotedge-hub:1.5.44", BASE)).toEqual(["warning image-support"]);
  });

  test("a sensor that stops", () => {
    expect(warnings([...sensorModule, "env"], undefined, SENSOR)).toEqual(["warning sensor-stops"]);
  });

  test("a module that no route reaches", () => {
    const documents = [
      ...device(),
      { modulesContent: renderLayer({ modules: { metrics: { image: "a.example/collector:1.0.0" } }, routes: {} }) },
    ];
    change(documents[DETECTOR], [...content, "$edgeHub"], {});
    change(documents[JOB], [...content, "$edgeHub"], {});
    change(documents[SENSOR], [...content, "$edgeHub"], {});
    change(documents[BASE], [...hub, "routes"], {});
    change(documents[1], [...content, "$edgeHub"], {});
    const found = checkDeployments(documents, { complete: true }).flat();
    // Not of the last: it may do its work without messages.
    expect(found.map(({ rule, problem }) => [rule, problem.split(" ")[3]])).toEqual([
      ["module-unreached", "simulatedSensor"],
      ["module-unreached", "anomalyDetector"],
      ["module-unreached", "asa-edge-anomaly-job"],
    ]);
  });
});

describe("the recipe's own manifest", () => {
  const text = readFileSync(
    join(__dirname, "..", "..", "packages", "edge-manifest-tools", "__tests__", "fixtures", "recipe-deployment.json"),
    "utf8",
  );
  const read = readManifest(text);
  const found = "document" in read ? checkDeployments([read.document]).flat() : [];

  test.each([
    ["route-sink-module", "routes/sensorToASA"],
    ["route-source-module", "routes/asaToHub"],
    ["route-sink-input", "routes/sensorToASA"],
    ["create-options-form", "modules/anomalyDetector/settings/createOptions"],
    ["image-tag", "modules/anomalyDetector/settings/image"],
    ["module-unreached", "modules/anomalyDetector"],
    ["sensor-stops", "modules/temperatureSensor/env"],
  ])("has %s at %s", (rule, place) => {
    expect(found.filter((finding) => finding.rule === rule).map(({ pointer }) => pointer)).toContainEqual(
      expect.stringMatching(new RegExp(`${place}$`)),
    );
  });

  test("names the alias that would be right", () => {
    expect(found.find(({ rule }) => rule === "route-sink-input")?.remedy).toContain("sensorInput");
  });
});

describe("deployment templates", () => {
  const template = (): Document => {
    const [document] = device();
    const { modulesContent } = document?.content as Document;
    const wrapped: Document = { "$schema-template": "4.0.0", modulesContent };
    change(wrapped, ["modulesContent", "$edgeAgent", "properties.desired", "modules", "mine"], {
      type: "docker",
      status: "running",
      restartPolicy: "always",
      settings: { image: "${MODULES.mine}", createOptions: { HostConfig: {} } },
    });
    change(
      wrapped,
      ["modulesContent", "$edgeHub", "properties.desired", "routes", "up"],
      "FROM /messages/modules/mine/* INTO $upstream",
    );
    return wrapped;
  };

  test("may have objects for createOptions and places for images", () => {
    expect(checkDeployments([template()]).flat()).toEqual([]);
  });

  test("are known by their places, by their schema, or by what their file is called", () => {
    const { modulesContent } = template();
    expect(errors(checkDeployments([{ modulesContent }]))).toEqual([]);
    const filled = JSON.parse(
      JSON.stringify({ modulesContent }).replaceAll("${MODULES.mine}", "a.example/m:1.0.0"),
    ) as Document;
    expect(errors(checkDeployments([filled], { templates: new Set([filled]) }))).toEqual([]);
    expect(errors(checkDeployments([filled])).map(({ rule }) => rule)).toEqual(["create-options-form"]);
  });
});

describe("whatever the builder renders, the checker accepts", () => {
  test("a base", () => {
    fc.assert(
      fc.property(base, (any) => {
        expect(errors(checkDeployments([{ modulesContent: renderBase(any) }]))).toEqual([]);
      }),
    );
  });

  test("a layer on a base", () => {
    fc.assert(
      fc.property(layer, (any) => {
        const [document] = device();
        expect(errors(checkDeployments([document ?? {}, { modulesContent: renderLayer(any) }]))).toEqual([]);
      }),
    );
  });

  test("all layers of any environment", () => {
    fc.assert(
      fc.property(software, (any) => {
        const documents = Object.values(layersOf(any)).map((modulesContent) => ({ modulesContent }));
        expect(errors(checkDeployments(documents, { complete: true, jobs: jobsOf(any) }))).toEqual([]);
      }),
    );
  });
});

test("a module may be called like a property that every object has", () => {
  const modules = { constructor: { image: "a.example/m:1.0.0" } };
  const routes = {
    r: { from: { module: "constructor", output: "o" }, to: { module: "toString", input: "i" } },
  } as const;
  const [base] = device();
  const found = errors(checkDeployments([base ?? {}, { modulesContent: renderLayer({ modules, routes }) }]));
  expect(found.map(({ rule, remedy }) => [rule, remedy.startsWith("deploy it")])).toEqual([
    ["route-sink-module", true],
  ]);
});

test("whatever the document, the checker has findings or none, and never fails", () => {
  const names = [
    "modulesContent",
    "content",
    "$edgeAgent",
    "$edgeHub",
    "properties.desired",
    "modules",
    "routes",
    "settings",
    "priority",
    "id",
    "targetCondition",
    "systemModules",
    "properties.desired.modules.a",
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, 0, -1, true, "", "x", [], {}),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 5 }),
  }));
  fc.assert(
    fc.property(value, (content) => {
      const read = readManifest(JSON.stringify({ modulesContent: content }));
      const found = "document" in read ? checkDeployments([read.document]).flat() : [];
      expect(found.map(describeFinding).every((line) => !line.includes("\n"))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe("files that are no manifest get one line", () => {
  test.each([
    ["nothing", "", "empty"],
    ["blanks", " \n", "empty"],
    ["no JSON", "modules: 1", "no JSON"],
    ["half a file", '{"modulesContent": {', "no JSON"],
    ["a list", "[]", "no JSON object"],
    ["null", "null", "no JSON object"],
    ["a huge file", `{"a":"${"x".repeat(MAX_CHARACTERS)}"}`, "characters"],
    ["deep nesting", "[".repeat(200_000), "nested more than 64 deep"],
  ])("%s", (_what, text, expected) => {
    const read = readManifest(text);
    expect(read).toEqual({ unreadable: expect.stringContaining(expected) as string });
    expect("unreadable" in read && read.unreadable.includes("\n")).toBe(false);
  });

  test("brackets in text do not count", () => {
    expect(readManifest(`{"a":"${"[".repeat(100)}\\"{"}`)).toMatchObject({ document: { a: `${"[".repeat(100)}"{` } });
  });

  test("a byte order mark does no harm", () => {
    expect(readManifest("\uFEFF{}")).toMatchObject({ document: {}, remarks: [] });
  });
});

test.each([
  ["*", 0],
  ["tags.environment = 'dev' AND (tags.ring = 'a' OR NOT tags.ring = 'b')", 0],
  ["deviceId = 'it is \"quoted\"'", 1],
  ["properties.reported.os.version >= 22", 0],
  ["", 1],
  ['tags.a = "b"', 1],
  ["tags.a = 'b", 1],
  ["tags.a", 1],
  ["deviceid = 'a' AND twin.b = 'c'", 2],
])("target condition %j has %d validation errors", (condition, count) => {
  expect(targetConditionMistakes(condition)).toHaveLength(count);
});
