import { githubEnvironments } from "../../constructs/deployment-identity/github-environments";
import { planContainerName, type StateStorageSettings } from "../../constructs/deployment-identity/state-storage";
import { resourceGroupName } from "../../constructs/shared/names";
import { allDifferent, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import type { BootstrapConfig } from "../bootstrap-config";
import type { AzurermBackendConfig, EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { nameParts } from "./name-parts";

interface WithAzurermBackend {
  readonly name: string;
  readonly backend: AzurermBackendConfig;
}

/** Whether a pipeline deploys an environment. A local state is on one person's disk, and that person signs in as themselves. */
export const deployedByPipelines = ({ backend }: EnvironmentConfig): boolean => backend.kind !== "local";

/** Environments whose state is in a blob container. */
export function withAzurermBackend(environments: readonly EnvironmentConfig[]): WithAzurermBackend[] {
  return environments.flatMap(({ name, backend }) => (backend.kind === "azurerm" ? [{ name, backend }] : []));
}

/** What tells subscriptions apart; empty for the one that is known only where Terraform runs. */
export const subscriptionKey = (bootstrap: BootstrapConfig, subscriptionId: string | undefined): string =>
  (subscriptionId ?? bootstrap.subscriptionId ?? "").toLowerCase();

/** Ways in which the pipelines of one environment would reach another one. */
export function separationProblems(bootstrap: BootstrapConfig, environments: readonly EnvironmentConfig[]): Problem[] {
  return [
    ...githubEnvironmentProblems(environments),
    ...containerNameProblems(withAzurermBackend(environments)),
    ...subscriptionProblems(bootstrap, environments),
  ];
}

/** Jobs of `x-plan` may sign in as the plan identity of `x`, so no other environment may have a name that ends so. */
function githubEnvironmentProblems(environments: readonly EnvironmentConfig[]): Problem[] {
  const names = environments.map(({ name }) => ({ path: `${name}.name`, name: name.toLowerCase() }));
  return environments.flatMap(({ name }) => {
    const { plan, pullRequest } = githubEnvironments(name);
    return collect(
      ...names.map((other) =>
        problemIf(
          [plan, pullRequest].some((taken) => taken.toLowerCase() === other.name),
          other.path,
          other.name,
          `any name but ${plan} and ${pullRequest}, GitHub environments whose jobs sign in as what plans ${name}`,
          `rename the environment, or ${name}`,
        ),
      ),
    );
  });
}

/** Roles are for a container, so whoever shares one reads the other's state and saved plans. */
function containerNameProblems(users: readonly WithAzurermBackend[]): Problem[] {
  const placeOf = (account: string, container: string): string => `${account}/${container}`.toLowerCase();
  const plans = users.map(({ backend }) =>
    placeOf(backend.storageAccountName, planContainerName(backend.containerName)),
  );
  return collect(
    ...users.flatMap(({ name, backend: { storageAccountName, containerName } }) => [
      hasForm(
        `${name}.backend.containerName`,
        containerName,
        /^.{0,57}$/,
        "at most 57 characters, because saved plans are in a container with -plans behind it",
        "shorten the name",
      ),
      problemIf(
        plans.includes(placeOf(storageAccountName, containerName)),
        `${name}.backend.containerName`,
        containerName,
        "a name that is not another's with -plans behind it, which is where that one's saved plans are",
        "rename the container",
      ),
    ]),
    allDifferent(
      users.map(({ name, backend }) => ({
        path: `${name}.backend.containerName`,
        value: placeOf(backend.storageAccountName, backend.containerName),
      })),
      "give each environment its own container, so that its identities can read no other's state",
    ),
  );
}

/**
 * Roles of pipelines are for a whole subscription, because a resource group does not exist before its environment's first
 * apply: whoever applies an unprotected environment may delete what a protected one has beside it, and open its states.
 */
function subscriptionProblems(bootstrap: BootstrapConfig, environments: readonly EnvironmentConfig[]): Problem[] {
  const keyOf = ({ subscriptionId }: EnvironmentConfig): string => subscriptionKey(bootstrap, subscriptionId);
  const deployed = environments.filter(deployedByPipelines);
  const isProtected = ({ protection }: EnvironmentConfig): boolean => protection.preventDestroy;
  const storesProtected =
    bootstrap.stateStorage !== undefined &&
    (bootstrap.backend.kind === "azurerm" ||
      deployed.some((environment) => isProtected(environment) && environment.backend.kind === "azurerm"));
  return deployed
    .filter((environment) => !isProtected(environment))
    .flatMap((environment) => {
      const key = keyOf(environment);
      const neighbours = [
        ...deployed.filter((other) => isProtected(other) && keyOf(other) === key).map(({ name }) => name),
        ...(storesProtected && key === subscriptionKey(bootstrap, undefined) ? ["the account for states"] : []),
      ];
      return collect(
        problemIf(
          neighbours.length > 0,
          `${environment.name}.subscriptionId`,
          environment.subscriptionId,
          `a subscription without ${neighbours.join(" and ")}: what applies ${environment.name}, which is not protected, may change and delete everything in its subscription`,
          `give ${environment.name} its own subscription, or set protection.preventDestroy`,
        ),
      );
    });
}

/** A resource group that an environment creates, and may delete, holds no state. */
export function resourceGroupProblems(
  organization: OrganizationConfig,
  stateStorage: StateStorageSettings | undefined,
  environments: readonly EnvironmentConfig[],
): Problem[] {
  const groups = environments.map((environment) => ({
    name: environment.name,
    group: resourceGroupName(nameParts(organization, environment)).toLowerCase(),
  }));
  const places = [
    ...(stateStorage === undefined
      ? []
      : [{ path: "stateStorage.resourceGroupName", value: stateStorage.resourceGroupName }]),
    ...withAzurermBackend(environments).map(({ name, backend }) => ({
      path: `${name}.backend.resourceGroupName`,
      value: backend.resourceGroupName,
    })),
  ];
  return collect(
    ...places.map(({ path, value }) => {
      const owner = groups.find(({ group }) => group === value.toLowerCase());
      return problemIf(
        owner !== undefined,
        path,
        value,
        `any group but ${value}, which ${owner?.name ?? ""} creates and deletes`,
        "keep states in a resource group of their own",
      );
    }),
  );
}
