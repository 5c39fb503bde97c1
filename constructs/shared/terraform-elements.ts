import { TerraformElement, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/** Everything below a construct that becomes Terraform, in the order in which cdktf writes it, without stacks in the stack. */
export function elementsOf(root: IConstruct, found: TerraformElement[] = []): TerraformElement[] {
  for (const child of root.node.children) {
    if (child instanceof TerraformElement) {
      found.push(child);
    }
    if (!(child instanceof TerraformStack)) {
      elementsOf(child, found);
    }
  }
  return found;
}
