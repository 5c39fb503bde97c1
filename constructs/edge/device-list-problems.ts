import { allDifferent, collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";
import {
  authenticationOf,
  type DeviceAuthentication,
  deviceSecretName,
  type EdgeDevice,
  levelsOf,
  MAX_LEVELS,
} from "./device-list";

const DEVICE_ID = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;
const KINDS = ["symmetricKeys", "certificateAuthority", "thumbprints"] as const;

/** Validation errors in a list of devices. */
export function deviceListProblems(devices: readonly EdgeDevice[]): Problem[] {
  return [
    ...collect(
      allDifferent(
        devices.map(({ id }, index) => ({ path: `[${index}].id`, value: id })),
        "give each device its own id, different in more than upper and lower case",
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

/** A gateway runs an edge hub, and every device with children is a gateway. */
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
