import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { review } from "../src/command";
import type { Change, RiskKind } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";
import { summaryOf } from "../src/report/summary";

const folder = mkdtempSync(join(tmpdir(), "risks-"));
const file = join(folder, "plan.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Values = Readonly<Record<string, unknown>> | null;

const write = (plan: object): void => {
  writeFileSync(
    file,
    JSON.stringify({ format_version: "1.2", terraform_version: "1.14.0", resource_changes: [], ...plan }),
  );
};

const object = (type: string, before: Values, after: Values, more: object = {}): object => ({
  address: `${type}.X`,
  mode: "managed",
  type,
  name: "X",
  change: {
    actions: before === null ? ["create"] : after === null ? ["delete"] : ["update"],
    before,
    after,
    after_unknown: {},
    ...more,
  },
});

/** The one change of an object. */
async function changeOf(type: string, before: Values, after: Values, more: object = {}): Promise<Change> {
  write({ resource_changes: [object(type, before, after, more)] });
  const { changes } = await reviewPlans([file]);
  const [change, ...others] = changes;
  if (change === undefined || others.length > 0) {
    throw new Error(`${changes.length} changes where one was looked for`);
  }
  return change;
}

/** Runs the command: what it wrote, its first line that a reader sees, its exit status. */
async function run(plan: object): Promise<{ first: string; text: string; status: number }> {
  write(plan);
  const out = join(folder, "out.md");
  const status = await review([file, "--out", out]);
  const text = readFileSync(out, "utf8");
  return { first: text.split("\n").find((line) => line.startsWith("## ")) ?? "", text, status };
}

const SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001";
const RULE = {
  name: "ssh",
  direction: "Inbound",
  access: "Allow",
  protocol: "Tcp",
  source_address_prefix: "*",
  destination_port_range: "22",
};
const ACTION = {
  address: "action.azurerm_virtual_machine_power.stop",
  type: "azurerm_virtual_machine_power",
  name: "stop",
  config_values: { virtual_machine_id: "vm-1", power_action: "power_off" },
  invoke_action_trigger: {},
};
const CHECK = {
  address: { kind: "check", to_display: "check.health" },
  status: "fail",
  instances: [
    { address: { to_display: "check.health" }, status: "fail", problems: [{ message: "The site is down." }] },
  ],
};

describe("the first line and the exit status say it of a plan that", () => {
  test.each([
    [
      "only grants Owner",
      {
        resource_changes: [
          object("azurerm_role_assignment", null, {
            role_definition_name: "Owner",
            principal_id: "stranger",
            scope: SUBSCRIPTION,
          }),
        ],
      },
      3,
      /1 dangerous change of 1: gives access \(Gives Owner on \/subscriptions\/.* to stranger\)/,
    ],
    [
      "only opens a port",
      { resource_changes: [object("azurerm_network_security_rule", null, RULE)] },
      3,
      /1 dangerous change of 1: gives access \(Opens port 22 .*everybody on the internet\)/,
    ],
    ["only invokes an action", { action_invocations: [ACTION] }, 2, /1 action is invoked \(action\.azurerm.*stop\)/],
    ["only fails a check", { checks: [CHECK] }, 2, /1 check fails \(check\.health\)/],
    [
      "only cannot evaluate a check",
      { checks: [{ ...CHECK, status: "error", instances: [] }] },
      2,
      /1 check cannot be evaluated \(check\.health\)/,
    ],
    [
      "only defers the replacement of a hub",
      {
        deferred_changes: [
          {
            reason: "provider_config_unknown",
            resource_change: object("azurerm_iothub", { name: "a" }, { name: "b" }, { actions: ["delete", "create"] }),
          },
        ],
      },
      3,
      /1 dangerous change of 1: destroys data or identities; 1 deferred/,
    ],
    ["only has a part that is not known", { brand_new: [1, 2] }, 2, /1 part of the plan not known here/],
    ["is not complete", { complete: false }, 2, /the plan is not complete/],
    [
      "changes nothing",
      { checks: [{ ...CHECK, status: "pass", instances: [] }], brand_new: [] },
      0,
      /nothing changes$/,
    ],
  ])("%s", async (_what, plan, status, line) => {
    const result = await run(plan);
    expect(result.first.replaceAll("\\", "").replaceAll("&#58;", ":")).toMatch(line);
    expect(result.status).toBe(status);
    expect(result.text).not.toMatch(/not dangerous|none of them dangerous/);
  });
});

/** Before, after, and what is said of it. */
type Case = readonly [
  what: string,
  type: string,
  before: Values,
  after: Values,
  kind: RiskKind,
  level: string,
  says: RegExp,
];

const azapi = (type: string, properties: object, parent = SUBSCRIPTION): Values => ({
  type,
  name: "x",
  parent_id: parent,
  body: { properties },
});
const NSG = "Microsoft.Network/networkSecurityGroups@2024-05-01";
const policy = (statement: object): Values => ({ policy: JSON.stringify({ Statement: [statement] }) });

const CASES: readonly Case[] = [
  // Who gets what where.
  [
    "Owner by its id",
    "azurerm_role_assignment",
    null,
    {
      role_definition_id: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635`,
      principal_id: "p",
      scope: "/x",
    },
    "access",
    "danger",
    /Gives Owner on \/x to p/,
  ],
  [
    "Contributor on a resource group",
    "azurerm_role_assignment",
    null,
    { role_definition_name: "Contributor", principal_id: "p", scope: `${SUBSCRIPTION}/resourceGroups/rg` },
    "access",
    "danger",
    /Gives Contributor/,
  ],
  [
    "a role on a resource",
    "azurerm_role_assignment",
    null,
    { role_definition_name: "AcrPull", principal_id: "p", scope: `${SUBSCRIPTION}/resourceGroups/rg/providers/A/b/c` },
    "access",
    "caution",
    /Gives AcrPull on .* to p/,
  ],
  [
    "another principal",
    "azurerm_role_assignment",
    { role_definition_name: "Owner", principal_id: "p", scope: "/x" },
    { role_definition_name: "Owner", principal_id: "q", scope: "/x" },
    "access",
    "danger",
    /to q/,
  ],
  [
    "Owner by azapi",
    "azapi_resource",
    null,
    azapi("Microsoft.Authorization/roleAssignments@2022-04-01", {
      roleDefinitionId: "x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      principalId: "p",
    }),
    "access",
    "danger",
    /Gives Owner on \/subscriptions.* to p/,
  ],
  [
    "a role that allows everything",
    "azurerm_role_definition",
    null,
    { permissions: [{ actions: ["*"] }] },
    "access",
    "danger",
    /allows \*/,
  ],
  [
    "a directory role",
    "azuread_directory_role_assignment",
    null,
    { role_id: "62e90394-69f5-4237-9190-012177145e10", principal_object_id: "p" },
    "access",
    "danger",
    /Global Administrator/,
  ],
  [
    "a foreign subject",
    "azuread_application_federated_identity_credential",
    { subject: "repo:us/app", issuer: "i", application_id: "a" },
    { subject: "repo:them/app", issuer: "i", application_id: "a" },
    "access",
    "danger",
    /Lets repo:them\/app of i sign in as a/,
  ],
  [
    "a subject for an identity",
    "azurerm_federated_identity_credential",
    null,
    { subject: "system:serviceaccount:x", issuer: "i", parent_id: "id" },
    "access",
    "danger",
    /system:serviceaccount:x/,
  ],
  [
    "a secret of an application",
    "azuread_application_password",
    null,
    { application_id: "a", display_name: "ci" },
    "access",
    "caution",
    /Makes a credential \(ci\) on a/,
  ],
  [
    "the right to purge",
    "azurerm_key_vault_access_policy",
    null,
    { object_id: "p", secret_permissions: ["Get", "Purge"] },
    "access",
    "danger",
    /secrets: Get, Purge to p/,
  ],
  [
    "the right to read secrets",
    "azurerm_key_vault",
    { access_policy: [] },
    { access_policy: [{ object_id: "p", secret_permissions: ["Get"] }] },
    "access",
    "caution",
    /secrets: Get to p/,
  ],
  [
    "a key of a hub",
    "azurerm_iothub_shared_access_policy",
    null,
    { name: "all", iothub_name: "h" },
    "access",
    "caution",
    /credential \(all\) on h/,
  ],
  [
    "administrators of AWS",
    "aws_iam_role_policy_attachment",
    null,
    { role: "r", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    "access",
    "danger",
    /AdministratorAccess to r/,
  ],
  [
    "a policy for everything",
    "aws_iam_policy",
    null,
    policy({ Effect: "Allow", Action: "*", Resource: "*" }),
    "access",
    "danger",
    /Allows \* on everything/,
  ],
  [
    "a bucket for everybody",
    "aws_s3_bucket_policy",
    null,
    policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "x" }),
    "access",
    "danger",
    /Lets everybody do s3:GetObject/,
  ],
  [
    "everybody in Google Cloud",
    "google_storage_bucket_iam_member",
    null,
    { bucket: "b", role: "roles/storage.objectViewer", member: "allUsers" },
    "access",
    "danger",
    /to allUsers/,
  ],
  [
    "administrators of a cluster",
    "kubernetes_cluster_role_binding",
    null,
    { role_ref: [{ name: "cluster-admin" }], subject: [{ name: "dev" }] },
    "access",
    "danger",
    /cluster-admin to dev/,
  ],

  // Which networks get in.
  [
    "SSH for the internet in a group",
    "azurerm_network_security_group",
    { security_rule: [] },
    { security_rule: [{ ...RULE, source_address_prefix: "Internet" }] },
    "access",
    "danger",
    /Opens port 22 \(Tcp\) from Internet/,
  ],
  [
    "SSH for the internet by azapi",
    "azapi_resource",
    azapi(NSG, { securityRules: [] }),
    azapi(NSG, {
      securityRules: [
        {
          name: "ssh",
          properties: {
            direction: "Inbound",
            access: "Allow",
            sourceAddressPrefix: "0.0.0.0/0",
            destinationPortRange: "22",
          },
        },
      ],
    }),
    "access",
    "danger",
    /Opens port 22 from 0\.0\.0\.0\/0/,
  ],
  [
    "all ports in AWS",
    "aws_security_group",
    { ingress: [] },
    { ingress: [{ cidr_blocks: ["0.0.0.0/0"], from_port: 0, to_port: 65535, protocol: "tcp" }] },
    "access",
    "danger",
    /Opens all ports/,
  ],
  [
    "a rule of AWS",
    "aws_vpc_security_group_ingress_rule",
    null,
    { cidr_ipv6: "::/0", from_port: 22, to_port: 22, ip_protocol: "tcp" },
    "access",
    "danger",
    /Opens port 22 \(tcp\) from ::\/0/,
  ],
  [
    "a firewall of Google",
    "google_compute_firewall",
    null,
    { source_ranges: ["0.0.0.0/0"], allow: [{ protocol: "tcp", ports: ["22"] }] },
    "access",
    "danger",
    /Opens port 22/,
  ],
  [
    "a database for all of Azure",
    "azurerm_mssql_firewall_rule",
    null,
    { start_ip_address: "0.0.0.0", end_ip_address: "0.0.0.0" },
    "access",
    "danger",
    /other tenants/,
  ],
  [
    "a database for the internet",
    "azurerm_postgresql_flexible_server_firewall_rule",
    null,
    { start_ip_address: "0.0.0.0", end_ip_address: "255.255.255.255" },
    "access",
    "danger",
    /a large part of the internet/,
  ],
  [
    "a database for an office",
    "azurerm_mssql_firewall_rule",
    null,
    { start_ip_address: "203.0.113.1", end_ip_address: "203.0.113.9" },
    "access",
    "caution",
    /203\.0\.113\.1 to 203\.0\.113\.9/,
  ],
  [
    "a vault's address rules",
    "azurerm_key_vault",
    { network_acls: [{ ip_rules: [] }] },
    { network_acls: [{ ip_rules: ["0.0.0.0/0"] }] },
    "access",
    "danger",
    /network_acls\.ip_rules has 0\.0\.0\.0\/0/,
  ],
  [
    "a firewall that lets in by default",
    "azurerm_storage_account",
    { network_rules: [{ default_action: "Deny" }] },
    { network_rules: [{ default_action: "Allow" }] },
    "access",
    "danger",
    /network_rules\.default_action/,
  ],
  [
    "public network access",
    "azurerm_iothub",
    { public_network_access_enabled: false },
    { public_network_access_enabled: true },
    "access",
    "danger",
    /Public networks reach it/,
  ],
  [
    "public network access by azapi",
    "azapi_resource",
    azapi("Microsoft.Devices/IotHubs@2023-06-30", { publicNetworkAccess: "Disabled" }),
    azapi("Microsoft.Devices/IotHubs@2023-06-30", { publicNetworkAccess: "Enabled" }),
    "access",
    "danger",
    /public_network_access/,
  ],
  [
    "shared keys",
    "azurerm_storage_account",
    { shared_access_key_enabled: false },
    { shared_access_key_enabled: true },
    "access",
    "danger",
    /shared_access_key_enabled/,
  ],
  [
    "local accounts",
    "azurerm_kubernetes_cluster",
    { local_account_disabled: true },
    { local_account_disabled: false },
    "access",
    "danger",
    /local_account_disabled/,
  ],
  [
    "blobs for everybody",
    "azurerm_storage_container",
    { container_access_type: "private" },
    { container_access_type: "blob" },
    "access",
    "danger",
    /Everybody on the internet may read its blobs/,
  ],
  [
    "an image for everybody",
    "azurerm_container_registry",
    null,
    { anonymous_pull_enabled: true },
    "access",
    "danger",
    /without signing in/,
  ],

  // Which protection goes.
  [
    "purge protection",
    "azurerm_key_vault",
    { purge_protection_enabled: true },
    { purge_protection_enabled: false },
    "protection",
    "danger",
    /Purge protection is off/,
  ],
  [
    "purge protection that is no longer set",
    "azurerm_key_vault",
    { purge_protection_enabled: true },
    { purge_protection_enabled: null },
    "protection",
    "danger",
    /Purge protection is off/,
  ],
  [
    "a lock",
    "azurerm_management_lock",
    { lock_level: "CanNotDelete" },
    null,
    "protection",
    "danger",
    /The lock is deleted/,
  ],
  [
    "a lock by azapi",
    "azapi_resource",
    azapi("Microsoft.Authorization/locks@2020-05-01", { level: "CanNotDelete" }),
    null,
    "protection",
    "danger",
    /The lock is deleted/,
  ],
  [
    "retention from ten years to one day",
    "azurerm_storage_container_immutability_policy",
    { immutability_period_in_days: 3650 },
    { immutability_period_in_days: 1 },
    "protection",
    "danger",
    /from 3650 to 1/,
  ],
  [
    "retention of logs",
    "azurerm_log_analytics_workspace",
    { retention_in_days: 730 },
    { retention_in_days: 30 },
    "protection",
    "danger",
    /from 730 to 30/,
  ],
  [
    "retention as a duration",
    "azurerm_mssql_database",
    { long_term_retention_policy: [{ yearly_retention: "P10Y" }] },
    { long_term_retention_policy: [{ yearly_retention: "P1D" }] },
    "protection",
    "danger",
    /from P10Y to P1D/,
  ],
  [
    "soft delete of blobs",
    "azurerm_storage_account",
    { blob_properties: [{ delete_retention_policy: [{ days: 365 }] }] },
    { blob_properties: [{ delete_retention_policy: [{ days: 1 }] }] },
    "protection",
    "danger",
    /from 365 to 1/,
  ],
  [
    "logs that were kept for ever",
    "aws_cloudwatch_log_group",
    { retention_in_days: 0 },
    { retention_in_days: 7 },
    "protection",
    "danger",
    /from 0 to 7/,
  ],
  [
    "deletion protection",
    "google_sql_database_instance",
    { deletion_protection: true },
    { deletion_protection: false },
    "protection",
    "danger",
    /deletion_protection/,
  ],
  [
    "the last snapshot",
    "aws_db_instance",
    { skip_final_snapshot: false },
    { skip_final_snapshot: true },
    "protection",
    "danger",
    /skip_final_snapshot/,
  ],
  [
    "TLS",
    "azurerm_storage_account",
    { min_tls_version: "TLS1_2" },
    { min_tls_version: "TLS1_0" },
    "protection",
    "danger",
    /from TLS1_2 to TLS1_0/,
  ],
  [
    "TLS that is no longer set",
    "azurerm_iothub",
    { min_tls_version: "1.2" },
    { min_tls_version: null },
    "protection",
    "caution",
    /no longer set: min_tls_version/,
  ],
  [
    "TLS of a new object",
    "azurerm_redis_cache",
    null,
    { minimum_tls_version: "1.0" },
    "protection",
    "caution",
    /TLS older than 1\.2/,
  ],
  [
    "HTTPS",
    "azurerm_linux_web_app",
    { https_only: true },
    { https_only: false },
    "protection",
    "danger",
    /without encryption/,
  ],
  [
    "a policy",
    "azurerm_subscription_policy_assignment",
    { enforce: true },
    { enforce: false },
    "protection",
    "danger",
    /no longer enforced/,
  ],
  [
    "a policy's assignment",
    "azurerm_resource_group_policy_assignment",
    { name: "x" },
    null,
    "protection",
    "danger",
    /no longer enforced/,
  ],
  [
    "diagnostics",
    "azurerm_monitor_diagnostic_setting",
    { name: "x" },
    null,
    "protection",
    "caution",
    /look up, what it recorded/,
  ],
  ["a backup policy", "azurerm_backup_policy_vm", { name: "x" }, null, "protection", "danger", /Nothing is backed up/],
  [
    "conditional access",
    "azuread_conditional_access_policy",
    { state: "enabled" },
    { state: "disabled" },
    "protection",
    "danger",
    /no longer enforced/,
  ],
  [
    "a rule that denies",
    "azurerm_network_security_rule",
    { ...RULE, access: "Deny" },
    null,
    "protection",
    "danger",
    /no longer denied/,
  ],

  // What is called on what.
  [
    "DELETE",
    "azapi_resource_action",
    null,
    { method: "DELETE", resource_id: "/x/y", action: "" },
    "invocation",
    "danger",
    /Calls DELETE on \/x\/y/,
  ],
  [
    "POST",
    "azapi_resource_action",
    null,
    { method: "POST", resource_id: "/x/y", action: "start" },
    "invocation",
    "caution",
    /Calls POST start on \/x\/y/,
  ],
  [
    "the method that azapi takes by default",
    "azapi_resource_action",
    null,
    { resource_id: "/x", action: "start" },
    "invocation",
    "caution",
    /Calls POST start/,
  ],
  [
    "keys that are made anew",
    "azapi_resource_action",
    null,
    { method: "POST", resource_id: "/x", action: "regenerateKey" },
    "invocation",
    "danger",
    /regenerateKey/,
  ],
  [
    "a call when it is destroyed",
    "azapi_resource_action",
    { method: "DELETE", resource_id: "/x", when: "destroy" },
    null,
    "invocation",
    "danger",
    /Calls DELETE on \/x/,
  ],
  [
    "the data plane",
    "azapi_data_plane_resource",
    null,
    { type: "Microsoft.KeyVault/vaults/secrets", parent_id: "vault" },
    "invocation",
    "caution",
    /data plane .* on vault/,
  ],
  [
    "a command on a machine",
    "azurerm_virtual_machine_run_command",
    null,
    { name: "x", virtual_machine_id: "vm" },
    "invocation",
    "caution",
    /Runs a command \(x\) on vm/,
  ],
];

describe("a change is judged by what it gives, removes and calls:", () => {
  test.each(CASES)("%s (%s)", async (_what, type, before, after, kind, level, says) => {
    const change = await changeOf(type, before, after);
    const risks = change.risks.filter((risk) => risk.kind === kind);
    expect(risks.map(({ text }) => text).join("\n")).toMatch(says);
    expect(risks[0]?.level).toBe(level);
    expect(change.level).toBe(level);
  });

  test.each([
    [
      "a role that stays",
      "azurerm_role_assignment",
      { role_definition_name: "Owner", principal_id: "p", scope: "/x", description: "a" },
      { role_definition_name: "Owner", principal_id: "p", scope: "/x", description: "b" },
    ],
    [
      "a rule for one network",
      "azurerm_network_security_rule",
      null,
      { ...RULE, source_address_prefix: "203.0.113.0/24" },
    ],
    [
      "a rule for private networks",
      "azurerm_network_security_rule",
      null,
      { ...RULE, source_address_prefix: "10.0.0.0/8" },
    ],
    ["a rule for what goes out", "azurerm_network_security_rule", null, { ...RULE, direction: "Outbound" }],
    ["a rule that denies", "azurerm_network_security_rule", null, { ...RULE, access: "Deny" }],
    [
      "a restriction that denies the rest",
      "azurerm_linux_web_app",
      null,
      { site_config: [{ ip_restriction: [{ action: "Deny", ip_address: "0.0.0.0/0" }] }] },
    ],
    ["a filter that rejects", "azurerm_iothub", null, { ip_filter_rule: [{ action: "Reject", ip_mask: "0.0.0.0/0" }] }],
    ["a port that was open before", "azurerm_network_security_rule", RULE, { ...RULE, name: "renamed" }],
    ["longer retention", "azurerm_log_analytics_workspace", { retention_in_days: 30 }, { retention_in_days: 730 }],
    [
      "retention rules in another order",
      "azurerm_x",
      { rule: [{ retention_days: 7 }, { retention_days: 30 }] },
      { rule: [{ retention_days: 30 }, { retention_days: 7 }] },
    ],
    [
      "a protection that is switched on",
      "azurerm_key_vault",
      { purge_protection_enabled: false },
      { purge_protection_enabled: true },
    ],
    [
      "a protection that stays off",
      "azurerm_key_vault",
      { purge_protection_enabled: false, a: 1 },
      { purge_protection_enabled: false, a: 2 },
    ],
    ["a newer TLS", "azurerm_storage_account", { min_tls_version: "TLS1_0" }, { min_tls_version: "TLS1_2" }],
    [
      "what a provider sets by default",
      "azurerm_storage_account",
      null,
      { public_network_access_enabled: true, shared_access_key_enabled: true, min_tls_version: "TLS1_2" },
    ],
    ["a call that reads", "azapi_resource_action", null, { method: "GET", resource_id: "/x" }],
    ["tags with telling names", "azurerm_iothub", { tags: { state: "enabled" } }, { tags: { state: "disabled" } }],
  ])("nothing is said of %s", async (_what, type, before, after) => {
    const change = await changeOf(type, before, after);
    expect([change.risks, change.level]).toEqual([[], "change"]);
  });
});

describe("what cannot be judged is said", () => {
  test("values known after apply", async () => {
    const change = await changeOf(
      "azurerm_role_assignment",
      null,
      { role_definition_name: "Reader" },
      { after_unknown: { principal_id: true, scope: true } },
    );
    expect(change.unjudged).toEqual({ type: false, paths: ["principal_id", "scope"] });
    expect(change.details.filter(({ kind }) => kind === "unknown").map(({ path }) => path)).toEqual([
      "principal_id",
      "scope",
    ]);
    const report = await reviewPlans([file]);
    expect(summaryOf(report)).toBe(
      "1 change, no danger found in what could be checked, 1 with caution; 1 unknown until apply",
    );
  });

  test("a sensitive principal, which is not shown either", async () => {
    const change = await changeOf(
      "azurerm_role_assignment",
      null,
      { role_definition_name: "Owner", principal_id: "abcdef-secret", scope: "/x" },
      { after_sensitive: { principal_id: true } },
    );
    expect(change.unjudged?.paths).toEqual(["principal_id"]);
    expect(JSON.stringify(change)).not.toContain("abcdef-secret");
  });

  test("a protection that is known after apply", async () => {
    const change = await changeOf(
      "azurerm_key_vault",
      { purge_protection_enabled: true },
      {},
      { after_unknown: { purge_protection_enabled: true } },
    );
    expect(change.unjudged?.paths).toEqual(["purge_protection_enabled"]);
  });

  test("types that no rule knows, and never that they are not dangerous", async () => {
    const { first, text, status } = await run({
      resource_changes: [object("helm_release", { version: "1" }, { version: "2" })],
    });
    expect(first).toBe("## Plan review: 1 change, no danger found in what could be checked; 1 not checked");
    expect(text).toContain("Not checked: 1 change of types or with actions that no rule knows (helm\\_release)");
    expect(status).toBe(2);
  });
});

test("of a new object it is shown who gets what where, which rule, which method on what", async () => {
  const shown = async (type: string, after: Values): Promise<string[]> =>
    (await changeOf(type, null, after)).details.map(({ path }) => path);
  const assignment = { role_definition_name: "Reader", principal_id: "p", scope: "/x", skip_check: true };
  expect(await shown("azurerm_role_assignment", assignment)).toEqual(["principal_id", "role_definition_name", "scope"]);
  expect(
    await shown("azuread_application_federated_identity_credential", { subject: "s", issuer: "i", audiences: ["a"] }),
  ).toEqual(["audiences", "issuer", "subject"]);
  expect(await shown("azapi_resource_action", { method: "POST", resource_id: "/x", action: "start" })).toEqual([
    "action",
    "method",
    "resource_id",
  ]);
  const group = await changeOf("azurerm_network_security_group", null, { name: "n", security_rule: [RULE] });
  const inside = group.details.find(({ path }) => path === "security_rule")?.details ?? [];
  expect(inside.map(({ path, after }) => `${path}=${String(after)}`)).toContain("[0].source_address_prefix=*");
});
