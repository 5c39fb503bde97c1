import { TokenType } from "@streamparser/json";
import { isObject } from "../json-values";
import type { ActionInvocation, CheckResult, ResourceChange, ValueChange } from "./plan";

/** Every plan has one of them, one without resources too. */
export const PARTS_OF_PLANS = ["resource_changes", "planned_values", "configuration", "output_changes", "applyable"];

/** Every name at the top of a plan that Terraform 1.1 to 1.15 and OpenTofu write (`internal/command/jsonplan`). */
export const KNOWN_PARTS = new Set([
  ...PARTS_OF_PLANS,
  "format_version",
  "terraform_version",
  "variables",
  "resource_drift",
  "deferred_changes",
  "deferred_action_invocations",
  "action_invocations",
  "prior_state",
  "relevant_attributes",
  "checks",
  "timestamp",
  "complete",
  "errored",
  // Of Terraform 0.12 and 0.13, now left out.
  "proposed_unknown",
]);

/** Values that are read; everything else is skipped. */
export const PATHS = [
  "$.format_version",
  "$.terraform_version",
  "$.errored",
  "$.complete",
  "$.applyable",
  "$.resource_changes.*",
  "$.resource_drift.*",
  "$.output_changes.*",
  "$.deferred_changes.*",
  "$.action_invocations.*",
  "$.deferred_action_invocations.*",
  "$.checks.*",
];

/** How the values of those begin that hold changes; Terraform leaves out empty ones. */
export const STARTS: ReadonlyMap<string, readonly TokenType[]> = new Map([
  ["resource_changes", [TokenType.LEFT_BRACKET]],
  ["resource_drift", [TokenType.LEFT_BRACKET]],
  ["output_changes", [TokenType.LEFT_BRACE]],
  ["deferred_changes", [TokenType.LEFT_BRACKET, TokenType.NULL]],
  ["action_invocations", [TokenType.LEFT_BRACKET, TokenType.NULL]],
  ["deferred_action_invocations", [TokenType.LEFT_BRACKET, TokenType.NULL]],
  ["checks", [TokenType.LEFT_BRACKET, TokenType.NULL]],
]);

export function isValueChange(value: unknown): value is ValueChange {
  return isObject(value) && Array.isArray(value.actions) && value.actions.every((action) => typeof action === "string");
}

export function isResourceChange(value: unknown): value is ResourceChange {
  return (
    isObject(value) &&
    typeof value.address === "string" &&
    typeof value.type === "string" &&
    isValueChange(value.change) &&
    ["deposed", "previous_address", "action_reason"].every((name) =>
      ["string", "undefined"].includes(typeof value[name]),
    )
  );
}

export function isInvocation(value: unknown): value is ActionInvocation {
  return isObject(value) && typeof value.address === "string" && typeof value.type === "string";
}

export function isCheck(value: unknown): value is CheckResult {
  return isObject(value) && typeof value.status === "string";
}
