import { TerraformProvider } from "cdktf";
import type { Construct } from "constructs";

/** Arguments of the provider azure/azapi that this project sets. Everything about signing in comes from `ARM_*`. */
export interface AzapiProviderConfig {
  /** Subscription whose resources are managed. @default - `ARM_SUBSCRIPTION_ID` or the signed-in subscription */
  readonly subscriptionId?: string;
  /** Leave read-only properties out of `output`, so that the state holds no more of an answer than is asked for. @default false */
  readonly disableDefaultOutput?: boolean;
}

/** The provider {@link https://registry.terraform.io/providers/Azure/azapi/latest/docs azure/azapi}. */
export class AzapiProvider extends TerraformProvider {
  public static readonly tfResourceType = "azapi";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: AzapiProviderConfig = {},
  ) {
    super(scope, id, {
      terraformResourceType: AzapiProvider.tfResourceType,
      terraformGeneratorMetadata: { providerName: "azapi", providerVersionConstraint: "~> 2.5" },
      terraformProviderSource: "azure/azapi",
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return {
      subscription_id: this.config.subscriptionId,
      disable_default_output: this.config.disableDefaultOutput,
    };
  }
}
