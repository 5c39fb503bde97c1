import { TerraformLocal, TerraformStack, Testing } from "cdktf";
import { DeviceSecrets } from "../../constructs/edge/device-secrets";
import { deviceSecretName, type EdgeDevice } from "../../constructs/edge/device-list";
import { EdgeDeployment } from "../../constructs/edge/edge-deployment";
import { EdgeVirtualMachine } from "../../constructs/edge/edge-virtual-machine";
import { HubDataPlane } from "../../constructs/edge/hub-data-plane";
import { IothubDevice } from "../../constructs/edge/iothub-device";
import { RegistryAccess } from "../../constructs/edge/registry-access";
import type { RegistryTokenSettings } from "../../constructs/edge/registry-tokens";
import { KeyVault } from "../../constructs/security/key-vault";
import { all, at, Bench, type Block, find, paths, problemsOf, type StackJson } from "../support/synth";

type Locals = Record<string, Record<string, Block>>;

/** A stack with devices and their secrets. */
function synthDevices(devices: readonly EdgeDevice[]): StackJson & { readonly locals: Locals } {
  const bench = new Bench();
  new HubDataPlane(bench.stack, "HubDataPlane", { hostname: bench.hub().resource.hostname });
  const vault = new KeyVault(bench.stack, "Vault", { ...bench.common("kv-test"), deployer: bench.deployer });
  const made = new IothubDevice(bench.stack, "Devices", { devices, environment: "test", after: [bench.resourceGroup] });
  new DeviceSecrets(bench.stack, "Secrets", { devices: [made], vault, after: [bench.resourceGroup] });
  return bench.json() as StackJson & { readonly locals: Locals };
}

/** The list of devices that Terraform gets. */
const listed = (json: { readonly locals: Locals }): Record<string, Block> => Object.values(json.locals)[0] ?? {};

const one: EdgeDevice = { id: "press-01", tags: { site: "aachen" } };

describe("devices", () => {
  const json = synthDevices([one]);
  const device = find(json, "iothub_device");

  test("are edge devices that sign in with keys, unless they say otherwise", () => {
    expect(listed(json)).toEqual({
      "press-01": { authentication: "sas", level: 1, secret: "device-press-01", tags: { site: "aachen" } },
    });
    expect(device.edge_enabled).toBe("${!try(each.value.leaf, false)}");
  });

  test("get keys that exist while Terraform runs alone", () => {
    const [primary] = Object.keys(json.ephemeral?.random_password ?? {}).filter((id) => id.includes("PrimaryKeys"));
    const [secondary] = Object.keys(json.ephemeral?.random_password ?? {}).filter((id) => id.includes("SecondaryKeys"));
    expect(device.primary_key_wo).toBe(
      `\${each.value.authentication == "sas" ? base64encode(ephemeral.random_password.${primary ?? ""}[each.key].result) : null}`,
    );
    expect(device.secondary_key_wo).toContain(`ephemeral.random_password.${secondary ?? ""}[each.key].result`);
    expect(JSON.stringify(device.authentication)).not.toContain("key");
  });

  test("come after the roles that allow them", () => {
    expect(device.depends_on).toEqual(["azurerm_resource_group.ResourceGroup"]);
  });

  test("have their tags and the environment's name in their twins", () => {
    expect(find(json, "iothub_device_twin").tags).toBe(
      '${jsonencode(merge(each.value.tags, { environment = "test" }))}',
    );
  });

  test("have their connection strings in the vault, write-only, renewed with the device or its keys", () => {
    const secret = find(json, "azurerm_key_vault_secret");
    const [credentials] = Object.keys(json.ephemeral?.iothub_device_credentials ?? {});
    expect(secret.value).toBeUndefined();
    expect(secret.value_wo).toBe(
      `\${ephemeral.iothub_device_credentials.${credentials ?? ""}[each.key].primary_connection_string}`,
    );
    expect(secret.value_wo_version).toMatch(/parseint\(.*generation_id.*each\.value\.keys/);
    expect(secret.name).toBe("${each.value.secret}");
    expect(secret.depends_on).toEqual(["azurerm_resource_group.ResourceGroup"]);
  });

  test("are asked for their credentials when they exist, not before", () => {
    const [credentials] = Object.values(json.ephemeral?.iothub_device_credentials ?? {});
    // An attribute that the hub makes: unknown until then.
    expect(credentials?.device_id).toMatch(/^\$\{iothub_device\.\w+\[each\.key\]\.id\}$/);
  });
});

test.each<[Partial<EdgeDevice>, Block]>([
  [{ authentication: { kind: "symmetricKeys", keyVersion: 4 } }, { keys: 4 }],
  [{ authentication: { kind: "certificateAuthority" } }, { authentication: "certificateAuthority" }],
  [
    { authentication: { kind: "thumbprints", primary: "a".repeat(40) } },
    { authentication: "selfSigned", thumbprints: ["a".repeat(40), "a".repeat(40)] },
  ],
  [
    { authentication: { kind: "thumbprints", primary: "a".repeat(40), secondary: "b".repeat(64) } },
    { thumbprints: ["a".repeat(40), "b".repeat(64)] },
  ],
  [{ enabled: false }, { status: "disabled" }],
  [{ edge: false }, { leaf: true }],
])("a device with %j is %j to Terraform", (settings, expected) => {
  expect(listed(synthDevices([{ ...one, ...settings }]))["press-01"]).toMatchObject(expected);
});

test("devices with certificates alone have neither keys nor secrets", () => {
  const json = synthDevices([{ id: "a", authentication: { kind: "certificateAuthority" } }]);
  expect(json.ephemeral).toBeUndefined();
  expect(all(json, "azurerm_key_vault_secret")).toEqual([]);
  expect(find(json, "iothub_device").primary_key_wo).toBeUndefined();
});

test("nested devices refer to the level above", () => {
  const json = synthDevices([{ id: "child", parent: "top" }, { id: "top" }]);
  const child = find(json, "iothub_device", "Devices_Level2");
  expect(child.for_each).toMatch(/if device\.level == 2/);
  expect(child.parent_scope).toMatch(/^\$\{iothub_device\.Devices_[0-9A-F]{8}\[each\.value\.parent\]\.device_scope\}$/);
  expect(find(json, "iothub_device", "Devices_9").parent_scope).toBeUndefined();
  expect(find(json, "iothub_device_twin").device_id).toMatch(/^\$\{merge\(iothub_device\.\w+, iothub_device\.\w+\)/);
});

test("a device more, before all others, changes nothing but the list", () => {
  const before = synthDevices([one]);
  const after = synthDevices([{ id: "aaa" }, one]);
  const [list = ""] = Object.keys(before.locals);
  expect(after.locals[list]?.["press-01"]).toEqual(before.locals[list]?.["press-01"]);
  expect({ ...after, locals: {} }).toEqual({ ...before, locals: {} });
});

describe("a deployment", () => {
  const ring = (image: string): { targetCondition: string; version: string; content: Record<string, Block> } => ({
    targetCondition: "tags.ring = 'x'",
    version: "2026.11",
    content: { $edgeAgent: { "properties.desired.modules.m": { image } } },
  });

  function synth(image: string, late = false): Block {
    const stack = new TerraformStack(Testing.app(), "test");
    new HubDataPlane(stack, "HubDataPlane", { hostname: "h" });
    new EdgeDeployment(stack, "Deployment", {
      layer: "detector",
      priority: 7,
      rings: { canary: ring(image), fleet: ring("a:1.0.0") },
      modules: ["m-1"],
      late,
      after: [],
    });
    return JSON.parse(Testing.synth(stack, true)) as Block;
  }
  const block = (json: Block): Block => find(json as unknown as StackJson, "iothub_edge_deployment");

  test("has an id that says what is in it", () => {
    const first = block(synth("a:1.0.0"));
    const second = block(synth("a:1.0.1"));
    expect(at(first, "for_each.canary.id")).toMatch(/^detector-canary-[0-9a-f]{10}$/);
    expect(at(second, "for_each.canary.id")).not.toBe(at(first, "for_each.canary.id"));
    expect(at(second, "for_each.fleet.id")).toBe(at(first, "for_each.fleet.id"));
  });

  test("is there before its predecessor goes", () => {
    expect(at(block(synth("a:1.0.0")), "lifecycle.create_before_destroy")).toBe(true);
  });

  test("passes on rank, condition and labels", () => {
    expect(block(synth("a:1.0.0"))).toMatchObject({
      priority: 7,
      target_condition: "${each.value.condition}",
      labels: { layer: "detector", ring: "${each.key}", version: "${each.value.version}" },
    });
  });

  test("counts devices that have applied it and whose modules run", () => {
    const { healthyRuntime, healthyModules } = block(synth("a:1.0.0")).metrics as Record<string, string>;
    expect(healthyRuntime).toContain("configurations.[[${each.value.id}]].status = 'Applied'");
    expect(healthyRuntime).toContain("properties.reported.systemModules.edgeHub.runtimeStatus = 'running'");
    expect(healthyModules).toContain("properties.reported.modules.[[m-1]].runtimeStatus = 'running'");
  });

  test("with content that is known late has its hash made late, without telling the content", () => {
    const json = synth("${some.reference}", true);
    const { deployment_id, modules_content, for_each } = block(json);
    expect(deployment_id).toMatch(
      /^detector-\$\{each\.key\}-\$\{nonsensitive\(substr\(sha256\(jsonencode\(local\.\w+\[each\.key\]\)\), 0, 10\)\)\}$/,
    );
    expect(modules_content).toMatch(/^\$\{jsonencode\(local\.\w+\[each\.key\]\)\}$/);
    expect(JSON.stringify(for_each)).not.toContain("some.reference");
  });

  test("with validation errors is refused with its path", () => {
    const stack = new TerraformStack(Testing.app(), "test");
    const make = (): unknown => new EdgeDeployment(stack, "D", { layer: "X", priority: -1, rings: {}, after: [] });
    expect(paths(problemsOf(make))).toEqual(["layer", "priority", "rings"]);
  });
});

describe("access to the registry", () => {
  const synth = (settings: RegistryTokenSettings = {}): { json: StackJson; username: string; password: string } => {
    const bench = new Bench();
    const { resourceGroup } = bench;
    const registry = bench.registry();
    const access = new RegistryAccess(bench.stack, "Access", { resourceGroup, registry, repository: "d", ...settings });
    new TerraformLocal(bench.stack, "Credential", { ...access.credential });
    const json = bench.json() as StackJson & {
      readonly locals: Record<string, { username: string; password: string }>;
    };
    const { username, password } = json.locals.Credential ?? { username: "", password: "" };
    return { json, username, password };
  };
  /** What tells one token's password from another's: its token, its end and what the end is made from. */
  const passwords = (json: StackJson): Record<string, unknown>[] =>
    all(json, "azurerm_container_registry_token_password").map((block) => {
      const end = /time_offset\.(\w+)\.rfc3339/.exec(JSON.stringify(block.password1))?.[1] ?? "";
      const { offset_days, triggers } = json.resource.time_offset?.[end] ?? {};
      return { token: String(block.container_registry_token_id).replace(/_[0-9A-F]{8}\./, "."), offset_days, triggers };
    });
  const first = {
    token: "${azurerm_container_registry_token.Access.id}",
    offset_days: 365,
    triggers: { generation: "1" },
  };

  test("is for one repository and nothing else", () => {
    expect(find(synth().json, "azurerm_container_registry_scope_map").actions).toEqual([
      "repositories/d/content/read",
      "repositories/d/metadata/read",
    ]);
  });

  test("ends a year after it was made", () => {
    const { json, password } = synth();
    expect(passwords(json)).toEqual([first]);
    expect(password).toMatch(
      /^\$\{azurerm_container_registry_token_password\.Access_Password_\w+\.password1\[0\]\.value\}$/,
    );
  });

  test("is changed without a pause: a second token first, then devices get it, then the first is renewed", () => {
    const before = synth();
    const second = { ...first, token: "${azurerm_container_registry_token.Access_SecondToken.id}" };
    const ready = synth({ generations: { second: 1 } });
    expect(passwords(ready.json)).toEqual([first, second]);
    expect(ready.password).toBe(before.password);
    const switched = synth({ active: "second" });
    expect(passwords(switched.json)).toEqual([first, second]);
    expect(switched.password).toContain("Access_SecondPassword");
    expect(switched.username).toContain("Access_SecondToken");
    const renewed = synth({ active: "second", generations: { first: 2 } });
    expect(passwords(renewed.json)).toEqual([{ ...first, triggers: { generation: "2" } }, second]);
    expect(renewed.password).toBe(switched.password);
  });

  test("keeps passwords that exist when the time for new ones changes", () => {
    const { json } = synth({ validDays: 90 });
    expect(passwords(json)).toEqual([{ ...first, offset_days: 90 }]);
    expect(at(find(json, "time_offset"), "lifecycle.ignore_changes")).toEqual(["offset_days"]);
  });

  test.each(["first", "second"] as const)("warns in every plan before the end of the password in use: %s", (active) => {
    const { json } = synth({ active, generations: { second: 1 } });
    const checks = Object.entries((json as unknown as { check: Record<string, unknown> }).check);
    expect(checks).toHaveLength(1);
    expect(JSON.stringify(checks)).toContain(
      active === "first" ? "time_offset.Access_End" : "time_offset.Access_SecondEnd",
    );
  });
});

describe("a virtual machine", () => {
  const bench = new Bench();
  new HubDataPlane(bench.stack, "HubDataPlane", { hostname: bench.hub().resource.hostname });
  const vault = new KeyVault(bench.stack, "Vault", { ...bench.common("kv-test"), deployer: bench.deployer });
  new EdgeVirtualMachine(bench.stack, "Machine", {
    resourceGroup: bench.resourceGroup,
    devices: [{ id: "sim-01" }],
    runtime: "1.6.1",
    hubHostname: bench.hub().resource.hostname,
    vault,
    virtualMachineSize: "Standard_B4s_v2",
    after: [bench.resourceGroup],
  });
  const json = bench.json() as StackJson & { readonly locals: Record<string, string> };
  const machine = find(json, "azurerm_linux_virtual_machine");
  const [cloudInit = ""] = Object.values(json.locals);

  test("is a small Ubuntu 24.04 with secure boot that nobody signs in to", () => {
    expect(machine).toMatchObject({
      size: "Standard_B4s_v2",
      disable_password_authentication: true,
      secure_boot_enabled: true,
      vtpm_enabled: true,
      source_image_reference: { offer: "ubuntu-24_04-lts" },
    });
  });

  test("lets nothing in", () => {
    const rules = find(json, "azurerm_network_security_group").security_rule as Block[];
    expect(
      rules.map(({ direction, access, destination_port_range }) => [direction, access, destination_port_range]),
    ).toEqual([["Inbound", "Deny", "*"]]);
  });

  test("may read its own secret and nothing else", () => {
    expect(find(json, "azurerm_role_assignment").role_definition_name).toBe("Key Vault Secrets User");
    expect(find(json, "azurerm_role_assignment").scope).toMatch(/\.id\}\/secrets\/\$\{each\.value\.secret\}$/);
    expect(machine.for_each).toEqual({ "sim-01": { secret: deviceSecretName("sim-01") } });
  });

  test("becomes the device by cloud-init, in which there is no secret and nothing that Terraform would run", () => {
    expect(cloudInit.startsWith("#cloud-config\n")).toBe(true);
    expect(cloudInit).toContain("iotedge config apply");
    expect(cloudInit).not.toMatch(/SharedAccessKey|HostName=/);
    // The vault's address is the only reference.
    expect(cloudInit.match(/[$%]\{[^}]*\}/g)).toEqual(["${azurerm_key_vault.Vault_23237E5B.vault_uri}"]);
    expect(machine.custom_data).toMatch(/^\$\{base64encode\(replace\(replace\(local\./);
  });

  test("starts when device, secret and role are there", () => {
    expect(machine.depends_on).toEqual(
      expect.arrayContaining([expect.stringMatching(/^time_sleep\./), "azurerm_resource_group.ResourceGroup"]),
    );
  });

  test("keeps the public half of its key alone", () => {
    expect(find(json, "azapi_resource_action").response_export_values).toEqual({ publicKey: "publicKey" });
  });
});
