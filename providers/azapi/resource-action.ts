import { type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import {
  type Body,
  type Headers,
  type QueryParameters,
  type ResponseExports,
  type Retry,
  retryToTerraform,
  type SensitiveBodyVersion,
  type Timeouts,
} from "./types";

/** Arguments of `azapi_resource_action`. */
export interface AzapiResourceActionConfig extends TerraformMetaArguments {
  /** Type and API version of the resource acted on: `Microsoft.StreamAnalytics/streamingjobs@2017-04-01-preview`. */
  readonly type: string;
  /** ARM id of the resource acted on. */
  readonly resourceId: string;
  /** Last part of the request's path; empty acts on the resource itself. @default - empty */
  readonly action?: string;
  /** @default "POST" */
  readonly method?: "POST" | "PATCH" | "PUT" | "DELETE" | "GET" | "HEAD";
  /** Request body. @default - empty */
  readonly body?: Body;
  /** Write-only part of the body, merged into it when it is sent: neither plan nor state holds it. Needs Terraform 1.11. @default - none */
  readonly sensitiveBody?: Body;
  /** Which version of the write-only part was sent. @default - sent with every change */
  readonly sensitiveBodyVersion?: SensitiveBodyVersion;
  /** When the request is sent: on creation and every change of an argument, or on destruction. @default "apply" */
  readonly when?: "apply" | "destroy";
  /** What of the answer becomes `output`, readable in plan and state. @default - everything */
  readonly responseExportValues?: ResponseExports;
  /** What of the answer becomes `sensitive_output`, hidden in plans. @default - nothing */
  readonly sensitiveResponseExportValues?: ResponseExports;
  /** Extra headers. @default - none */
  readonly headers?: Headers;
  /** Extra query parameters. @default - none */
  readonly queryParameters?: QueryParameters;
  /** Ids of what must not change at the same time. @default - none */
  readonly locks?: readonly string[];
  /** Take a resource that does not exist for an answer. @default false */
  readonly ignoreNotFound?: boolean;
  /** Errors on which the request is sent again. @default - the provider's own */
  readonly retry?: Retry;
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

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      type: config.type,
      resource_id: config.resourceId,
      action: config.action,
      method: config.method,
      body: config.body,
      sensitive_body: config.sensitiveBody,
      sensitive_body_version: config.sensitiveBodyVersion,
      when: config.when,
      response_export_values: config.responseExportValues,
      sensitive_response_export_values: config.sensitiveResponseExportValues,
      headers: config.headers,
      query_parameters: config.queryParameters,
      locks: config.locks,
      ignore_not_found: config.ignoreNotFound,
      retry: retryToTerraform(config.retry),
      timeouts: config.timeouts,
    };
  }
}
