import type { Level } from "../../report/report";
import { EVERYBODY, isPrivileged } from "./principals";

/** A type that gives somebody something somewhere. */
export interface Grant {
  readonly types: RegExp;
  /** Arguments that say who, what and where, the first that is there. */
  readonly who: readonly string[];
  readonly what: readonly string[];
  readonly where: readonly string[];
  /** Words between them. @default "Gives WHAT on WHERE to WHO" */
  readonly verb?: "lets sign in" | "makes a credential" | "adds to";
  readonly level: (what: string, where: string, who: string) => Exclude<Level, "change">;
}

/** Whether a role of these words changes what it is given on, not only reads it. */
const isWriting = (role: string): boolean => /contributor|administrator|operator|owner|officer|manager/i.test(role);

/** A subscription, a management group, a resource group, or everything. */
const isBroad = (scope: string): boolean =>
  scope === "/" ||
  /^\/subscriptions\/[^/]+\/?$/i.test(scope) ||
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/?$/i.test(scope) ||
  /managementgroups/i.test(scope);

const roleLevel = (role: string, scope: string): Exclude<Level, "change"> =>
  isPrivileged(role) || (isBroad(scope) && isWriting(role)) ? "danger" : "caution";

const always = (level: Exclude<Level, "change">) => (): Exclude<Level, "change"> => level;

const PRINCIPAL = [
  "principal_id",
  "principal_object_id",
  "principal",
  "object_id",
  "member",
  "members",
  "role_principal_id",
];

/** Types that give somebody something, in azurerm, azuread, aws and google. */
export const GRANTS: readonly Grant[] = [
  {
    types: /^azurerm_(\w+_)?role_assignment$/,
    who: PRINCIPAL,
    what: ["role_definition_name", "role_name", "role_definition_id"],
    where: ["scope", "account_name", "synapse_workspace_id", "managed_hsm_id", "parent_id"],
    level: roleLevel,
  },
  {
    types: /^azuread_directory_role_(assignment|member|eligibility_schedule_request|assignment_schedule_request)$/,
    who: ["principal_object_id", "member_object_id", "principal_id"],
    what: ["role_id", "role_object_id", "role_definition_id"],
    where: ["directory_scope_id", "app_scope_id"],
    level: always("danger"),
  },
  {
    types: /^azuread_(app_role_assignment|service_principal_delegated_permission_grant)$/,
    who: ["principal_object_id", "user_object_id", "service_principal_object_id"],
    what: ["app_role_id", "claim_values"],
    where: ["resource_object_id", "resource_service_principal_object_id"],
    level: always("caution"),
  },
  {
    types:
      /^azuread_(group_member|group_owner|administrative_unit_member|application_owner|access_package_assignment_policy)$/,
    who: ["member_object_id", "owner_object_id"],
    what: [],
    where: ["group_object_id", "administrative_unit_object_id", "application_id"],
    verb: "adds to",
    level: always("caution"),
  },
  {
    types: /(^azuread_application_(flexible_)?|^azurerm_)federated_identity_credential$/,
    who: ["subject", "claims_matching_expression"],
    what: ["issuer"],
    where: ["application_id", "application_object_id", "user_assigned_identity_id", "parent_id"],
    verb: "lets sign in",
    level: always("danger"),
  },
  {
    types:
      /^azuread_(application|service_principal)_(password|certificate)$|^aws_iam_(access_key|user_login_profile|service_specific_credential)$|^google_service_account_key$|^azurerm_(\w+_)?(shared_access_policy|authorization_rule|local_user|sas_token|registry_token|registry_token_password|api_key)$/,
    who: ["display_name", "name", "user", "user_name", "username"],
    what: [],
    where: [
      "application_id",
      "service_principal_id",
      "service_account_id",
      "iothub_name",
      "iothub_dps_name",
      "namespace_name",
      "namespace_id",
      "eventhub_name",
      "storage_account_id",
      "container_registry_name",
      "managed_disk_id",
    ],
    verb: "makes a credential",
    level: always("caution"),
  },
  {
    types:
      /^azurerm_(lighthouse_(definition|assignment)|\w+_active_directory_administrator|mssql_server_azuread_administrator)$/,
    who: ["managing_tenant_id", "object_id", "login", "principal_name", "lighthouse_definition_id"],
    what: [],
    where: ["scope", "server_id", "server_name", "managed_instance_id"],
    level: always("danger"),
  },
  {
    types: /^azurerm_kusto_(cluster|database)_principal_assignment$/,
    who: ["principal_id"],
    what: ["role"],
    where: ["cluster_name", "database_name"],
    level: (role) => (/admin/i.test(role) ? "danger" : "caution"),
  },
  {
    types: /^aws_iam_\w*policy_attachment$/,
    who: ["role", "user", "group", "users", "roles"],
    what: ["policy_arn"],
    where: [],
    level: (policy) => (isPrivileged(policy) ? "danger" : "caution"),
  },
  {
    types: /^aws_lambda_permission$/,
    who: ["principal"],
    what: ["action"],
    where: ["function_name"],
    level: (_what, _where, who) => (EVERYBODY.test(who) ? "danger" : "caution"),
  },
  {
    types: /^google_\w+_iam_(member|binding)$/,
    who: ["member", "members"],
    what: ["role"],
    where: ["project", "folder", "org_id", "bucket", "service", "service_account_id", "dataset_id", "name"],
    level: (role, _where, who) =>
      isPrivileged(role) || who.split(", ").some((one) => EVERYBODY.test(one)) ? "danger" : "caution",
  },
];

/** Roles that are built into Azure and stand in plans by their ids. */
const ROLES: Readonly<Record<string, string>> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
  "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
  "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
  "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  // Directory roles of Entra ID.
  "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
  "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
};

/** The name of a built-in role behind an id. */
export const roleOf = (text: string): string => ROLES[text.slice(text.lastIndexOf("/") + 1).toLowerCase()] ?? text;
