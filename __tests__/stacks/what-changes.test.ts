import { createHash } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Testing } from "cdktf";
import type { EdgeSettings } from "../../constructs/edge/edge-settings";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import { modelFile, modelImageSource } from "../../edge-manifests/model-image";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";
import { at, type StackJson } from "../support/synth";

/** Two whole syntheses of one stack that differ in one line: what of Azure and of devices is to change. */
const ROOT = join(__dirname, "..", "..");
const MODELS = ["the first model", "the second model"].map((content) => ({
  content,
  sha256: createHash("sha256").update(content).digest("hex"),
}));
const hashOf = (index: number): string => MODELS[index]?.sha256 ?? "";
let root: string;

/** A copy of what images are built from, beside the models of the test. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "what-changes-"));
  const sources = [
    ...Object.values(IMAGE_SOURCES),
    { inputs: [modelImageSource({ detector: "", models: [] }).dockerfile] },
  ];
  for (const input of sources.flatMap(({ inputs }) => [...inputs])) {
    mkdirSync(dirname(join(root, input)), { recursive: true });
    cpSync(join(ROOT, input), join(root, input), {
      recursive: true,
      filter: (path) => !/node_modules|dist$|__pycache__/.test(path),
    });
  }
  for (const { content, sha256 } of MODELS) {
    mkdirSync(dirname(join(root, modelFile(sha256))), { recursive: true });
    writeFileSync(join(root, modelFile(sha256)), content);
  }
  jest.spyOn(process, "cwd").mockReturnValue(root);
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const model = (index: number): object => ({ sha256: hashOf(index), version: `v${index}`, window: 16 });
const edge: EdgeSettings = {
  versions: {
    // Pulled by its digest: nothing of it is built here.
    old: { detector: `1.0.0@sha256:${"a".repeat(64)}` },
    new: { detector: "source", model: model(0), modelImage: "source" } as EdgeSettings["versions"][string],
  },
  rings: {
    canary: { version: "new", where: { ring: "canary" } },
    fleet: { version: "old", where: { ring: "fleet" } },
  },
  telemetryToCloud: true,
};

function synth(settings: EdgeSettings = edge): StackJson {
  const environment: EnvironmentConfig = {
    ...minimal,
    edge: settings,
    machineLearning: { training: { enabled: true } },
  };
  return JSON.parse(
    Testing.synth(new EnvironmentStack(Testing.app(), "stack", { organization, environment })),
  ) as StackJson;
}

/** Resources that differ, by type and id; of deployments the rings that do. Hashes in ids are masked. */
function changes(before: StackJson, after: StackJson): string[] {
  const flat = (json: StackJson): Map<string, string> =>
    new Map(
      Object.entries(json.resource).flatMap(([type, blocks]) =>
        Object.entries(blocks as Record<string, object>).flatMap(([id, block]) => {
          const name = `${type}.${id}`;
          const rings =
            type === "iothub_edge_deployment" ? (at(block, "for_each") as Record<string, object>) : undefined;
          return rings === undefined
            ? [[name, JSON.stringify(block)] as const]
            : Object.entries(rings).map(([ring, content]) => [`${name} ${ring}`, JSON.stringify(content)] as const);
        }),
      ),
    );
  const [one, other] = [flat(before), flat(after)];
  const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
  const masked = names.map((name) =>
    name.replace(/ModelImage-model-[0-9a-f]{12}/, "ModelImage-(tag)").replace(/_[0-9A-F]{8}(?= |$)/, ""),
  );
  return [...new Set(masked)].sort();
}

const append = (path: string, line: string): void => {
  appendFileSync(join(root, path), `${line}\n`);
};

test("nothing changes by itself", () => {
  expect(changes(synth(), synth())).toEqual([]);
});

test("a line of training code: its image, and the versions of environment and component", () => {
  const before = synth();
  append("packages/training/anomaly_training/models.py", "# a line");
  expect(changes(before, synth())).toEqual([
    "azapi_resource.TrainingImage",
    "azapi_resource.Training_Component",
    "azapi_resource.Training_Environment",
  ]);
});

test("a line of the detector: its image, the model's image on top of it, and the one ring that runs them", () => {
  const before = synth();
  append("packages/anomaly-detector/src/time.ts", "// a line");
  expect(changes(before, synth())).toEqual([
    "azapi_resource.DetectorImage",
    "azapi_resource.ModelImage-(tag)",
    "iothub_edge_deployment.Rollout_Detector canary",
  ]);
});

test("a model: its image, and the one ring that runs it; the line of before is the rollback", () => {
  const before = synth();
  const promoted = {
    ...edge,
    versions: { ...edge.versions, new: { ...edge.versions.new, model: model(1) } },
  } as EdgeSettings;
  const after = synth(promoted);
  expect(changes(before, after)).toEqual([
    "azapi_resource.ModelImage-(tag)",
    "iothub_edge_deployment.Rollout_Detector canary",
  ]);
  expect(JSON.stringify(after)).toContain(hashOf(1));
  expect(changes(before, synth(edge))).toEqual([]);
});

test("the next ring gets it by its version's name, and nothing else changes", () => {
  const next = { ...edge, rings: { ...edge.rings, fleet: { version: "new", where: { ring: "fleet" } } } };
  const deployments = changes(synth(), synth(next));
  expect(deployments).toContain("iothub_edge_deployment.Rollout_Detector fleet");
  // A deployment names its ring's version, whatever the layer.
  expect(deployments.filter((name) => !/^iothub_edge_deployment\.Rollout_\w+ fleet$/.test(name))).toEqual([]);
});

test("a line of the repository that no image holds changes nothing", () => {
  const before = synth();
  append("README.md", "words");
  append("packages/anomaly-detector/README.md", "words");
  append("packages/training/tests.py", "# a test");
  expect(changes(before, synth())).toEqual([]);
});
