import { existsSync } from "node:fs";
import type { Problem } from "@edge-anomaly-detection/common";
import { quotaWarning } from "./message-volume";
import { lockFileOf } from "./lock-files";
import type { LoadedConfiguration } from "./load";
import { placeholdersIn } from "./placeholders";

/** Something valid that a person should look at before it is deployed. */
export interface ConfigurationWarning extends Problem {
  readonly rule: "placeholder" | "unlisted-environment" | "message-quota" | "provider-lock";
  /** Whose it is: an environment's name, `organization`, `bootstrap`, or `repository`. */
  readonly owner: string;
  readonly file: string;
}

/** Everything in a valid configuration that is probably unintended. */
export function configurationWarnings(loaded: LoadedConfiguration): ConfigurationWarning[] {
  const fileOf = (owner: string): string => loaded.files.get(owner) ?? `environments/${owner}.ts`;
  return [
    ...placeholdersIn(loaded).map(({ owner, path, value, because }): ConfigurationWarning => ({
      rule: "placeholder",
      owner,
      file: fileOf(owner),
      path,
      value,
      allowed: `a value of your own, not ${because}`,
      remedy: "replace it before the first deployment",
    })),
    ...loaded.unlisted.map((file): ConfigurationWarning => ({
      rule: "unlisted-environment",
      owner: "repository",
      file,
      path: "the environment",
      value: "in no index",
      allowed: "an environment that environments/index.ts lists",
      remedy: "add it to environments/index.ts, or delete the file",
    })),
    ...loaded.environments.flatMap((environment): ConfigurationWarning[] => {
      const warning = quotaWarning(environment);
      const owner = environment.name;
      return warning === undefined ? [] : [{ rule: "message-quota", owner, file: fileOf(owner), ...warning }];
    }),
    ...missingLocks([...loaded.environments.map(({ name }) => name), "bootstrap"]),
  ];
}

function missingLocks(stacks: readonly string[]): ConfigurationWarning[] {
  const missing = stacks.filter((stack) => !existsSync(lockFileOf(stack)));
  return missing.length === 0
    ? []
    : [
        {
          rule: "provider-lock",
          owner: "repository",
          file: "locks",
          path: "the provider lock files",
          value: `missing for ${missing.join(", ")}`,
          allowed: "one lock file for each stack",
          remedy: "run npm run lock where registry.terraform.io can be reached, and commit what it writes",
        },
      ];
}
