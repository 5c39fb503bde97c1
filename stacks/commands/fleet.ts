import { signIn, type TokenFor } from "@edge-anomaly-detection/doctor";
import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";
import { loadConfiguration } from "../../environments/validation/load";
import { MAX_FLEET } from "../../environments/validation/fleet-problems";
import { fleetSize } from "../../environments/validation/fleet-size";
import { enrollments } from "./enrollments/command";
import { DPS_SCOPE } from "./enrollments/service";
import { limitLines } from "./fleet-limits";
import { sizeText } from "./fleet-text";

const HELP = `Says what a fleet of devices needs, without Azure.

  npm run -s fleet -- size ENV --devices N [--json]
      Computes from the environment's configuration and a number of edge devices: identities, messages, hubs and units of
      each tier, deployments, the hours until every device is registered, and what is billed by the fleet's size. Each limit
      is printed with its number and the page that states it; what passes one is marked. N is 1 to ${MAX_FLEET.toLocaleString("en")}.
      --json prints { "environment", "size", "limits" }.
  npm run -s fleet -- enrollments plan ENV [--json]
      Compares the enrollment groups in the environment's configuration (provisioning) with those of its Device Provisioning
      Service, and prints what an apply would do. Reads only. Signs in as Azure's tools do, for example by az login.
  npm run -s fleet -- enrollments apply ENV [--remove] [--json]
      Does it, and prints each group as it is done. What is done stays done: after a failure apply again. Groups that the
      configuration no longer names are removed with --remove alone; groups of other environments are left alone.
  npm run -s fleet -- --help
      Prints this.

Exit status: 0 printed or done, 1 the configuration is invalid, a group is refused or the service failed, 2 invalid arguments.
NO_COLOR turns colours off.`;

/** Runs the command; returns its exit status. */
export function fleet(args: readonly string[], tokenFor: TokenFor = signIn()): number | Promise<number> {
  const flagNames = ["--json", "--remove", "--help", "-h"];
  const { words, flags, values, invalid } = readArguments(args, flagNames, ["--devices"]);
  const [command, ...rest] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined) {
    return unusable(invalid);
  }
  switch (command) {
    case "size":
      return size(rest, values.get("--devices"), flags.has("--json"));
    case "enrollments":
      return reconcile(rest, flags, tokenFor);
    default:
      return unusable(
        command === undefined ? "missing subcommand: size or enrollments" : `unknown subcommand ${command}`,
      );
  }
}

function size([name, more]: readonly string[], given: string | undefined, asJson: boolean): number {
  const devices = Number(given ?? Number.NaN);
  if (more !== undefined) {
    return unusable(`unknown argument ${more}`);
  }
  if (!Number.isInteger(devices) || devices < 1 || devices > MAX_FLEET) {
    return unusable(`--devices needs a whole number from 1 to ${MAX_FLEET}`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    return unusable(`name one of the environments ${environments.map((one) => one.name).join(", ")}`);
  }
  const computed = fleetSize(organization, environment, devices);
  const limits = limitLines(computed);
  console.log(
    asJson
      ? JSON.stringify({ environment: environment.name, size: computed, limits }, undefined, 2)
      : sizeText(environment, computed, limits, (text) => coloured(text, "red", process.stdout)),
  );
  return 0;
}

function reconcile(
  [action, name, more]: readonly string[],
  flags: ReadonlySet<string>,
  tokenFor: TokenFor,
): number | Promise<number> {
  if (more !== undefined || (action !== "plan" && action !== "apply")) {
    return unusable(more === undefined ? "say enrollments plan or enrollments apply" : `unknown argument ${more}`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  return environment === undefined
    ? unusable(`name one of the environments ${environments.map((one) => one.name).join(", ")}`)
    : enrollments(organization, environment, {
        apply: action === "apply",
        remove: flags.has("--remove"),
        json: flags.has("--json"),
        token: () => tokenFor(DPS_SCOPE),
      });
}

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

if (require.main === module) {
  runCommand(() => fleet(process.argv.slice(2)));
}
