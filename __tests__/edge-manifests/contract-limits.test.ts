import { checkConfiguration } from "@edge-anomaly-detection/anomaly-detector";
import { LIMITS, MAX_MODEL_URI } from "@edge-anomaly-detection/detector-contract";
import fc from "fast-check";
import type { Configuration } from "../../packages/anomaly-detector/src/configuration";
import { readMessage } from "../../packages/anomaly-detector/src/message";
import { edgeProblems } from "../../constructs/edge/edge-settings-problems";
import { type EdgeSettings, type EdgeSurroundings, softwareOf } from "../../constructs/edge/edge-settings";
import { edgeJobProblems } from "../../constructs/stream-analytics/edge-job";
import { layersOf } from "../../edge-manifests/layers";
import type { Signal } from "../../edge-manifests/anomaly-query";

/** What both sides are asked about; everything else is valid. */
interface Subject {
  readonly name?: string;
  readonly path?: string;
  readonly timestampPath?: string;
  readonly machinePath?: string;
  readonly window?: number;
  readonly version?: string;
  readonly sha256?: string;
  readonly uri?: string;
  /** How many signals are watched. */
  readonly signals?: number;
  /** A machine that sends through the device. */
  readonly machineId?: string;
}

const RING = { version: "one" };

function synthOf(subject: Subject): { readonly settings: EdgeSettings; readonly surroundings: EdgeSurroundings } {
  const { name, path, timestampPath, machinePath, machineId, window, version, sha256, uri } = subject;
  const signal: Signal = {
    name: name ?? "temperature",
    path: path ?? "machine.temperature",
    detectors: [{ kind: "spikeAndDip", confidence: 99, historySize: 120 }],
  };
  const model = {
    uri: uri ?? "https://models.example/a.onnx",
    sha256: sha256 ?? "0".repeat(64),
    version: version ?? "1.0.0",
    window: window ?? 60,
  };
  return {
    settings: {
      versions: { one: { detector: "1.0.0", model } },
      rings: { all: RING },
      // The folder that the model is in: whatever is wrong with the address is wrong with that of the store too.
      modelStore: model.uri.slice(0, Math.max(0, model.uri.lastIndexOf("/"))),
    },
    surroundings: {
      environment: "test",
      registryHost: "cr.azurecr.io",
      isFreeHub: false,
      job: {
        signals: Array.from({ length: subject.signals ?? 1 }, (_, index) =>
          index === 0 ? signal : { ...signal, name: `signal${index}`, path: `machine.signal${index}` },
        ),
        ...(timestampPath !== undefined && { timestampPath }),
        ...((machinePath !== undefined || machineId !== undefined) && {
          machines: { path: machinePath ?? "machine.id", ids: [machineId ?? "press-1"] },
        }),
      },
    },
  };
}

function isAcceptedAtSynth(subject: Subject): boolean {
  const { settings, surroundings } = synthOf(subject);
  return edgeJobProblems(surroundings.job).length === 0 && edgeProblems(settings, surroundings).length === 0;
}

/** Asks the module about the desired properties that the deployment would set. */
function isAcceptedOnDevice(subject: Subject): boolean {
  const { settings, surroundings } = synthOf(subject);
  const content = layersOf(softwareOf(settings, RING, surroundings)).detector?.anomalyDetector ?? {};
  const prefix = "properties.desired.";
  const desired = Object.entries(content).map(([key, value]) => [key.slice(prefix.length), value]);
  const checked = checkConfiguration(Object.fromEntries(desired));
  return checked.ok && (subject.machineId === undefined || takesMachine(checked.configuration, subject.machineId));
}

/** Whether the module takes a message of a machine with this id. */
function takesMachine(configuration: Configuration, id: string): boolean {
  const message = { machine: { id, temperature: 20 }, timeCreated: "2026-01-01T00:00:00Z" };
  return readMessage(message, configuration, { deviceId: "device", arrivedMs: Date.parse(message.timeCreated) }).ok;
}

const judged = (subject: Subject): readonly [synth: boolean, device: boolean] => [
  isAcceptedAtSynth(subject),
  isAcceptedOnDevice(subject),
];

const { max: LONGEST_ID } = LIMITS.machineId;
const { max: LONGEST_WINDOW, min: SHORTEST_WINDOW } = LIMITS.modelWindow;

describe("at a limit both sides accept, beyond it both refuse", () => {
  test.each<readonly [Subject, boolean]>([
    [{ name: "a".repeat(40) }, true],
    [{ name: "a".repeat(41) }, false],
    [{ name: "" }, false],
    [{ name: "1a" }, false],
    [{ name: "a-b" }, false],
    [{ name: "constructor" }, false],
    [{ name: "toString" }, false],
    [{ path: Array(8).fill("a").join(".") }, true],
    [{ path: Array(9).fill("a").join(".") }, false],
    [{ path: "a".repeat(64) }, true],
    [{ path: "a".repeat(65) }, false],
    [{ path: "a..b" }, false],
    [{ timestampPath: Array(8).fill("t").join(".") }, true],
    [{ timestampPath: Array(9).fill("t").join(".") }, false],
    [{ machinePath: "m".repeat(64) }, true],
    [{ machinePath: "m".repeat(65) }, false],
    [{ window: SHORTEST_WINDOW }, true],
    [{ window: SHORTEST_WINDOW - 1 }, false],
    [{ window: LONGEST_WINDOW }, true],
    [{ window: LONGEST_WINDOW + 1 }, false],
    [{ window: 1.5 }, false],
    [{ version: "v".repeat(64) }, true],
    [{ version: "v".repeat(65) }, false],
    [{ version: "2026:11_a-b.c" }, true],
    [{ version: "a b" }, false],
    [{ version: "ä" }, false],
    [{ sha256: "F".repeat(64) }, true],
    [{ sha256: "f".repeat(63) }, false],
    [{ sha256: "g".repeat(64) }, false],
    [{ uri: "http://models.example/a.onnx" }, false],
    [{ uri: "https://somebody@models.example/a.onnx" }, false],
    [{ uri: "https://somebody:word@models.example/a.onnx" }, false],
    [{ uri: "https://models.example:99999/a.onnx" }, false],
    [{ uri: "https://[models/a.onnx" }, false],
    [{ uri: `https://models.example/${"a".repeat(MAX_MODEL_URI - 23)}` }, true],
    [{ uri: `https://models.example/${"a".repeat(MAX_MODEL_URI - 22)}` }, false],
    // Stream Analytics takes no more; the module would.
    [{ signals: 14 }, true],
    [{ machineId: "m".repeat(LONGEST_ID) }, true],
    [{ machineId: "m".repeat(LONGEST_ID + 1) }, false],
    [{ machineId: "" }, false],
    [{ machineId: "press\t1" }, false],
  ])("%j", (subject, expected) => {
    expect(judged(subject)).toEqual([expected, expected]);
  });
});

/** Texts around a form: of its characters and others, shorter and longer than it takes. */
const around = (characters: string, longest: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from(characters)), maxLength: longest + 2, size: "max" }),
    fc.string({ maxLength: 8 }),
    fc.constantFrom("constructor", "__proto__", "toString", "prototype"),
  );

const FIELDS: { readonly [Field in keyof Subject]-?: fc.Arbitrary<NonNullable<Subject[Field]>> } = {
  name: around("aZ09_", 40),
  path: around("aaZ_.", 70),
  timestampPath: around("aaZ_.", 70),
  machinePath: around("aaZ_.", 70),
  window: fc.oneof(fc.integer({ min: -1, max: 10_002 }), fc.double({ min: 0, max: 3 })),
  version: around("aZ09._:-", 64),
  sha256: fc.string({ unit: fc.constantFrom(...Array.from("09afAF")), minLength: 63, maxLength: 65 }),
  uri: fc.oneof(
    fc.webUrl({ validSchemes: ["https", "http"], authoritySettings: { withUserInfo: true, withPort: true } }),
    around("https://.", 40),
    around("a.:@[]%", 12).map((rest) => `https://${rest}`),
  ),
  signals: fc.integer({ min: 1, max: LIMITS.signals.max + 2 }),
  machineId: around("aZ09._:-", LONGEST_ID),
};

test.each(Object.keys(FIELDS) as (keyof Subject)[])("the module takes every %s that synth accepts", (field) => {
  let accepted = 0;
  fc.assert(
    fc.property(FIELDS[field], (value) => {
      const [synth, device] = judged({ [field]: value });
      accepted += synth ? 1 : 0;
      expect({ synth, device: synth ? device : true }).toEqual({ synth, device: true });
    }),
    { numRuns: 80 },
  );
  expect(accepted).toBeGreaterThan(0);
});
