import { createHash } from "node:crypto";
import { hubNames, stampOf } from "../../constructs/hub/hub-stamps";
import { iotHubName, keyVaultName, provisioningServiceName } from "../../constructs/shared/names";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { nameParts } from "../../environments/validation/name-parts";
import { type CredentialOptions, credentials } from "../../stacks/commands/credentials/command";
import { fleet } from "../../stacks/commands/fleet";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";
import { provisioningEnvironments } from "../support/provisioning";
import { ServicesStandIn } from "./stand-in";

const LEAF = "__tests__/enrollments/certificates/leaf.pem";
const AUTHORITY = "__tests__/enrollments/certificates/first.pem";

/** Two hubs, and groups of both kinds. */
const environment: EnvironmentConfig = { ...provisioningEnvironments.open, hub: { stamps: { second: {} } } };
const withoutAuthority: EnvironmentConfig = {
  ...environment,
  provisioning: { kind: "dps", enrollmentGroups: { fleet: { attestation: { kind: "symmetricKey" } } } },
};
const parts = nameParts(organization, environment);
const [first = "", second = ""] = hubNames(environment.hub ?? {}).map(
  (name) => `${iotHubName(parts, stampOf(name))}.azure-devices.net`,
);
const vault = `${keyVaultName(parts)}.vault.azure.net`;
const dps = `${provisioningServiceName(parts)}.azure-devices-provisioning.net`;

const key = (text: string): string => createHash("sha256").update(text).digest("base64");
const OLD = { primaryKey: key("primary"), secondaryKey: key("secondary") };
const device = (more: object = {}): Record<string, unknown> => ({
  deviceId: "press-01",
  status: "enabled",
  connectionState: "Connected",
  connectionStateUpdatedTime: "2026-11-25T12:00:00Z",
  capabilities: { iotEdge: true },
  deviceScope: "ms-azure-iot-edge://press-01-1",
  authentication: { type: "sas", symmetricKey: OLD },
  ...more,
});

const { printed, complained } = listenToConsole();
let azure: ServicesStandIn;
let made = 0;

beforeEach(async () => {
  azure = new ServicesStandIn();
  await azure.start([first, second, vault, dps]);
  made = 0;
});
afterEach(() => azure.stop());

const run = (
  action: CredentialOptions["action"],
  more: Partial<CredentialOptions> = {},
  where: EnvironmentConfig = environment,
): Promise<number> =>
  credentials(organization, where, {
    action,
    device: "press-01",
    force: false,
    tokenFor: (scope) => Promise.resolve(`for ${new URL(scope).host}`),
    addressOf: (host) => azure.addressOf(host),
    wait: () => Promise.resolve(),
    newKey: () => key(`new ${(made += 1)}`),
    ...more,
  });
const stored = (name: string): Record<string, unknown> | undefined => azure.stored.get(name);
const writes = (): string[] =>
  azure.seen.filter(({ method }) => method !== "GET").map(({ method, host, path }) => `${method} ${host}${path}`);
const output = (): string => [...printed, ...complained].join("\n");

const DEVICE = `${first}/devices/press-01`;
const ENROLLMENT = `${dps}/enrollments/press-01`;
const REGISTRATION = `${dps}/registrations/press-01`;
const SECRET = `${vault}/secrets/device-press-01`;

describe("a lost device", () => {
  test("may not register, and is refused by every hub that has it", async () => {
    azure.put(DEVICE, device());
    azure.put(`${second}/devices/press-01`, device());
    azure.put(REGISTRATION, {});
    expect(await run("disable", { reason: "stolen 2026-11-24", certificate: LEAF })).toBe(0);
    for (const hub of [first, second]) {
      // What it was stays: keys, scope and capabilities are sent back as they came.
      expect(stored(`${hub}/devices/press-01`)).toMatchObject({
        ...device(),
        status: "disabled",
        statusReason: "stolen 2026-11-24",
      });
    }
    expect(stored(ENROLLMENT)).toMatchObject({
      registrationId: "press-01",
      provisioningStatus: "disabled",
      attestation: {
        type: "x509",
        x509: { clientCertificates: { primary: { certificate: expect.stringContaining("BEGIN CERTIFICATE") } } },
      },
    });
    expect(stored(REGISTRATION)).toBeUndefined();
    // A device that registers between the two would be back: registration is blocked before the hubs.
    expect(writes().map((line) => line.split("/")[0])).toEqual([
      `PUT ${dps}`,
      `DELETE ${dps}`,
      `PUT ${first}`,
      `PUT ${second}`,
    ]);
    expect(new Set(azure.seen.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer for azure-devices-provisioning.net", "Bearer for iothubs.azure.net"]),
    );
  });

  test("in a group with an authority is disabled in the hubs, and the command fails, until its certificate is known", async () => {
    azure.put(DEVICE, device());
    expect(await run("disable")).toBe(1);
    expect(stored(DEVICE)).toMatchObject({ status: "disabled" });
    expect(stored(ENROLLMENT)).toBeUndefined();
    expect(output()).toContain("press-01 may still register");
    expect(await run("disable", { certificate: LEAF })).toBe(0);
    expect(stored(ENROLLMENT)).toMatchObject({ provisioningStatus: "disabled" });
  });

  test("in groups with keys needs no certificate", async () => {
    azure.put(DEVICE, device());
    expect(await run("disable", {}, withoutAuthority)).toBe(0);
    expect(stored(ENROLLMENT)).toMatchObject({ attestation: { type: "symmetricKey" }, provisioningStatus: "disabled" });
  });

  test("with an enrollment of its own keeps it, disabled, and enabled again", async () => {
    const own = {
      registrationId: "press-01",
      attestation: { type: "tpm" },
      provisioningStatus: "enabled",
      iotHubs: [first],
    };
    azure.put(ENROLLMENT, own);
    azure.put(DEVICE, device());
    expect(await run("disable")).toBe(0);
    expect(stored(ENROLLMENT)).toMatchObject({ ...own, provisioningStatus: "disabled" });
    expect(await run("enable")).toBe(0);
    expect(stored(ENROLLMENT)).toMatchObject(own);
    expect(stored(DEVICE)).toMatchObject({ status: "enabled", statusReason: "" });
  });

  test("that is found again registers as its group says", async () => {
    azure.put(DEVICE, device());
    await run("disable", { certificate: LEAF });
    expect(await run("enable")).toBe(0);
    expect(stored(ENROLLMENT)).toBeUndefined();
    expect(stored(DEVICE)).toMatchObject({ status: "enabled" });
  });

  test("a run that failed half way is finished by the next one", async () => {
    azure.put(DEVICE, device());
    azure.faults.push({ method: "PUT", path: "/devices/", status: 403 });
    expect(await run("disable", { certificate: LEAF })).toBe(1);
    expect(output()).toContain("IoT Hub Data Contributor");
    expect(stored(DEVICE)).toMatchObject({ status: "enabled" });
    expect(await run("disable", { certificate: LEAF })).toBe(0);
    expect(stored(DEVICE)).toMatchObject({ status: "disabled" });
    const before = writes().length;
    // Nothing is left but to forget a registration, which may have come back.
    expect(await run("disable", { certificate: LEAF })).toBe(0);
    expect(writes().slice(before)).toEqual([`DELETE ${REGISTRATION}`]);
  });

  test("that was never in a hub may be kept out before it comes", async () => {
    expect(await run("disable", { certificate: LEAF })).toBe(0);
    expect(stored(ENROLLMENT)).toMatchObject({ provisioningStatus: "disabled" });
  });

  test("an authority's certificate is not taken for the device's", async () => {
    expect(await run("disable", { certificate: AUTHORITY })).toBe(1);
    expect(output()).toContain("every device of it would be kept out");
    expect(azure.seen).toEqual([]);
  });

  test("a device that nobody knows cannot be enabled", async () => {
    expect(await run("enable")).toBe(1);
    expect(output()).toContain("no hub of the environment has a device press-01");
  });
});

describe("new keys", () => {
  const connection = (of: string, host = first): string => `HostName=${host};DeviceId=press-01;SharedAccessKey=${of}`;
  const keysNow = (): unknown => (stored(DEVICE)?.authentication as { symmetricKey: unknown }).symmetricKey;
  const at = (iso: string): number => Date.parse(iso) / 1000;

  beforeEach(() => {
    azure.put(DEVICE, device());
    azure.seconds = at("2026-11-25T13:00:00Z");
    azure.put(SECRET, {
      value: connection(OLD.primaryKey),
      contentType: "text/plain",
      tags: { device: "press-01" },
      attributes: { enabled: true, updated: at("2026-11-01T00:00:00Z") },
    });
  });

  test("the key that is not in use is renewed, the other one stays valid", async () => {
    expect(await run("rotate-key")).toBe(0);
    expect(keysNow()).toEqual({ primaryKey: OLD.primaryKey, secondaryKey: key("new 1") });
    expect(stored(SECRET)).toMatchObject({
      value: connection(key("new 1")),
      contentType: "text/plain",
      tags: { device: "press-01" },
    });
    expect(output()).toContain(
      "has a new secondary key, which is in the vault; its primary key stays valid until the next run",
    );
  });

  test("a second run waits for the device, then renews the other key", async () => {
    await run("rotate-key");
    expect(await run("rotate-key")).toBe(1);
    expect(output()).toContain("has not connected again since its last new key (2026-11-25T13:00:00.000Z)");
    expect(keysNow()).toEqual({ primaryKey: OLD.primaryKey, secondaryKey: key("new 1") });
    azure.put(DEVICE, { ...stored(DEVICE), connectionStateUpdatedTime: "2026-11-25T14:00:00Z" });
    expect(await run("rotate-key")).toBe(0);
    expect(keysNow()).toEqual({ primaryKey: key("new 2"), secondaryKey: key("new 1") });
    expect(stored(SECRET)).toMatchObject({ value: connection(key("new 2")) });
  });

  test("where the vault fails, the next run renews the same key: the device is never cut off", async () => {
    azure.faults.push({ method: "PUT", path: "/secrets/", status: 403 });
    expect(await run("rotate-key")).toBe(1);
    expect(keysNow()).toMatchObject({ primaryKey: OLD.primaryKey });
    expect(stored(SECRET)).toMatchObject({ value: connection(OLD.primaryKey) });
    expect(await run("rotate-key")).toBe(0);
    expect(keysNow()).toEqual({ primaryKey: OLD.primaryKey, secondaryKey: key("new 2") });
  });

  test("a device that never connected needs --force", async () => {
    azure.put(DEVICE, device({ connectionStateUpdatedTime: "0001-01-01T00:00:00", connectionState: "Disconnected" }));
    expect(await run("rotate-key")).toBe(1);
    expect(output()).toContain("has not connected since");
    expect(await run("rotate-key", { force: true })).toBe(0);
  });

  test("somebody else's change in between is not overwritten", async () => {
    azure.faults.push({ method: "PUT", path: "/devices/", status: 412 });
    expect(await run("rotate-key")).toBe(1);
    expect(output()).toContain("somebody changed the device meanwhile");
    expect(stored(SECRET)).toMatchObject({ value: connection(OLD.primaryKey) });
  });

  test.each([
    [
      "a key that the hub does not know",
      () => {
        azure.put(SECRET, { value: connection(key("else")) });
      },
      "neither key",
    ],
    [
      "another hub",
      () => {
        azure.put(SECRET, { value: connection(OLD.primaryKey, "x") });
      },
      "does not sign in with keys at x",
    ],
    [
      "a certificate",
      () => {
        azure.put(DEVICE, device({ authentication: { type: "certificateAuthority" } }));
      },
      "with keys",
    ],
    ["no secret", () => azure.stored.delete(SECRET), "the vault has no secret device-press-01"],
    ["no device", () => azure.stored.delete(DEVICE), "no hub of the environment has a device"],
  ])("%s is refused, and nothing is written", async (_what, change, reason) => {
    change();
    expect(await run("rotate-key", { force: true })).toBe(1);
    expect(output()).toContain(reason);
    expect(writes()).toEqual([]);
  });

  test("no key is ever printed", async () => {
    await run("rotate-key");
    await run("rotate-key");
    await run("rotate-key", { force: true });
    [OLD.primaryKey, OLD.secondaryKey, key("new 1"), key("new 2")].forEach((secret) => {
      expect(output()).not.toContain(secret);
    });
  });
});

test("without a provisioning service only the hubs are asked", async () => {
  const { hub } = environment;
  const plain: EnvironmentConfig = { ...minimal, name: environment.name, code: environment.code, hub };
  azure.put(DEVICE, device());
  expect(await run("disable", {}, plain)).toBe(0);
  expect(azure.seen.filter(({ host }) => host === dps)).toEqual([]);
});

test.each([
  [["device"], "say device disable"],
  [["device", "destroy", "prod", "press-01"], "say device disable"],
  [["device", "disable", "prod"], "an environment and a device"],
  [["device", "disable", "nowhere", "press-01"], "name one of the environments"],
  [["device", "disable", "prod", "press-01", "--reason", "x".repeat(129)], "at most 128 characters"],
])("%j are invalid arguments", (args, reason) => {
  expect(fleet(args)).toBe(2);
  expect(complained.join("\n")).toContain(reason);
});
