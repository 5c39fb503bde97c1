import { loadConfiguration } from "../../environments/validation/load";
import { githubEnvironments, PROMOTION_ENVIRONMENTS } from "../../constructs/deployment-identity/github-environments";
import type { GithubRepository } from "../../constructs/deployment-identity/federated-trust";
import type { EnvironmentConfig } from "../../environments/environment-config";
import {
  branchFindings,
  environmentFindings,
  type Finding,
  findReviewers,
  GithubApi,
  GithubError,
  protectEnvironment,
  type WantedEnvironment,
} from "@edge-anomaly-detection/github";
import { chooseEnvironments } from "./choose-environments";
import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Checks and sets up the GitHub environments that pipelines run in.

  npm run -s pipelines -- check [--pipeline NAMES] [--json]
      Says where GitHub's live settings do not protect what pipelines sign in as: for every environment whose backend is
      cloud or azurerm the GitHub environments NAME-plan (jobs of main alone) and NAME (jobs of main alone, required
      reviewers, no self-review), NAME-pull-request (required reviewers, no self-review) where pullRequestPlans of
      environments/bootstrap.ts has it, images and models (jobs of main alone) where its promotion is true, and the branch main (changed by pull requests alone). Writes nothing.
      --pipeline NAMES  these environments alone, separated by spaces or commas
  npm run -s pipelines -- apply --reviewers WHO [--pipeline NAMES] [--json]
      The same, and creates or corrects the GitHub environments. Reviewers and branch policy come in the same request as the
      environment, so none is ever there without them. WHO are users and teams, separated by commas:
      jane-doe,contoso/platform-team. Reviewers that an environment has stay. The branch itself is left to you.
  npm run -s pipelines -- --help

The repository is github of environments/bootstrap.ts, or GITHUB_REPOSITORY. The token is GH_TOKEN or GITHUB_TOKEN: to check it
needs the permissions actions: read and contents: read, to apply administration: write. GITHUB_API_URL is another address of the
API, for GitHub Enterprise Server.
Exit status: 0 protected, or made so (warnings are none); 1 refused, not reached, or invalid arguments; 2 check found something.
NO_COLOR switches colours off; they are used on a terminal only.`;

/** What the command uses; tests replace it. */
export interface Surroundings {
  readonly environments: readonly EnvironmentConfig[];
  /** Environments that pull requests are planned against. */
  readonly pullRequestPlans: readonly string[];
  /** Whether workflows build images and promote models. @default false */
  readonly promotion?: boolean;
  readonly github: GithubRepository | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

function configured(): Surroundings {
  const { environments, bootstrap } = loadConfiguration();
  return {
    environments,
    pullRequestPlans: bootstrap.pullRequestPlans ?? [],
    promotion: bootstrap.promotion ?? false,
    github: bootstrap.github,
    variables: process.env,
  };
}

/** Runs the command; returns its exit status. */
export async function pipelines(args: readonly string[], surroundings?: Surroundings): Promise<number> {
  const {
    words,
    flags,
    values,
    invalid: wrong,
  } = readArguments(args, ["--json", "--help", "-h"], ["--pipeline", "--reviewers"]);
  const [command, unexpected] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (wrong !== undefined || unexpected !== undefined) {
    return invalid(wrong ?? `unknown argument ${unexpected ?? ""}`);
  }
  if (command !== "check" && command !== "apply") {
    return invalid(command === undefined ? "missing command: check or apply" : `unknown subcommand ${command}`);
  }
  const around = surroundings ?? configured();
  const { chosen, problems } = chooseEnvironments(values.get("--pipeline"), around.environments);
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    return 1;
  }
  const names = values
    .get("--reviewers")
    ?.split(",")
    .filter((name) => name !== "");
  try {
    const repository = repositoryOf(around);
    const api = apiOf(around);
    const wanted = [
      ...wantedEnvironments(chosen, around.pullRequestPlans),
      ...Object.values(around.promotion === true ? PROMOTION_ENVIRONMENTS : {}).map((name) => ({
        name,
        reviewed: false,
        deployedBranchOnly: true,
      })),
    ];
    const reviewers = command === "apply" ? await findReviewers(api, names ?? []) : [];
    const findings: Finding[] = [];
    for (const environment of wanted) {
      const { settings, findings: found } = await environmentFindings(api, repository, environment);
      if (command === "apply" && found.some(({ level }) => level === "error")) {
        await protectEnvironment(api, repository, environment, settings, reviewers);
        console.error(`${environment.name}: protected`);
        findings.push(...(await environmentFindings(api, repository, environment)).findings);
      } else {
        findings.push(...found);
      }
    }
    findings.push(...(wanted.length === 0 ? [] : await branchFindings(api, repository)));
    return show(repository, wanted, findings, flags.has("--json"));
  } catch (error) {
    if (!(error instanceof GithubError)) {
      throw error;
    }
    console.error(error.message);
    return 1;
  }
}

function invalid(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 1;
}

function wantedEnvironments(
  chosen: readonly EnvironmentConfig[],
  pullRequestPlans: readonly string[],
): WantedEnvironment[] {
  return chosen
    .filter(({ backend }) => backend.kind !== "local")
    .flatMap(({ name }) => {
      const { plan, apply, pullRequest } = githubEnvironments(name);
      return [
        { name: plan, reviewed: false, deployedBranchOnly: true },
        { name: apply, reviewed: true, deployedBranchOnly: true },
        ...(pullRequestPlans.includes(name) ? [{ name: pullRequest, reviewed: true, deployedBranchOnly: false }] : []),
      ];
    });
}

function repositoryOf({ github, variables }: Surroundings): string {
  const configured = github === undefined ? undefined : `${github.owner}/${github.repository}`;
  const running = filled(variables.GITHUB_REPOSITORY);
  if (configured !== undefined && running !== undefined && configured.toLowerCase() !== running.toLowerCase()) {
    throw new GithubError(
      `identities trust jobs of ${configured}, but this is ${running}`,
      "correct github in environments/bootstrap.ts and deploy bootstrap again",
    );
  }
  return (
    configured ??
    running ??
    refuse("no repository is known", "write github into environments/bootstrap.ts, or set GITHUB_REPOSITORY")
  );
}

function apiOf({ variables, wait }: Surroundings): GithubApi {
  const token =
    filled(variables.GH_TOKEN) ??
    filled(variables.GITHUB_TOKEN) ??
    refuse("there is no token for GitHub", "export GH_TOKEN=$(gh auth token)");
  const address = filled(variables.GITHUB_API_URL) ?? "https://api.github.com";
  if (!URL.canParse(address)) {
    return refuse("GITHUB_API_URL is no address", "write it as https://HOST/api/v3, or unset it");
  }
  return new GithubApi({ address, token: token.trim(), wait });
}

/** A variable that is set to nothing is not set. */
const filled = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

function refuse(problem: string, remedy: string): never {
  throw new GithubError(problem, remedy);
}

function show(
  repository: string,
  wanted: readonly WantedEnvironment[],
  findings: readonly Finding[],
  asJson: boolean,
): number {
  const errors = findings.filter(({ level }) => level === "error").length;
  if (asJson) {
    console.log(JSON.stringify({ repository, environments: wanted.map(({ name }) => name), findings }, undefined, 2));
  } else {
    for (const { level, where, what, is, wanted: must, remedy } of findings) {
      const word = coloured(level, level === "error" ? "red" : "yellow", process.stdout);
      console.log(`${word}: ${where}: ${what}: ${is}\n  allowed: ${must}\n  do:      ${remedy}`);
    }
    const warnings = findings.length - errors;
    console.log(`${repository}: ${wanted.length} GitHub environments, ${errors} errors, ${warnings} warnings`);
  }
  return errors > 0 ? 2 : 0;
}

if (require.main === module) {
  runCommand(() => pipelines(process.argv.slice(2)));
}
