import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DETECTOR_MODULE } from "@edge-anomaly-detection/detector-contract";
import { buildTask } from "../../constructs/machine-learning/registry-image";
import {
  modelFile,
  modelImageContents,
  modelImageSource,
  modelImageTag,
  versionImage,
} from "../../edge-manifests/model-image";

const DOCKERFILE = "packages/anomaly-detector/model.Dockerfile";
const [A, B] = ["a".repeat(64), "b".repeat(64)];
const DIGEST = `1.0.0@sha256:${"d".repeat(64)}`;

describe("the tag of an image with models", () => {
  const tag = (detector: string, ...models: string[]): string => modelImageTag({ detector, models });

  test("says which models are on which detector, in no order", () => {
    expect(tag(DIGEST, A, B)).toMatch(/^model-[0-9a-f]{12}$/);
    expect(tag(DIGEST, B, A, B)).toBe(tag(DIGEST, A, B));
    expect(new Set([tag(DIGEST, A), tag(DIGEST, B), tag(DIGEST, A, B), tag("1.0.0", A)]).size).toBe(4);
  });

  test("depends on the detector's digest, not on the tag that it had", () => {
    expect(tag(DIGEST.replace("1.0.0", "1.0.1"), A)).toBe(tag(DIGEST, A));
  });

  test("is another where the Dockerfile is", () => {
    const root = mkdtempSync(join(tmpdir(), "model-image-"));
    mkdirSync(dirname(join(root, DOCKERFILE)), { recursive: true });
    cpSync(DOCKERFILE, join(root, DOCKERFILE));
    expect(modelImageTag({ detector: DIGEST, models: [A] }, root)).toBe(tag(DIGEST, A));
    writeFileSync(join(root, DOCKERFILE), `${readFileSync(DOCKERFILE, "utf8")}USER root\n`);
    expect(modelImageTag({ detector: DIGEST, models: [A] }, root)).not.toBe(tag(DIGEST, A));
    rmSync(root, { recursive: true });
  });
});

test.each([
  [{ detector: "1.0.0" }, "1.0.0"],
  [{ detector: "source" }, "source-1"],
  [{ detector: "1.0.0", model: { sha256: A, uri: "https://models.example/a" } }, "1.0.0"],
  [{ detector: "1.0.0", model: { sha256: A }, modelImage: "model-1@sha256:2" }, "model-1@sha256:2"],
  [
    { detector: "source", model: { sha256: A }, shadowModel: { sha256: B }, modelImage: "source" },
    modelImageTag({ detector: "source-1", models: [A, B] }),
  ],
])("devices with %j run %s", (version, image) => {
  expect(versionImage(version, "source-1")).toBe(image);
});

test("a model with an address is not in the image of the other one", () => {
  const version = { detector: "1", model: { sha256: A, uri: "https://models.example/a" }, shadowModel: { sha256: B } };
  expect(modelImageContents(version)).toEqual({ detector: "1", models: [B] });
});

test("the Dockerfile runs nothing, and puts models where the module looks for them", () => {
  const lines = readFileSync(DOCKERFILE, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toEqual(["ARG DETECTOR_IMAGE", "FROM ${DETECTOR_IMAGE}", "COPY models models"]);
  const folders = [...readFileSync("packages/anomaly-detector/Dockerfile", "utf8").matchAll(/^WORKDIR (\S+)$/gm)];
  expect(join(folders.at(-1)?.[1] ?? "", "models")).toBe(DETECTOR_MODULE.modelDirectory);
});

test("the registry's task builds it from the model's file alone, on the detector's image", () => {
  const root = mkdtempSync(join(tmpdir(), "model-task-"));
  const folder = mkdtempSync(join(tmpdir(), "model-context-"));
  const content = Buffer.from("a model");
  const sha256 = createHash("sha256").update(content).digest("hex");
  for (const [path, bytes] of [
    [DOCKERFILE, readFileSync(DOCKERFILE)],
    [modelFile(sha256), content],
    [modelFile(A), Buffer.from("another model, of another version")],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  const cwd = jest.spyOn(process, "cwd").mockReturnValue(root);
  const contents = { detector: "source-1", models: [sha256] };
  const task = buildTask(modelImageSource(contents), "model-1", {
    DETECTOR_IMAGE: "$Registry/anomaly-detector:source-1",
  });
  cwd.mockRestore();
  for (const [, command] of task.matchAll(/^ {2}- cmd: bash -c "(.*)"$/gm)) {
    expect(spawnSync("bash", ["-c", command ?? ""], { cwd: folder }).status).toBe(0);
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()).toEqual(
    [DOCKERFILE, modelFile(sha256)].sort(),
  );
  expect(readFileSync(join(folder, modelFile(sha256)))).toEqual(content);
  expect(task).toContain(
    `- build: --tag $Registry/anomaly-detector:model-1 --build-arg DETECTOR_IMAGE=$Registry/anomaly-detector:source-1 --file ${DOCKERFILE} .\n`,
  );
  rmSync(root, { recursive: true });
  rmSync(folder, { recursive: true });
});
