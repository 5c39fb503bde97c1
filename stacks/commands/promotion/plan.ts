import { readFileSync } from "node:fs";
import { ValidationError } from "@edge-anomaly-detection/common";
import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import type { EdgeSettings, EdgeVersion } from "../../../constructs/edge/edge-settings";
import { modelImageBase, modelImageContents, modelImageTag } from "../../../edge-manifests/model-image";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import { registryHost } from "../../../environments/validation/edge-surroundings";
import { environmentProblems } from "../../../environments/validation/environment-problems";
import { loadConfiguration } from "../../../environments/validation/load";
import { nameParts } from "../../../environments/validation/name-parts";
import type { Candidate } from "./candidates";
import { decide, describe, titleOf, type PromotionOptions, withImage } from "./decision";
import { changedVersion, withVersion } from "./edit";
import type { Promotion } from "./promotion";

/** What a promotion is made from; tests put their own in its place. */
export interface Configured {
  readonly organization: OrganizationConfig;
  readonly environments: readonly EnvironmentConfig[];
  /** File of an environment, by its name. */
  readonly files: ReadonlyMap<string, string>;
  readonly read: (file: string) => string;
  /** Formats a file as the repository has it. */
  readonly format: (file: string, text: string) => Promise<string>;
}

async function formatted(file: string, text: string): Promise<string> {
  const prettier = await import("prettier");
  return prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file });
}

function configured(): Configured {
  const { organization, environments, files } = loadConfiguration();
  return { organization, environments, files, read: (file) => readFileSync(file, "utf8"), format: formatted };
}

/** What a promotion is asked for. */
export interface PromotionRequest extends PromotionOptions {
  /** Tag and digest of the image that holds the models, as the registry answered. @default - none was built */
  readonly image?: string;
}

/** What the image of a promotion is to be built from, or that none is needed. */
export type ImageRequest =
  | { readonly build: false; readonly reason: string }
  | {
      readonly build: true;
      /** Host of the registry, which the identity that pushes must be for. */
      readonly registry: string;
      /** Image that the models are put on. */
      readonly base: string;
      readonly repository: string;
      readonly tag: string;
      readonly models: readonly string[];
    };

interface Found {
  readonly environment: EnvironmentConfig;
  readonly edge: EdgeSettings;
  readonly version: EdgeVersion;
  readonly path: string;
}

function find(name: string, version: string, { environments, files }: Configured): Found | string {
  const environment = environments.find((one) => one.name === name);
  const { edge } = environment ?? {};
  const before = edge?.versions[version];
  const path = files.get(name);
  return environment === undefined || edge === undefined || before === undefined || path === undefined
    ? `there is no version ${version} in edge.versions of an environment ${name}`
    : { environment, edge, version: before, path };
}

/** What image the promotion of a version needs. Text where the arguments name nothing. */
export function planImage(
  name: string,
  version: string,
  models: readonly Candidate[],
  options: PromotionOptions,
  around: Configured = configured(),
): ImageRequest | string {
  const found = find(name, version, around);
  if (typeof found === "string") {
    return found;
  }
  const decision = decide(found.environment, found.version, models, options);
  if (!decision.promote) {
    return { build: false, reason: decision.reason };
  }
  const contents = modelImageContents(changedVersion(found.version, decision.change));
  if (contents === undefined) {
    return { build: false, reason: "no model travels in an image" };
  }
  const registry = registryHost(nameParts(around.organization, found.environment));
  return {
    build: true,
    registry,
    base: modelImageBase(registry, contents),
    repository: DETECTOR.imageRepository,
    tag: modelImageTag(contents),
    models: contents.models,
  };
}

/**
 * What becomes of the models of a version: the change, or why there is none. Text where the arguments name nothing.
 *
 * @throws ValidationError where the changed environment is invalid
 */
export async function planPromotion(
  name: string,
  version: string,
  models: readonly Candidate[],
  request: PromotionRequest,
  around: Configured = configured(),
): Promise<Promotion | string> {
  const found = find(name, version, around);
  if (typeof found === "string") {
    return found;
  }
  const { environment, edge, version: before, path } = found;
  const branch = `promote/${name}-${version}`;
  const decision = decide(environment, before, models, request);
  if (!decision.promote) {
    return { promote: false, branch, reason: decision.reason };
  }
  const change = withImage(before, decision.change, request.image);
  const versions = { ...edge.versions, [version]: changedVersion(before, change) };
  const problems = environmentProblems(around.organization, { ...environment, edge: { ...edge, versions } });
  const title = titleOf(name, version, { ...decision, change });
  if (problems.length > 0) {
    throw new ValidationError(title, problems);
  }
  const source = around.read(path);
  const edited = withVersion(source, name, version, change);
  if (edited === undefined) {
    return `edge.versions.${version} is not written out in ${path}, so that it cannot be edited`;
  }
  return {
    promote: true,
    branch,
    base: "main",
    path,
    before: source,
    after: await around.format(path, edited),
    title,
    body: describe(name, version, { ...decision, change }),
  };
}
