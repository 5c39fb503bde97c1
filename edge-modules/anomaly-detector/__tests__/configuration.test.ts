import fc from "fast-check";
import { checkConfiguration, describeMistakes, type Mistake } from "../src/configuration";
import { DEFAULT_DESIRED } from "../src/contract";

function mistakes(desired: unknown): readonly Mistake[] {
  const checked = checkConfiguration(desired);
  return checked.ok ? [] : checked.mistakes;
}

function paths(desired: unknown): string[] {
  return mistakes(desired).map(({ path }) => path);
}

const MODEL = {
  uri: "https://models.example.invalid/press.onnx?sig=secret",
  sha256: "A".repeat(64),
  version: "3",
  window: 32,
};

test("an empty twin is the defaults", () => {
  const checked = checkConfiguration({ $version: 4, $metadata: {} });
  expect(checked).toMatchObject({
    ok: true,
    configuration: {
      timePath: ["timeCreated"],
      machineIdPath: [],
      cooldownMessages: DEFAULT_DESIRED.cooldownMessages,
      detectors: DEFAULT_DESIRED.detectors,
      signals: [
        { name: "temperature", path: ["machine", "temperature"] },
        { name: "pressure", path: ["machine", "pressure"] },
        { name: "vibration", path: ["machine", "vibration"] },
      ],
    },
  });
});

test("the written-out defaults are the same as none", () => {
  expect(checkConfiguration(DEFAULT_DESIRED)).toEqual(checkConfiguration({}));
});

test("a property of a detector leaves its others at their defaults", () => {
  const checked = checkConfiguration({ detectors: { spikeAndDip: { enabled: true } } });
  expect(checked).toMatchObject({
    configuration: {
      detectors: { spikeAndDip: { enabled: true, confidence: 95, historySize: 120 }, plant: { enabled: true } },
    },
  });
});

test("a model's hash is compared in lower case", () => {
  expect(checkConfiguration({ model: MODEL })).toMatchObject({ configuration: { model: { sha256: "a".repeat(64) } } });
});

test("all mistakes come at once", () => {
  const found = mistakes({
    signals: { "1st": "machine.temperature", temperature: "machine..temperature", pressure: 7 },
    timePath: "",
    detectors: {
      ensemble: { confidence: 100 },
      changePoint: { historySize: 2.5 },
      spikeAndDip: { mode: "both" },
      magic: {},
    },
    cooldownMessages: "120",
    stateSaveSeconds: 0,
    extra: true,
    model: { ...MODEL, uri: "http://models.example.invalid/a?sig=secret", sha256: "abc", window: 0, url: "x" },
  });
  expect(new Set(found.map(({ path }) => path))).toEqual(
    new Set([
      "extra",
      "timePath",
      "detectors.magic",
      "detectors.ensemble.confidence",
      "detectors.changePoint.historySize",
      "detectors.spikeAndDip.mode",
      "cooldownMessages",
      "stateSaveSeconds",
      "signals.1st",
      "signals.temperature",
      "signals.pressure",
      "model.url",
      "model.uri",
      "model.sha256",
      "model.window",
    ]),
  );
  for (const { allowed, advice } of found) expect([allowed, advice]).not.toContain("");
});

test("a mistake says where, what is there, what is allowed and what to do", () => {
  expect(describeMistakes(mistakes({ cooldownMessages: -1 }))).toEqual([
    "cooldownMessages is -1; allowed: a whole number of messages from 0 to 1000000; 0 reports every anomalous message",
  ]);
});

test("the signature in a model's address is never shown", () => {
  const shown = JSON.stringify(mistakes({ model: { ...MODEL, uri: "http://models.example.invalid/a?sig=secret" } }));
  expect(shown).toContain("http://models.example.invalid/a");
  expect(shown).not.toContain("secret");
});

test.each([
  ["null", null],
  ["a list", []],
  ["a text", "x"],
])("%s is no configuration", (_name, desired) => {
  expect(paths(desired)).toEqual([""]);
});

test.each([
  ["no signal", { signals: {} }, "signals"],
  ["17 signals", { signals: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`s${i}`, "a"])) }, "signals"],
  ["a signal named like what every object has", { signals: { constructor: "a" } }, "signals.constructor"],
  ["a model without its window", { model: { uri: MODEL.uri, sha256: MODEL.sha256, version: "1" } }, "model.window"],
  ["a model address with a password", { model: { ...MODEL, uri: "https://u:p@example.invalid/" } }, "model.uri"],
  ["no detector", { detectors: { plant: { enabled: false } } }, "detectors"],
  [
    "a multivariate detector of one signal",
    { signals: { a: "a" }, detectors: { multivariate: { enabled: true } } },
    "detectors.multivariate.enabled",
  ],
  ["a model detector without a model", { detectors: { onnx: { enabled: true } } }, "detectors.onnx.enabled"],
])("%s is a mistake", (_name, desired, path) => {
  expect(paths(desired)).toEqual([path]);
});

test.each([
  ["confidence", [50, 99.9999], [49.9, 100, "95", null, NaN]],
  ["historySize", [2, 10_000], [1, 10_001, 2.5]],
])("spikeAndDip.%s has its limits", (name, good, bad) => {
  for (const value of good) expect(paths({ detectors: { spikeAndDip: { [name]: value } } })).toEqual([]);
  for (const value of bad) {
    expect(paths({ detectors: { spikeAndDip: { [name]: value } } })).toEqual([`detectors.spikeAndDip.${name}`]);
  }
});

test("whatever the twin holds, it is checked without a crash", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.jsonValue(),
        fc.record({ signals: fc.anything(), model: fc.anything(), detectors: fc.anything() }),
      ),
      (desired) => {
        const checked = checkConfiguration(desired);
        if (!checked.ok) expect(checked.mistakes.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 500 },
  );
});
