import { signIn, type TokenFor } from "@edge-anomaly-detection/doctor";
import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";
import { simulate } from "@edge-anomaly-detection/fleet";
import { loadConfiguration } from "../../environments/validation/load";
import { MAX_FLEET } from "../../environments/validation/fleet-problems";
import { fleetSize } from "../../environments/validation/fleet-size";
import { credentials, DEVICE_ACTIONS } from "./credentials/command";
import { enrollments } from "./enrollments/command";
import { DPS_SCOPE } from "./enrollments/service";
import { limitLines } from "./fleet-limits";
import {
  MAX_SIMULATED,
  prepareSimulation,
  RETRY_POLICIES,
  type RetryPolicyName,
  type SimulationRequest,
} from "./fleet-simulation";
import { simulationText } from "./fleet-simulation-text";
import { sizeText } from "./fleet-text";

/** Longest reason that a hub keeps (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry, statusReason). */
const MAX_REASON = 128;

const HELP = `Says what a fleet of devices needs, without Azure.

  npm run -s fleet -- size ENV --devices N [--json]
      Computes from the environment's configuration and a number of edge devices: identities, messages, hubs and units of
      each tier, deployments, the hours until every device is registered, and what is billed by the fleet's size. Each limit
      is printed with its number and the page that states it; what passes one is marked. N is 1 to ${MAX_FLEET.toLocaleString("en")}.
      --json prints { "environment", "size", "limits" }.
  npm run -s fleet -- simulate ENV --devices N [--retry POLICY] [--power-on HOURS] [--outage HOURS] [--hubs N] [--seed N] [--json]
      Simulates how N devices (at most ${MAX_SIMULATED.toLocaleString("en")}) register and connect, within the limits of service and hubs. POLICY is
      edge-runtime (what IoT Edge does: every 5 s, the default), device-sdk (backoff up to 100 s) or spread (a random time up
      to that for which all registrations take). --power-on switches devices on over so many hours, otherwise all at once;
      --outage loses a hub for so many hours when all are connected; --hubs changes how many hubs there are.
  npm run -s fleet -- enrollments plan ENV [--json]
      Compares the enrollment groups in the environment's configuration (provisioning) with those of its Device Provisioning
      Service, and prints what an apply would do. Reads only. Signs in as Azure's tools do, for example by az login.
  npm run -s fleet -- enrollments apply ENV [--remove] [--json]
      Does it, and prints each group as it is done. What is done stays done: after a failure apply again. Groups that the
      configuration no longer names are removed with --remove alone; groups of other environments are left alone.
  npm run -s fleet -- device disable ENV DEVICE [--reason TEXT] [--certificate FILE]
      Keeps a lost device out: it may not register any more, and every hub that has it refuses it. Where its group trusts an
      authority, FILE is the device's own certificate.
  npm run -s fleet -- device enable ENV DEVICE
      Lets it in again.
  npm run -s fleet -- device rotate-key ENV DEVICE [--force]
      Gives a device a new key in place of the one that it does not use, and puts the connection string with it into the vault.
      Configure the device, then run it again for the other key. --force does so although the device has not connected since.
  npm run -s fleet -- --help
      Prints this.

Exit status: 0 printed or done, 1 the configuration is invalid, a group is refused, the service failed or simulated devices were never
all connected, 2 invalid arguments.
NO_COLOR turns colours off.`;

const VALUED = ["--devices", "--retry", "--power-on", "--outage", "--hubs", "--seed", "--reason", "--certificate"];

/** Runs the command; returns its exit status. */
export function fleet(args: readonly string[], tokenFor: TokenFor = signIn()): number | Promise<number> {
  const flagNames = ["--json", "--remove", "--force", "--help", "-h"];
  const { words, flags, values, invalid } = readArguments(args, flagNames, VALUED);
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
    case "simulate":
      return simulation(rest, values, flags.has("--json"));
    case "device":
      return deviceCredentials(rest, flags, values, tokenFor);
    case "enrollments":
      return reconcile(rest, flags, tokenFor);
    default:
      return unusable(
        command === undefined
          ? "missing subcommand: size, simulate, device or enrollments"
          : `unknown subcommand ${command}`,
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

/** Numbers that the simulation takes, by option: the least, the most, and what is taken where it is left out. */
const NUMBERS = {
  "--devices": { min: 1, max: MAX_SIMULATED, whole: true },
  "--power-on": { min: 0, max: 8_760, whole: false },
  "--outage": { min: 0, max: 8_760, whole: false },
  "--hubs": { min: 1, max: 1_000, whole: true },
  "--seed": { min: 1, max: 2_147_483_647, whole: true },
} as const;

function simulation([name, more]: readonly string[], values: ReadonlyMap<string, string>, asJson: boolean): number {
  const invalid = Object.entries(NUMBERS).flatMap(([option, { min, max, whole }]) => {
    const given = values.get(option);
    const value = Number(given ?? (option === "--devices" ? Number.NaN : min));
    return value >= min && value <= max && (!whole || Number.isInteger(value)) && given !== ""
      ? []
      : [`${option} needs a ${whole ? "whole " : ""}number from ${min} to ${max}`];
  });
  const retry = values.get("--retry") ?? "edge-runtime";
  if (!Object.hasOwn(RETRY_POLICIES, retry)) {
    invalid.push(`--retry needs one of ${Object.keys(RETRY_POLICIES).join(", ")}`);
  }
  if (more !== undefined) {
    invalid.push(`unknown argument ${more}`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    invalid.push(`name one of the environments ${environments.map((one) => one.name).join(", ")}`);
  }
  if (environment === undefined || invalid.length > 0) {
    return unusable(invalid.join("\n"));
  }
  const number = (option: keyof typeof NUMBERS): number | undefined =>
    values.has(option) ? Number(values.get(option)) : undefined;
  const request: SimulationRequest = {
    devices: number("--devices") ?? 1,
    retry: retry as RetryPolicyName,
    powerOnHours: number("--power-on") ?? 0,
    outageHours: number("--outage") ?? 0,
    hubs: number("--hubs"),
    seed: number("--seed"),
  };
  const prepared = prepareSimulation(organization, environment, request);
  const result = simulate(prepared.settings);
  console.log(
    asJson
      ? JSON.stringify(
          {
            environment: environment.name,
            request,
            settings: prepared.settings,
            result: { ...result, connected: undefined, hubOf: undefined },
          },
          undefined,
          2,
        )
      : simulationText(environment.name, request, prepared, result, (text) => coloured(text, "red", process.stdout)),
  );
  const isLost = result.outages.some(({ recoveredAfter }) => recoveredAfter === undefined);
  return result.connectedAfter === undefined || isLost ? 1 : 0;
}

function deviceCredentials(
  [action, name, id, more]: readonly string[],
  flags: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
  tokenFor: TokenFor,
): number | Promise<number> {
  const known = DEVICE_ACTIONS.find((one) => one === action);
  const reason = values.get("--reason");
  if (known === undefined || id === undefined || more !== undefined) {
    return unusable(`say device ${DEVICE_ACTIONS.join(", device ")}, an environment and a device`);
  }
  if (reason !== undefined && reason.length > MAX_REASON) {
    return unusable(`--reason takes at most ${MAX_REASON} characters`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  return environment === undefined
    ? unusable(`name one of the environments ${environments.map((one) => one.name).join(", ")}`)
    : credentials(organization, environment, {
        action: known,
        device: id,
        reason,
        certificate: values.get("--certificate"),
        force: flags.has("--force"),
        tokenFor,
      });
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
