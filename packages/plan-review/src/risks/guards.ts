import type { Level, Risk } from "../report/report";
import { property } from "../json-values";
import type { RiskSubject } from "./changed-resource";

/** Types whose objects protect something: deleting one deletes no data, and leaves it without protection. */
interface Guard {
  readonly types: RegExp;
  readonly level: Exclude<Level, "change">;
  readonly text: string;
}

const GUARDS: readonly Guard[] = [
  {
    types: /^azurerm_management_lock$/,
    level: "danger",
    text: "The lock is deleted: what it protects can be deleted or changed.",
  },
  {
    types: /immutability_policy$|^aws_backup_vault_lock_configuration$|^aws_s3_bucket_object_lock_configuration$/,
    level: "danger",
    text: "What was to stay unchanged can be changed and deleted.",
  },
  {
    types: /^azurerm_(backup_policy_|data_protection_backup_policy_)|^aws_backup_(plan|selection)$/,
    level: "danger",
    text: "Nothing is backed up by it any more.",
  },
  { types: /policy_assignment$/, level: "danger", text: "The policy is no longer enforced." },
  {
    types: /^azuread_conditional_access_policy$|^azuread_(authentication_strength_policy|named_location)$/,
    level: "danger",
    text: "Sign-ins are no longer limited by it.",
  },
  {
    types:
      /(network_security_group|interface_security_group|firewall_policy|waf\w*)_association$|^azurerm_(web_application_)?firewall(_policy|_policy_rule_collection_group)?$|^azurerm_cdn_frontdoor_(firewall|security)_policy$|^aws_wafv?2?_web_acl(_association)?$/,
    level: "danger",
    text: "Traffic is no longer filtered by it.",
  },
  {
    types:
      /^azurerm_(network_security_group|network_ddos_protection_plan)$|^azurerm_storage_account_network_rules$|^aws_s3_bucket_public_access_block$|^aws_s3_account_public_access_block$/,
    level: "danger",
    text: "Networks are no longer kept out by it.",
  },
  {
    types:
      /auditing_policy$|^azurerm_(advanced_threat_protection|security_center_subscription_pricing|mssql_server_security_alert_policy|mssql_server_transparent_data_encryption|data_protection_resource_guard)$|^aws_(cloudtrail|guardduty_detector|config_configuration_recorder|s3_bucket_versioning|s3_bucket_server_side_encryption_configuration)$/,
    level: "danger",
    text: "It no longer watches, encrypts or keeps what it was for.",
  },
  {
    types:
      /^azurerm_(monitor_diagnostic_setting|network_watcher_flow_log|monitor_\w*alert\w*|monitor_action_group|log_analytics_solution|sentinel_alert_rule_\w+)$|^aws_(flow_log|cloudwatch_metric_alarm)$|^google_logging_\w+sink$/,
    level: "caution",
    text: "Nobody is told, or can look up, what it recorded.",
  },
  { types: /^azurerm_private_endpoint$/, level: "caution", text: "Private networks no longer reach what it is for." },
];

/** Whether a rule about deleted guards knows a type. */
export const isGuard = (type: string): boolean => GUARDS.some(({ types }) => types.test(type));

/** What is no longer protected when an object is deleted; what is replaced protects again. */
export function guardRisks({ type, action, before, after }: RiskSubject): Risk[] {
  if (action === "delete") {
    const guard = GUARDS.find(({ types }) => types.test(type));
    const isDeny = type === "azurerm_network_security_rule" && property(before, "access") === "Deny";
    return [
      ...(guard === undefined ? [] : [{ kind: "protection" as const, level: guard.level, text: guard.text }]),
      ...(isDeny
        ? [
            {
              kind: "protection" as const,
              level: "danger" as const,
              text: "What the rule denied is no longer denied by it.",
            },
          ]
        : []),
    ];
  }
  const isLoosened =
    type === "azurerm_management_lock" &&
    ["lock_level", "level"].some(
      (name) => property(before, name) === "ReadOnly" && property(after, name) === "CanNotDelete",
    );
  return isLoosened
    ? [{ kind: "protection", level: "caution", text: "What the lock protects may be changed again." }]
    : [];
}
