import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { BUILT_IN_ROLES, type RoleName } from "@edge-anomaly-detection/azure-facts";
import type { AssignableRoles } from "./role-assignment-condition";

/** Who gets which roles from a stack. Roles are sorted, each once. */
export interface AssignedRoles {
  /** Roles of identities that the stack itself creates, whose object ids Azure chooses. */
  readonly managedIdentities: readonly RoleName[];
  /** Roles of principals that the environment's configuration names: lower-case object id to roles. */
  readonly principals: Readonly<Record<string, readonly RoleName[]>>;
  /** Roles of whoever deploys first, where the configuration names no contributor. */
  readonly deployer: readonly RoleName[];
}

/** The parts of a synthesized role assignment that say who gets what. */
interface Assignment {
  readonly role_definition_name?: unknown;
  readonly principal_id?: unknown;
  readonly for_each?: unknown;
}

const RESOLVER = new DefaultTokenResolver(new StringConcat());
const OBJECT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAMED_BY_EACH = "${each.value.principal_id}";
const DEPLOYER = "${data.azurerm_client_config.";

/**
 * Reads from a stack's role assignments who gets which built-in role.
 *
 * @throws Error for a role that `BUILT_IN_ROLES` does not have
 */
export function assignedRoles(stack: IConstruct): AssignedRoles {
  const managedIdentities: RoleName[] = [];
  const deployer: RoleName[] = [];
  const principals: Record<string, RoleName[]> = {};
  for (const node of stack.node.findAll()) {
    if (!(node instanceof RoleAssignment)) {
      continue;
    }
    const role = roleOf(node);
    const assignment = synthesized(node);
    const named = objectIds(assignment);
    for (const objectId of named) {
      (principals[objectId] ??= []).push(role);
    }
    if (named.length === 0) {
      (String(assignment.principal_id).startsWith(DEPLOYER) ? deployer : managedIdentities).push(role);
    }
  }
  return {
    managedIdentities: once(managedIdentities),
    deployer: once(deployer),
    principals: Object.fromEntries(
      Object.entries(principals)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([objectId, roles]) => [objectId, once(roles)]),
    ),
  };
}

function synthesized(node: RoleAssignment): Assignment {
  const { resource } = Tokenization.resolve(node.toTerraform(), { scope: node.cdktfStack, resolver: RESOLVER }) as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Assignment>>>>;
  };
  return Object.values(Object.values(resource)[0] ?? {})[0] ?? {};
}

/** Object ids that the stack contains as text, directly or by `for_each` over the configuration's principals. */
function objectIds({ principal_id, for_each }: Assignment): string[] {
  const isEach = principal_id === NAMED_BY_EACH && typeof for_each === "object" && for_each !== null;
  const candidates: readonly unknown[] = isEach
    ? Object.values(for_each as Readonly<Record<string, Assignment>>).map((entry) => entry.principal_id)
    : [principal_id];
  return candidates.flatMap((id) => (typeof id === "string" && OBJECT_ID.test(id) ? [id.toLowerCase()] : []));
}

function roleOf(node: RoleAssignment): RoleName {
  const name = node.roleDefinitionNameInput ?? "";
  if (Token.isUnresolved(name) || !isRoleName(name)) {
    throw new Error(`constructs/security/built-in-roles.ts does not have the role "${name}": add its id`);
  }
  return name;
}

const isRoleName = (name: string): name is RoleName => Object.hasOwn(BUILT_IN_ROLES, name);

const once = (roles: readonly RoleName[]): RoleName[] => [...new Set(roles)].sort();

/** Object ids around a stack that its apply identity must know of. */
export interface AroundApply {
  /** The identity that applies the stack. */
  readonly apply: string;
  /** Other pipelines' identities in the same subscription, which never pass for managed identities. */
  readonly notManaged: readonly string[];
  /** Whose assignments the identity may not remove. */
  readonly keep: readonly string[];
}

/** What whoever applies a stack may assign: to managed identities, to whom the configuration names, and to itself as deployer. */
export function assignableRoles(
  { managedIdentities, principals, deployer }: AssignedRoles,
  { apply, notManaged, keep }: AroundApply,
): AssignableRoles {
  const byRoles = new Map<string, { readonly roles: readonly RoleName[]; readonly objectIds: string[] }>();
  for (const [objectId, roles] of Object.entries(principals)) {
    const grant = byRoles.get(roles.join()) ?? { roles, objectIds: [] };
    grant.objectIds.push(objectId);
    byRoles.set(roles.join(), grant);
  }
  return {
    managedIdentities,
    named: [...byRoles.values(), ...(deployer.length > 0 ? [{ roles: deployer, objectIds: [apply] }] : [])],
    notManaged: [apply, ...notManaged],
    keep,
  };
}
