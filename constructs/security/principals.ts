import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { TerraformIterator } from "cdktf";
import type { Construct } from "constructs";
import type { RoleName } from "@edge-anomaly-detection/azure-facts";
import { allDifferent, collect, type Problem } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";

const PRINCIPAL_TYPES = ["User", "Group", "ServicePrincipal"] as const;

/** Somebody or something in Entra ID. */
export interface Principal {
  /** Object id, a GUID. For an application: that of its service principal ("enterprise application"), not of the registration. */
  readonly objectId: string;
  /** What the object is. */
  readonly type: (typeof PRINCIPAL_TYPES)[number];
}

/** Principals under names that you choose; the name is the address in the state, so it stays when others come and go. */
export type Principals = Readonly<Record<string, Principal>>;

/** Validation errors in principals, with paths from their names on. */
export function principalProblems(all: Principals): Problem[] {
  const principals = Object.entries(all);
  return collect(
    ...principals.flatMap(([name, principal]) => [
      hasForm(
        name,
        name,
        /^[a-z0-9][a-z0-9-]{0,62}$/,
        "a name of 1 to 63 lower-case letters, digits and hyphens",
        "name the principal by what it is, for example platform-team",
      ),
      hasForm(
        `${name}.objectId`,
        principal.objectId,
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        "an Entra object id, for example 11111111-2222-3333-4444-555555555555",
        "take it from `az ad group show`, `az ad sp show` or `az ad signed-in-user show` (field id)",
      ),
      oneOf(`${name}.type`, principal.type, PRINCIPAL_TYPES, "write what the object is"),
    ]),
    allDifferent(
      principals.map(([name, principal]) => ({ path: `${name}.objectId`, value: principal.objectId })),
      "name each principal once; Azure refuses a second assignment of the same role",
    ),
  );
}

/** Gives each principal a role on a resource; the assignments are told apart by the principals' names. */
export function assignRole(
  scope: Construct,
  id: string,
  on: string,
  role: RoleName,
  principals: Principals,
): RoleAssignment {
  const iterator = TerraformIterator.fromMap(
    Object.fromEntries(
      Object.entries(principals).map(([name, { objectId, type }]) => [
        name,
        { principal_id: objectId.toLowerCase(), principal_type: type },
      ]),
    ),
  );
  return new RoleAssignment(scope, id, {
    forEach: iterator,
    scope: on,
    roleDefinitionName: role,
    principalId: iterator.getString("principal_id"),
    principalType: iterator.getString("principal_type"),
  });
}
