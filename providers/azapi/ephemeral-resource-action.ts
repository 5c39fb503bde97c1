import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { EphemeralResource } from "../ephemeral-resource";
import {
  type Body,
  type Headers,
  type QueryParameters,
  type ResponseExports,
  type Retry,
  retryToTerraform,
} from "./types";

/** Arguments of the ephemeral `azapi_resource_action`. */
export interface EphemeralAzapiResourceActionConfig {
  /** Type and API version of the resource acted on: `Microsoft.Logic/workflows/triggers@2019-05-01`. */
  readonly type: string;
  /** ARM id of the resource acted on. */
  readonly resourceId: string;
  /** Last part of the request's path; empty acts on the resource itself. @default - empty */
  readonly action?: string;
  /** @default "POST" */
  readonly method?: "POST" | "PATCH" | "PUT" | "DELETE" | "GET" | "HEAD";
  /** Request body. @default - empty */
  readonly body?: Body;
  /** Write-only part of the body, merged into it when it is sent. @default - none */
  readonly sensitiveBody?: Body;
  /** What of the answer becomes `output`. @default - everything */
  readonly responseExportValues?: ResponseExports;
  /** Extra headers. @default - none */
  readonly headers?: Headers;
  /** Extra query parameters. @default - none */
  readonly queryParameters?: QueryParameters;
  /** Ids of what must not change at the same time. @default - none */
  readonly locks?: readonly string[];
  /** Errors on which the request is sent again. @default - the provider's own */
  readonly retry?: Retry;
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

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      type: config.type,
      resource_id: config.resourceId,
      action: config.action,
      method: config.method,
      body: config.body,
      sensitive_body: config.sensitiveBody,
      response_export_values: config.responseExportValues,
      headers: config.headers,
      query_parameters: config.queryParameters,
      locks: config.locks,
      retry: retryToTerraform(config.retry),
      timeouts: config.timeouts,
    };
  }
}
