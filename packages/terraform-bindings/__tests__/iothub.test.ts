import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { Testing, TerraformIterator, TerraformStack } from "cdktf";
import {
  EphemeralIothubDeviceCredentials,
  EphemeralRandomPassword,
  IothubDevice,
  IothubDeviceTwin,
  IothubEdgeDeployment,
  IothubProvider,
  RandomProvider,
} from "../index";
import { argumentNames, providerSchema } from "../../../__tests__/support/schemas";
import { at, type Block, type StackJson } from "../../../__tests__/support/synth";

const stack = new TerraformStack(Testing.app(), "test");
new AzurermProvider(stack, "Azurerm", { features: [{}] });
new IothubProvider(stack, "Iothub", {
  hostname: "h",
  connectionString: "c",
  tenantId: "t",
  clientId: "i",
  clientIdFilePath: "f",
  clientSecret: "s",
  clientSecretFilePath: "f",
  clientCertificate: "c",
  clientCertificatePassword: "p",
  clientCertificatePath: "p",
  useOidc: true,
  oidcToken: "o",
  oidcTokenFilePath: "f",
  oidcRequestUrl: "u",
  oidcRequestToken: "t",
  adoPipelineServiceConnectionId: "a",
  useAksWorkloadIdentity: true,
  useMsi: true,
  useCli: false,
});
new RandomProvider(stack, "Random");
new IothubDevice(stack, "Device", {
  deviceId: "d",
  edgeEnabled: true,
  authentication: { type: "selfSigned", primaryThumbprint: "a", secondaryThumbprint: "b" },
  primaryKeyWo: "k",
  primaryKeyWoVersion: 1,
  secondaryKeyWo: "k",
  secondaryKeyWoVersion: 1,
  parentScope: "p",
  status: "enabled",
  statusReason: "r",
});
new IothubDeviceTwin(stack, "Twin", { deviceId: "d", tags: "{}", desiredProperties: "{}" });
new IothubEdgeDeployment(stack, "Deployment", {
  deploymentId: "d",
  modulesContent: "{}",
  targetCondition: "*",
  priority: 1,
  labels: { a: "b" },
  metrics: { a: "b" },
});
const each = TerraformIterator.fromMap({ a: { b: "c" } });
const credentials = new EphemeralIothubDeviceCredentials(stack, "Credentials", { deviceId: "d", forEach: each });
const password = new EphemeralRandomPassword(stack, "Password", {
  length: 8,
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  overrideSpecial: "-",
  minLower: 1,
  minUpper: 1,
  minNumeric: 1,
  minSpecial: 1,
});
stack.addOverride("output.connection.value", credentials.primaryConnectionString);
stack.addOverride("output.password.value", password.result);
const json = JSON.parse(Testing.synth(stack)) as StackJson;

const names = (block: Block | undefined): string[] =>
  Object.keys(block ?? {})
    .filter((name) => !["//", "for_each"].includes(name))
    .sort();

test("the providers are pinned to what the bindings describe", () => {
  expect(at(json.terraform, "required_providers.iothub")).toEqual({ source: "mwalser/iothub", version: "~> 1.1" });
  expect(at(json.terraform, "required_providers.random")).toEqual({ source: "hashicorp/random", version: "~> 3.7" });
});

test("an ephemeral block is there once for each entry, and refers to the same entry", () => {
  expect(at(json.ephemeral, "iothub_device_credentials.Credentials.for_each")).toEqual({ a: { b: "c" } });
  expect(at(json.output, "connection.value")).toBe(
    "${ephemeral.iothub_device_credentials.Credentials[each.key].primary_connection_string}",
  );
  expect(at(json.output, "password.value")).toBe("${ephemeral.random_password.Password.result}");
});

describe("iothub bindings have what the provider has", () => {
  const schema = providerSchema("mwalser.iothub");
  const resources = json.resource;

  test.each([
    ["provider", json.provider.iothub?.[0], schema.provider],
    ["iothub_device", resources.iothub_device?.Device, schema.resources.iothub_device],
    ["iothub_device_twin", resources.iothub_device_twin?.Twin, schema.resources.iothub_device_twin],
    ["iothub_edge_deployment", resources.iothub_edge_deployment?.Deployment, schema.resources.iothub_edge_deployment],
    [
      "ephemeral iothub_device_credentials",
      json.ephemeral?.iothub_device_credentials?.Credentials,
      schema.ephemeralResources.iothub_device_credentials,
    ],
  ])("%s: every argument, and no other", (_what, block, type) => {
    expect(names(block)).toEqual(argumentNames(type));
  });

  test("authentication: every argument but the keys, which would be in the state", () => {
    const nested = argumentNames(schema.resources.iothub_device, "authentication");
    expect(nested.length).toBeGreaterThan(3);
    expect(names(at(resources, "iothub_device.Device.authentication") as Block)).toEqual(
      nested.filter((name) => !name.endsWith("_key")),
    );
  });

  test("ephemeral random_password: every argument, and no other", () => {
    const random = providerSchema("hashicorp.random").ephemeralResources.random_password;
    expect(names(json.ephemeral?.random_password?.Password)).toEqual(argumentNames(random));
  });
});
