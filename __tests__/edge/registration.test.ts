import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import type { ValidationError } from "@edge-anomaly-detection/common";
import { configToml, type DeviceIdentity, setupCommands } from "../../edge-manifests/device-config";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { device } from "../../stacks/commands/device";
import { registeringDevice, type RegistrationRequest } from "../../stacks/commands/device-registration";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";
import { provisioningEnvironments } from "../support/provisioning";

const { complained } = listenToConsole();

const request: RegistrationRequest = {
  group: "canary",
  registrationId: "press-07",
  idScope: "0ne00A1B2C3",
  tpm: false,
};
const configured = (
  more: Partial<RegistrationRequest>,
  environment: EnvironmentConfig = provisioningEnvironments.open,
): DeviceIdentity => registeringDevice(organization, environment, { ...request, ...more });
const messages = { timeToLiveSeconds: 7_200, messagesPerSecond: 1 };
const commands = (more: Partial<RegistrationRequest>): string[] => setupCommands(configured(more), messages);

/** What the IoT Edge runtime reads. */
function parsed(more: Partial<RegistrationRequest>, environment?: EnvironmentConfig): Record<string, unknown> {
  const script = "import json,sys,tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))";
  const json = execFileSync("python3", ["-c", script], { input: configToml(configured(more, environment)) });
  return JSON.parse(json.toString()) as Record<string, unknown>;
}

const GLOBAL = "https://global.azure-devices-provisioning.net";
const registering = { source: "dps", global_endpoint: GLOBAL, id_scope: "0ne00A1B2C3" };

test("with certificate and key in files", () => {
  expect(parsed({}).provisioning).toEqual({
    ...registering,
    attestation: {
      method: "x509",
      registration_id: "press-07",
      identity_cert: "file:///var/aziot/certs/identity.pem",
      identity_pk: "file:///var/aziot/secrets/identity.key.pem",
    },
  });
  expect(commands({}).join("\n")).toContain(
    "sudo install -o aziotks -g aziotks -m 0600 identity.key.pem /var/aziot/secrets/identity.key.pem",
  );
});

test("with a certificate from an EST server, which is renewed with a new key", () => {
  const url = "https://est.contoso.example/.well-known/est";
  const config = parsed({ est: url });
  expect(config.provisioning).toMatchObject({
    attestation: {
      registration_id: "press-07",
      identity_cert: {
        method: "est",
        common_name: "press-07",
        auto_renew: { rotate_key: true, threshold: "80%", retry: "4%" },
      },
    },
  });
  expect(config.cert_issuance).toEqual({
    est: {
      trusted_certs: ["file:///var/aziot/certs/est-ca.pem"],
      auth: {
        bootstrap_identity_cert: "file:///var/aziot/certs/est-bootstrap.pem",
        bootstrap_identity_pk: "file:///var/aziot/secrets/est-bootstrap.key.pem",
      },
      urls: { default: url },
    },
  });
});

test("with a key that is derived from the group's, as Azure derives it", () => {
  expect(parsed({ group: "fleet" }).provisioning).toEqual({
    ...registering,
    attestation: {
      method: "symmetric_key",
      registration_id: "press-07",
      symmetric_key: { uri: "file:///var/aziot/secrets/symmetric-key" },
    },
  });
  const groupKey = Buffer.from("a group key of thirty-two octets").toString("base64");
  const derive = commands({ group: "fleet" }).find((command) => command.includes("hmac"));
  const [, script = ""] = /python3 -c '([^']*)'/.exec(derive ?? "") ?? [];
  const derived = execFileSync("python3", ["-c", script, "press-07"], { input: `${groupKey}\n` }).toString();
  expect(derived).toBe(createHmac("sha256", Buffer.from(groupKey, "base64")).update("press-07").digest("base64"));
});

test("with a TPM", () => {
  expect(parsed({ group: undefined, tpm: true }).provisioning).toEqual({
    ...registering,
    attestation: { method: "tpm", registration_id: "press-07" },
  });
});

test("behind a private endpoint it registers at the service's own address", () => {
  const { provisioning } = parsed({}, provisioningEnvironments.private);
  expect(provisioning).toMatchObject({
    global_endpoint: expect.stringMatching(/^https:\/\/provs-anomaly-dpp-\w{6}\.azure-devices-provisioning\.net$/),
  });
});

test("the rest of the file is that of every other device", () => {
  expect(parsed({})).toMatchObject({
    agent: { name: "edgeAgent", config: { image: expect.stringContaining("azureiotedge-agent") } },
  });
  expect(configToml(configured({}))).toBe(configToml(configured({})));
  expect(commands({}).slice(-2)).toEqual(["sudo iotedge config apply", "sudo iotedge check"]);
});

const refused = (more: Partial<RegistrationRequest>, environment?: EnvironmentConfig): string[] => {
  try {
    configured(more, environment);
    return [];
  } catch (error) {
    return (error as ValidationError).problems.map(({ path }) => path);
  }
};

test.each<[string, Partial<RegistrationRequest>, string[]]>([
  [
    "everything",
    { group: "nobody", registrationId: "Press 07", idScope: "x", est: "http://est" },
    ["GROUP", "REGISTRATION_ID", "--id-scope", "--est", "--est"],
  ],
  ["no scope", { idScope: undefined }, ["--id-scope"]],
  ["a common name of 65 characters", { registrationId: "p".repeat(65) }, ["REGISTRATION_ID"]],
  ["a quote in an address", { est: 'https://est"x' }, ["--est"]],
  ["EST with a group of keys", { group: "fleet", est: "https://est.example" }, ["--est"]],
  ["a TPM in a group", { tpm: true }, ["--tpm"]],
])("%s is refused", (_what, more, expected) => {
  expect(refused(more)).toEqual(expected);
});

test("64 characters are a common name, 128 a registration id with a key", () => {
  expect(refused({ registrationId: "p".repeat(64) })).toEqual([]);
  expect(refused({ group: "fleet", registrationId: "p".repeat(128) })).toEqual([]);
  expect(refused({ group: "fleet", registrationId: "p".repeat(129) })).toEqual(["REGISTRATION_ID"]);
});

test("a group that is switched off, and an environment without registration", () => {
  const { provisioning } = provisioningEnvironments.open;
  const { canary } = provisioning.enrollmentGroups;
  const off = { ...provisioning, enrollmentGroups: { canary: { ...canary, enabled: false } } };
  expect(refused({}, { ...minimal, provisioning: off })).toEqual(["GROUP"]);
  expect(refused({}, minimal)).toEqual(["provisioning", "GROUP"]);
});

test.each([
  [["registration", "prod"], "name an enrollment group"],
  [["registration", "nowhere", "canary", "press-07"], "name one of the environments"],
  [["config", "prod", "press", "more"], "unknown argument more"],
  [["config", "prod", "press", "--est", "https://x"], "unknown argument --est"],
  [["registration", "prod", "a", "b", "c"], "unknown argument c"],
])("%j are invalid arguments", (args, reason) => {
  expect(device(args)).toBe(2);
  expect(complained.join("\n")).toContain(reason);
});
