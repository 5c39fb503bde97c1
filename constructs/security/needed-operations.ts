import { TerraformDataSource, TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";
import {
  AzapiResource,
  AzapiResourceAction,
  EphemeralAzapiResourceAction,
} from "@edge-anomaly-detection/terraform-bindings";
import { ALWAYS_READ, armOperations, type ArmOperations } from "@edge-anomaly-detection/azure-facts";

/** One resource, data source or ephemeral resource of a stack. */
export interface ResourceUse {
  /** Its type as `ARM_OPERATIONS` has it: Terraform's, or for azapi ARM's, with the action where there is one. */
  readonly type: string;
  /** Whether Terraform refuses to destroy it. */
  readonly preventDestroy: boolean;
}

/** What ARM must allow, each operation once, sorted. */
export interface NeededOperations {
  /** To plan. */
  readonly plan: readonly string[];
  /** To apply: what a plan needs, and what changes things. */
  readonly apply: readonly string[];
}

/** Everything of a stack that Terraform reads or manages. */
export function resourceUses(stack: IConstruct): ResourceUse[] {
  return stack.node.findAll().flatMap((node) => {
    const type = typeOf(node);
    const preventDestroy = node instanceof TerraformResource && node.lifecycle?.preventDestroy === true;
    return type === undefined ? [] : [{ type, preventDestroy }];
  });
}

function typeOf(node: IConstruct): string | undefined {
  if (node instanceof AzapiResource) {
    return node.armType;
  }
  if (node instanceof AzapiResourceAction || node instanceof EphemeralAzapiResourceAction) {
    return node.armOperation;
  }
  return node instanceof TerraformResource || node instanceof TerraformDataSource
    ? node.terraformResourceType
    : undefined;
}

/**
 * What whoever plans and whoever applies must be allowed. A type of which every instance refuses to be destroyed is not
 * deleted: where production protects its hub, the identity that applies cannot delete a hub.
 *
 * @param removable types of parts that the stack may have had before: they are read and deleted whether it has them or not,
 *   since the operations that it needs when a part leaves the configuration are those that it had with the part. They are
 *   created only where the stack has them.
 * @throws Error for a type that `ARM_OPERATIONS` has no row for
 */
export function neededOperations(
  uses: readonly ResourceUse[],
  purgeOnDestroy: boolean,
  removable: readonly string[] = [],
): NeededOperations {
  const used = new Set(uses.map(({ type }) => type));
  const unprotected = uses.filter(({ preventDestroy }) => !preventDestroy).map(({ type }) => type);
  const destroyed = new Set([...unprotected, ...removable]);
  const rows = [...new Set([...used, ...removable])].flatMap((type) => {
    const operations = armOperations(type);
    return operations === undefined ? [] : [{ type, operations }];
  });
  const read = [...ALWAYS_READ, ...rows.flatMap(({ operations }) => operations.read)];
  const change = rows.flatMap(({ type, operations }) => [
    ...(used.has(type) ? operations.write : []),
    ...(destroyed.has(type) ? destruction(operations, purgeOnDestroy) : []),
  ]);
  return { plan: once(read), apply: once([...read, ...change]) };
}

function destruction(operations: ArmOperations, purgeOnDestroy: boolean): readonly string[] {
  return [...operations.delete, ...(purgeOnDestroy ? (operations.purge ?? []) : [])];
}

/** Azure takes `iotHubs/read` and `IotHubs/Read` for the same. */
function once(operations: readonly string[]): string[] {
  const byLowerCase = new Map(operations.map((operation) => [operation.toLowerCase(), operation]));
  return [...byLowerCase].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation);
}
