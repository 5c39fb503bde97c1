import { BUILT_IN_ROLES, type RoleName } from "./built-in-roles";
import type { Principal } from "./data-access";

/** Which role assignments somebody may make. */
export interface AssignableRoles {
  /** The roles, at least one. */
  readonly roles: readonly RoleName[];
  /** What those who get them may be, at least one kind. */
  readonly principalTypes: readonly Principal["type"][];
}

const WRITE = "Microsoft.Authorization/roleAssignments/write";
const DELETE = "Microsoft.Authorization/roleAssignments/delete";
const ROLE = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
const PRINCIPAL_TYPE = "Microsoft.Authorization/roleAssignments:PrincipalType";

/**
 * A condition on a role assignment, in the language of Azure's version 2.0
 * (learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples): whoever has the role may assign
 * these roles to these kinds of principals, and take these roles away. Whoever loses a role may be gone and then has no kind.
 */
export function roleAssignmentCondition({ roles, principalTypes }: AssignableRoles): string {
  const ids = roles.map((role) => BUILT_IN_ROLES[role]).join(", ");
  const kinds = principalTypes.map((type) => `'${type}'`).join(", ");
  return [
    unless(WRITE, [
      `@Request[${ROLE}] ForAnyOfAnyValues:GuidEquals {${ids}}`,
      `@Request[${PRINCIPAL_TYPE}] ForAnyOfAnyValues:StringEqualsIgnoreCase {${kinds}}`,
    ]),
    unless(DELETE, [`@Resource[${ROLE}] ForAnyOfAnyValues:GuidEquals {${ids}}`]),
  ].join(" AND ");
}

/** True for every other action. */
function unless(action: string, tests: readonly string[]): string {
  return `((!(ActionMatches{'${action}'})) OR (${tests.join(" AND ")}))`;
}
