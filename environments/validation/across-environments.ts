import { allDifferent, assertValid, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { stateOf } from "./backend-problems";
import { environmentProblems } from "./environment-problems";
import { subscriptionProblems } from "./stamp-problems";

/**
 * Throws when any environment's configuration is invalid.
 *
 * @throws ValidationError with every validation error of every environment, each path starting with the environment's name
 */
export function assertValidEnvironments(
  organization: OrganizationConfig,
  environments: readonly EnvironmentConfig[],
): void {
  assertValid(
    "environments",
    [
      ...problemsAcross(environments),
      ...environments.flatMap((environment) =>
        environmentProblems(organization, environment).map((problem) =>
          problem.path.startsWith("organization.")
            ? problem
            : { ...problem, path: `${environment.name}.${problem.path}` },
        ),
      ),
    ].filter(isFirst),
  );
}

/** The same validation error of the organisation shows in every environment. */
export function isFirst(problem: Problem, index: number, all: readonly Problem[]): boolean {
  return all.findIndex(({ path, allowed }) => path === problem.path && allowed === problem.allowed) === index;
}

interface PathAndValue {
  readonly path: string;
  readonly value: string;
}

/** What must differ between environments: names, resource names and states. */
export function problemsAcross(environments: readonly EnvironmentConfig[]): Problem[] {
  const paths = environments.map((_, index) => `[${index}]`);
  const values = (of: (environment: EnvironmentConfig) => string | undefined, field: string): PathAndValue[] =>
    environments.flatMap((environment, index) => {
      const value = of(environment);
      return value === undefined ? [] : [{ path: `${paths[index] ?? ""}.${field}`, value }];
    });
  return [
    ...subscriptionProblems(environments),
    ...collect(
      problemIf(
        environments.length === 0,
        "list",
        environments,
        "at least one environment",
        "add one to environments/index.ts",
      ),
      allDifferent(
        values(({ name }) => name, "name"),
        "give each environment its own name",
      ),
      allDifferent(
        values(({ code }) => code, "code"),
        "give each environment its own short form",
      ),
      allDifferent(
        values(({ backend }) => stateOf(backend), "backend"),
        "keep each environment's state in its own place",
      ),
    ),
  ];
}
