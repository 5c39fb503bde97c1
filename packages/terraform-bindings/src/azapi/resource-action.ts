import { type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { type ActionRequest, actionRequestToTerraform, armOperationOf } from "./action-request";
import type { ResponseExports, SensitiveBodyVersion, Timeouts } from "./types";

/** Arguments of `azapi_resource_action`. */
export interface AzapiResourceActionConfig extends TerraformMetaArguments, ActionRequest {
  /** Which version of the write-only part was sent. @default - sent with every change */
  readonly sensitiveBodyVersion?: SensitiveBodyVersion;
  /** When the request is sent: on creation and every change of an argument, or on destruction. @default "apply" */
  readonly when?: "apply" | "destroy";
  /** What of the answer becomes `sensitive_output`, hidden in plans. @default - nothing */
  readonly sensitiveResponseExportValues?: ResponseExports;
  /** Take a resource that does not exist for an answer. @default false */
  readonly ignoreNotFound?: boolean;
  /** How long the request may take, its long-running part included. @default - 30 minutes */
  readonly timeouts?: Timeouts;
}

/**
 * A request to an ARM resource that runs on creation and whenever an argument changes:
 * {@link https://registry.terraform.io/providers/Azure/azapi/latest/docs/resources/resource_action azapi_resource_action}.
 * It reads nothing back, so it sees no drift, and destroying it sends nothing unless `when` says so.
 */
export class AzapiResourceAction extends TerraformResource {
  public static readonly tfResourceType = "azapi_resource_action";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: AzapiResourceActionConfig,
  ) {
    super(scope, id, {
      terraformResourceType: AzapiResourceAction.tfResourceType,
      terraformGeneratorMetadata: { providerName: "azapi", providerVersionConstraint: "~> 2.5" },
      ...config,
    });
  }

  /** The ARM type acted on, with the action where there is one. */
  public get armOperation(): string {
    return armOperationOf(this.config);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      ...actionRequestToTerraform(config),
      sensitive_body_version: config.sensitiveBodyVersion,
      when: config.when,
      sensitive_response_export_values: config.sensitiveResponseExportValues,
      ignore_not_found: config.ignoreNotFound,
      timeouts: config.timeouts,
    };
  }
}
