/**
 * What is read of `terraform show -json` of a plan, format 1.x
 * ({@link https://developer.hashicorp.com/terraform/internals/json-format}). Nothing in it is taken for granted: a plan may come
 * from any version of Terraform.
 */
export interface ResourceChange {
  readonly address: string;
  /** Address before the plan, for moves. */
  readonly previous_address?: string;
  /** `managed` or `data`. */
  readonly mode?: string;
  readonly type: string;
  readonly name?: string;
  /** Key of a leftover from a replacement that created first. */
  readonly deposed?: string;
  /** Why Terraform chose the actions: `replace_because_tainted`, `delete_because_each_key`. */
  readonly action_reason?: string;
  readonly change: ValueChange;
}

/** Values of one object or output before and after. */
export interface ValueChange {
  /** `["no-op"]`, `["create"]`, `["read"]`, `["update"]`, `["delete", "create"]`, `["create", "delete"]`, `["delete"]`, `["forget"]`. */
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  /** `true` where a value is known after apply, in the shape of the value. */
  readonly after_unknown?: unknown;
  /** `true` where a value is sensitive, in the shape of the value. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  /** Paths that force a replacement: names of attributes and indices. */
  readonly replace_paths?: unknown;
  /** `{ "id": … }` of an object that is imported. */
  readonly importing?: unknown;
}

/** What stands beside the changes. */
export interface PlanFacts {
  readonly terraformVersion?: string;
  /** `false` where a further plan is needed after this one. */
  readonly complete: boolean;
  /** Changes that Terraform puts off to a further plan. */
  readonly deferred: number;
}
