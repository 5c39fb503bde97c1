import { PROVIDER_REPLACEMENTS } from "./provider-replacements";

/**
 * Arguments that replace an object although the provider's schema does not say so: its code decides it, or nobody has read the
 * schema of this provider. One that replaces only in some cases (`sku` of a Log Analytics workspace, `account_kind`, `version`
 * of PostgreSQL) is not here.
 */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  // A move from storage_account_name to storage_account_id of the same account does not replace it.
  azurerm_storage_container: ["storage_account_id"],
  azurerm_storage_queue: ["storage_account_name"],
  azurerm_storage_share: ["storage_account_id", "storage_account_name"],
  azurerm_key_vault: ["soft_delete_retention_days"],
  azurerm_mysql_flexible_server: ["version"],
  iothub_module: ["device_id", "module_id"],
  random_password: ["keepers"],
  aws_dynamodb_table: ["hash_key", "range_key", "local_secondary_index"],
  aws_s3_bucket: ["bucket", "bucket_prefix"],
  google_storage_bucket: ["hierarchical_namespace"],
};

/**
 * Arguments that are known to replace an object of a type, by Terraform path without indices (`identity.type`); none where
 * nothing is known, so that only a plan can say it.
 */
export function replacingArguments(type: string): readonly string[] {
  const known = Object.hasOwn(PROVIDER_REPLACEMENTS, type) ? (PROVIDER_REPLACEMENTS[type]?.split(" ") ?? []) : [];
  return [...known, ...documentedReplacements(type)];
}

/** The part of `replacingArguments` that no provider's schema says. */
export function documentedReplacements(type: string): readonly string[] {
  return Object.hasOwn(DOCUMENTED, type) ? (DOCUMENTED[type] ?? []) : [];
}
