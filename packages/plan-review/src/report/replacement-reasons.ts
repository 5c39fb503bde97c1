/** Terraform's reasons for an action, in words (`action_reason` of its JSON format). */
const REASONS: Readonly<Record<string, string>> = {
  replace_because_tainted: "tainted: an earlier apply left it half-made",
  replace_because_cannot_update: "cannot be changed in place",
  replace_by_request: "asked for by -replace",
  replace_by_triggers: "replaced with what replace_triggered_by names",
  delete_because_no_resource_config: "no longer in the configuration",
  delete_because_wrong_repetition: "count or for_each was added or removed",
  delete_because_count_index: "its index is no longer within count",
  delete_because_each_key: "its key is no longer in for_each",
  delete_because_no_module: "its module is no longer in the configuration",
  delete_because_no_move_target: "moved to an address that is not in the configuration",
};

/** A reason in words; one that a newer Terraform knows, as it stands there. */
export function reasonInWords(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] ?? reason) : reason.replaceAll("_", " ");
}

/** Terraform's reasons to defer a change to a further plan. */
const DEFERRED: Readonly<Record<string, string>> = {
  unknown: "for a reason that is not known",
  instance_count_unknown: "count or for_each is known after apply",
  resource_config_unknown: "its arguments are known after apply",
  provider_config_unknown: "its provider's configuration is known after apply",
  deferred_prereq: "something that it depends on is deferred",
  absent_prereq: "something that it needs is not there yet",
  excluded: "it is excluded from the plan",
  not_included: "it is not among the targets of the plan",
};

/** Why something is deferred, in words. */
export function deferredInWords(reason: string): string {
  return Object.hasOwn(DEFERRED, reason) ? (DEFERRED[reason] ?? reason) : reason.replaceAll("_", " ");
}
