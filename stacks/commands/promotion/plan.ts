import { readFileSync } from "node:fs";
import { ValidationError } from "@edge-anomaly-detection/common";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import { environmentProblems } from "../../../environments/validation/environment-problems";
import { loadConfiguration } from "../../../environments/validation/load";
import type { Candidate } from "./candidates";
import { decide, describe } from "./decision";
import { withModel } from "./edit";
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

/**
 * What becomes of the model of a version: the change, or why there is none. Text where the arguments name nothing.
 *
 * @throws ValidationError where the changed environment is invalid
 */
export async function planPromotion(
  name: string,
  version: string,
  models: readonly Candidate[],
  store: string,
  around: Configured = configured(),
): Promise<Promotion | string> {
  const environment = around.environments.find((one) => one.name === name);
  const { edge } = environment ?? {};
  const before = edge?.versions[version];
  const path = around.files.get(name);
  if (environment === undefined || edge === undefined || before === undefined || path === undefined) {
    return `there is no version ${version} in edge.versions of an environment ${name}`;
  }
  const branch = `promote/${name}-${version}`;
  const decision = decide(environment, before, models, store);
  if (!decision.promote) {
    return { promote: false, branch, reason: decision.reason };
  }
  const { model } = decision;
  const versions = { ...edge.versions, [version]: { ...before, model } };
  const problems = environmentProblems(around.organization, { ...environment, edge: { ...edge, versions } });
  if (problems.length > 0) {
    throw new ValidationError(`${name} with model ${model.version}`, problems);
  }
  const source = around.read(path);
  const edited = withModel(source, name, version, model);
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
    title: `Promote model ${model.version} to ${name}, version ${version}`,
    body: describe(name, version, decision),
  };
}
