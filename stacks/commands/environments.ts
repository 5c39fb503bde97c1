import { planContainerName } from "../../constructs/deployment-identity/state-storage";
import { loadConfiguration } from "../../environments/validation/load";
import type { BackendConfig, EnvironmentConfig } from "../../environments/environment-config";
import { chooseEnvironments } from "./choose-environments";
import { readArguments, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Lists the environments in the order in which changes reach them.

  npm run -s environments -- [--json]
      Prints name and backend of every environment.
  npm run -s environments -- --pipeline NAMES [--pull-requests] [--json]
      Prints those that a pipeline plans and applies: the ones in NAMES, which is separated by spaces or commas and may be
      empty. Their state must be where a runner reaches it, so an environment with a local backend is refused. With
      --pull-requests those of them that pull requests are planned against (pullRequestPlans in environments/bootstrap.ts).
  npm run -s environments -- --help

--json prints [{ "name", "backend", "storageAccount", "planContainer" }]; the last two are empty where the backend is not
azurerm.
Exit status: 0 printed, 1 NAMES or the configuration is invalid, 2 invalid arguments.
NO_COLOR has nothing to switch off: there are no colours.`;

/** What a pipeline must know of an environment. */
export interface ListedEnvironment {
  readonly name: string;
  readonly backend: BackendConfig["kind"];
  /** Account of the state and of saved plans; empty where the backend is not `azurerm`. */
  readonly storageAccount: string;
  /** Container of saved plans; empty where the backend is not `azurerm`. */
  readonly planContainer: string;
}

/** Runs the command; returns its exit status. */
export function listEnvironments(
  args: readonly string[],
  configured?: readonly EnvironmentConfig[],
  pullRequestPlans?: readonly string[],
): number {
  const { words, flags, values, invalid } = readArguments(
    args,
    ["--pull-requests", "--json", "--help", "-h"],
    ["--pipeline"],
  );
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const reason = invalid ?? (words[0] === undefined ? undefined : `unknown argument ${words[0]}`);
  if (reason !== undefined) {
    console.error(`${reason}\n\n${HELP}`);
    return 2;
  }
  const known = configured ?? loadConfiguration().environments;
  const planned = pullRequestPlans ?? loadConfiguration().bootstrap.pullRequestPlans ?? [];
  const { chosen, problems } = chooseEnvironments(values.get("--pipeline"), known);
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    return 1;
  }
  const listed = chosen
    .filter(({ name }) => !flags.has("--pull-requests") || planned.includes(name))
    .map(listedEnvironment);
  console.log(
    flags.has("--json")
      ? JSON.stringify(listed, undefined, 2)
      : listed.map(({ name, backend }) => `${name} ${backend}`).join("\n"),
  );
  return 0;
}

const listedEnvironment = ({ name, backend }: EnvironmentConfig): ListedEnvironment => ({
  name,
  backend: backend.kind,
  storageAccount: backend.kind === "azurerm" ? backend.storageAccountName : "",
  planContainer: backend.kind === "azurerm" ? planContainerName(backend.containerName) : "",
});

if (require.main === module) {
  runCommand(() => listEnvironments(process.argv.slice(2)));
}
