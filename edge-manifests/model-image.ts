import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import { FROM_SOURCE, type ImageSource } from "./image-sources";
import { imageReference } from "./images";

/** What puts models on top of the detector's image; its build's context is a folder with {@link modelFile}s. */
const DOCKERFILE = "packages/anomaly-detector/model.Dockerfile";

/** A model's file in the context of its image, and below the repository's root where the registry builds the image. */
export const modelFile = (sha256: string): string => `models/${sha256}/model.onnx`;

/** What is on a model image: the detector, and models by the SHA-256 of their files. */
export interface ModelImageContents {
  /** The detector's image: a tag, or a tag with the digest that it had. */
  readonly detector: string;
  /** SHA-256 of each file. */
  readonly models: readonly string[];
}

/**
 * Tag of the image that holds these models: `model-` and 12 hexadecimal digits of a hash of the detector's digest (or tag),
 * the models and the Dockerfile. Another detector or another model is another tag.
 *
 * @param root of the repository
 */
export function modelImageTag({ detector, models }: ModelImageContents, root = process.cwd()): string {
  const [tag, digest] = detector.split("@");
  const contents = [digest ?? tag ?? "", ...[...new Set(models)].sort()].join("\0");
  const hash = createHash("sha256")
    .update(readFileSync(join(root, DOCKERFILE)))
    .update(contents)
    .digest("hex");
  return `model-${hash.slice(0, 12)}`;
}

/** What the registry builds a model image from, with the models' files below the repository's root. */
export function modelImageSource({ models }: ModelImageContents): ImageSource {
  const inputs = [DOCKERFILE, ...[...new Set(models)].map(modelFile)];
  return { repository: DETECTOR.imageRepository, dockerfile: DOCKERFILE, inputs };
}

/** The detector's image as an argument of the build. */
export const modelImageBase = (registry: string, { detector }: ModelImageContents): string =>
  imageReference(`${registry}/${DETECTOR.imageRepository}`, detector);

/** What decides which image a device runs. */
export interface DetectorVersion {
  readonly detector: string;
  readonly model?: { readonly sha256: string; readonly uri?: string };
  readonly shadowModel?: { readonly sha256: string; readonly uri?: string };
  readonly modelImage?: string;
}

/** What the image of a version holds; undefined where each of its models has an address, or it has none. */
export function modelImageContents(version: DetectorVersion, sourceTag = ""): ModelImageContents | undefined {
  const held = [version.model, version.shadowModel].flatMap((model) =>
    model === undefined || model.uri !== undefined ? [] : [model.sha256.toLowerCase()],
  );
  const detector = version.detector === FROM_SOURCE ? sourceTag : version.detector;
  return held.length === 0 ? undefined : { detector, models: held };
}

/** Tag, or tag and digest, of the image that devices with a version run. */
export function versionImage(version: DetectorVersion, sourceTag = ""): string {
  const contents = modelImageContents(version, sourceTag);
  if (contents === undefined || version.modelImage === undefined) {
    return version.detector === FROM_SOURCE ? sourceTag : version.detector;
  }
  return version.modelImage === FROM_SOURCE ? modelImageTag(contents) : version.modelImage;
}
