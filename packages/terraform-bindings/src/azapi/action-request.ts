import {
  armTypeOf,
  type Body,
  type Headers,
  type QueryParameters,
  type ResponseExports,
  type Retry,
  retryToTerraform,
} from "./types";

/** A request to an ARM resource, as the resource and the ephemeral `azapi_resource_action` both send it. */
export interface ActionRequest {
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
  /** What of the answer becomes `output`, under names of one's own. @default - everything */
  readonly responseExportValues?: ResponseExports;
  /** Extra headers. @default - none */
  readonly headers?: Headers;
  /** Extra query parameters. @default - none */
  readonly queryParameters?: QueryParameters;
  /** Ids of what must not change at the same time. @default - none */
  readonly locks?: readonly string[];
  /** Errors on which the request is sent again. @default - the provider's own */
  readonly retry?: Retry;
}

/** The ARM type acted on, with the action where there is one: `Microsoft.Logic/workflows/triggers/listCallbackUrl`. */
export function armOperationOf({ type, action }: ActionRequest): string {
  return [armTypeOf(type), ...(action === undefined ? [] : [action])].join("/");
}

/** The request as Terraform spells it. */
export function actionRequestToTerraform(request: ActionRequest): Record<string, unknown> {
  return {
    type: request.type,
    resource_id: request.resourceId,
    action: request.action,
    method: request.method,
    body: request.body,
    sensitive_body: request.sensitiveBody,
    response_export_values: request.responseExportValues,
    headers: request.headers,
    query_parameters: request.queryParameters,
    locks: request.locks,
    retry: retryToTerraform(request.retry),
  };
}
