import { Testing } from "cdktf";
import type { ConfigurationShapes, Shape } from "../../environments/validation/shape";
import shapes from "../../environments/validation/shapes.json";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environments } from "../../environments";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";

const { environment: SHAPE } = shapes as unknown as ConfigurationShapes;

/** The value with `undefined` for every setting that it leaves out, and objects of such settings where it has none. */
function spelledOut(shape: Shape, value: unknown, leaf: boolean): unknown {
  if (shape.kind === "list" && Array.isArray(value)) {
    return value.map((item) => spelledOut(shape.item, item, leaf));
  }
  if (shape.kind === "map" && value !== undefined) {
    return Object.fromEntries(
      Object.entries(value as object).map(([name, inner]) => [name, spelledOut(shape.value, inner, leaf)]),
    );
  }
  if (shape.kind !== "object") {
    return value;
  }
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(shape.properties).flatMap(([name, property]) => {
      const inner = given[name];
      const isSettings =
        property.shape.kind === "object" && Object.values(property.shape.properties).every(({ optional }) => optional);
      if (inner !== undefined || isSettings) {
        return [[name, spelledOut(property.shape, inner, leaf)]];
      }
      return leaf ? [[name, undefined]] : [];
    }),
  );
}

const synthesized = (environment: unknown): string => {
  const config = environment as EnvironmentConfig;
  return Testing.synth(new EnvironmentStack(Testing.app(), config.name, { organization, environment: config }), true);
};

test.each([minimal, ...environments].map((environment) => [environment.name, environment] as const))(
  "undefined means the default for every setting that %s leaves out",
  (_name, environment) => {
    const left = spelledOut(SHAPE, environment, false);
    const undefinedAll = spelledOut(SHAPE, environment, true);
    expect(Object.keys(undefinedAll as object).length).toBeGreaterThan(Object.keys(left as object).length - 1);
    expect(JSON.parse(synthesized(undefinedAll))).toEqual(JSON.parse(synthesized(left)));
  },
);

test.each([
  ["hub.sku and hub.units", { hub: { sku: undefined, units: undefined } }],
  ["policy.requiredTags", { policy: { ...minimal.policy, requiredTags: undefined } }],
  ["machineLearning.minNodes and maxNodes", { machineLearning: { minNodes: undefined, maxNodes: undefined } }],
])("%s", (_what, settings) => {
  expect(JSON.parse(synthesized({ ...minimal, ...settings }))).toEqual(JSON.parse(synthesized(minimal)));
});
