import { modelProblems, modelStoreProblems } from "../../constructs/edge/model-problems";
import { edgeProblems } from "../../constructs/edge/edge-settings-problems";

import { modelImageTag } from "../../edge-manifests/model-image";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { sourceProblems } from "../../environments/validation/source-problems";
import { minimal, organization } from "../support/environments";
import { paths } from "../support/synth";

const [A, B] = ["a".repeat(64), "b".repeat(64)];
const STORE = "https://models.plant.example/models";
const model = { sha256: A, version: "1", window: 16 };
const tag = modelImageTag({ detector: "1.0.0", models: [A] });
const pinned = `${tag}@sha256:${"d".repeat(64)}`;
const of = (version: object, store?: string): string[] =>
  paths(modelProblems({ detector: "1.0.0", ...version }, store));

test.each<[object, string | undefined, string[]]>([
  [{}, undefined, []],
  [{ model, modelImage: pinned }, undefined, []],
  [{ model, modelImage: tag }, undefined, []],
  [{ model, modelImage: "source" }, undefined, []],
  [{ model }, undefined, ["modelImage"]],
  [{ modelImage: pinned }, undefined, ["modelImage"]],
  [{ model: { ...model, sha256: B }, modelImage: pinned }, undefined, ["modelImage"]],
  [{ detector: "1.0.1", model, modelImage: pinned }, undefined, ["modelImage"]],
  [{ model, shadowModel: { ...model, sha256: B }, modelImage: pinned }, undefined, ["modelImage"]],
  [{ model, modelImage: `${pinned}0` }, undefined, ["modelImage"]],
  [{ model, shadowModel: model, modelImage: pinned }, undefined, ["shadowModel.sha256"]],
  [{ model: { ...model, uri: `${STORE}/a/model.onnx` } }, STORE, []],
  [{ model: { ...model, uri: `${STORE}/a/model.onnx` } }, `${STORE}/`, []],
  [{ model: { ...model, uri: `${STORE}/a/model.onnx` }, modelImage: pinned }, STORE, ["modelImage"]],
  [{ model: { ...model, uri: `${STORE}/a/model.onnx` } }, undefined, ["model.uri"]],
  [{ model: { ...model, uri: `${STORE}-2/a/model.onnx` } }, STORE, ["model.uri"]],
  [{ model: { ...model, uri: `${STORE}/../a/model.onnx` } }, STORE, ["model.uri"]],
  [{ model: { ...model, uri: `${STORE}/a?sig=x` } }, STORE, ["model.uri"]],
  [
    {
      model: { uri: "http://x", sha256: "0", version: "", window: 0 },
      shadowModel: { sha256: "1", version: "é", window: 20_000 },
    },
    STORE,
    [
      ...["uri", "sha256", "version", "window"].map((field) => `model.${field}`),
      ...["sha256", "version", "window"].map((field) => `shadowModel.${field}`),
    ],
  ],
])("a version with %j and the store %j", (version, store, expected) => {
  expect(of(version, store)).toEqual(expected);
});

test("an image on another detector is refused with the tag that it would have", () => {
  const [problem] = modelProblems({ detector: "1.0.1", model, modelImage: pinned }, undefined);
  expect(problem?.allowed).toContain(modelImageTag({ detector: "1.0.1", models: [A] }));
  expect(problem?.remedy).toContain("promote.yml");
});

describe("a store of models", () => {
  const { ownHosts = [] } = edgeSurroundings(organization, minimal);

  test.each([
    STORE,
    "https://models.example.com:8443",
    "https://publicmodels.blob.core.windows.net/models",
    "https://8080.example/models",
  ])("%s may be readable", (store) => {
    expect(modelStoreProblems(store, ownHosts)).toEqual([]);
  });

  test.each<[string, string]>([
    ["http://models.example", "an https address"],
    ["https://models.example/?sig=1", "an https address"],
    ["https://me:secret@models.example", "an https address"],
    ...ownHosts.map((host): [string, string] => [`https://${host}/models`, "own storage"]),
    ["https://localhost/models", "of the device itself"],
    ["https://127.0.0.1/models", "of the device itself"],
    ["https://[::1]/models", "of the device itself"],
    ["https://169.254.169.254/models", "of the device itself"],
    ["https://10.1.2.3/models", "a private range"],
    ["https://172.16.0.1/models", "a private range"],
    ["https://192.168.1.10:8443/models", "a private range"],
    ["https://203.0.113.7/models", "without a name"],
    ["https://fileserver/models", "without a domain"],
    ["https://st1.privatelink.blob.core.windows.net/models", "a private endpoint"],
    ["https://st1.dfs.core.windows.net/models", "a data lake's own endpoint"],
    ["https://cr1.azurecr.io/models", "a container registry"],
    ["https://ml.westeurope.api.azureml.ms/models", "an Azure ML workspace"],
    ["https://kv.vault.azure.net/models", "a key vault"],
  ])("%s is refused: no device can read it", (store, reason) => {
    const problems = modelStoreProblems(store, ownHosts);
    expect(paths(problems)).toEqual(["modelStore"]);
    expect(problems[0]?.allowed).toContain(reason);
    expect(problems[0]?.remedy).toBeTruthy();
  });

  test("is checked with the environment's other settings", () => {
    expect(ownHosts).toHaveLength(3);
    const settings = {
      versions: { one: { detector: "1.0.0", model } },
      rings: { all: { version: "one" } },
      modelStore: `https://${ownHosts[0] ?? ""}/models`,
    };
    const found = edgeProblems(settings, edgeSurroundings(organization, minimal));
    expect(paths(found).sort()).toEqual(["modelStore", "versions.one.modelImage"]);
  });
});

describe("models that the registry puts into an image", () => {
  const version = (sha256: string): object => ({
    versions: { one: { detector: "source", model: { ...model, sha256 }, modelImage: "source" } },
    rings: { all: { version: "one" } },
  });
  const problemsOf = (edge: object, preventDestroy = false): ReturnType<typeof sourceProblems> =>
    sourceProblems({ ...minimal, protection: { ...minimal.protection, preventDestroy }, edge: edge as never });

  test("must be in the repository, with that hash", () => {
    const [problem, more] = problemsOf(version(A));
    expect(more).toBeUndefined();
    expect(problem).toMatchObject({
      path: "edge.versions.one.modelImage",
      allowed: `the model's file at models/${A}/model.onnx, with that hash; there is none`,
    });
  });

  test("are not built in a protected environment", () => {
    expect(paths(problemsOf(version(A), true))).toEqual(["edge.versions.one.detector", "edge.versions.one.modelImage"]);
  });

  test("are a validation error of the environment", () => {
    const found = environmentProblems(organization, { ...minimal, edge: version(A) as never });
    expect(paths(found)).toContain("edge.versions.one.modelImage");
  });
});
