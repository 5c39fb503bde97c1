import type { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { RoleDefinition } from "@cdktf/provider-azurerm/lib/role-definition";
import { Construct } from "constructs";
import { type AssignableRoles, roleAssignmentCondition } from "../security/role-assignment-condition";
import { assertValid, collect, problemIf } from "@edge-anomaly-detection/common";
import type { PipelineIdentity } from "./pipeline-identity";

/** What `PipelineRole` needs. */
export interface PipelineRoleProps {
  /** Name in the tenant, 1 to 512 characters. */
  readonly name: string;
  /** What the role is for, in a few words. */
  readonly description: string;
  /** ARM id of the subscription that it is for. */
  readonly subscription: string;
  /** What it allows, as ARM operations. */
  readonly actions: readonly string[];
  /** Who gets it. */
  readonly identity: PipelineIdentity;
  /** Which roles it may assign, where `actions` allow that at all. @default - no condition */
  readonly assignable?: AssignableRoles;
  /** The provider that is signed in to the subscription. @default - the stack's only one */
  readonly provider?: AzurermProvider;
}

/** Longest condition that Azure takes, in characters (learn.microsoft.com/azure/role-based-access-control/conditions-format: 8 KB). */
const MAX_CONDITION = 8192;

/** A role of exactly what an identity needs, in one subscription, and its assignment. */
export class PipelineRole extends Construct {
  public constructor(scope: Construct, id: string, props: PipelineRoleProps) {
    super(scope, id);
    const { subscription, provider, assignable } = props;
    const condition = assignable && roleAssignmentCondition(assignable);
    assertValid(
      this.node.path,
      collect(
        problemIf(
          (condition?.length ?? 0) > MAX_CONDITION,
          "assignable",
          condition?.length,
          `a condition of at most ${MAX_CONDITION} characters`,
          "put people and applications into groups in Entra ID and name the groups in the environment's access",
        ),
      ),
    );
    const definition = new RoleDefinition(this, "Definition", {
      name: props.name,
      description: props.description,
      scope: subscription,
      permissions: [{ actions: [...props.actions] }],
      assignableScopes: [subscription],
      provider,
    });
    new RoleAssignment(this, "Assignment", {
      scope: subscription,
      roleDefinitionId: definition.roleDefinitionResourceId,
      principalId: props.identity.objectId,
      principalType: "ServicePrincipal",
      // Made a moment ago: the directory may not have replicated it yet.
      skipServicePrincipalAadCheck: true,
      description: props.description,
      ...(condition !== undefined && { condition, conditionVersion: "2.0" }),
      provider,
    });
  }
}
