import { isObject, jsonIn, property } from "../json-values";
import { type Facts, snake } from "./facts";

/** What the rules look at: one object before and after, by the names of azurerm. */
export interface RiskSubject {
  readonly type: string;
  readonly action: "create" | "update" | "delete" | "replace";
  /** Values before and after, without those that are marked as sensitive. */
  readonly before: unknown;
  readonly after: unknown;
  /** Their leaves; nothing before a new object. */
  readonly old: Facts;
  readonly next: Facts;
  /** `true` where a value is known after apply, in the shape of the value. */
  readonly unknown: unknown;
  /** Whether a property is sensitive, so that it can neither be shown nor judged. */
  readonly isSensitive: (name: string) => boolean;
  /** A text without what is sensitive, as it is shown. */
  readonly shown: (text: string) => string;
}

/** ARM types that rules know by azurerm's name: their `body.properties` are its arguments in camel case. */
const AZURERM_TYPES: Readonly<Record<string, string>> = {
  "microsoft.authorization/roleassignments": "azurerm_role_assignment",
  "microsoft.authorization/roledefinitions": "azurerm_role_definition",
  "microsoft.authorization/locks": "azurerm_management_lock",
  "microsoft.authorization/policyassignments": "azurerm_resource_policy_assignment",
  "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials":
    "azurerm_federated_identity_credential",
  "microsoft.network/networksecuritygroups": "azurerm_network_security_group",
  "microsoft.network/networksecuritygroups/securityrules": "azurerm_network_security_rule",
  "microsoft.insights/diagnosticsettings": "azurerm_monitor_diagnostic_setting",
  "microsoft.sql/servers/firewallrules": "azurerm_mssql_firewall_rule",
  "microsoft.dbforpostgresql/flexibleservers/firewallrules": "azurerm_postgresql_flexible_server_firewall_rule",
  "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems": "azurerm_backup_protected_vm",
};

/** An object as rules know it: an `azapi_resource` of some ARM types as azurerm's. */
export function asAzurerm(
  type: string,
  armType: string | undefined,
  value: unknown,
): { readonly type: string; readonly value: unknown } {
  const arm = (armType?.split("@")[0] ?? "").toLowerCase();
  const known = type === "azapi_resource" && Object.hasOwn(AZURERM_TYPES, arm) ? AZURERM_TYPES[arm] : undefined;
  if (known === undefined || !isObject(value)) {
    return { type: known ?? type, value };
  }
  const body = jsonIn(value.body) ?? value.body;
  const properties = flatProperties(property(body, "properties"));
  return {
    type: known,
    value: { name: value.name, scope: value.parent_id, parent_id: value.parent_id, ...properties },
  };
}

/** Names in snake case; `properties` of items in lists are theirs. */
function flatProperties(value: unknown, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([name, inner]): [string, unknown][] => {
      const written = name === "securityRules" ? "security_rule" : snake(name);
      if (Array.isArray(inner) && inner.some(isObject) && depth < 3) {
        return [
          [
            written,
            inner.map((item) => ({
              ...(isObject(item) ? item : {}),
              ...flatProperties(property(item, "properties"), depth + 1),
            })),
          ],
        ];
      }
      return [[written, inner]];
    }),
  );
}
