import { readFileSync } from "node:fs";
import { Testing } from "cdktf";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import type { ConfigurationShapes, Shape } from "../../environments/validation/shape";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";

// Ranges and defaults as docs/constructs shows them: both come from the docstrings, by `npm run docs`.
const shapes = JSON.parse(readFileSync("environments/validation/shapes.json", "utf8")) as ConfigurationShapes;

/** Every part that is there anyway, with nothing decided, and of the optional ones those that need little. */
const base: EnvironmentConfig = {
  ...minimal,
  keyVault: {},
  lake: { containers: { "anomaly-data": {}, "telemetry-data": {}, "ml-models": {} } },
  accounts: {},
  machineLearning: { maxNodes: 100, training: { enabled: true } },
  hub: {},
  routing: {},
  streamAnalytics: {},
  edge: {
    versions: {
      v1: {
        detector: "1.0.0",
        model: { uri: "https://models.example/a.onnx", sha256: "0".repeat(64), version: "1", window: 60 },
      },
    },
    rings: { all: { version: "v1" } },
    modelStore: "https://models.example",
    telemetryToCloud: true,
    registryTokens: { generations: { first: 1, second: 1 } },
  },
  fleet: { devices: 1 },
  logs: {},
};

/** A setting and what is around it, from the environment inwards. */
type Path = readonly string[];

interface Setting {
  readonly path: Path;
  readonly doc: string;
}

function numbersIn(shape: Shape, path: Path = [], doc = ""): Setting[] {
  switch (shape.kind) {
    case "object":
      return Object.entries(shape.properties).flatMap(([name, inner]) =>
        numbersIn(inner.shape, [...path, name], inner.doc),
      );
    case "map":
      return numbersIn(shape.value, [...path, "*"], doc);
    case "choice":
      return shape.shapes.flatMap((inner) => numbersIn(inner, path, doc));
    case "number":
      return [{ path, doc }];
    default:
      return [];
  }
}

/** Whether what is around a setting is in the base: parts that need more than this setting to be valid have to be there. */
function isInside(inside: unknown, [key = "", ...rest]: Path): boolean {
  if (rest.length === 0) {
    return typeof inside === "object";
  }
  const object = (inside ?? {}) as Readonly<Record<string, unknown>>;
  return isInside(key === "*" ? Object.values(object)[0] : object[key], rest);
}

/** The base with a value at a path; `*` is the first key that is there. */
function withValue(inside: unknown, [key = "", ...rest]: Path, value: unknown): unknown {
  const object = (inside ?? {}) as Readonly<Record<string, unknown>>;
  const name = key === "*" ? (Object.keys(object)[0] ?? "") : key;
  return { ...object, [name]: rest.length === 0 ? value : withValue(object[name], rest, value) };
}

const RANGE = /(\d[\d,.]*\d|\d) to (\d[\d,]*\d|\d)(?![\d.]*\/)/;
const number = (text = ""): number => Number(text.replaceAll(",", ""));
const ranges = numbersIn(shapes.environment).flatMap(({ path, doc }): [string, Path, number, number][] => {
  const [, min, max] = RANGE.exec(doc) ?? [];
  // How many devices one hub takes depends on its size, and has tests of its own.
  return min === undefined || path.join(".") === "fleet.devices" || !isInside(base, path)
    ? []
    : [[path.join("."), path, number(min), number(max)]];
});

/** Validation errors of the setting itself; another may object to the combination. */
function errorsAt(path: Path, value: number): string[] {
  const form = new RegExp(`^${path.join("\\.").replaceAll("*", "[^.]+")}$`);
  return environmentProblems(organization, withValue(base, path, value) as EnvironmentConfig)
    .filter((problem) => form.test(problem.path.replace(/^test\./, "")))
    .map(({ allowed }) => allowed);
}

test("ranges were found", () => {
  expect(ranges.length).toBeGreaterThanOrEqual(40);
});

test.each(ranges)("%s takes what its documentation says, and no more", (_name, path, min, max) => {
  expect([errorsAt(path, min), errorsAt(path, max)]).toEqual([[], []]);
  expect(errorsAt(path, max + 1)).toHaveLength(1);
  expect(errorsAt(path, min - (Number.isInteger(min) ? 1 : min / 2))).toHaveLength(1);
});

/** Passed on only where they are set, so that training components that exist stay as they are. */
const PASSED_ON_WHEN_SET = new Set(["machineLearning.training.silentDays"]);

/** The same with every default that the documentation gives written out. */
function withDefaults(shape: Shape, value: unknown, path: Path, written: string[]): unknown {
  if (shape.kind === "map") {
    const entries = Object.entries(value as object).map(([key, inner]) => [
      key,
      withDefaults(shape.value, inner, [...path, key], written),
    ]);
    return Object.fromEntries(entries) as unknown;
  }
  if (shape.kind !== "object") {
    return value;
  }
  const given = value as Readonly<Record<string, unknown>>;
  const entries = Object.entries(shape.properties).flatMap(([name, inner]): [string, unknown][] => {
    if (given[name] !== undefined) {
      return [[name, withDefaults(inner.shape, given[name], [...path, name], written)]];
    }
    if (inner.default === undefined || PASSED_ON_WHEN_SET.has([...path, name].join("."))) {
      return [];
    }
    written.push([...path, name].join("."));
    return [[name, inner.default]];
  });
  return Object.fromEntries(entries);
}

const synth = (environment: EnvironmentConfig): unknown => {
  const stack = new EnvironmentStack(Testing.app(), "test", { organization, environment });
  return JSON.parse(Testing.synth(stack)) as unknown;
};

test("writing out every documented default changes nothing", () => {
  const written: string[] = [];
  const explicit = withDefaults(shapes.environment, base, [], written) as EnvironmentConfig;
  expect(written.length).toBeGreaterThan(30);
  expect(synth(explicit)).toEqual(synth(base));
});
