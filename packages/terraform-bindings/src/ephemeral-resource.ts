import {
  type ITerraformDependable,
  type ITerraformIterator,
  TerraformElement,
  type TerraformProvider,
  Token,
} from "cdktf";
import type { Construct } from "constructs";

/**
 * A Terraform `ephemeral` block: a value that Terraform fetches when it plans and applies and writes down nowhere. It may
 * flow into write-only arguments, provider settings and other ephemeral blocks only. Needs Terraform 1.10; cdktf 0.21 has no
 * class for it, its successor has (`TerraformEphemeralResource`).
 */
export abstract class EphemeralResource extends TerraformElement {
  protected constructor(
    scope: Construct,
    id: string,
    private readonly type: string,
    private readonly dependsOn: readonly ITerraformDependable[] = [],
    private readonly forEach?: ITerraformIterator,
    private readonly provider?: TerraformProvider,
  ) {
    super(scope, id, `ephemeral.${type}`);
  }

  /** Arguments by their Terraform names. */
  protected abstract synthesizeAttributes(): Record<string, unknown>;

  /** Its address, to be written into expressions. */
  public get address(): string {
    return `ephemeral.${this.type}.${this.friendlyUniqueId}`;
  }

  /** A reference to one of its results, for example `output.url`; with `forEach`, that of the entry with the same key. */
  protected attribute(path: string): string {
    const instance = this.forEach === undefined ? "" : "[each.key]";
    return Token.asString(`\${${this.fqn}${instance}.${path}}`);
  }

  public override toTerraform(): Record<string, unknown> {
    const dependsOn = this.dependsOn.map((dependency) => dependency.fqn);
    return {
      ephemeral: {
        [this.type]: {
          [this.friendlyUniqueId]: {
            ...this.synthesizeAttributes(),
            ...(this.forEach !== undefined && { for_each: this.forEach._getForEachExpression() as unknown }),
            ...(this.provider !== undefined && { provider: this.provider.fqn }),
            ...(dependsOn.length > 0 && { depends_on: dependsOn }),
            "//": this.constructNodeMetadata as Record<string, unknown>,
          },
        },
      },
    };
  }
}
