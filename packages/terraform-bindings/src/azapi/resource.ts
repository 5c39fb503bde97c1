import { type TerraformMetaArguments, TerraformResource, Token } from "cdktf";
import type { Construct } from "constructs";
import {
  armTypeOf,
  type Body,
  type Headers,
  type Json,
  type QueryParameters,
  type ResponseExports,
  type Retry,
  retryToTerraform,
  type SensitiveBodyVersion,
  type Timeouts,
} from "./types";

/** A managed identity of the resource. */
export interface AzapiIdentity {
  readonly type: "SystemAssigned" | "UserAssigned" | "SystemAssigned, UserAssigned";
  /** ARM ids of the user-assigned identities. @default - none */
  readonly identityIds?: readonly string[];
}

/** Arguments of `azapi_resource`. */
export interface AzapiResourceConfig extends TerraformMetaArguments {
  /** Resource type and API version: `Microsoft.StreamAnalytics/streamingjobs@2021-10-01-preview`. Another type replaces, another version does not. */
  readonly type: string;
  /** Name of the resource. A change replaces it. */
  readonly name: string;
  /** ARM id of what contains it: a resource group, or the parent of a child resource. A change replaces it. */
  readonly parentId: string;
  /** Region, of tracked resources only. A change replaces it. @default - none */
  readonly location?: string;
  /** Tags, of tracked resources only. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Request body without what the other arguments say. @default - empty */
  readonly body?: Body;
  /** Write-only part of the body, merged into it when it is sent: neither plan nor state holds it. Needs Terraform 1.11. @default - none */
  readonly sensitiveBody?: Body;
  /** Which version of the write-only part was sent. @default - sent with every change */
  readonly sensitiveBodyVersion?: SensitiveBodyVersion;
  /** Managed identity. @default - none */
  readonly identity?: AzapiIdentity;
  /** What of the answer becomes `output`. @default - nothing, with the provider's `disable_default_output` */
  readonly responseExportValues?: ResponseExports;
  /** Check the body against the provider's own copy of the API's types. @default true */
  readonly schemaValidationEnabled?: boolean;
  /** Any value whose change replaces the resource. @default - none */
  readonly replaceTriggersExternalValues?: Json;
  /** JMESPaths into the body whose change replaces the resource. @default - none */
  readonly replaceTriggersRefs?: readonly string[];
  /** Ids of what must not change at the same time. @default - none */
  readonly locks?: readonly string[];
  /** Body paths whose changes are not sent. @default - none */
  readonly ignoreBodyChanges?: readonly string[];
  /** Ignore differences of upper and lower case in the answer. @default false */
  readonly ignoreCasing?: boolean;
  /** Ignore properties that the answer leaves out, such as secrets. @default true */
  readonly ignoreMissingProperty?: boolean;
  /** Leave null properties out of the request. @default false */
  readonly ignoreNullProperty?: boolean;
  /** Body paths of lists that others may add items to. @default - none */
  readonly ignoreOtherItemsInList?: readonly string[];
  /** Property by which the items of a list are told apart, by body path. @default - none */
  readonly listUniqueIdProperty?: Readonly<Record<string, string>>;
  /** Errors on which requests are sent again. @default - the provider's own */
  readonly retry?: Retry;
  /** How long operations may take. @default - 30 minutes, 5 to read */
  readonly timeouts?: Timeouts;
  /** Extra headers, by operation. @default - none */
  readonly createHeaders?: Headers;
  readonly readHeaders?: Headers;
  readonly updateHeaders?: Headers;
  readonly deleteHeaders?: Headers;
  /** Extra query parameters, by operation. @default - none */
  readonly createQueryParameters?: QueryParameters;
  readonly readQueryParameters?: QueryParameters;
  readonly updateQueryParameters?: QueryParameters;
  readonly deleteQueryParameters?: QueryParameters;
}

/** Any ARM resource: {@link https://registry.terraform.io/providers/Azure/azapi/latest/docs/resources/resource azapi_resource}. */
export class AzapiResource extends TerraformResource {
  public static readonly tfResourceType = "azapi_resource";

  /** The tags it was made with, or those an aspect gave it since. */
  public tags: Readonly<Record<string, string>> | undefined;

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: AzapiResourceConfig,
  ) {
    super(scope, id, {
      terraformResourceType: AzapiResource.tfResourceType,
      terraformGeneratorMetadata: { providerName: "azapi", providerVersionConstraint: "~> 2.5" },
      ...config,
    });
    this.tags = config.tags;
  }

  /** ARM id. */
  public get id(): string {
    return this.getStringAttribute("id");
  }

  /** Name, as a reference that orders whoever uses it after this resource. */
  public get name(): string {
    return this.getStringAttribute("name");
  }

  /** Object id of its system-assigned identity. */
  public get principalId(): string {
    return Token.asString(`\${${this.fqn}.identity[0].principal_id}`);
  }

  /** Its ARM type, without the API version: `Microsoft.Logic/workflows`. */
  public get armType(): string {
    return armTypeOf(this.config.type);
  }

  /** One of the values that `responseExportValues` names. */
  public output(name: string): string {
    return this.getStringAttribute(`output.${name}`);
  }

  public get tagsInput(): Readonly<Record<string, string>> | undefined {
    return this.tags;
  }

  public get locationInput(): string | undefined {
    return this.config.location;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      type: config.type,
      name: config.name,
      parent_id: config.parentId,
      location: config.location,
      tags: this.tags,
      body: config.body,
      sensitive_body: config.sensitiveBody,
      sensitive_body_version: config.sensitiveBodyVersion,
      identity: config.identity && [{ type: config.identity.type, identity_ids: config.identity.identityIds }],
      response_export_values: config.responseExportValues,
      schema_validation_enabled: config.schemaValidationEnabled,
      replace_triggers_external_values: config.replaceTriggersExternalValues,
      replace_triggers_refs: config.replaceTriggersRefs,
      locks: config.locks,
      ignore_body_changes: config.ignoreBodyChanges,
      ignore_casing: config.ignoreCasing,
      ignore_missing_property: config.ignoreMissingProperty,
      ignore_null_property: config.ignoreNullProperty,
      ignore_other_items_in_list: config.ignoreOtherItemsInList,
      list_unique_id_property: config.listUniqueIdProperty,
      retry: retryToTerraform(config.retry),
      timeouts: config.timeouts,
      create_headers: config.createHeaders,
      read_headers: config.readHeaders,
      update_headers: config.updateHeaders,
      delete_headers: config.deleteHeaders,
      create_query_parameters: config.createQueryParameters,
      read_query_parameters: config.readQueryParameters,
      update_query_parameters: config.updateQueryParameters,
      delete_query_parameters: config.deleteQueryParameters,
    };
  }
}
