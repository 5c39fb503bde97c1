import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import type { Construct } from "constructs";
import type { RoleName } from "@edge-anomaly-detection/azure-facts";

/** A role for a managed identity of this stack. */
export interface RoleGrant {
  /** What the identity may do. */
  readonly role: RoleName;
  /** ARM id of what the role is for. */
  readonly scope: string;
  /** Object id of the identity. */
  readonly principalId: string;
  /** Why, in a few words; the description of the assignment in Azure. */
  readonly description: string;
}

/** One line of a table of roles that an identity needs: what for, and on what. */
export interface RoleNeed<Props> {
  /** Construct id of the assignment. */
  readonly id: string;
  /** What the identity may do. */
  readonly role: RoleName;
  /** ARM id of what the role is for, out of what the construct was given. */
  readonly on: (props: Props) => string;
  /** Why, in a few words; the description of the assignment in Azure. */
  readonly description: string;
}

/** Gives a managed identity every role of a table; returns the assignments under their ids. */
export function grantRoles<Props>(
  scope: Construct,
  principalId: string,
  needs: readonly RoleNeed<Props>[],
  props: Props,
): Record<string, RoleAssignment> {
  return Object.fromEntries(
    needs.map(({ id, role, on, description }) => [
      id,
      grantRole(scope, id, { role, scope: on(props), principalId, description }),
    ]),
  );
}

/**
 * Gives a managed identity a role and returns the assignment.
 *
 * The identity may be seconds old, so the check that Entra ID already knows it is skipped: without that a first apply
 * fails with PrincipalNotFound while the directory replicates.
 */
export function grantRole(scope: Construct, id: string, grant: RoleGrant): RoleAssignment {
  return new RoleAssignment(scope, id, {
    scope: grant.scope,
    roleDefinitionName: grant.role,
    principalId: grant.principalId,
    principalType: "ServicePrincipal",
    skipServicePrincipalAadCheck: true,
    description: grant.description,
  });
}
