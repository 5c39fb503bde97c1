import { readFileSync } from "node:fs";
import { downloadPlan, HcpTerraformApi, HcpTerraformError, tokenFor } from "@edge-anomaly-detection/hcp-terraform";
import { identitiesIn } from "./hcp-terraform/identities";
import { type Difference, reconcile } from "./hcp-terraform/reconcile";
import { hostOf, type WantedWorkspace, wantedWorkspace } from "./hcp-terraform/wanted-workspace";
import { loadConfiguration } from "../../environments/validation/load";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Sets up workspaces in HCP Terraform and reads plans from it.

  npm run -s hcp-terraform -- check OUTPUTS.json [--json]
      Says what differs between HCP Terraform and the environments whose backend is "cloud": project, workspaces, their
      settings and the variables for dynamic credentials. Writes nothing. OUTPUTS.json is what
      \`terraform -chdir=cdktf.out/stacks/bootstrap output -json\` printed. The project is the one of environments/bootstrap.ts;
      the subscription is the environment's own, the bootstrap's, or ARM_SUBSCRIPTION_ID.
  npm run -s hcp-terraform -- apply OUTPUTS.json [--json]
      The same, and writes it. A second apply finds nothing to do.
  npm run -s hcp-terraform -- plan-json ENV RUN_ID --out FILE
      Downloads the plan of a run, for \`npm run -s review -- FILE\`. The file holds sensitive values in the clear; only its
      owner can read it. Needs a user's or team's token with admin rights in the workspace.
  npm run -s hcp-terraform -- --help

The token is found as Terraform's own command line finds it: TF_TOKEN_app_terraform_io, or what \`terraform login\` wrote.
Exit status: 0 nothing differs, or written; 1 refused, not reached, or invalid arguments; 2 check found a difference.
NO_COLOR switches colours off; they are used on a terminal only.`;

/** What the command uses; tests replace it. */
export interface Surroundings {
  readonly environments: readonly EnvironmentConfig[];
  /** Project that the workspaces are in; the bootstrap stack's credentials name it too. */
  readonly project: string;
  /** Subscription of environments that name none. */
  readonly subscriptionId: string | undefined;
  /** Address of a host's API. */
  readonly addressOf: (host: string) => string;
  readonly tokenFor: (host: string) => string;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

function configured(): Surroundings {
  const { environments, bootstrap } = loadConfiguration();
  return {
    environments,
    project: bootstrap.hcpTerraform?.project ?? "Default Project",
    subscriptionId: bootstrap.subscriptionId ?? process.env.ARM_SUBSCRIPTION_ID,
    addressOf: (host) => `https://${host}`,
    tokenFor,
  };
}

/** Runs the command; returns its exit status. */
export async function hcpTerraform(args: readonly string[], given?: Surroundings): Promise<number> {
  const { words, flags, values, invalid } = readArguments(args, ["--json", "--help", "-h"], ["--out"]);
  const [command, ...rest] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined) {
    return invalidArguments(invalid);
  }
  const around = given ?? configured();
  try {
    switch (command) {
      case "check":
      case "apply":
        return await workspaces(rest, command === "apply", flags.has("--json"), around);
      case "plan-json":
        return await planJson(rest, values.get("--out"), around);
      default:
        return invalidArguments(
          command === undefined ? "missing subcommand: check, apply or plan-json" : `unknown subcommand ${command}`,
        );
    }
  } catch (error) {
    if (!(error instanceof HcpTerraformError)) {
      throw error;
    }
    console.error(error.message);
    return 1;
  }
}

function invalidArguments(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 1;
}

async function workspaces(
  words: readonly string[],
  write: boolean,
  asJson: boolean,
  around: Surroundings,
): Promise<number> {
  const [file, more] = words;
  if (file === undefined || more !== undefined) {
    return invalidArguments("name one file with the bootstrap stack's outputs");
  }
  const wanted = wantedWorkspaces(file, around);
  const found: Difference[] = [];
  try {
    for (const workspace of wanted) {
      await reconcile(apiOf(workspace.host, around), workspace, write, (difference) => {
        found.push(difference);
        if (!asJson) {
          show(difference, write);
        }
      });
    }
  } finally {
    // What was written before a refusal was written.
    if (asJson) {
      console.log(JSON.stringify(found, undefined, 2));
    }
  }
  if (!asJson) {
    console.log(summary(wanted.length, found.length, write));
  }
  return found.length > 0 && !write ? 2 : 0;
}

function wantedWorkspaces(file: string, around: Surroundings): WantedWorkspace[] {
  const text = contentsOf(file);
  const basis = { project: around.project, terraformVersion: contentsOf(".terraform-version").trim() };
  return around.environments.flatMap(({ name, backend, subscriptionId = around.subscriptionId }) => {
    if (backend.kind !== "cloud") {
      return [];
    }
    if (subscriptionId === undefined || subscriptionId === "") {
      throw new HcpTerraformError(
        `no subscription is known for ${name}`,
        `write subscriptionId into environments/${name}.ts or environments/bootstrap.ts, or set ARM_SUBSCRIPTION_ID`,
      );
    }
    return [wantedWorkspace(name, backend, basis, subscriptionId, identitiesIn(text, name, file))];
  });
}

function contentsOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new HcpTerraformError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
      "run the command at the root of the repository and name a file that is there",
    );
  }
}

function apiOf(host: string, around: Surroundings): HcpTerraformApi {
  return new HcpTerraformApi({ address: around.addressOf(host), token: around.tokenFor(host), wait: around.wait });
}

function show({ environment, what, is, wanted }: Difference, written: boolean): void {
  const done = written ? ` ${coloured("written", "green", process.stdout)}` : "";
  console.log(`${environment}: ${what} is ${is}, wanted ${wanted}${done}`);
}

function summary(count: number, differences: number, write: boolean): string {
  const what = `${count} ${count === 1 ? "workspace" : "workspaces"}`;
  return differences === 0 ? `${what}: nothing differs` : `${what}: ${differences} ${write ? "written" : "differ"}`;
}

async function planJson(words: readonly string[], file: string | undefined, around: Surroundings): Promise<number> {
  const [name, run, more] = words;
  const backend = around.environments.find((one) => one.name === name)?.backend;
  if (backend?.kind !== "cloud") {
    const names = around.environments.filter((one) => one.backend.kind === "cloud").map((one) => one.name);
    return invalidArguments(`name one of the environments in HCP Terraform: ${names.join(", ") || "there are none"}`);
  }
  if (run === undefined || !/^run-[A-Za-z0-9]+$/.test(run) || more !== undefined) {
    return invalidArguments("name a run, as run-CZcmD7eagjhyX0vN");
  }
  if (file === undefined) {
    return invalidArguments("say where to write the plan: --out FILE");
  }
  const host = hostOf(backend);
  await downloadPlan(apiOf(host, around), around.addressOf(host), run, file, around.wait);
  return 0;
}

if (require.main === module) {
  runCommand(() => hcpTerraform(process.argv.slice(2)));
}
