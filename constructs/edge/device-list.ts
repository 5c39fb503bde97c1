import { createHash } from "node:crypto";
import { FIRST_HUB } from "../hub/hub-stamps";

/** Keys that are made when the device is, and again for each further version. */
export interface SymmetricKeys {
  /** Distinguishes the three kinds. */
  readonly kind: "symmetricKeys";
  /** Raise it by one for new keys, 1 to 1,000,000. The device stays away until it has the new one from the vault. @default 1 */
  readonly keyVersion?: number;
}

/** A certificate that a CA has signed which the hub knows; its subject is the device id. */
export interface SignedCertificate {
  /** Distinguishes the three kinds. */
  readonly kind: "certificateAuthority";
}

/** Certificates that are known by their thumbprints. */
export interface Thumbprints {
  /** Distinguishes the three kinds. */
  readonly kind: "thumbprints";
  /** SHA-1 or SHA-256 of the certificate: 40 or 64 hexadecimal digits. */
  readonly primary: string;
  /** Another one, to change certificates without a pause. @default - the primary */
  readonly secondary?: string;
}

/** How a device proves who it is. */
export type DeviceAuthentication = SymmetricKeys | SignedCertificate | Thumbprints;

/** A device of an environment. */
export interface EdgeDevice {
  /** Device id, 1 to 128 characters of `A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ ; $ '`. The address in the state: a change replaces the device. */
  readonly id: string;
  /** Whether it runs the IoT Edge runtime; others send through a parent. It cannot be changed after the device is created. @default true */
  readonly edge?: boolean;
  /** How it signs in. @default - symmetric keys */
  readonly authentication?: DeviceAuthentication;
  /** Id of the edge device that it reaches the hub through, at most five levels. A change from or to another level replaces the device. @default - it reaches the hub itself */
  readonly parent?: string;
  /** Name of its hub: one of `hub.stamps`, or `first`. Another one replaces the device. @default "first" */
  readonly hub?: string;
  /** Tags of its twin, for rings to ask for; the environment's name is always there as `environment`. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether it may connect. @default true */
  readonly enabled?: boolean;
  /** Name or address by which its children reach it. @default - its id in lower case */
  readonly hostname?: string;
  /**
   * Whether others connect to it: the edge hub's ports 443, 5671 and 8883 are then open on the host. Its twin gets the tag
   * `gateway`. @default - true where a device has it as its parent, or where no simulated sensor runs, so that sensors send
   */
  readonly gateway?: boolean;
  /** Create a small virtual machine that is this device. @default false */
  readonly virtualMachine?: boolean;
}

/** Name of the hub that a device belongs to. */
export const deviceHub = ({ hub = FIRST_HUB }: EdgeDevice): string => hub;

/** Levels of nested devices (learn.microsoft.com/azure/iot-edge/how-to-connect-downstream-iot-edge-device, limits). */
export const MAX_LEVELS = 5;

/** Level of each device by id: 1 reaches the hub itself. Devices whose parents are missing or go in a circle have none. */
export function levelsOf(devices: readonly EdgeDevice[]): ReadonlyMap<string, number> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  // NaN for devices without a level, so that each is walked over once.
  const levels = new Map<string, number>();
  for (const device of devices) {
    const chain = new Set<EdgeDevice>();
    let current: EdgeDevice | undefined = device;
    while (current !== undefined && !levels.has(current.id) && !chain.has(current)) {
      chain.add(current);
      current = current.parent === undefined ? undefined : byId.get(current.parent);
    }
    const walked = [...chain].reverse();
    const isTop = current === undefined && walked[0]?.parent === undefined;
    let level = isTop ? 0 : (levels.get(current?.id ?? "") ?? Number.NaN);
    for (const { id } of walked) {
      level += 1;
      levels.set(id, level);
    }
  }
  return new Map([...levels].filter(([, level]) => !Number.isNaN(level)));
}

/** How a device signs in, where it says nothing too. */
export const authenticationOf = (device: EdgeDevice): DeviceAuthentication =>
  device.authentication ?? { kind: "symmetricKeys" };

/**
 * Name of the vault secret with a device's connection string: 1 to 127 letters, digits and hyphens. Ids that have other
 * characters, or capitals, which a vault does not tell apart, get a hash.
 */
export function deviceSecretName(deviceId: string): string {
  const plain = deviceId.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
  if (plain === deviceId && plain.length <= 110) {
    return `device-${plain}`;
  }
  const hash = createHash("sha256").update(deviceId).digest("hex").slice(0, 8);
  return `device-${plain.slice(0, 110)}-${hash}`;
}
