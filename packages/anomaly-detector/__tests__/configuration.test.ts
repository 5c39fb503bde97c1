import fc from "fast-check";
import { checkConfiguration, describeMistakes, type Mistake } from "../src/configuration";
import { DEFAULT_DESIRED } from "@edge-anomaly-detection/detector-contract";

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
  ["65 signals", { signals: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`s${i}`, "a"])) }, "signals"],
  ["a signal named like what every object has", { signals: { constructor: "a" } }, "signals.constructor"],
  ["a model without its window", { model: { uri: MODEL.uri, sha256: MODEL.sha256, version: "1" } }, "model.window"],
  ["a model address with a password", { model: { ...MODEL, uri: "https://u:p@example.invalid/" } }, "model.uri"],
  ["no detector", { detectors: { plant: { enabled: false } } }, "detectors"],
  ["a cadence below nothing", { cadence: { lowSeconds: -1 } }, "cadence.lowSeconds"],
  ["a cadence that is a text", { cadence: { highSeconds: "60" } }, "cadence.highSeconds"],
  ["a cadence whose limits are swapped", { cadence: { lowSeconds: 60, highSeconds: 10 } }, "cadence.lowSeconds"],
  ["an unknown limit of the cadence", { cadence: { usualSeconds: 10 } }, "cadence.usualSeconds"],
  ["a limit of an unknown signal", { limits: { humidity: { low: 0 } } }, "limits.humidity"],
  ["a low limit above the high one", { limits: { temperature: { low: 2, high: 1 } } }, "limits.temperature.low"],
  ["a limit that is no number", { limits: { temperature: { high: "90" } } }, "limits.temperature.high"],
  ["an unknown limit", { limits: { temperature: { max: 90 } } }, "limits.temperature.max"],
  ["a flatline of no time", { limits: { temperature: { flatlineSeconds: 0 } } }, "limits.temperature.flatlineSeconds"],
  ["a time zone that is none", { timeZone: "Europe/Atlantis" }, "timeZone"],
  ["a unit that is none", { timeUnit: "minutes" }, "timeUnit"],
  ["a mode of scores that is none", { scoredOutput: { mode: "some" } }, "scoredOutput.mode"],
  ["a shadow model without its version", { shadowModel: { ...MODEL, version: "" } }, "shadowModel.version"],
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

test("names that the synthesis allows are taken: 40 characters, a window of 10,000, a version with a colon", () => {
  const desired = {
    signals: { ["a".repeat(40)]: "a" },
    maxMachines: 100,
    model: { ...MODEL, version: "azureml:press:3", window: 10_000 },
  };
  expect(mistakes(desired)).toEqual([]);
  expect(paths({ signals: { ["a".repeat(41)]: "a" } })).toEqual([`signals.${"a".repeat(41)}`]);
});

describe("memory", () => {
  const MEGABYTE = 1024 * 1024;
  const text = (desired: unknown, memoryBytes?: number): string => {
    const checked = checkConfiguration(desired, memoryBytes === undefined ? {} : { memoryBytes });
    return checked.ok ? "" : describeMistakes(checked.mistakes).join("\n");
  };

  test("a model that the container cannot hold is refused before it is fetched", () => {
    expect(text({ model: { ...MODEL, bytes: 32 * MEGABYTE } })).toBe("");
    expect(text({ model: { ...MODEL, bytes: 256 * MEGABYTE } })).toMatch(
      /^maxMachines is 2000; allowed: .* the container has 512 MB; these need \d+ MB: .*; take a smaller model, or give the container more memory$/,
    );
    expect(text({ model: { ...MODEL, bytes: 256 * MEGABYTE } }, 2048 * MEGABYTE)).toBe("");
  });

  test("a shadow model counts as well", () => {
    const each = { ...MODEL, bytes: 60 * MEGABYTE };
    expect(text({ model: each })).toBe("");
    expect(text({ model: each, shadowModel: each })).toMatch(/take a smaller model or shadowModel/);
  });

  test("machines that the container cannot hold are refused with how many would fit", () => {
    const [, most] = /; (\d+) machines would fit/.exec(text({ maxMachines: 100_000 })) ?? [];
    expect(text({ maxMachines: Number(most) })).toBe("");
    expect(text({ maxMachines: Number(most) + 1 })).not.toBe("");
  });

  test("windows of a model count for each machine", () => {
    expect(text({ model: { ...MODEL, window: 10_000 }, maxMachines: 5000 })).toMatch(/machines would fit/);
  });
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
