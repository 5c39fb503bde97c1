import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { EphemeralResource } from "../ephemeral-resource";
import { type ActionRequest, actionRequestToTerraform, armOperationOf } from "./action-request";

/** Arguments of the ephemeral `azapi_resource_action`. */
export interface EphemeralAzapiResourceActionConfig extends ActionRequest {
  /** How long the request may take, as a Go duration: `5m`. @default - 5 minutes */
  readonly timeouts?: { readonly open?: string };
  /** What must exist first. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A request to an ARM resource whose answer is not kept, for what must not be in a state:
 * {@link https://registry.terraform.io/providers/Azure/azapi/latest/docs/ephemeral-resources/resource_action azapi_resource_action}.
 */
export class EphemeralAzapiResourceAction extends EphemeralResource {
  public static readonly tfResourceType = "azapi_resource_action";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: EphemeralAzapiResourceActionConfig,
  ) {
    super(scope, id, EphemeralAzapiResourceAction.tfResourceType, config.dependsOn);
  }

  /** One of the values that `responseExportValues` names. */
  public output(name: string): string {
    return this.attribute(`output.${name}`);
  }

  /** The ARM type acted on, with the action where there is one. */
  public get armOperation(): string {
    return armOperationOf(this.config);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...actionRequestToTerraform(this.config), timeouts: this.config.timeouts };
  }
}
