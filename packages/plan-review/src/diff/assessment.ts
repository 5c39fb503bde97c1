import { visible } from "@edge-anomaly-detection/common";
import { isObject, property } from "../json-values";
import type { ResourceChange } from "../plan/plan";
import { isMarked, isSecretProperty, markAt, marksAnything, wholeOf } from "../plan/sensitive";
import type { Action, Unjudged } from "../report/report";
import { type Assessment, assess } from "../risks/assess";
import { asAzurerm } from "../risks/changed-resource";
import { shortened } from "../show-values";
import { type Clean, shownAddress } from "./addresses";

/** What the rules say of the change; only of what is done to the object, not of moves and imports without changes. */
export function assessmentOf(
  { type, change }: ResourceChange,
  action: Action,
  armType: string | undefined,
  clean: Clean,
): Assessment {
  if (action !== "create" && action !== "update" && action !== "delete" && action !== "replace") {
    return { risks: [] };
  }
  const [before, after] = [
    asAzurerm(type, armType, unmarked(change.before, change.before_sensitive)),
    asAzurerm(type, armType, unmarked(change.after, change.after_sensitive)),
  ];
  const { risks, unjudged } = assess({
    type: before.type,
    action,
    before: before.value,
    after: after.value,
    unknown: asAzurerm(type, armType, change.after_unknown).value,
    isSensitive: (name) =>
      isMarked(markAt(change.after_sensitive, name), property(change.after, name)) ||
      isSecretProperty(change.after, name, property(change.after, name), wholeOf(type)),
    shown: (text) => shownAddress(clean(text)),
  });
  const shown: Unjudged | undefined = unjudged && {
    type: unjudged.type,
    paths: unjudged.paths.map((path) => visible(shortened(clean(path)))),
  };
  return { risks, ...(shown !== undefined && { unjudged: shown }) };
}

/** A value without what is marked as sensitive in it. */
function unmarked(value: unknown, mark: unknown): unknown {
  if (!marksAnything(mark)) {
    return value;
  }
  if (isMarked(mark, value)) {
    return undefined;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => unmarked(item, markAt(mark, index)));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, unmarked(item, markAt(mark, name))]))
    : value;
}
