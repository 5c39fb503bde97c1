import type { ValueChange } from "../plan/plan";
import type { Change } from "../report/report";
import type { StatefulType } from "@edge-anomaly-detection/azure-facts";
import { same, valuesAt } from "../json-values";

/** What an update means that changes what Azure sets at creation only; nothing for any other. */
export function dangerOfFixed(
  { fixed = [], loses }: StatefulType,
  { before, after }: Pick<ValueChange, "before" | "after">,
): Pick<Change, "level" | "consequence"> | undefined {
  const changed = fixed.filter((path) => {
    const next = valuesAt(after, path);
    return next.some((value) => value !== undefined && value !== null) && !same(valuesAt(before, path), next);
  });
  return changed.length === 0
    ? undefined
    : {
        level: "danger",
        consequence: `Azure sets ${changed.join(", ")} when the object is made and never again: Terraform plans an update, but only a replacement brings it about. ${loses}`,
      };
}
