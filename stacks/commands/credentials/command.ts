import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { reasonOf, RemoteError } from "@edge-anomaly-detection/common";
import type { TokenFor } from "@edge-anomaly-detection/doctor";
import { deviceSecretName } from "../../../constructs/edge/device-list";
import { hubNames, stampOf } from "../../../constructs/hub/hub-stamps";
import { iotHubName, keyVaultName } from "../../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import { nameParts } from "../../../environments/validation/name-parts";
import { DPS_SCOPE } from "../enrollments/service";
import { serviceHost } from "../enrollments/service-host";
import { disableDevice, enableDevice, type NamedHub, rotateKey } from "./actions";
import { HubRegistry, Registrations, Vault } from "./services";

/** What can be done with a device's credentials. */
export const DEVICE_ACTIONS = ["disable", "enable", "rotate-key"] as const;

/** One of them. */
export type DeviceAction = (typeof DEVICE_ACTIONS)[number];

/** What the command was asked for. */
export interface CredentialOptions {
  readonly action: DeviceAction;
  readonly device: string;
  /** Why it is disabled; the hub keeps it, at most 128 characters. */
  readonly reason?: string | undefined;
  /** File with the device's own certificate. */
  readonly certificate?: string | undefined;
  readonly force: boolean;
  readonly tokenFor: TokenFor;
  /** Address for a host. @default - https */
  readonly addressOf?: (host: string) => string;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** @default - 32 random bytes */
  readonly newKey?: () => string;
}

const HUB_SCOPE = "https://iothubs.azure.net/.default";
const VAULT_SCOPE = "https://vault.azure.net/.default";

/** Disables or enables a device, or renews one of its keys; returns the exit status. */
export async function credentials(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  options: CredentialOptions,
): Promise<number> {
  const { action, device, tokenFor, addressOf = (host) => `https://${host}`, wait } = options;
  const connect = (host: string, scope: string): ConstructorParameters<typeof HubRegistry>[0] => ({
    address: addressOf(host),
    token: () => tokenFor(scope),
    wait,
  });
  const parts = nameParts(organization, environment);
  const hubs = hubNames(environment.hub ?? {}).map((name): NamedHub => {
    const host = `${iotHubName(parts, stampOf(name))}.azure-devices.net`;
    return { host, registry: new HubRegistry(connect(host, HUB_SCOPE)) };
  });
  const { provisioning } = environment;
  const registrations =
    provisioning && new Registrations(connect(serviceHost(organization, environment, provisioning), DPS_SCOPE));
  const say = (line: string): void => {
    console.log(line);
  };
  try {
    switch (action) {
      case "disable": {
        const groups = Object.values(provisioning?.enrollmentGroups ?? {});
        const block = {
          registrations,
          certificate: options.certificate === undefined ? undefined : readLeaf(options.certificate),
          needsCertificate: groups.some(({ attestation }) => attestation.kind === "certificateAuthority"),
        };
        await disableDevice(hubs, device, options.reason ?? "lost", block, say);
        break;
      }
      case "enable":
        await enableDevice(hubs, device, registrations, say);
        break;
      case "rotate-key": {
        const vault = new Vault(connect(`${keyVaultName(parts)}.vault.azure.net`, VAULT_SCOPE));
        const target = { id: device, secret: deviceSecretName(device), force: options.force };
        await rotateKey(hubs, vault, target, say, options.newKey);
      }
    }
    return 0;
  } catch (error) {
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    console.error(error.message);
    return 1;
  }
}

function readLeaf(file: string): string {
  const remedy = "name a file with the device's own certificate as PEM, without its key";
  let certificate;
  try {
    certificate = new X509Certificate(readFileSync(file));
  } catch (error) {
    throw new RemoteError(`${file} is no certificate: ${reasonOf(error as Error)}`, remedy);
  }
  if (certificate.ca) {
    throw new RemoteError(`${file} is the certificate of an authority: every device of it would be kept out`, remedy);
  }
  return certificate.toString();
}
