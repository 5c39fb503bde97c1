import type { Level, Risk } from "../report/report";
import { isObject, jsonIn, property, same } from "../json-values";
import { blocksAt, textsAt } from "./facts";
import type { RiskSubject } from "./changed-resource";

/** A type that gives somebody something somewhere. */
interface Grant {
  readonly types: RegExp;
  /** Arguments that say who, what and where, the first that is there. */
  readonly who: readonly string[];
  readonly what: readonly string[];
  readonly where: readonly string[];
  /** Words between them. @default "Gives WHAT on WHERE to WHO" */
  readonly verb?: "lets sign in" | "makes a credential" | "adds to";
  readonly level: (what: string, where: string, who: string) => Exclude<Level, "change">;
}

const isPrivileged = (role: string): boolean =>
  /^(owner|user access administrator|role based access control administrator.*|access review operator.*|reservations administrator|privileged .*administrator|global administrator|application administrator|cloud application administrator|hybrid identity administrator|roles\/(owner|editor|iam\.\w*admin|resourcemanager\.\w*admin)|roles\/.*\.(admin|setIamPolicy)|cluster-admin|.*\/(administratoraccess|iamfullaccess|poweruseraccess))$/i.test(
    role,
  );

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

const EVERYBODY = /^(allUsers|allAuthenticatedUsers|\*|system:(anonymous|unauthenticated|authenticated))$/;

const PRINCIPAL = [
  "principal_id",
  "principal_object_id",
  "principal",
  "object_id",
  "member",
  "members",
  "role_principal_id",
];

const GRANTS: readonly Grant[] = [
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
const roleOf = (text: string): string => ROLES[text.slice(text.lastIndexOf("/") + 1).toLowerCase()] ?? text;

const PENDING = "(known after apply)";

/** What the rules find, and which paths they asked for in vain. */
export interface Found {
  readonly risks: readonly Risk[];
  readonly unjudged: readonly string[];
}

const NOTHING: Found = { risks: [], unjudged: [] };

/** Whether a rule about grants knows a type. */
export const isGrant = (type: string): boolean =>
  GRANTS.some(({ types }) => types.test(type)) || Object.hasOwn(POLICIES, type) || type === "azurerm_role_definition";

/** Who gets what where. */
export function grantRisks(subject: RiskSubject): Found {
  const { type, before, after, action } = subject;
  const grant = GRANTS.find(({ types }) => types.test(type));
  if (grant === undefined) {
    return documentRisks(subject);
  }
  const names = [...grant.who, ...grant.what, ...grant.where];
  const isSame = (name: string): boolean => same(property(before, name), property(after, name));
  const pending = [grant.who, grant.what, grant.where].flatMap((all) => pendingOf(all, subject));
  if (action !== "create" && names.every(isSame) && pending.length === 0) {
    return NOTHING;
  }
  const said = (all: readonly string[]): string => {
    const name = all.find((one) => textsAt(after, [one]).some((text) => text !== ""));
    if (name === undefined) {
      const [missing] = pendingOf(all, subject);
      return missing === undefined ? "" : subject.isSensitive(missing) ? "(sensitive)" : PENDING;
    }
    return textsAt(after, [name]).slice(0, 5).map(roleOf).join(", ");
  };
  const [who, what, where] = [said(grant.who), said(grant.what), said(grant.where)];
  const text = subject.shown(sentence(grant, who, what, where));
  return { risks: [{ kind: "access", level: grant.level(what, where, who), text }], unjudged: pending };
}

/** The arguments that would say something and are known after apply, where none of them is known. */
function pendingOf(names: readonly string[], { after, unknown, isSensitive }: RiskSubject): string[] {
  const isKnown = names.some((name) => textsAt(after, [name]).some((text) => text !== ""));
  return isKnown ? [] : names.filter((name) => property(unknown, name) === true || isSensitive(name)).slice(0, 1);
}

function sentence({ verb }: Grant, who: string, what: string, where: string): string {
  const on = where === "" ? "" : ` on ${where}`;
  switch (verb) {
    case "lets sign in":
      return `Lets ${who || "somebody"}${what === "" ? "" : ` of ${what}`} sign in as ${where || "an identity"}.`;
    case "makes a credential":
      return `Makes a credential${who === "" ? "" : ` (${who})`}${on}.`;
    case "adds to":
      return `Adds ${who || "somebody"} to ${where || "a group"}.`;
    default:
      return `Gives ${what || "access"}${on}${who === "" ? "" : ` to ${who}`}.`;
  }
}

/** Arguments that hold a policy as JSON, of types that attach it. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  aws_iam_policy: ["policy"],
  aws_iam_role_policy: ["policy"],
  aws_iam_user_policy: ["policy"],
  aws_iam_group_policy: ["policy"],
  aws_iam_role: ["assume_role_policy"],
  aws_s3_bucket_policy: ["policy"],
  aws_sqs_queue_policy: ["policy"],
  aws_sqs_queue: ["policy"],
  aws_sns_topic_policy: ["policy"],
  aws_kms_key: ["policy"],
  aws_ecr_repository_policy: ["policy"],
  aws_secretsmanager_secret_policy: ["policy"],
};

/** Roles, policies and lists of policies that say in a document what somebody may. */
function documentRisks(subject: RiskSubject): Found {
  const { type, before, after, unknown } = subject;
  if (type === "azurerm_role_definition") {
    return isSame(before, after, "permissions") ? NOTHING : { risks: roleDefinition(after), unjudged: [] };
  }
  if (/^azurerm_key_vault(_access_policy)?$/.test(type)) {
    return vaultRisks(subject);
  }
  if (/^kubernetes_(cluster_)?role_binding(_v1)?$/.test(type)) {
    return kubernetesRisks(subject);
  }
  const names = Object.hasOwn(POLICIES, type) ? (POLICIES[type] ?? []) : [];
  return {
    risks: names.flatMap((name) =>
      isSame(before, after, name) ? [] : policyRisks(jsonIn(property(after, name)), subject),
    ),
    unjudged: names.filter((name) => property(unknown, name) === true),
  };
}

const isSame = (before: unknown, after: unknown, name: string): boolean =>
  same(property(before, name), property(after, name));

function roleDefinition(after: unknown): Risk[] {
  const actions = blocksAt(after, "permissions").flatMap((block) => textsAt(block, ["actions", "data_actions"]));
  const wide = actions.filter((one) =>
    /^\*$|^\*\/(write|delete|action)$|^microsoft\.authorization\/(\*|.*\/(write|\*))/i.test(one),
  );
  return wide.length > 0
    ? [{ kind: "access", level: "danger", text: `The role allows ${wide.slice(0, 5).join(", ")}.` }]
    : actions.length > 0
      ? [
          {
            kind: "access",
            level: "caution",
            text: `The role allows ${actions.slice(0, 5).join(", ")}${actions.length > 5 ? ` and ${actions.length - 5} more` : ""}.`,
          },
        ]
      : [];
}

const PERMISSIONS = ["secret_permissions", "key_permissions", "certificate_permissions", "storage_permissions"];

/** Access policies of a key vault, in it or beside it. */
function vaultRisks(subject: RiskSubject): Found {
  const { type, before, after, unknown } = subject;
  const policies = (value: unknown): readonly unknown[] =>
    type === "azurerm_key_vault" ? blocksAt(value, "access_policy") : isObject(value) ? [value] : [];
  const told = (policy: unknown): string =>
    [
      ...textsAt(policy, ["object_id", "application_id"]),
      ...PERMISSIONS.flatMap((name) => textsAt(policy, [name]).sort()),
    ].join(" ");
  const old = new Set(policies(before).map(told));
  const risks = policies(after)
    .filter((policy) => !old.has(told(policy)) && PERMISSIONS.some((name) => textsAt(policy, [name]).length > 0))
    .map((policy): Risk => {
      const given = PERMISSIONS.flatMap((name) => {
        const all = textsAt(policy, [name]);
        return all.length > 0 ? [`${name.replace("_permissions", "s")}: ${all.join(", ")}`] : [];
      });
      const isWide = PERMISSIONS.some((name) =>
        textsAt(policy, [name]).some((one) => /^(all|purge|delete|set|import|release)$/i.test(one)),
      );
      const who = textsAt(policy, ["object_id"])[0] ?? PENDING;
      return {
        kind: "access",
        level: isWide ? "danger" : "caution",
        text: subject.shown(`Gives ${given.join("; ")} to ${who}.`),
      };
    });
  const isPending = type !== "azurerm_key_vault" && property(unknown, "object_id") === true;
  return { risks, unjudged: isPending ? ["object_id"] : [] };
}

function kubernetesRisks({ before, after, shown }: RiskSubject): Found {
  if (isSame(before, after, "role_ref") && isSame(before, after, "subject")) {
    return NOTHING;
  }
  const role = blocksAt(after, "role_ref").flatMap((block) => textsAt(block, ["name"]))[0] ?? PENDING;
  const who = blocksAt(after, "subject")
    .flatMap((block) => textsAt(block, ["name"]))
    .join(", ");
  const level = isPrivileged(role) || EVERYBODY.test(who) ? "danger" : "caution";
  return { risks: [{ kind: "access", level, text: shown(`Gives ${role} to ${who || PENDING}.`) }], unjudged: [] };
}

/** Statements of a policy of AWS that allow everything, or everybody. */
function policyRisks(document: unknown, { shown }: RiskSubject): Risk[] {
  const statements = property(document, "Statement");
  const all: readonly unknown[] = Array.isArray(statements) ? (statements as readonly unknown[]) : [statements];
  return all.flatMap((statement): Risk[] => {
    if (property(statement, "Effect") !== "Allow") {
      return [];
    }
    const actions = textsAt(statement, ["Action"]);
    const principal = property(statement, "Principal");
    const who = principal === "*" ? ["*"] : textsAt(principal, ["AWS", "Federated", "CanonicalUser"]);
    const isOpen = who.includes("*") && property(statement, "Condition") === undefined;
    const isWide =
      actions.some((one) => one === "*" || /^iam:\*$/i.test(one)) &&
      principal === undefined &&
      textsAt(statement, ["Resource"]).includes("*");
    if (isOpen || isWide) {
      const what = actions.slice(0, 5).join(", ");
      return [
        {
          kind: "access",
          level: "danger",
          text: shown(isOpen ? `Lets everybody do ${what}.` : `Allows ${what} on everything.`),
        },
      ];
    }
    return who.some((one) => one !== "*")
      ? [
          {
            kind: "access",
            level: "caution",
            text: shown(`Lets ${who.slice(0, 5).join(", ")} do ${actions.slice(0, 5).join(", ")}.`),
          },
        ]
      : [];
  });
}
