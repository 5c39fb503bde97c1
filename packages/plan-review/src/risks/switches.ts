import type { Level, RiskKind } from "../report/report";
import type { Facts } from "./facts";

/** One argument, or several of the same meaning, that opens something or removes a protection. */
export interface Switch {
  /** Last names of paths, in snake case. */
  readonly names: readonly string[];
  /** Types that have it, where the name alone does not say enough. @default - all types */
  readonly types?: RegExp;
  /** Whether a value opens or weakens. */
  readonly isWeak: (value: unknown) => boolean;
  readonly kind: Extract<RiskKind, "access" | "protection">;
  /** Level of a new object with a weak value; nothing where many have it, because it is the provider's default. */
  readonly created?: Exclude<Level, "change">;
  /** Level where a value becomes weak. @default "danger" */
  readonly updated?: Exclude<Level, "change">;
  /** Whether a value that is no longer set is weak. @default false */
  readonly weakUnset?: boolean;
  /** What it means, before the path. */
  readonly text: string;
}

const isTrue = (value: unknown): boolean => value === true || value === "true" || value === "Enabled";
const isFalse = (value: unknown): boolean => value === false || value === "false" || value === "Disabled";
const isOneOf =
  (...weak: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && weak.includes(value.toLowerCase());

const PUBLIC = "Public networks reach it";
const KEYS = "Keys and passwords are accepted beside identities";

/** Arguments of azurerm, ARM, aws and google by what a value of theirs means. */
export const SWITCHES: readonly Switch[] = [
  // Who gets in.
  {
    names: [
      "public_network_access_enabled",
      "public_network_access",
      "public_network_enabled",
      "public_data_endpoint_enabled",
    ],
    isWeak: isTrue,
    kind: "access",
    weakUnset: true,
    text: PUBLIC,
  },
  {
    names: ["publicly_accessible", "endpoint_public_access"],
    isWeak: isTrue,
    kind: "access",
    created: "caution",
    text: PUBLIC,
  },
  {
    names: ["private_cluster_enabled", "enable_private_nodes", "enable_private_endpoint"],
    isWeak: isFalse,
    kind: "access",
    text: PUBLIC,
  },
  {
    names: ["internet_ingestion_enabled", "internet_query_enabled"],
    isWeak: isTrue,
    kind: "access",
    weakUnset: true,
    text: PUBLIC,
  },
  {
    names: ["default_action", "ip_restriction_default_action", "scm_ip_restriction_default_action"],
    types: /^(azurerm_|azapi_)(?!lb|application_load|monitor)/,
    isWeak: isOneOf("allow"),
    kind: "access",
    created: "caution",
    text: "The firewall lets in whom no rule names",
  },
  {
    names: [
      "shared_access_key_enabled",
      "allow_shared_key_access",
      "local_authentication_enabled",
      "local_auth_enabled",
    ],
    isWeak: isTrue,
    kind: "access",
    weakUnset: true,
    text: KEYS,
  },
  {
    names: [
      "disable_local_auth",
      "local_authentication_disabled",
      "local_account_disabled",
      "azuread_authentication_only",
    ],
    isWeak: isFalse,
    kind: "access",
    weakUnset: true,
    text: KEYS,
  },
  {
    names: ["admin_enabled", "admin_user_enabled"],
    types: /registry|^azapi_/,
    isWeak: isTrue,
    kind: "access",
    created: "caution",
    text: KEYS,
  },
  {
    names: ["disable_password_authentication"],
    isWeak: isFalse,
    kind: "access",
    created: "caution",
    text: "Passwords are accepted for sign-in",
  },
  {
    names: ["password_auth_enabled", "password_authentication_enabled", "access_keys_authentication_enabled"],
    isWeak: isTrue,
    kind: "access",
    text: KEYS,
  },
  {
    names: ["ftp_publish_basic_authentication_enabled", "webdeploy_publish_basic_authentication_enabled"],
    isWeak: isTrue,
    kind: "access",
    updated: "caution",
    text: "Passwords are accepted for publishing",
  },
  {
    names: ["sftp_enabled", "local_user_enabled", "is_sftp_enabled"],
    isWeak: isTrue,
    kind: "access",
    updated: "caution",
    text: "Local users are accepted",
  },
  {
    names: ["cross_tenant_replication_enabled", "allow_cross_tenant_replication"],
    isWeak: isTrue,
    kind: "access",
    text: "Other tenants may copy its data",
  },
  {
    names: ["allow_nested_items_to_be_public", "allow_blob_public_access"],
    isWeak: isTrue,
    kind: "access",
    weakUnset: true,
    text: "Its containers may be opened to everybody",
  },
  {
    names: ["anonymous_pull_enabled"],
    isWeak: isTrue,
    kind: "access",
    created: "danger",
    text: "Everybody may pull its images without signing in",
  },
  {
    names: ["container_access_type"],
    isWeak: isOneOf("blob", "container"),
    kind: "access",
    created: "danger",
    text: "Everybody on the internet may read its blobs",
  },
  {
    names: ["public_access"],
    types: /^azapi_resource$/,
    isWeak: isOneOf("blob", "container"),
    kind: "access",
    created: "danger",
    text: "Everybody on the internet may read its blobs",
  },
  {
    names: ["acl"],
    types: /^aws_s3_/,
    isWeak: isOneOf("public-read", "public-read-write", "authenticated-read"),
    kind: "access",
    created: "danger",
    text: "Everybody on the internet may read its objects",
  },
  {
    names: ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"],
    isWeak: isFalse,
    kind: "access",
    created: "caution",
    weakUnset: true,
    text: "The bucket may be opened to everybody",
  },
  {
    names: ["public_access_prevention"],
    isWeak: isOneOf("inherited"),
    kind: "access",
    text: "The bucket may be opened to everybody",
  },
  {
    names: ["role_based_access_control_enabled"],
    isWeak: isFalse,
    kind: "access",
    text: "Roles no longer limit who does what in it",
  },

  // What guards data.
  {
    names: ["purge_protection_enabled", "enable_purge_protection"],
    isWeak: isFalse,
    kind: "protection",
    created: "caution",
    weakUnset: true,
    text: "Purge protection is off: what is deleted can be purged at once",
  },
  {
    names: ["soft_delete_enabled", "enable_soft_delete", "is_soft_delete_enabled"],
    isWeak: isFalse,
    kind: "protection",
    created: "caution",
    weakUnset: true,
    text: "Soft delete is off: what is deleted is gone",
  },
  {
    names: ["soft_delete", "soft_delete_state"],
    isWeak: isOneOf("off", "disabled"),
    kind: "protection",
    created: "caution",
    text: "Soft delete is off: what is deleted is gone",
  },
  {
    names: [
      "versioning_enabled",
      "is_versioning_enabled",
      "point_in_time_recovery_enabled",
      "continuous_backup_enabled",
    ],
    isWeak: isFalse,
    kind: "protection",
    weakUnset: true,
    text: "Earlier versions are no longer kept",
  },
  {
    names: ["geo_redundant_backup_enabled", "backup_enabled", "automatic_backups_enabled"],
    isWeak: isFalse,
    kind: "protection",
    weakUnset: true,
    text: "Backups are no longer made, or no longer kept elsewhere",
  },
  {
    names: ["immutability", "immutability_state"],
    isWeak: isOneOf("disabled"),
    kind: "protection",
    weakUnset: true,
    text: "Backups can be changed and deleted before their time",
  },
  {
    names: ["locked"],
    types: /immutability|_lock/,
    isWeak: isFalse,
    kind: "protection",
    text: "The policy can be taken away",
  },
  {
    names: [
      "deletion_protection",
      "deletion_protection_enabled",
      "enable_deletion_protection",
      "delete_protection_enabled",
      "termination_protection",
      "termination_protection_enabled",
      "disable_api_termination",
      "disable_api_stop",
    ],
    isWeak: isFalse,
    kind: "protection",
    weakUnset: true,
    text: "Nothing keeps it from being deleted any more",
  },
  {
    names: ["prevent_destroy"],
    isWeak: isFalse,
    kind: "protection",
    updated: "caution",
    weakUnset: true,
    text: "Terraform may plan its deletion",
  },
  {
    names: ["force_destroy", "force_delete", "skip_final_snapshot"],
    isWeak: isTrue,
    kind: "protection",
    text: "A deletion takes what is in it along, without a last copy",
  },

  // What guards connections.
  {
    names: ["https_traffic_only_enabled", "enable_https_traffic_only", "supports_https_traffic_only"],
    isWeak: isFalse,
    kind: "protection",
    created: "caution",
    text: "Connections without encryption are accepted",
  },
  {
    names: [
      "https_only",
      "ssl_enforcement_enabled",
      "transit_encryption_enabled",
      "require_ssl",
      "require_secure_transport",
    ],
    isWeak: isFalse,
    kind: "protection",
    weakUnset: true,
    text: "Connections without encryption are accepted",
  },
  {
    names: ["non_ssl_port_enabled", "enable_non_ssl_port"],
    isWeak: isTrue,
    kind: "protection",
    created: "caution",
    text: "Connections without encryption are accepted",
  },
  {
    names: [
      "infrastructure_encryption_enabled",
      "encryption_at_host_enabled",
      "transparent_data_encryption_enabled",
      "storage_encrypted",
      "encrypted",
      "at_rest_encryption_enabled",
    ],
    isWeak: isFalse,
    kind: "protection",
    text: "Its data is no longer encrypted as before",
  },
  {
    names: ["secure_boot_enabled", "vtpm_enabled"],
    isWeak: isFalse,
    kind: "protection",
    updated: "caution",
    text: "The machine's start is no longer verified",
  },

  // What watches and enforces.
  {
    names: ["enforce"],
    types: /policy_assignment/,
    isWeak: isFalse,
    kind: "protection",
    weakUnset: false,
    text: "The policy is no longer enforced",
  },
  {
    names: ["enforcement_mode"],
    isWeak: isOneOf("donotenforce"),
    kind: "protection",
    created: "caution",
    text: "The policy is no longer enforced",
  },
  {
    names: ["mode"],
    types: /firewall_policy/,
    isWeak: isOneOf("detection"),
    kind: "protection",
    text: "The firewall reports attacks and no longer stops them",
  },
  {
    names: ["threat_intelligence_mode"],
    isWeak: isOneOf("off"),
    kind: "protection",
    text: "The firewall no longer stops known attackers",
  },
  {
    names: ["state"],
    types: /^azuread_conditional_access_policy$/,
    isWeak: isOneOf("disabled", "enabledforreportingbutnotenforced"),
    kind: "protection",
    text: "The policy is no longer enforced",
  },
  {
    names: ["tier"],
    types: /^azurerm_security_center_subscription_pricing$/,
    isWeak: isOneOf("free"),
    kind: "protection",
    text: "Microsoft Defender no longer protects it",
  },
  {
    names: ["enabled"],
    types:
      /firewall_policy|_alert|alert_|activity_log|advanced_threat|auditing|diagnostic|^aws_(cloudtrail|guardduty)|security_alert/,
    isWeak: isFalse,
    kind: "protection",
    text: "It no longer watches or stops anything",
  },
  {
    names: ["enable_logging"],
    types: /^aws_cloudtrail$/,
    isWeak: isFalse,
    kind: "protection",
    text: "The audit log is no longer written",
  },
];

const BY_NAME = new Map<string, Switch[]>();
for (const one of SWITCHES) {
  for (const name of one.names) {
    BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), one]);
  }
}

/** Whether a path ends in the name of a switch of any type. */
export const isSwitch = (path: string): boolean => BY_NAME.has(path.slice(path.lastIndexOf(".") + 1));

/** The switches that a path of an object of a type is. */
export function switchesAt(type: string, path: string): readonly Switch[] {
  const all = BY_NAME.get(path.slice(path.lastIndexOf(".") + 1)) ?? [];
  return all.filter(({ types }) => types === undefined || types.test(type));
}

/** Whether values of a switch become weak, or are weak in a new object. */
export function weakens({ isWeak, weakUnset = false }: Switch, path: string, before: Facts, after: Facts): boolean {
  const [old, next] = [before.get(path) ?? [], after.get(path) ?? []];
  const [weakBefore, weakAfter] = [old.filter(isWeak).length, next.filter(isWeak).length];
  return weakAfter > weakBefore || (weakUnset && next.length === 0 && old.length > 0 && weakBefore === 0);
}
