import { BUILT_IN_ROLES, type RoleName } from "@edge-anomaly-detection/azure-facts";

/** Roles for principals that are known by their object ids. */
export interface NamedGrant {
  /** The roles, at least one. */
  readonly roles: readonly RoleName[];
  /** Object ids of those who may get them, at least one. */
  readonly objectIds: readonly string[];
}

/** Which role assignments somebody may create and remove. */
export interface AssignableRoles {
  /** Roles for identities whose object ids Azure chooses: managed identities that the same stack creates. */
  readonly managedIdentities: readonly RoleName[];
  /** Roles for principals by object id. */
  readonly named: readonly NamedGrant[];
  /** Object ids that never pass for a managed identity: whoever has this condition, and other pipelines' identities. At least one. */
  readonly notManaged: readonly string[];
  /** Object ids whose assignments may not be removed. @default - none */
  readonly keep?: readonly string[];
}

const WRITE = "Microsoft.Authorization/roleAssignments/write";
const DELETE = "Microsoft.Authorization/roleAssignments/delete";
const ROLE = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
const PRINCIPAL = "Microsoft.Authorization/roleAssignments:PrincipalId";
const PRINCIPAL_TYPE = "Microsoft.Authorization/roleAssignments:PrincipalType";

/**
 * A condition on a role assignment, in the language of Azure's version 2.0
 * (learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples).
 *
 * Whoever has it may create assignments of `managedIdentities` roles for service principals other than `notManaged`, and of
 * each named role for exactly the principals named with it. Removing is limited to the roles that this project assigns at all,
 * because a role that a changed configuration no longer assigns must go, and so must one whose principal is no longer named.
 *
 * Azure has no condition on the scope of an assignment, and at most 8 KB of text.
 */
export function roleAssignmentCondition({ managedIdentities, named, notManaged, keep = [] }: AssignableRoles): string {
  const grants = [
    ...(managedIdentities.length === 0
      ? []
      : [
          [
            `@Request[${ROLE}] ForAnyOfAnyValues:GuidEquals ${roleIds(managedIdentities)}`,
            `@Request[${PRINCIPAL_TYPE}] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}`,
            `@Request[${PRINCIPAL}] ForAnyOfAllValues:GuidNotEquals ${set(notManaged)}`,
          ],
        ]),
    ...named.map(({ roles, objectIds }) => [
      `@Request[${ROLE}] ForAnyOfAnyValues:GuidEquals ${roleIds(roles)}`,
      `@Request[${PRINCIPAL}] ForAnyOfAnyValues:GuidEquals ${set(objectIds)}`,
    ]),
  ].map((tests) => `(${tests.join(" AND ")})`);
  const removal = [
    `@Resource[${ROLE}] ForAnyOfAnyValues:GuidEquals ${roleIds(Object.keys(BUILT_IN_ROLES) as RoleName[])}`,
    ...(keep.length === 0 ? [] : [`@Resource[${PRINCIPAL}] ForAnyOfAllValues:GuidNotEquals ${set(keep)}`]),
  ];
  return [unless(WRITE, grants.join(" OR ")), unless(DELETE, removal.join(" AND "))].join(" AND ");
}

const set = (values: readonly string[]): string => `{${values.join(", ")}}`;

const roleIds = (roles: readonly RoleName[]): string => set(roles.map((role) => BUILT_IN_ROLES[role]));

/** True for every other action, and for this one where the test is true; no test refuses it. */
function unless(action: string, test: string): string {
  return `((!(ActionMatches{'${action}'}))${test === "" ? "" : ` OR (${test})`})`;
}
