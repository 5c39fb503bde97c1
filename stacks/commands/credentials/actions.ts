import { randomBytes } from "node:crypto";
import { isObject, type JsonObject, RemoteError } from "@edge-anomaly-detection/common";
import {
  type DeviceKeys,
  type HubIdentity,
  type HubRegistry,
  type KeySlot,
  type Registrations,
  textOf,
  type Vault,
} from "./services";

/** A hub of the environment. */
export interface NamedHub {
  readonly host: string;
  readonly registry: HubRegistry;
}

/** Where a device is. */
interface Found extends NamedHub {
  readonly identity: HubIdentity;
}

/** The hubs that have an identity of the device: more than one where it moved and its former hub was lost. */
export async function findDevice(hubs: readonly NamedHub[], id: string): Promise<Found[]> {
  const found = await Promise.all(hubs.map(async (hub) => ({ ...hub, identity: await hub.registry.get(id) })));
  return found.flatMap(({ identity, ...hub }) => (identity === undefined ? [] : [{ ...hub, identity }]));
}

async function requireDevice(hubs: readonly NamedHub[], id: string): Promise<Found[]> {
  const found = await findDevice(hubs, id);
  if (found.length === 0) {
    throw new RemoteError(`no hub of the environment has a device ${id}`, "check the device's id and the environment");
  }
  return found;
}

/** Tag of enrollments that keep a device out and do nothing else. */
const BLOCKS = "blocks";

/** What a lost device is kept out with. */
export interface Block {
  readonly registrations?: Registrations | undefined;
  /** The device's own certificate as PEM, where its group trusts an authority. */
  readonly certificate?: string | undefined;
  /** Whether a device may register by a certificate alone. */
  readonly needsCertificate: boolean;
}

/**
 * Keeps a lost or stolen device out: first from registering again, then from every hub that has it. Carried out again it does
 * what is left.
 *
 * @param say gets what was done, a line each
 * @throws RemoteError after the hubs, where its registration cannot be blocked without its certificate
 */
export async function disableDevice(
  hubs: readonly NamedHub[],
  id: string,
  reason: string,
  { registrations, certificate, needsCertificate }: Block,
  say: (line: string) => void,
): Promise<void> {
  const own = await registrations?.enrollment(id);
  const isBlockable = own !== undefined || certificate !== undefined || !needsCertificate;
  if (registrations !== undefined && isBlockable) {
    if (own?.provisioningStatus !== "disabled") {
      await registrations.write(id, blocked(id, own, certificate), own && textOf(own.etag));
    }
    await registrations.forget(id);
    say(`${id} may not register`);
  }
  for (const { host, registry, identity } of await findDevice(hubs, id)) {
    if (identity.isEnabled) {
      await registry.update(identity, { status: "disabled", statusReason: reason });
    }
    say(`${id} is disabled in ${host}`);
  }
  if (registrations !== undefined && !isBlockable) {
    throw new RemoteError(
      `${id} may still register: its group trusts an authority, and the device's own certificate is not known`,
      "run the command again with --certificate FILE, or take the authority out of the group if that is lost as well",
    );
  }
}

function blocked(id: string, own: JsonObject | undefined, certificate: string | undefined): JsonObject {
  return {
    ...(own ?? {
      registrationId: id,
      attestation:
        certificate === undefined
          ? { type: "symmetricKey" }
          : { type: "x509", x509: { clientCertificates: { primary: { certificate } } } },
      capabilities: { iotEdge: true },
      initialTwin: { tags: { [BLOCKS]: "registration" }, properties: { desired: {} } },
    }),
    provisioningStatus: "disabled",
  };
}

/** Lets a device that was found again in. Its own enrollment is removed where only the block made it, otherwise enabled. */
export async function enableDevice(
  hubs: readonly NamedHub[],
  id: string,
  registrations: Registrations | undefined,
  say: (line: string) => void,
): Promise<void> {
  const found = await findDevice(hubs, id);
  const own = await registrations?.enrollment(id);
  if (found.length === 0 && own === undefined) {
    await requireDevice(hubs, id);
  }
  if (registrations !== undefined && own?.provisioningStatus === "disabled") {
    const tags = isObject(own.initialTwin) && isObject(own.initialTwin.tags) ? own.initialTwin.tags : {};
    await (tags[BLOCKS] === undefined
      ? registrations.write(id, { ...own, provisioningStatus: "enabled" }, textOf(own.etag))
      : registrations.removeEnrollment(id));
    say(`${id} may register`);
  }
  for (const { host, registry, identity } of found) {
    if (!identity.isEnabled) {
      await registry.update(identity, { status: "enabled", statusReason: "" });
    }
    say(`${id} is enabled in ${host}`);
  }
}

/**
 * Gives a device a new key in place of the one that it does not use, and puts the connection string with it into the vault. The
 * key in use stays valid until the next run, so the device is never cut off; after the device has taken the new one, a second
 * run replaces the old one.
 *
 * @param newKey makes a key: 32 bytes as base64
 * @throws RemoteError where the device has not connected since its last new key, unless `force`
 */
export async function rotateKey(
  hubs: readonly NamedHub[],
  vault: Vault,
  { id, secret, force }: { readonly id: string; readonly secret: string; readonly force: boolean },
  say: (line: string) => void,
  newKey: () => string = () => randomBytes(32).toString("base64"),
): Promise<void> {
  const current = await vault.get(secret);
  const inVault = connectionStringOf(current.value);
  const found = await requireDevice(hubs, id);
  const device = found.find(({ host }) => host === inVault.host);
  const keys = device?.identity.keys;
  if (device === undefined || keys === undefined) {
    throw new RemoteError(
      `${id} does not sign in with keys at ${inVault.host}`,
      "devices with certificates renew those; see docs/fleet.md",
    );
  }
  const inUse = slotOf(keys, inVault.key);
  if (inUse === undefined) {
    throw new RemoteError(
      `the connection string in the vault has neither key of ${id}`,
      "raise authentication.keyVersion of the device in edge.devices and apply: both get new ones",
    );
  }
  const { connectionChanged, isConnected } = device.identity;
  if (!force && (connectionChanged === undefined || connectionChanged < current.updated)) {
    throw new RemoteError(
      `${id} has not ${isConnected ? "connected again" : "connected"} since its last new key (${current.updated.toISOString()})`,
      "configure the device first, or say --force: a device that still uses the older key would be cut off",
    );
  }
  const other: KeySlot = inUse === "primary" ? "secondary" : "primary";
  const key = newKey();
  const { primary, secondary }: DeviceKeys =
    inUse === "primary" ? { ...keys, secondary: key } : { ...keys, primary: key };
  await device.registry.update(device.identity, {
    authentication: { type: "sas", symmetricKey: { primaryKey: primary, secondaryKey: secondary } },
  });
  await vault.set(secret, current.value.replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${key}`), current);
  say(`${id} has a new ${other} key, which is in the vault; its ${inUse} key stays valid until the next run`);
  say("next: configure the device with the new connection string, then run this again");
}

function slotOf({ primary, secondary }: DeviceKeys, key: string): KeySlot | undefined {
  return key === primary ? "primary" : key === secondary ? "secondary" : undefined;
}

function connectionStringOf(text: string): { host: string; key: string } {
  const part = (name: string): string => new RegExp(`(?:^|;)${name}=([^;]*)`).exec(text)?.[1] ?? "";
  return { host: part("HostName"), key: part("SharedAccessKey") };
}
