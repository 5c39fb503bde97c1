import { collect, type Finding, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import { modelFile, modelImageContents } from "../../edge-manifests/model-image";
import type { EdgeVersion } from "../../constructs/edge/edge-settings";
import type { EnvironmentConfig } from "../environment-config";

/** Validation errors of what is built from whoever's working copy deploys, and of training without data. */
export function sourceProblems({ protection, edge, machineLearning, routing }: EnvironmentConfig): Problem[] {
  const training = machineLearning?.training;
  const built = Object.entries(edge?.versions ?? {}).flatMap(([name, { detector, modelImage }]) =>
    Object.entries({ detector, modelImage }).flatMap(([key, image]) =>
      image === FROM_SOURCE ? [`edge.versions.${name}.${key}`] : [],
    ),
  );
  return collect(
    ...built.map((path) =>
      problemIf(
        protection.preventDestroy,
        path,
        FROM_SOURCE,
        "a tag and a digest in a protected environment",
        path.endsWith("detector")
          ? "take both from the summary of the workflow image.yml"
          : "let the workflow promote.yml build the image and propose it",
      ),
    ),
    ...(protection.preventDestroy ? [] : modelFileFindings(edge?.versions ?? {})),
    problemIf(
      training !== undefined && protection.preventDestroy && training.image === undefined,
      "machineLearning.training.image",
      training?.image,
      "a tag and a digest in a protected environment",
      "take both from the summary of the workflow image.yml",
    ),
    problemIf(
      training !== undefined && routing?.telemetryToLake === false,
      "machineLearning.training",
      training,
      "training only where telemetry is in the lake",
      "leave routing.telemetryToLake out, or take training away",
    ),
    problemIf(
      training !== undefined && edge !== undefined && edge.telemetryToCloud !== true,
      "machineLearning.training",
      training,
      "training only where devices send telemetry",
      "write edge.telemetryToCloud true, or take training away",
    ),
  );
}

/** Bytes of all models of an image that the registry builds: they travel in the build's task (docs/decisions/0028-images.md). */
const MAX_MODEL_BYTES = 250_000;

/** Models that the registry puts into an image have their files in this repository. */
function modelFileFindings(versions: Readonly<Record<string, EdgeVersion>>): Finding[] {
  return Object.entries(versions).flatMap(([name, version]) => {
    const held = version.modelImage === FROM_SOURCE ? (modelImageContents(version)?.models ?? []) : [];
    const files = held.map((sha256) => ({ sha256, path: modelFile(sha256), content: contentOf(modelFile(sha256)) }));
    const bytes = files.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
    return [
      ...files.map(({ sha256, path, content }) =>
        problemIf(
          content === undefined || createHash("sha256").update(content).digest("hex") !== sha256.toLowerCase(),
          `edge.versions.${name}.modelImage`,
          FROM_SOURCE,
          `the model's file at ${path}, with that hash; ${content === undefined ? "there is none" : "the file there has another"}`,
          "copy it there from the lake's container of models, or train it: npm run train -- --data DIR --out .",
        ),
      ),
      problemIf(
        bytes > MAX_MODEL_BYTES,
        `edge.versions.${name}.modelImage`,
        FROM_SOURCE,
        `models of at most ${MAX_MODEL_BYTES} bytes together, where the registry builds their image; these have ${bytes}`,
        "push the image, and write its tag and digest",
      ),
    ];
  });
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(join(process.cwd(), path));
  } catch {
    return undefined;
  }
}
