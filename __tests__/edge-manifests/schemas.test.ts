import Ajv, { type ValidateFunction } from "ajv-draft-04";
import fc from "fast-check";
import { softwareOf } from "../../constructs/edge/edge-settings";
import { layersOf } from "../../edge-manifests/layers";
import { checkDeployments, renderBase } from "@edge-anomaly-detection/edge-manifest-tools";
import { environments } from "../../environments";
import { organization } from "../../environments/organization";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import { edgeSchema } from "../support/schemas";
import { base, software } from "./layers.arbitrary";
import { contentOf, moduleOf, type Parts } from "../../packages/edge-manifest-tools/__tests__/manifests";

const compiled = new Map<string, ValidateFunction>();

/** Compiling a schema takes most of a second, so each is compiled once. */
function compile(file: string): ValidateFunction {
  // The schemas carry annotations of later drafts, such as contentMediaType.
  const validate = new Ajv({ strict: false, allErrors: true }).compile(edgeSchema(file));
  compiled.set(file, validate);
  return validate;
}

/** What a schema says against a document; nothing where it accepts it. */
function complaints(file: string, document: unknown): unknown {
  const validate = compiled.get(file) ?? compile(file);
  validate(document);
  return validate.errors ?? [];
}

describe("the public schemas of IoT Edge", () => {
  test("accept every base that the builder renders", () => {
    fc.assert(
      fc.property(base, (any) => {
        const modulesContent = renderBase(any);
        expect(complaints("azure-iot-edge-deployment-2.0.json", { modulesContent })).toEqual([]);
        expect(
          complaints("azure-iot-edgeagent-deployment-1.1.json", { $edgeAgent: modulesContent.$edgeAgent }),
        ).toEqual([]);
        expect(complaints("azure-iot-edgehub-deployment-1.1.json", { $edgeHub: modulesContent.$edgeHub })).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("accept an environment's layers, put together as the hub does", () => {
    fc.assert(
      fc.property(software, (any) => {
        const modulesContent = together(Object.values(layersOf(any)));
        expect(complaints("azure-iot-edge-deployment-2.0.json", { modulesContent })).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test.each(environments)("accept the base of $name as `manifest print` prints it", (environment) => {
    const { edge } = environment;
    for (const ring of Object.values(edge?.rings ?? {})) {
      const layers = edge && layersOf(softwareOf(edge, ring, edgeSurroundings(organization, environment)));
      expect(complaints("azure-iot-edge-deployment-2.0.json", { modulesContent: layers?.base })).toEqual([]);
    }
    expect(edge).toBeDefined();
  });

  test.each<[string, Parts]>([
    ["an unknown setting", { modules: { m: moduleOf("a:1.0.0", {}, { imagePullPolicy: "never" }) } }],
    ["an unknown property of a module", { modules: { m: moduleOf("a:1.0.0", { name: "m" }) } }],
    ["a policy in upper case", { modules: { m: moduleOf("a:1.0.0", { restartPolicy: "Always" }) } }],
    ["no restart policy", { modules: { m: moduleOf("a:1.0.0", { restartPolicy: undefined }) } }],
    ["a variable without a value", { modules: { m: moduleOf("a:1.0.0", { env: { A: {} } }) } }],
    ["createOptions as an object", { createOptions: {} }],
    ["credentials without a password", { runtime: { registryCredentials: { a: { address: "a", username: "u" } } } }],
    ["a priority of 10", { routes: { r: { route: "FROM /* INTO $upstream", priority: 10 } } }],
    ["an unknown property of a route", { routes: { r: { route: "FROM /* INTO $upstream", ttl: 1 } } }],
    ["an unknown property of the hub", { hub: { route: {} } }],
    ["a time-to-live as text", { hub: { storeAndForwardConfiguration: { timeToLiveSecs: "1" } } }],
  ])("refuse %s, and the checker finds it", (_what, parts) => {
    const document = JSON.parse(JSON.stringify({ modulesContent: contentOf(parts) })) as Record<string, unknown>;
    const { $edgeAgent, $edgeHub } = document.modulesContent as Record<string, unknown>;
    const refused = [
      complaints("azure-iot-edgeagent-deployment-1.1.json", { $edgeAgent }),
      complaints("azure-iot-edgehub-deployment-1.1.json", { $edgeHub }),
    ];
    expect(refused.flat()).not.toEqual([]);
    expect(checkDeployments([document]).flat()).not.toEqual([]);
  });

  test("would not accept just anything", () => {
    const modulesContent = renderBase({
      edgeAgent: { image: "a" },
      edgeHub: { image: "b", status: "walking" as "running" },
      timeToLiveSeconds: 1,
      modules: {},
      routes: {},
    });
    expect(complaints("azure-iot-edge-deployment-2.0.json", { modulesContent })).not.toEqual([]);
  });
});

/** Base and layers as one deployment: every path of a layer is set in the base. */
function together(contents: readonly object[]): Record<string, Record<string, unknown>> {
  const all = bare({}) as Record<string, Record<string, unknown>>;
  for (const content of contents) {
    for (const [module, paths] of Object.entries(content as Record<string, Record<string, unknown>>)) {
      for (const [path, value] of Object.entries(paths)) {
        const [last = "", ...before] = path
          .replace(/^properties\.desired\.?/, "")
          .split(".")
          .reverse();
        const own = (all[module] ??= bare({ "properties.desired": {} }) as Record<string, unknown>);
        let place = own["properties.desired"] as Record<string, unknown>;
        for (const name of before.reverse()) {
          place = (place[name] ??= bare({})) as Record<string, unknown>;
        }
        if (last === "") {
          own["properties.desired"] = bare(value);
        } else {
          place[last] = bare(value);
        }
      }
    }
  }
  return all;
}

/** A copy whose objects have no prototype: a module may be called constructor, a job __proto__. */
function bare(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.assign(Object.create(null) as object, inner)
      : inner,
  );
}
