import { TerraformProvider } from "cdktf";
import type { Construct } from "constructs";

/** The provider {@link https://registry.terraform.io/providers/hashicorp/random/latest/docs hashicorp/random}; ephemeral passwords came with 3.7. */
export class RandomProvider extends TerraformProvider {
  public static readonly tfResourceType = "random";

  public constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: RandomProvider.tfResourceType,
      terraformGeneratorMetadata: { providerName: "random", providerVersionConstraint: "~> 3.7" },
      terraformProviderSource: "hashicorp/random",
    });
  }
}
