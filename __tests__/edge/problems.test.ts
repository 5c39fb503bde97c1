import fc from "fast-check";
import { deviceListProblems } from "../../constructs/edge/device-list-problems";
import { deviceSecretName, type EdgeDevice, levelsOf } from "../../constructs/edge/device-list";
import { edgeDeploymentProblems } from "../../constructs/edge/edge-deployment";
import { edgeProblems } from "../../constructs/edge/edge-settings-problems";
import type { EdgeSettings, EdgeSurroundings } from "../../constructs/edge/edge-settings";
import { edgeVirtualMachineProblems } from "../../constructs/edge/edge-virtual-machine";
import { conditionOf, isInRing, ringProblems } from "../../constructs/edge/rings";
import { targetConditionMistakes } from "@edge-anomaly-detection/edge-manifest-tools";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { minimal, organization } from "../support/environments";
import { paths } from "../support/synth";

const surroundings: EdgeSurroundings = {
  environment: "test",
  registryHost: "cr.azurecr.io",
  isFreeHub: false,
  job: {},
};
const fine: EdgeSettings = { versions: { one: { detector: "1.0.0" } }, rings: { all: { version: "one" } } };
const of = (overrides: object, around: Partial<EdgeSurroundings> = {}): string[] =>
  paths(edgeProblems({ ...fine, ...overrides }, { ...surroundings, ...around }));

test("the least that an environment must say about devices is enough", () => {
  expect(of({})).toEqual([]);
});

describe("a device", () => {
  const problems = (...devices: object[]): string[] => paths(deviceListProblems(devices as EdgeDevice[]));

  test.each([
    ["x", []],
    ["x".repeat(128), []],
    ["A-Z.a:z+0%9_#*?!(),=@;$'", []],
    ["", ["[0].id"]],
    ["x".repeat(129), ["[0].id"]],
    ["a b", ["[0].id"]],
    ["ü", ["[0].id"]],
  ])("called %j", (id, expected) => {
    expect(problems({ id })).toEqual(expected);
  });

  test("has an id of its own, in more than case", () => {
    expect(problems({ id: "press" }, { id: "Press" })).toEqual(["[1].id"]);
  });

  test.each([
    [{ tags: { environment: "prod" } }, "[0].tags.environment"],
    [{ tags: { "a.b": "x" } }, "[0].tags.a.b"],
    [{ tags: { site: "it's" } }, "[0].tags.site"],
    [{ tags: { site: "" } }, "[0].tags.site"],
    [{ authentication: { kind: "symmetricKeys", keyVersion: 0 } }, "[0].authentication.keyVersion"],
    [{ authentication: { kind: "thumbprints", primary: "ab:cd" } }, "[0].authentication.primary"],
    [
      { authentication: { kind: "thumbprints", primary: "a".repeat(40), secondary: "x" } },
      "[0].authentication.secondary",
    ],
    [{ authentication: { kind: "password" } }, "[0].authentication.kind"],
    [{ hostname: "a b" }, "[0].hostname"],
    [{ virtualMachine: true, authentication: { kind: "certificateAuthority" } }, "[0].virtualMachine"],
    [{ virtualMachine: true, edge: false }, "[0].virtualMachine"],
    [{ gateway: true, edge: false }, "[0].gateway"],
    [{ tags: { gateway: "true" } }, "[0].tags.gateway"],
    [{ virtualMachine: true, id: "Not_A_Host" }, "[0].id"],
    [{ parent: "nobody" }, "[0].parent"],
    [{ parent: "device" }, "[0].parent"],
  ])("that is %j", (device, path) => {
    expect(problems({ id: "device", ...device })).toEqual([path]);
  });

  test("with several validation errors reports all of them", () => {
    const device = {
      id: "",
      tags: { "1": "x", environment: "y" },
      hostname: "-",
      authentication: { kind: "thumbprints", primary: "" },
    };
    expect(problems(device)).toEqual([
      "[0].id",
      "[0].hostname",
      "[0].tags.1",
      "[0].tags.environment",
      "[0].authentication.primary",
    ]);
  });

  test("may not be its own grandparent", () => {
    const circle = [
      { id: "a", parent: "c" },
      { id: "b", parent: "a" },
      { id: "c", parent: "b" },
      { id: "below", parent: "a" },
    ];
    expect(problems(...circle)).toEqual(["[0].parent", "[1].parent", "[2].parent"]);
  });

  test("may not be below a device without modules", () => {
    expect(problems({ id: "a", edge: false }, { id: "b", parent: "a" })).toEqual(["[1].parent"]);
  });

  test("is at the fifth level at most", () => {
    const chain = (length: number): object[] =>
      Array.from({ length }, (_, index) => ({ id: `d${index}`, ...(index > 0 && { parent: `d${index - 1}` }) }));
    expect(problems(...chain(5))).toEqual([]);
    expect(problems(...chain(6))).toEqual(["[5].parent"]);
  });

  test("has its level whatever the order of the list", () => {
    const devices = [{ id: "c", parent: "b" }, { id: "a" }, { id: "b", parent: "a" }, { id: "lost", parent: "nobody" }];
    fc.assert(
      fc.property(fc.shuffledSubarray(devices, { minLength: 4 }), (shuffled) => {
        expect(Object.fromEntries(levelsOf(shuffled))).toEqual({ a: 1, b: 2, c: 3 });
      }),
    );
  });
});

test("secret names are names that a vault takes, different for different devices", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 20 }), (ids) => {
      const names = ids.map(deviceSecretName);
      expect(names.every((name) => /^[0-9a-z-]{1,127}$/.test(name))).toBe(true);
      expect(new Set(names).size).toBe(ids.length);
    }),
  );
});

describe("rings", () => {
  const two = (a: object | undefined, b: object | undefined): Parameters<typeof ringProblems>[0] => ({
    canary: { version: "one", where: a as Record<string, string> },
    fleet: { version: "one", where: b as Record<string, string> },
  });
  const problems = (rings: Parameters<typeof ringProblems>[0], ...devices: EdgeDevice[]): string[] =>
    paths(ringProblems(rings, ["one"], devices));

  test.each([
    [{ ring: "canary" }, { ring: "fleet" }, []],
    [{ ring: ["a", "b"] }, { ring: ["c"] }, []],
    [{ ring: "canary" }, { ring: "fleet", site: "x" }, []],
    [{ ring: "canary" }, undefined, ["rings.fleet.where"]],
    [{ ring: "canary" }, { site: "aachen" }, ["rings.fleet.where"]],
    [{ ring: ["a", "b"] }, { ring: ["b", "c"] }, ["rings.fleet.where"]],
    [{ ring: "canary" }, { ring: "canary" }, ["rings.fleet.where"]],
  ])("%j and %j", (a, b, expected) => {
    expect(problems(two(a, b))).toEqual(expected);
  });

  test("leave no edge device out", () => {
    const rings = two({ ring: "canary" }, { ring: "fleet" });
    const devices = [
      { id: "a", tags: { ring: "canary" } },
      { id: "b", tags: { ring: "other" } },
      { id: "c" },
      { id: "leaf", edge: false },
    ];
    expect(problems(rings, ...devices)).toEqual(["devices[1].tags", "devices[2].tags"]);
  });

  test("that leave a thousand devices out say so in five lines", () => {
    const devices = Array.from({ length: 1_000 }, (_, index) => ({ id: `d${index}` }));
    const found = ringProblems(two({ ring: "canary" }, { ring: "fleet" }), ["one"], devices);
    expect(found).toHaveLength(5);
    expect(found.at(-1)?.remedy).toContain("995 more");
  });

  test.each([
    [{}, ["rings"]],
    [{ "Ring 1": { version: "one" } }, ["rings.Ring 1"]],
    [{ all: { version: "two" } }, ["rings.all.version"]],
    [{ all: { version: "one", where: { environment: "x" } } }, ["rings.all.where.environment"]],
    [{ all: { version: "one", where: { site: [] } } }, ["rings.all.where.site"]],
    [{ all: { version: "one", where: { site: "a'b" } } }, ["rings.all.where.site"]],
  ])("%j", (rings, expected) => {
    expect(problems(rings)).toEqual(expected);
  });

  const value = fc.constantFrom("a", "b", "c");
  const where = fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(value, fc.uniqueArray(value, { minLength: 1 })));

  test("have conditions that the hub takes", () => {
    fc.assert(
      fc.property(where, (tags) => {
        expect(targetConditionMistakes(conditionOf("test", { version: "one", where: tags }))).toEqual([]);
      }),
    );
  });

  test("without problems never share a device", () => {
    const tags = fc.dictionary(fc.constantFrom("x", "y"), value);
    fc.assert(
      fc.property(where, where, tags, (a, b, own) => {
        const rings = two(a, b);
        fc.pre(problems(rings).length === 0);
        const device = { id: "d", tags: own };
        expect(Object.values(rings).filter((ring) => isInRing(device, ring)).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test.each([
  [{ tags: {} }, "tags.environment = 'prod'"],
  [{ where: { ring: "canary" } }, "tags.environment = 'prod' AND tags.ring = 'canary'"],
  [
    { where: { ring: ["a", "b"], site: "x" } },
    "tags.environment = 'prod' AND (tags.ring = 'a' OR tags.ring = 'b') AND tags.site = 'x'",
  ],
])("a ring with %j asks for %s", (ring, expected) => {
  expect(conditionOf("prod", { version: "one", ...ring })).toBe(expected);
});

describe("settings", () => {
  test.each([
    [{ versions: {} }, ["versions", "rings.all.version"]],
    [{ versions: { one: { detector: "latest" } } }, ["versions.one.detector"]],
    [{ versions: { one: { detector: "stable" } } }, ["versions.one.detector"]],
    [{ versions: { one: { detector: "1.0.0", runtime: "1.6.1 " } } }, ["versions.one.runtime"]],
    [
      {
        versions: {
          one: { detector: "1", model: { uri: "https://a.example/m?sig=x", sha256: "0", version: "", window: 0 } },
        },
      },
      ["uri", "sha256", "version", "window"].map((field) => `versions.one.model.${field}`),
    ],
    [{ simulatedSensorSeconds: 0 }, ["simulatedSensorSeconds"]],
    [{ simulatedSensorSeconds: 1.5 }, ["simulatedSensorSeconds"]],
    [{ timeToLiveSeconds: -1 }, ["timeToLiveSeconds"]],
    [{ readerTimeToLiveSeconds: 1 }, []],
    [{ readerTimeToLiveSeconds: 0 }, ["readerTimeToLiveSeconds"]],
    [{ readerTimeToLiveSeconds: 2_592_001 }, ["readerTimeToLiveSeconds"]],
    [{ storageFolder: "/mnt/data-1/edge_storage.v2" }, []],
    ...["", "/", "srv", "/srv/", "/srv//edge", "/srv/../etc", "/srv/.", "/srv/a b", "/srv/$(x)", "/srv:/etc", "/ü"].map(
      (storageFolder): [object, string[]] => [{ storageFolder }, ["storageFolder"]],
    ),
    [{ registryTokens: { active: "second", generations: { first: 3, second: 1_000_000 }, validDays: 31 } }, []],
    [
      { registryTokens: { active: "third", generations: { first: 0, third: 1 }, validDays: 30 } },
      ["active", "validDays", "generations.third", "generations.first"].map((field) => `registryTokens.${field}`),
    ],
    [{ versions: { one: { detector: `1.0.0@sha256:${"0".repeat(64)}` } } }, []],
    [{ versions: { one: { detector: `1.0.0@sha256:${"0".repeat(63)}` } } }, ["versions.one.detector"]],
    [{ versions: { one: { detector: `stable@sha256:${"0".repeat(64)}` } } }, ["versions.one.detector"]],
    [{ versions: { one: { detector: `latest@sha256:${"0".repeat(64)}` } } }, ["versions.one.detector"]],
    [{ versions: { one: { detector: "1.0.0", runtime: `1.6.1@sha256:${"0".repeat(64)}` } } }, ["versions.one.runtime"]],
    [{ priorities: { gateway: 5 } }, ["priorities.gateway"]],
    [{ priorities: { registryAccess: 12 } }, ["priorities.registryAccess"]],
    [{ priorities: { gateway: 25 } }, ["priorities.registryAccess"]],
    [{ analysers: { detector: false, streamAnalytics: false } }, ["analysers"]],
    [{ analysers: { detector: false, streamAnalytics: false }, telemetryToCloud: true }, []],
    [{ analysers: { streamAnalytics: false } }, []],
    [{ priorities: { detector: 50 } }, ["priorities.streamAnalytics"]],
    [{ priorities: { detector: 5 } }, ["priorities.detector"]],
    [{ priorities: { base: -1 } }, ["priorities.base"]],
    [{ priorities: { base: 0, streamAnalytics: 1_000_000 } }, []],
  ])("%j", (overrides, expected) => {
    expect(of(overrides)).toEqual(expected);
  });

  test("scores that nobody would write", () => {
    expect(of({ analysers: { detector: false } }, { job: { modelScores: true } })).toEqual(["analysers.detector"]);
  });

  test("more deployments than a hub takes while it changes them", () => {
    const rings = (count: number): object => ({
      rings: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`r${index}`, { version: "one", where: { ring: `r${index}` } }]),
      ),
    });
    // Five layers: base, gateway, registry access, detector, Stream Analytics.
    expect(of(rings(10))).toEqual([]);
    expect(of(rings(11))).toEqual(["rings"]);
    expect(of(rings(1), { isFreeHub: true })).toEqual([]);
    expect(of(rings(2), { isFreeHub: true })).toEqual(["rings"]);
  });

  test("more devices than a free hub takes", () => {
    const devices = (count: number): object => ({
      devices: Array.from({ length: count }, (_, index) => ({ id: `d${index}` })),
    });
    expect(of(devices(500), { isFreeHub: true })).toEqual([]);
    expect(of(devices(501), { isFreeHub: true })).toEqual(["devices"]);
  });

  test("what the checker finds in manifests is a validation error of the configuration", () => {
    const signals = Array.from({ length: 9 }, (_, index) => ({
      name: `s${index}`,
      path: `machine.${"x".repeat(4_000)}${index}`,
      detectors: [],
    }));
    const found = edgeProblems(fine, { ...surroundings, job: { signals } });
    expect(paths(found)).toEqual([
      "rings.all.manifest.detector/content/modulesContent/anomalyDetector/properties.desired.signals",
    ]);
    expect(found[0]?.value).toContain("32768");
  });

  test("validation errors come with the configuration's others, all at once", () => {
    const configuration = {
      ...minimal,
      hub: { units: 0 },
      edge: {
        ...fine,
        devices: [{ id: "a b" }],
        rings: { all: { version: "two" } },
        virtualMachineSize: "small",
      },
    };
    expect(paths(environmentProblems(organization, configuration))).toEqual([
      "hub.units",
      "edge.devices[0].id",
      "edge.rings.all.version",
      "edge.virtualMachineSize",
    ]);
  });
});

test.each([
  ["Standard_B2s_v2", []],
  ["B2s", ["virtualMachineSize"]],
])("a virtual machine of size %s", (virtualMachineSize, expected) => {
  expect(paths(edgeVirtualMachineProblems({ virtualMachineSize }))).toEqual(expected);
});

test.each([
  [{ layer: "Base" }, ["layer"]],
  [{ priority: -1 }, ["priority"]],
  [{ rings: {} }, ["rings"]],
  [{ rings: { "A b": { targetCondition: "*", version: "1", content: {} } } }, ["rings.A b"]],
])("a deployment with %j", (overrides, expected) => {
  const rings = { all: { targetCondition: "*", version: "1", content: {} } };
  expect(paths(edgeDeploymentProblems({ layer: "base", priority: 1, rings, ...overrides }))).toEqual(expected);
});
