import { Testing } from "cdktf";
import { Policy } from "../../constructs/policy/policy";
import { covers, declaredExceptions } from "../../constructs/shared/policy-exception";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { organization } from "../support/environments";
import { networkEnvironments, stampEnvironments } from "../support/networks";
import { at, type Block, type StackJson } from "../support/synth";

type Kind = keyof typeof networkEnvironments;

function synthesize(kind: Kind | "stampsPrivate"): { stack: EnvironmentStack; json: StackJson } {
  const environment = { ...networkEnvironments, ...stampEnvironments }[kind];
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
  return { stack, json: JSON.parse(Testing.synth(stack, true)) as StackJson };
}

const blocks = ({ resource }: StackJson, type: string): Block[] => Object.values(resource[type] ?? {});
const addressesOf = ({ resource }: StackJson): Map<string, Block> =>
  new Map(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, block]): [string, Block] => [`${type}.${id}`, block]),
    ),
  );

/** Everything that Terraform creates before an address, by its references and `depends_on`. */
function before(json: StackJson, address: string): Set<string> {
  const all = addressesOf(json);
  const locals = JSON.stringify((json as unknown as { locals?: unknown }).locals ?? {});
  const found = new Set<string>();
  const visit = (current: string): void => {
    const text = `${JSON.stringify(all.get(current) ?? {})}${JSON.stringify(all.get(current) ?? {}).includes("local.") ? locals : ""}`;
    for (const next of all.keys()) {
      if (!found.has(next) && next !== address && text.includes(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(address);
  return found;
}

const PUBLIC = "public_network_access_enabled";

test("over the internet, hub, vaults, lake, workspace account and registry answer named addresses alone", () => {
  const { json } = synthesize("internet");
  const [hub] = blocks(json, "azurerm_iothub");
  expect(at(hub, "network_rule_set[0].default_action")).toBe("Deny");
  // Otherwise the built-in endpoint stays open to everybody.
  expect(at(hub, "network_rule_set[0].apply_to_builtin_eventhub_endpoint")).toBe(true);
  expect((at(hub, "network_rule_set[0].ip_rule") as Block[]).map(({ ip_mask: mask }) => mask)).toEqual([
    "203.0.113.0/28",
    "198.51.100.7/32",
    "198.51.100.8/31",
    "192.0.2.0/29",
  ]);
  for (const vault of blocks(json, "azurerm_key_vault")) {
    expect(vault.network_acls).toMatchObject({ default_action: "Deny", bypass: "AzureServices" });
  }
  const accounts = blocks(json, "azurerm_storage_account");
  expect(
    accounts.map((account) => at(account, "network_rules.ip_rules")).filter((rules) => rules !== undefined),
  ).toEqual(
    // Storage takes no /31 and no /32.
    Array(3).fill(["203.0.113.0/28", "198.51.100.7", "198.51.100.8", "198.51.100.9", "192.0.2.0/29"]),
  );
  expect(
    blocks(json, "azurerm_container_registry").map((one) => at(one, "network_rule_set[0].default_action")),
  ).toEqual(["Deny"]);
  expect(blocks(json, "azurerm_private_endpoint")).toEqual([]);
});

test.each(["private", "existing", "existingWithPolicy"] as const)(
  "%s: nothing but the package account is public",
  (kind) => {
    const { stack, json } = synthesize(kind);
    const open = [...addressesOf(json)].filter(([, block]) => block[PUBLIC] === true).map(([address]) => address);
    expect(open).toEqual([expect.stringMatching(/^azurerm_storage_account\.PackageStorage_/)]);
    expect(
      blocks(json, "azapi_resource")
        .map((block) => at(block, "body.properties.publicNetworkAccess"))
        .filter((one) => one !== undefined),
    ).toEqual(["Disabled", "Disabled"]);
    const exceptions = declaredExceptions(stack).filter(({ rule }) => rule === "public-network-access");
    expect(exceptions.map(({ resource }) => resource)).toEqual(["PackageStorage/Account/Resource"]);
    expect(
      covers(exceptions[0] ?? { rule: "", reason: "" }, { rule: "public-network-access", resource: "Hub/Resource" }),
    ).toBe(false);
  },
);

test.each(["private", "existing"] as const)(
  "%s: every service has its endpoints, each registered in all of its zones",
  (kind) => {
    const { json } = synthesize(kind);
    const found = blocks(json, "azurerm_private_endpoint").map((block) => [
      at(block, "private_service_connection.subresource_names"),
      (at(block, "private_dns_zone_group.private_dns_zone_ids") as string[]).map(
        (id) => /privatelink[a-z.-]*/.exec(id)?.[0],
      ),
    ]);
    expect(found.sort()).toEqual(
      [
        [["API"], ["privatelink.digitaltwins.azure.net"]],
        [["amlworkspace"], ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"]],
        [
          ["azuremonitor"],
          [
            "privatelink.monitor.azure.com",
            "privatelink.oms.opinsights.azure.com",
            "privatelink.ods.opinsights.azure.com",
            "privatelink.agentsvc.azure-automation.net",
            "privatelink.blob.core.windows.net",
          ],
        ],
        [["blob"], ["privatelink.blob.core.windows.net"]],
        [["blob"], ["privatelink.blob.core.windows.net"]],
        [["blob"], ["privatelink.blob.core.windows.net"]],
        [["dfs"], ["privatelink.dfs.core.windows.net"]],
        [["file"], ["privatelink.file.core.windows.net"]],
        [["iotHub"], ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"]],
        [["namespace"], ["privatelink.servicebus.windows.net"]],
        [["queue"], ["privatelink.queue.core.windows.net"]],
        [["registry"], ["privatelink.azurecr.io"]],
        [["vault"], ["privatelink.vaultcore.azure.net"]],
        [["vault"], ["privatelink.vaultcore.azure.net"]],
      ].sort(),
    );
  },
);

test("where Azure Policy registers endpoints, no apply takes that away", () => {
  const { json } = synthesize("existingWithPolicy");
  for (const endpoint of blocks(json, "azurerm_private_endpoint")) {
    expect(endpoint.private_dns_zone_group).toBeUndefined();
    expect(endpoint.lifecycle).toEqual({ ignore_changes: ["private_dns_zone_group"] });
  }
});

test.each(["private", "existing"] as const)(
  "%s: data is written after every endpoint is there, and the ways to it",
  (kind) => {
    const { json } = synthesize(kind);
    const all = [...addressesOf(json).keys()];
    const endpoints = all.filter((address) => address.startsWith("azurerm_private_endpoint."));
    const ways = all.filter((address) => /Network_(Peering|Link)|Network_RulesOnSubnet/.test(address));
    expect([endpoints.length, ways.length]).toEqual([14, kind === "private" ? 5 : 0]);
    const data = all.filter((address) => /^(iothub_|azurerm_key_vault_secret\.)/.test(address));
    expect(data.length).toBeGreaterThan(5);
    for (const address of data) {
      const earlier = before(json, address);
      expect([...endpoints, ...ways].filter((one) => !earlier.has(one))).toEqual([]);
    }
  },
);

test("the hub's endpoint does not collide with what else changes the hub", () => {
  const { json } = synthesize("private");
  const all = [...addressesOf(json).keys()];
  const changes = all.filter((address) => address.startsWith("azurerm_iothub_"));
  const earlier = before(
    json,
    all.find((address) => address.startsWith("azurerm_private_endpoint.PrivateEndpoints_Hub_")) ?? "",
  );
  expect(changes.length).toBeGreaterThan(5);
  expect(changes.filter((one) => !earlier.has(one))).toEqual([]);
});

test("each of several hubs has its endpoint, after its own changes, and its data after that", () => {
  const { json } = synthesize("stampsPrivate");
  const all = [...addressesOf(json).keys()];
  for (const scope of ["", "Stamp-second_", "Stamp-third_"]) {
    const own = (pattern: string): string[] => all.filter((address) => new RegExp(`^${pattern}`).test(address));
    const [endpoint = "", ...more] = own(`azurerm_private_endpoint\\.${scope}PrivateEndpoints_Hub_`);
    expect(more).toEqual([]);
    const changes = own(`azurerm_iothub_\\w+\\.${scope}(Hub|Routing)_`);
    expect(changes.length).toBe(7);
    const earlier = before(json, endpoint);
    expect(changes.filter((one) => !earlier.has(one))).toEqual([]);
    const data = own(`iothub_\\w+\\.${scope}(Rollout|Devices)_`);
    expect(data.length).toBeGreaterThan(4);
    expect(data.filter((one) => !before(json, one).has(endpoint))).toEqual([]);
    expect(at(addressesOf(json).get(endpoint), "private_dns_zone_group.private_dns_zone_ids")).toHaveLength(2);
  }
  // The hubs share their zones.
  expect(blocks(json, "azurerm_private_dns_zone")).toHaveLength(1);
});

test("training reaches the lake from the network that Azure ML makes, and images are built in it", () => {
  const { json } = synthesize("private");
  const workspace = blocks(json, "azapi_resource").find(({ type }) =>
    String(type).includes("MachineLearningServices/workspaces@"),
  );
  expect(at(workspace, "body.properties.managedNetwork.isolationMode")).toBe("AllowInternetOutbound");
  expect(at(workspace, "body.properties.imageBuildCompute")).toBe(
    at(blocks(json, "azurerm_machine_learning_compute_cluster")[0], "name"),
  );
  const roles = blocks(json, "azurerm_role_assignment").map(({ role_definition_name: name }) => name);
  expect(roles).toContain("Azure AI Enterprise Network Connection Approver");
});

test.each(Object.keys(networkEnvironments) as Kind[])(
  "%s: the rules find nothing that is not excepted by a construct",
  (kind) => {
    const { stack } = synthesize(kind);
    const { findings } = Policy.report(stack);
    expect(findings.filter(({ level, exception }) => level === "error" && exception === undefined)).toEqual([]);
    const excepted = findings.filter(({ rule }) => rule === "public-network-access");
    expect(excepted.length).toBe(kind === "internet" ? 11 : 1);
    expect(excepted.every(({ exception }) => exception?.from === "construct")).toBe(true);
  },
);

test("the hub's endpoint and the subscription of episodes, which changes the hub, do not collide", () => {
  const { json } = synthesize("private");
  const all = [...addressesOf(json).keys()];
  const subscription = all.find((address) => address.startsWith("azapi_resource.Episodes_Subscription")) ?? "";
  const earlier = before(json, subscription);
  const endpoint = all.find((address) => address.startsWith("azurerm_private_endpoint.PrivateEndpoints_Hub_")) ?? "";
  expect(endpoint).not.toBe("");
  expect(earlier.has(endpoint)).toBe(true);
});
