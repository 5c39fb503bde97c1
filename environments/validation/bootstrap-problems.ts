import { githubRepositoryProblems } from "../../constructs/deployment-identity/federated-trust";
import { PROMOTION_ENVIRONMENTS } from "../../constructs/deployment-identity/github-environments";
import { operatorsProblems } from "../../constructs/deployment-identity/operators-group";
import { type StateStorageSettings, stateStorageProblems } from "../../constructs/deployment-identity/state-storage";
import {
  allDifferent,
  assertValid,
  collect,
  type Finding,
  type Problem,
  problemIf,
  under,
} from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import type { BootstrapConfig } from "../bootstrap-config";
import type { EnvironmentConfig } from "../environment-config";
import { backendProblems, stateOf } from "./backend-problems";
import { subscriptionProblem } from "./environment-problems";
import { templateProblems } from "./template-problems";
import { deployedByPipelines, separationProblems, withAzurermBackend } from "./pipeline-separation";

/** Name of the stack. */
export const BOOTSTRAP = "bootstrap";

/**
 * Throws when the bootstrap's configuration is invalid, alone or together with the environments'.
 *
 * @throws ValidationError with every validation error
 */
export function assertValidBootstrap(bootstrap: BootstrapConfig, environments: readonly EnvironmentConfig[]): void {
  assertValid(BOOTSTRAP, bootstrapProblems(bootstrap, environments));
}

/** Validation errors in the bootstrap's configuration, alone and together with the environments'. */
export function bootstrapProblems(bootstrap: BootstrapConfig, environments: readonly EnvironmentConfig[]): Problem[] {
  const { github, hcpTerraform, operators, stateStorage } = bootstrap;
  return [
    ...collect(subscriptionProblem(bootstrap.subscriptionId), missingSubscription(bootstrap, environments)),
    ...under("backend", backendProblems(bootstrap.backend)),
    ...stateProblems(bootstrap, environments),
    ...under("operators", operatorsProblems(operators)),
    ...(github === undefined ? [] : under("github", githubRepositoryProblems(github))),
    ...collect(
      hasForm(
        "hcpTerraform.project",
        hcpTerraform?.project,
        /^[A-Za-z0-9](?:[\w -]{1,38}[A-Za-z0-9])$/,
        "3 to 40 letters, digits, spaces, hyphens and underscores",
        "write the project's name as HCP Terraform has it",
      ),
    ),
    ...(stateStorage === undefined ? [] : under("stateStorage", stateStorageProblems(stateStorage))),
    ...(stateStorage === undefined ? [] : containerProblems(stateStorage, environments)),
    ...environments.flatMap((environment) => under(environment.name, identityProblems(bootstrap, environment))),
    ...pullRequestProblems(bootstrap, environments),
    ...promotionProblems(bootstrap, environments),
    ...separationProblems(bootstrap, environments),
    ...templateProblems("", { ...bootstrap }),
  ];
}

/** A subscription that is known at apply alone could be the same as one that a configuration names. */
function missingSubscription(bootstrap: BootstrapConfig, environments: readonly EnvironmentConfig[]): Finding {
  const named = environments.find(({ subscriptionId }) => subscriptionId !== undefined);
  return problemIf(
    bootstrap.subscriptionId === undefined && named !== undefined,
    "subscriptionId",
    undefined,
    `a subscription id, because ${named?.name ?? ""} names its own`,
    "write the subscription of the environments that name none",
  );
}

function stateProblems({ backend }: BootstrapConfig, environments: readonly EnvironmentConfig[]): Problem[] {
  const own = { path: "backend", value: stateOf(backend) };
  const others = environments.map((environment) => ({
    path: `${environment.name}.backend`,
    value: stateOf(environment.backend),
  }));
  const states = [...others, own].flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }]));
  return collect(allDifferent(states, "keep the bootstrap's state in its own place")).filter(
    ({ path }) => path === "backend",
  );
}

/** What only this stack asks of an environment. */
function identityProblems({ github }: BootstrapConfig, { name, backend }: EnvironmentConfig): Problem[] {
  return collect(
    problemIf(
      name === BOOTSTRAP,
      "name",
      name,
      `any name but ${BOOTSTRAP}, which is this stack's`,
      "rename the environment",
    ),
    problemIf(
      backend.kind === "azurerm" && github === undefined,
      "backend.kind",
      backend.kind,
      "local or cloud, where the bootstrap names no repository: nobody could sign in to deploy",
      "add github to environments/bootstrap.ts",
    ),
  );
}

function pullRequestProblems(
  { pullRequestPlans = [] }: BootstrapConfig,
  environments: readonly EnvironmentConfig[],
): Problem[] {
  const names = environments.filter(deployedByPipelines).map(({ name }) => name);
  return collect(
    ...pullRequestPlans.map((name, index) =>
      problemIf(
        !names.includes(name),
        `pullRequestPlans[${index}]`,
        name,
        `an environment whose backend is cloud or azurerm: ${names.join(", ") || "there is none"}`,
        "correct the name, or leave it out",
      ),
    ),
    allDifferent(
      pullRequestPlans.map((value, index) => ({ path: `pullRequestPlans[${index}]`, value })),
      "name each environment once",
    ),
  );
}

/** GitHub environments have one name each, whatever they are for. */
function promotionProblems(
  { github, promotion }: BootstrapConfig,
  environments: readonly EnvironmentConfig[],
): Problem[] {
  const names: readonly string[] = Object.values(PROMOTION_ENVIRONMENTS);
  return promotion !== true
    ? []
    : collect(
        problemIf(
          github === undefined,
          "promotion",
          promotion,
          "true only where github is named: nobody could sign in",
          "add github, or leave promotion out",
        ),
        ...environments.map(({ name }) =>
          problemIf(
            names.includes(name),
            `${name}.name`,
            name,
            `any name but ${names.join(" and ")}, which the workflows of images and models use`,
            "rename the environment, or leave promotion out",
          ),
        ),
      );
}

function containerProblems(storage: StateStorageSettings, environments: readonly EnvironmentConfig[]): Problem[] {
  const users = withAzurermBackend(environments);
  return collect(
    problemIf(
      users.length === 0,
      "stateStorage",
      storage.storageAccountName,
      "nothing, where no environment's backend is azurerm",
      "leave it out, or give an environment this backend",
    ),
    ...users.flatMap(({ name, backend }) =>
      (["resourceGroupName", "storageAccountName"] as const).map((field) =>
        problemIf(
          backend[field] !== storage[field],
          `${name}.backend.${field}`,
          backend[field],
          `${storage[field]}, as stateStorage says`,
          "keep all states in the one account",
        ),
      ),
    ),
  );
}
