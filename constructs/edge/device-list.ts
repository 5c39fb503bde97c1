import { createHash } from "node:crypto";
import { allDifferent, collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";

/** Keys that are made when the device is, and again for each further version. */
export interface SymmetricKeys {
  /** Says which of the three it is. */
  readonly kind: "symmetricKeys";
  /** Raise it by one for new keys, 1 to 1,000,000. The device stays away until it has the new one from the vault. @default 1 */
  readonly keyVersion?: number;
}

/** A certificate that a CA has signed which the hub knows; its subject is the device id. */
export interface SignedCertificate {
  /** Says which of the three it is. */
  readonly kind: "certificateAuthority";
}

/** Certificates that are known by their thumbprints. */
export interface Thumbprints {
  /** Says which of the three it is. */
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
  /** Whether it runs the IoT Edge runtime; others send through a parent. Decide it for good when the device is made. @default true */
  readonly edge?: boolean;
  /** How it signs in. @default - symmetric keys */
  readonly authentication?: DeviceAuthentication;
  /** Id of the edge device that it reaches the hub through, at most five levels. A change from or to another level replaces the device. @default - it reaches the hub itself */
  readonly parent?: string;
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

/** Levels of nested devices (learn.microsoft.com/azure/iot-edge/how-to-connect-downstream-iot-edge-device, limits). */
export const MAX_LEVELS = 5;

const DEVICE_ID = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;
const KINDS = ["symmetricKeys", "certificateAuthority", "thumbprints"] as const;

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

/** Mistakes in a list of devices. */
export function deviceListProblems(devices: readonly EdgeDevice[]): Problem[] {
  return [
    ...collect(
      allDifferent(
        devices.map(({ id }, index) => ({ path: `[${index}].id`, value: id })),
        "give each device an id of its own, different in more than upper and lower case",
      ),
      // Two ids that are written differently and come out the same are as good as impossible, and still must not share keys.
      allDifferent(
        devices.map(({ id }, index) => ({ path: `[${index}].id`, value: deviceSecretName(id) })),
        "rename one of the two devices: their secrets would have the same name",
      ),
    ).filter((problem, index, all) => all.findIndex(({ path }) => path === problem.path) === index),
    ...devices.flatMap((device, index) => under(`[${index}]`, deviceProblems(device))),
    ...parentProblems(devices),
    ...gatewayProblems(devices),
  ];
}

function deviceProblems(device: EdgeDevice): Problem[] {
  const tags = Object.entries(device.tags ?? {});
  return [
    ...collect(
      hasForm(
        "id",
        device.id,
        DEVICE_ID,
        "1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '",
        "rename the device",
      ),
      hasForm(
        "hostname",
        device.hostname,
        /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
        "a DNS name or an IPv4 address",
        "write how its children reach it",
      ),
      ...tags.map(([name, value]) => tagProblems(name, value)),
      problemIf(
        tags.length > 50,
        "tags",
        tags.length,
        "at most 50 tags; a twin takes 8 KB of them",
        "keep to what rings and people look for",
      ),
    ),
    ...under("authentication", authenticationProblems(authenticationOf(device))),
    ...virtualMachineProblems(device),
  ];
}

function tagProblems(name: string, value: string): Problem[] {
  return collect(
    hasForm(
      `tags.${name}`,
      name,
      /^(?!(environment|gateway)$)[A-Za-z_]\w{0,62}$/,
      "a name of 1 to 63 letters, digits and underscores, other than environment and gateway, which are set for you",
      "rename the tag",
    ),
    hasForm(
      `tags.${name}`,
      value,
      /^[\w\-:.+%#*?!(),=@;]{1,128}$/,
      "a value of 1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ;",
      "write it without spaces and quotes: target conditions take no others",
    ),
  );
}

function authenticationProblems(authentication: DeviceAuthentication): Problem[] {
  const thumbprint = (path: string, value: string | undefined): Problem[] =>
    collect(
      hasForm(
        path,
        value,
        /^([0-9a-f]{40}|[0-9a-f]{64})$/i,
        "40 or 64 hexadecimal digits without separators",
        "take it from `openssl x509 -in CERTIFICATE -fingerprint -sha256 -noout`, without the colons",
      ),
    );
  switch (authentication.kind) {
    case "symmetricKeys":
      return collect(
        inRange(
          "keyVersion",
          authentication.keyVersion,
          { min: 1, max: 1_000_000, unit: "versions" },
          "raise it by one",
        ),
      );
    case "thumbprints":
      return [...thumbprint("primary", authentication.primary), ...thumbprint("secondary", authentication.secondary)];
    default:
      return collect(oneOf("kind", authentication.kind, KINDS, "choose how the device signs in"));
  }
}

function virtualMachineProblems(device: EdgeDevice): Problem[] {
  if (device.virtualMachine !== true) {
    return [];
  }
  const fits =
    authenticationOf(device).kind === "symmetricKeys" && device.parent === undefined && device.edge !== false;
  return collect(
    hasForm(
      "id",
      device.id,
      /^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/,
      "1 to 60 lower-case letters, digits and hyphens, for a device that is a virtual machine of that name",
      "rename the device, or leave virtualMachine out",
    ),
    problemIf(
      !fits,
      "virtualMachine",
      true,
      "an edge device with symmetric keys and without a parent",
      "leave it out: the machine gets its connection string from the vault and reaches the hub itself",
    ),
  );
}

/** A gateway runs an edge hub, and whoever has children is one. */
function gatewayProblems(devices: readonly EdgeDevice[]): Problem[] {
  return devices.flatMap(({ id, edge, gateway }, index) => {
    const child = devices.find(({ parent }) => parent === id);
    return collect(
      problemIf(
        edge === false && gateway === true,
        `[${index}].gateway`,
        true,
        "false for a device without the IoT Edge runtime",
        "leave it out: only an edge hub takes connections of others",
      ),
      problemIf(
        gateway === false && child !== undefined,
        `[${index}].gateway`,
        false,
        `true while ${child?.id ?? ""} has it as its parent`,
        "leave it out, or give the other device another parent",
      ),
    );
  });
}

function parentProblems(devices: readonly EdgeDevice[]): Problem[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const levels = levelsOf(devices);
  return devices.flatMap(({ id, parent }, index) => {
    if (parent === undefined) {
      return [];
    }
    const path = `[${index}].parent`;
    const above = byId.get(parent);
    const level = levels.get(id);
    if (above === undefined) {
      return [
        {
          path,
          value: parent,
          allowed: "the id of a device in this list",
          remedy: "add the parent, or correct its id",
        },
      ];
    }
    return collect(
      problemIf(
        above.edge === false,
        path,
        parent,
        "the id of an edge device",
        "choose a parent that runs the IoT Edge runtime",
      ),
      problemIf(
        level === undefined && isInCircle(id, byId),
        path,
        parent,
        "a device that does not, over its own parents, come back to this one",
        "let the topmost of them reach the hub itself: leave its parent out",
      ),
      problemIf(
        level !== undefined && level > MAX_LEVELS,
        path,
        parent,
        `a device with at most ${MAX_LEVELS - 2} others above it: there are ${MAX_LEVELS} levels`,
        "let it reach the hub through a device further up",
      ),
    );
  });
}

function isInCircle(id: string, byId: ReadonlyMap<string, EdgeDevice>): boolean {
  const seen = new Set<string>();
  for (
    let current = byId.get(id)?.parent;
    current !== undefined && !seen.has(current);
    current = byId.get(current)?.parent
  ) {
    if (current === id) {
      return true;
    }
    seen.add(current);
  }
  return false;
}
