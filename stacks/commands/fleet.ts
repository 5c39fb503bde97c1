import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";
import { loadConfiguration } from "../../environments/validation/load";
import { MAX_FLEET } from "../../environments/validation/fleet-problems";
import { fleetSize } from "../../environments/validation/fleet-size";
import { limitLines } from "./fleet-limits";
import { sizeText } from "./fleet-text";

const HELP = `Says what a fleet of devices needs, without Azure.

  npm run -s fleet -- size ENV --devices N [--json]
      Computes from the environment's configuration and a number of edge devices: identities, messages, hubs and units of
      each tier, deployments, the hours until every device is registered, and what is billed by the fleet's size. Each limit
      is printed with its number and the page that states it; what passes one is marked. N is 1 to ${MAX_FLEET.toLocaleString("en")}.
      --json prints { "environment", "size", "limits" }.
  npm run -s fleet -- --help
      Prints this.

Exit status: 0 printed, 1 the configuration is invalid, 2 invalid arguments.
NO_COLOR turns colours off.`;

/** Runs the command; returns its exit status. */
export function fleet(args: readonly string[]): number {
  const { words, flags, values, invalid } = readArguments(args, ["--json", "--help", "-h"], ["--devices"]);
  const [command, name, more] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined || more !== undefined) {
    return unusable(invalid ?? `unknown argument ${more ?? ""}`);
  }
  if (command !== "size") {
    return unusable(command === undefined ? "missing subcommand: size" : `unknown subcommand ${command}`);
  }
  const devices = Number(values.get("--devices") ?? Number.NaN);
  if (!Number.isInteger(devices) || devices < 1 || devices > MAX_FLEET) {
    return unusable(`--devices needs a whole number from 1 to ${MAX_FLEET}`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    return unusable(`name one of the environments ${environments.map((one) => one.name).join(", ")}`);
  }
  const size = fleetSize(organization, environment, devices);
  const limits = limitLines(size);
  console.log(
    flags.has("--json")
      ? JSON.stringify({ environment: environment.name, size, limits }, undefined, 2)
      : sizeText(environment, size, limits, (text) => coloured(text, "red", process.stdout)),
  );
  return 0;
}

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

if (require.main === module) {
  runCommand(() => fleet(process.argv.slice(2)));
}
