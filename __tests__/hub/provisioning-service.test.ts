import { Testing } from "cdktf";
import { Policy } from "../../constructs/policy/policy";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { organization } from "../support/environments";
import { networkEnvironments } from "../support/networks";
import { AUTHORITY, provisioningEnvironments } from "../support/provisioning";
import { at, type Block, paths, type StackJson } from "../support/synth";

type Kind = keyof typeof provisioningEnvironments;

function synthesize(environment: EnvironmentConfig): { stack: EnvironmentStack; json: StackJson } {
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
  return { stack, json: JSON.parse(Testing.synth(stack, true)) as StackJson };
}
const of = (kind: Kind): StackJson => synthesize(provisioningEnvironments[kind]).json;
const blocks = ({ resource }: StackJson, type: string): Block[] => Object.values(resource[type] ?? {});
const services = (json: StackJson): Block[] =>
  blocks(json, "azapi_resource").filter(({ type }) =>
    String(type).startsWith("Microsoft.Devices/provisioningServices@"),
  );

/** Properties of the published types (Azure/bicep-types-az, microsoft.devices/2026-08-31), because azapi 2.12 checks none of them. */
const KNOWN = {
  properties: [
    "allocationPolicy",
    "authorizationPolicies",
    "disableLocalAuth",
    "enableDataResidency",
    "iotHubs",
    "ipFilterRules",
    "portalOperationsHostName",
    "privateEndpointConnections",
    "provisioningState",
    "publicNetworkAccess",
    "state",
  ],
  iotHubs: [
    "allocationWeight",
    "applyAllocationPolicy",
    "authenticationType",
    "connectionString",
    "hostName",
    "location",
    "selectedUserAssignedIdentityResourceId",
  ],
  ipFilterRules: ["action", "filterName", "ipMask", "target"],
};

test.each(["open", "addresses", "private"] as const)("%s: linked by identity, without a key", (kind) => {
  const json = of(kind);
  const [service, ...others] = services(json);
  expect(others).toEqual([]);
  const properties = at(service, "body.properties") as Record<string, unknown>;
  expect(properties).toMatchObject({ disableLocalAuth: true, allocationPolicy: "Hashed" });
  const [link, ...more] = properties.iotHubs as Record<string, unknown>[];
  expect(more).toEqual([]);
  expect(link).toMatchObject({ authenticationType: "UserAssigned", applyAllocationPolicy: true });
  const identity = (at(service, "identity.identity_ids") ?? at(service, "identity[0].identity_ids")) as string[];
  expect(identity).toEqual([link?.selectedUserAssignedIdentityResourceId]);
  expect(JSON.stringify(service)).not.toMatch(/connectionString|SharedAccessKey|primaryKey/i);
});

test("says nothing that the API does not know", () => {
  const properties = at(services(of("addresses"))[0], "body.properties") as Record<string, unknown>;
  const names = (value: unknown): string[] => [...new Set((value as object[]).flatMap((one) => Object.keys(one)))];
  expect(KNOWN.properties).toEqual(expect.arrayContaining(Object.keys(properties)));
  expect(KNOWN.iotHubs).toEqual(expect.arrayContaining(names(properties.iotHubs)));
  expect(KNOWN.ipFilterRules.sort()).toEqual(names(properties.ipFilterRules).sort());
});

test("its identity may write to the hub before it is linked", () => {
  const json = of("open");
  const role = blocks(json, "azurerm_role_assignment").find(({ description }) =>
    String(description).startsWith("The Device Provisioning Service"),
  );
  expect(role).toMatchObject({ role_definition_name: "IoT Hub Data Contributor" });
  expect(String(role?.scope)).toMatch(/^\$\{azurerm_iothub\.Hub_/);
  const [waitFor] = services(json)[0]?.depends_on as string[];
  const sleeps = json.resource.time_sleep ?? {};
  const triggers = JSON.stringify(sleeps[String(waitFor).replace("time_sleep.", "")]?.triggers);
  expect(triggers).toContain("azurerm_role_assignment.Provisioning_HubRole_");
});

test("whoever writes enrollment groups may do so, and readers may plan it", () => {
  const roles = blocks(of("addresses"), "azurerm_role_assignment").map((one) => one.role_definition_name);
  expect(roles).toContain("Device Provisioning Service Data Contributor");
  const readers = { plans: { objectId: "22222222-2222-4222-8222-222222222222", type: "ServicePrincipal" } } as const;
  const { json } = synthesize({ ...provisioningEnvironments.open, access: { readers } });
  expect(blocks(json, "azurerm_role_assignment").map((one) => one.role_definition_name)).toContain(
    "Device Provisioning Service Data Reader",
  );
});

test("it follows the network: everybody, addresses and nobody else, or a private endpoint", () => {
  const network = (kind: Kind): unknown[] => {
    const [service] = services(of(kind));
    return [at(service, "body.properties.publicNetworkAccess"), at(service, "body.properties.ipFilterRules")];
  };
  expect(network("open")).toEqual(["Enabled", undefined]);
  expect(network("private")).toEqual(["Disabled", undefined]);
  const [access, rules] = network("addresses") as [string, Record<string, string>[]];
  expect(access).toBe("Enabled");
  // The first rule that fits decides.
  expect(rules.map(({ action, ipMask }) => `${action} ${ipMask}`)).toEqual([
    "Accept 203.0.113.0/28",
    "Accept 198.51.100.7/32",
    "Accept 198.51.100.8/31",
    "Accept 192.0.2.0/29",
    "Reject 0.0.0.0/0",
  ]);
  const endpoint = blocks(of("private"), "azurerm_private_endpoint").find(({ name }) => name === "pe-provisioning");
  expect(at(endpoint, "private_service_connection.subresource_names")).toEqual(["iotDps"]);
  expect(JSON.stringify(at(endpoint, "private_dns_zone_group.private_dns_zone_ids"))).toContain(
    "privatelink.azure-devices-provisioning.net",
  );
});

test("the rules for the stack find nothing in it", () => {
  for (const kind of ["addresses", "private"] as const) {
    const { findings } = Policy.report(synthesize(provisioningEnvironments[kind]).stack);
    expect(findings.filter(({ level, exception }) => level === "error" && exception === undefined)).toEqual([]);
  }
});

test("a service that exists is not created, and its authorities are watched all the same", () => {
  const json = of("named");
  expect(services(json)).toEqual([]);
  expect(json.output).not.toHaveProperty("provisioning_id_scope");
  expect(alertQuery(json)).toContain('"canary", datetime(2046-11-20T');
});

const alertQuery = (json: StackJson): string =>
  blocks(json, "azurerm_monitor_scheduled_query_rules_alert_v2")
    .filter(({ name }) => name === "authority-certificate-ends")
    .map((alert) => at(alert, "criteria[0].query") as string)
    .join("\n");

test("people are told which authority's certificate ends within 90 days", () => {
  const query = alertQuery(of("open"));
  expect(query).toContain("| where ends < now() + 90d");
  expect(query.match(/datetime\(/g)).toHaveLength(1);
  const { enrollmentGroups } = provisioningEnvironments.open.provisioning;
  const { json } = synthesize({
    ...provisioningEnvironments.open,
    provisioning: { kind: "dps", enrollmentGroups: { fleet: enrollmentGroups.fleet } },
  });
  expect(alertQuery(json)).toBe("");
});

test("devices find the service by its ID scope, which is an output", () => {
  expect(JSON.stringify(of("open").output?.provisioning_id_scope)).toMatch(
    /azapi_resource\.Provisioning_\w+\.output\.idScope/,
  );
});

test("certificates that cannot be read and too many addresses are validation errors", () => {
  const { enrollmentGroups } = provisioningEnvironments.addresses.provisioning;
  const ranges = Array.from({ length: 99 }, (_, index) => `203.0.113.${index}/32`);
  const certificate = "__tests__/enrollments/certificates/none.pem";
  const found = environmentProblems(organization, {
    ...provisioningEnvironments.addresses,
    network: { kind: "internet", factoryAddresses: ranges, runnerAddresses: ["192.0.2.0/32"] },
    provisioning: {
      kind: "dps",
      enrollmentGroups: {
        ...enrollmentGroups,
        lost: { attestation: { kind: "certificateAuthority", certificate, nextCertificate: "package.crt" } },
        leaf: {
          attestation: { kind: "certificateAuthority", certificate: AUTHORITY.replace("first", "leaf") },
        },
      },
    },
  });
  expect(paths(found)).toEqual([
    "provisioning.enrollmentGroups.lost.attestation.certificate",
    "provisioning.enrollmentGroups.lost.attestation.nextCertificate",
    "provisioning.enrollmentGroups.leaf.attestation.certificate",
    "provisioning.service",
  ]);
  // A service of somebody else has rules of its own.
  const named = { ...provisioningEnvironments.named, network: networkEnvironments.internet.network };
  expect(environmentProblems(organization, { ...named, policy: {} })).toEqual([]);
});
