import { loadConfiguration } from "../../environments/validation/load";
import { DEFAULT_RUNTIME, DEFAULT_TIME_TO_LIVE_SECONDS } from "../../edge-manifests/base-layer";
import {
  configToml,
  type DeviceIdentity,
  type ExpectedMessages,
  setupCommands,
} from "../../edge-manifests/device-config";
import { DEFAULT_STORAGE_FOLDER } from "../../edge-manifests/host-storage";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { authenticationOf, deviceHub, deviceSecretName, type EdgeDevice } from "../../constructs/edge/device-list";
import { stampOf } from "../../constructs/hub/hub-stamps";
import { isInRing } from "../../constructs/edge/rings";
import { iotHubName, keyVaultName } from "../../constructs/shared/names";
import { nameParts } from "../../environments/validation/name-parts";
import { registeringDevice } from "./device-registration";
import { readArguments, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Prints how a host becomes a device.

  npm run -s device -- config ENV DEVICE [--json]
      Prints config.toml and the commands for an Ubuntu 24.04 host: install the runtime, make the storage that outlives
      its containers, sign in. There is no secret in it: the commands read the connection string from the environment's
      vault. --json prints { "configToml", "commands" }.
  npm run -s device -- registration ENV GROUP REGISTRATION_ID --id-scope SCOPE [--est URL] [--json]
  npm run -s device -- registration ENV REGISTRATION_ID --tpm --id-scope SCOPE [--json]
      The same for a host that registers with the environment's Device Provisioning Service as a member of an enrollment group:
      with certificate and key in files, or with --est a certificate that it gets and renews from an EST server; in a group
      with keys, with a key that the host derives. --tpm is for a host with an enrollment of its own, by its TPM.
      SCOPE is the Terraform output provisioning_id_scope.
  npm run -s device -- list [ENV]
      Prints the devices of an environment, or of all.
  npm run -s device -- --help

Exit status: 0 printed, 1 there is no such device or the configuration is invalid, 2 invalid arguments.
NO_COLOR has nothing to switch off: there are no colours.`;

/** Runs the command; returns its exit status. */
export function device(args: readonly string[]): number {
  const { words, flags, values, invalid } = readArguments(
    args,
    ["--json", "--tpm", "--help", "-h"],
    ["--id-scope", "--est"],
  );
  const [command, name, id, registrationId, more] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const isRegistration = command === "registration";
  const unknown = more ?? (isRegistration ? undefined : (registrationId ?? [...values.keys()][0]));
  if (invalid !== undefined || unknown !== undefined || !["config", "list", "registration"].includes(command ?? "")) {
    return invalidArguments(invalid ?? `unknown argument ${unknown ?? command ?? "(none)"}`);
  }
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined && (name !== undefined || command !== "list")) {
    return invalidArguments(`name one of the environments ${environments.map((one) => one.name).join(", ")}`);
  }
  if (command === "list") {
    const shown = environment === undefined ? environments : [environment];
    shown
      .flatMap((one) => devicesOf(one).map((entry) => `${one.name} ${entry.id}`))
      .forEach((line) => {
        console.log(line);
      });
    return 0;
  }
  if (isRegistration && environment !== undefined) {
    const tpm = flags.has("--tpm");
    const last = registrationId ?? (tpm ? id : undefined);
    if (last === undefined) {
      return invalidArguments("name an enrollment group and a registration id");
    }
    const group = registrationId === undefined ? undefined : id;
    const request = { group, registrationId: last, idScope: values.get("--id-scope"), est: values.get("--est"), tpm };
    print(registeringDevice(organization, environment, request), environment, flags.has("--json"));
    return 0;
  }
  return id === undefined || environment === undefined
    ? invalidArguments("name a device")
    : config(organization, environment, id, flags.has("--json"));
}

function invalidArguments(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

const devicesOf = (environment: EnvironmentConfig): readonly EdgeDevice[] => environment.edge?.devices ?? [];

function config(organization: OrganizationConfig, environment: EnvironmentConfig, id: string, asJson: boolean): number {
  const found = devicesOf(environment).find((entry) => entry.id === id && entry.edge !== false);
  if (found === undefined) {
    const known = devicesOf(environment).filter(({ edge }) => edge !== false);
    console.error(
      `${environment.name} has no edge device ${id}; there are ${known.map((one) => one.id).join(", ") || "none"}`,
    );
    return 1;
  }
  print(deviceIdentity(organization, environment, found), environment, asJson);
  return 0;
}

function print(identity: DeviceIdentity, environment: EnvironmentConfig, asJson: boolean): void {
  const output = { configToml: configToml(identity), commands: setupCommands(identity, expectedMessages(environment)) };
  console.log(
    asJson
      ? JSON.stringify(output, undefined, 2)
      : `# config.toml\n${output.configToml}\n# On the host, in the folder with that file\n${output.commands.join("\n")}`,
  );
}

/** The simulated sensor's messages, or one a second where real sensors send, which nobody can know here. */
const expectedMessages = ({ edge }: EnvironmentConfig): ExpectedMessages => ({
  timeToLiveSeconds: edge?.timeToLiveSeconds ?? DEFAULT_TIME_TO_LIVE_SECONDS,
  messagesPerSecond: 1 / (edge?.simulatedSensorSeconds ?? 1),
});

/** A device of an environment as its own configuration describes it. */
export function deviceIdentity(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  entry: EdgeDevice,
): DeviceIdentity {
  const parts = nameParts(organization, environment);
  const devices = devicesOf(environment);
  const parent = devices.find(({ id }) => id === entry.parent);
  const hasChildren = devices.some((other) => other.parent === entry.id);
  const hostname = entry.hostname ?? (hasChildren ? hostnameOf(entry) : undefined);
  const ring = Object.values(environment.edge?.rings ?? {}).find((one) => isInRing(entry, one));
  return {
    id: entry.id,
    hubHostname: `${iotHubName(parts, stampOf(deviceHub(entry)))}.azure-devices.net`,
    storageFolder: environment.edge?.storageFolder ?? DEFAULT_STORAGE_FOLDER,
    runtime: environment.edge?.versions[ring?.version ?? ""]?.runtime ?? DEFAULT_RUNTIME,
    signIn:
      authenticationOf(entry).kind === "symmetricKeys"
        ? {
            kind: "symmetricKeys",
            vaultUri: `https://${keyVaultName(parts)}.vault.azure.net/`,
            secretName: deviceSecretName(entry.id),
          }
        : { kind: "certificate" },
    ...(hostname !== undefined && { hostname }),
    ...(parent !== undefined && { parentHostname: hostnameOf(parent) }),
  };
}

const hostnameOf = (entry: EdgeDevice): string => entry.hostname ?? entry.id.toLowerCase();

if (require.main === module) {
  runCommand(() => device(process.argv.slice(2)));
}
