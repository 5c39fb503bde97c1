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
  /** `{ "id": … }` of an object that is imported; `{ "identity": { … } }`; `{ "unknown": true }` where its id is not known. */
  readonly importing?: unknown;
}

/** An action that the plan invokes, of Terraform 1.14 and newer. */
export interface ActionInvocation {
  readonly address: string;
  readonly type: string;
  readonly config_values?: unknown;
  readonly config_sensitive?: unknown;
  readonly config_unknown?: unknown;
  /** `triggering_resource_address`, `action_trigger_event`. */
  readonly lifecycle_action_trigger?: unknown;
  /** Of `-invoke`. */
  readonly invoke_action_trigger?: unknown;
}

/** Result of a check, a precondition or a postcondition for all of its instances. */
export interface CheckResult {
  /** `to_display`, `kind`. */
  readonly address?: unknown;
  /** `pass`, `fail`, `error`, `unknown`. */
  readonly status: string;
  /** Each with a `status` and, where it failed, `problems` with a `message`. */
  readonly instances?: unknown;
}

/** Provisioners of a resource in the configuration. */
export interface Provisioners {
  /** Address without keys and indices: `module.a.null_resource.b`. */
  readonly address: string;
  readonly provisioners: readonly Provisioner[];
}

export interface Provisioner {
  /** `local-exec`, `remote-exec`, `file`. */
  readonly type: string;
  /** Where the configuration writes it out. */
  readonly command?: string;
}

/** What stands beside the changes. */
export interface PlanFacts {
  readonly terraformVersion?: string;
  /** `false` where a further plan is needed after this one. */
  readonly complete: boolean;
  /** Whether Terraform says that there is something to apply; releases before 1.8 do not say. */
  readonly applyable?: boolean;
  /** Parts at the top that are not known here and hold something, with how much is in each. */
  readonly unknownParts: readonly { readonly name: string; readonly count: number }[];
  /** Resources with provisioners. */
  readonly provisioners: readonly Provisioners[];
}
