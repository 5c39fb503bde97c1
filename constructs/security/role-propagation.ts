import type { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Sleep } from "@cdktf/provider-time/lib/sleep";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";

/**
 * Seconds between a role assignment and its use. Azure says that an assignment can take up to ten minutes to be
 * effective (learn.microsoft.com/azure/role-based-access-control/troubleshooting); this is our choice between waiting and
 * applying twice.
 */
const PROPAGATION_SECONDS = 120;

/** What `RolePropagation` waits for. */
export interface RolePropagationProps {
  /** The assignments, under constant names of the caller's choosing. A new or replaced one is waited for again. */
  readonly assignments: Readonly<Record<string, RoleAssignment>>;
}

/** Waits until role assignments are effective everywhere. Terraform has no other way to know it than time. */
export class RolePropagation extends Construct {
  /** Depend on this before the first use of the roles. */
  public readonly done: ITerraformDependable;

  public constructor(scope: Construct, id: string, props: RolePropagationProps) {
    super(scope, id);
    const assignments = Object.entries(props.assignments);
    this.done = new Sleep(this, "Resource", {
      createDuration: `${PROPAGATION_SECONDS}s`,
      triggers: Object.fromEntries(assignments.map(([name, assignment]) => [name, idsOf(assignment)])),
    });
  }
}

/** An assignment's id, or all ids in the order of their keys where it stands for several by `for_each`. */
function idsOf(assignment: RoleAssignment): string {
  return assignment.forEach === undefined
    ? assignment.id
    : Token.asString(`\${join(",", values(${assignment.fqn})[*].id)}`);
}
