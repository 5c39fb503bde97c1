import fc from "fast-check";
import type { JsonObject } from "@edge-anomaly-detection/common";
import type { DeviceSoftware } from "../../edge-manifests/layers";
import type { BaseLayer, EdgeModule, Layer, Route } from "@edge-anomaly-detection/edge-manifest-tools";
import { UNPUBLISHED } from "../../edge-manifests/stream-analytics-layer";

/** The least that devices run. */
export const plain = { runtime: "1.6.1", timeToLiveSeconds: 7200, telemetryToCloud: false };
/** The ML module, as `DeviceSoftware` has it. */
export const detector = {
  image: "cr.example/anomaly-detector:1.0.0",
  signals: { temperature: "machine.temperature" },
  timePath: "timeCreated",
  registry: { address: "cr.example", username: "u", password: "p" },
};
/** A job, as `DeviceSoftware` has it. */
export const streamAnalytics = { jobName: "job", modelScores: true, published: UNPUBLISHED };

const text = (form: RegExp): fc.Arbitrary<string> => fc.stringMatching(form);
/** Routes cannot name what is a keyword or a number to the runtime. */
const isRoutable = (name: string): boolean =>
  !/^(-?\d+|0x[0-9a-f]+|-?\d*e-?\d+|and|or|not|select|from|where|into)$/i.test(name) &&
  !/^(true|false|null|undefined)$/.test(name);
const moduleId = text(/^[a-zA-Z0-9_-]{1,20}$/).filter(
  (id) => !["anomalyDetector", "edgeAgent", "__proto__"].includes(id) && isRoutable(id),
);
const tag = text(/^[1-9]\.[0-9]{1,2}\.[0-9]{1,2}$/);
const image = fc
  .tuple(text(/^[a-z]{3,8}\.example(\/[a-z]{1,5}(-[a-z0-9]{1,4})?){1,2}$/), tag)
  .map(([repository, version]) => `${repository}:${version}`);
/** Names that twins take. */
const key = text(/^[A-Za-z_][\w-]{0,15}$/).filter((name) => name !== "__proto__");
const leaf = fc.oneof(fc.string({ maxLength: 60 }), fc.integer(), fc.boolean());
const nested = (depth: number): fc.Arbitrary<JsonObject> =>
  fc.dictionary(key, depth === 0 ? leaf : fc.oneof(leaf, nested(depth - 1)), { maxKeys: 3 });

const edgeModule: fc.Arbitrary<EdgeModule> = fc.record(
  {
    image,
    version: tag,
    status: fc.constantFrom("running", "stopped"),
    restartPolicy: fc.constantFrom("never", "on-failure", "on-unhealthy", "always"),
    imagePullPolicy: fc.constantFrom("on-create", "never"),
    startupOrder: fc.integer({ min: 0, max: 4_294_967_295 }),
    env: fc.dictionary(text(/^[A-Z_]{1,12}$/), leaf, { maxKeys: 3 }),
    // Any text, however long: it is cut into pieces.
    createOptions: fc
      .dictionary(fc.string(), fc.oneof(fc.string({ maxLength: 2_000 }), fc.integer()), { maxKeys: 3 })
      .filter((options) => !("__proto__" in options)),
    desired: nested(2),
  },
  { requiredKeys: ["image"] },
);

const routesOf = (ids: readonly string[]): fc.Arbitrary<Record<string, Route>> => {
  const id = ids.length === 0 ? undefined : fc.constantFrom(...ids);
  const end = text(/^[a-zA-Z][a-zA-Z0-9]{0,9}$/).filter(isRoutable);
  const route = fc.record(
    {
      from:
        id === undefined
          ? fc.constant("leafDevices" as const)
          : fc.oneof(fc.constant("leafDevices" as const), fc.record({ module: id, output: end })),
      to:
        id === undefined
          ? fc.constant("upstream" as const)
          : fc.oneof(fc.constant("upstream" as const), fc.record({ module: id, input: end })),
      priority: fc.integer({ min: 0, max: 9 }),
      timeToLiveSeconds: fc.integer({ min: 0, max: 100_000 }),
    },
    { requiredKeys: ["from", "to"] },
  );
  return fc.dictionary(text(/^[a-zA-Z][a-zA-Z0-9_-]{0,12}$/), route, { maxKeys: 4 });
};

/** A layer that the checker must accept on any base. */
export const layer: fc.Arbitrary<Layer> = fc
  .dictionary(moduleId, edgeModule, { minKeys: 1, maxKeys: 3 })
  .chain((modules) => fc.record({ modules: fc.constant(modules), routes: routesOf(Object.keys(modules)) }));

/** A base that the checker must accept alone. */
export const base: fc.Arbitrary<BaseLayer> = fc
  .tuple(layer, edgeModule, fc.integer({ min: 0, max: 100_000 }))
  .map(([inner, hub, timeToLiveSeconds]) => ({
    ...inner,
    edgeAgent: { image: hub.image },
    edgeHub: Object.fromEntries(
      Object.entries(hub).filter(([name]) => name !== "version" && name !== "desired"),
    ) as unknown as BaseLayer["edgeHub"],
    timeToLiveSeconds,
    registryCredentials: { one: { address: "cr.example", username: "u", password: "p" } },
  }));

/** What an environment's devices may run, over everything that a record can choose. */
export const software: fc.Arbitrary<DeviceSoftware> = fc.record(
  {
    runtime: tag,
    timeToLiveSeconds: fc.integer({ min: 0, max: 2_592_000 }),
    readerTimeToLiveSeconds: fc.integer({ min: 1, max: 2_592_000 }),
    storageFolder: text(/^(\/[a-z0-9][a-z0-9._-]{0,9}){1,4}$/),
    telemetryToCloud: fc.boolean(),
    simulatedSensorSeconds: fc.integer({ min: 1, max: 86_400 }),
    detector: fc.record(
      {
        image,
        signals: fc.dictionary(text(/^[a-z]{1,10}$/), text(/^[a-z]{1,9}(\.[a-z]{1,9}){0,2}$/), {
          minKeys: 1,
          maxKeys: 5,
        }),
        timePath: fc.constant("timeCreated"),
        machineIdPath: fc.constant("machine.id"),
        model: fc.record({
          uri: fc.constant("https://models.example/a.onnx"),
          sha256: text(/^[0-9a-f]{64}$/),
          version: tag,
          window: fc.integer({ min: 1, max: 10_000 }),
        }),
        registry: fc.constant({ address: "cr.example", username: "u", password: "p" }),
      },
      { requiredKeys: ["image", "signals", "timePath", "registry"] },
    ),
    streamAnalytics: fc.record({
      jobName: text(/^[A-Za-z0-9_-]{3,63}$/).filter(
        (name) => !["anomalyDetector", "simulatedSensor"].includes(name) && isRoutable(name),
      ),
      modelScores: fc.boolean(),
      published: fc.constant(UNPUBLISHED),
    }),
  },
  { requiredKeys: ["runtime", "timeToLiveSeconds", "telemetryToCloud"] },
);
