import type { ITerraformDependable, ITerraformIterator } from "cdktf";
import type { Construct } from "constructs";
import { EphemeralResource } from "../ephemeral-resource";

/** Arguments of the ephemeral `random_password`. */
export interface EphemeralRandomPasswordConfig {
  /** Characters, at least 1 and at least the sum of the minimums. */
  readonly length: number;
  /** Lower-case letters. @default true */
  readonly lower?: boolean;
  /** Upper-case letters. @default true */
  readonly upper?: boolean;
  /** Digits. @default true */
  readonly numeric?: boolean;
  /** Characters of `!@#$%&*()-_=+[]{}<>:?`. @default true */
  readonly special?: boolean;
  /** Other special characters than those. @default - those */
  readonly overrideSpecial?: string;
  /** At least so many lower-case letters. @default 0 */
  readonly minLower?: number;
  /** At least so many upper-case letters. @default 0 */
  readonly minUpper?: number;
  /** At least so many digits. @default 0 */
  readonly minNumeric?: number;
  /** At least so many special characters. @default 0 */
  readonly minSpecial?: number;
  /** One for each entry. @default - one */
  readonly forEach?: ITerraformIterator;
  /** What must exist first. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Random text that is new at every run and kept nowhere:
 * {@link https://registry.terraform.io/providers/hashicorp/random/latest/docs/ephemeral-resources/password random_password}.
 */
export class EphemeralRandomPassword extends EphemeralResource {
  public static readonly tfResourceType = "random_password";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: EphemeralRandomPasswordConfig,
  ) {
    super(scope, id, EphemeralRandomPassword.tfResourceType, config.dependsOn, config.forEach);
  }

  /** The text. With `forEach`, that of the same entry. */
  public get result(): string {
    return this.attribute("result");
  }

  /** The text of the entry with the same key, to be written into an expression. */
  public get resultOfEach(): string {
    return `${this.address}[each.key].result`;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      length: config.length,
      lower: config.lower,
      upper: config.upper,
      numeric: config.numeric,
      special: config.special,
      override_special: config.overrideSpecial,
      min_lower: config.minLower,
      min_upper: config.minUpper,
      min_numeric: config.minNumeric,
      min_special: config.minSpecial,
    };
  }
}
