import { isObject } from "../json-values";
import type { ResourceChange, ValueChange } from "../plan/plan";
import type { Action, Level } from "../report/report";
import { isRoutine } from "./routine-types";
import type { StatefulType } from "@edge-anomaly-detection/azure-facts";

/** What happens to an object; nothing where nothing does, or something is only read. */
export function actionOf({ mode, address, previous_address: previous, change }: ResourceChange): Action | undefined {
  if (mode === "data") {
    return undefined;
  }
  const action = actionsInWords(change.actions);
  if (action !== undefined) {
    return action;
  }
  if (isObject(change.importing)) {
    return "import";
  }
  return previous !== undefined && previous !== address ? "move" : undefined;
}

/** Terraform's actions as one; nothing where it does nothing. */
export function actionsInWords(actions: readonly string[]): Action | undefined {
  const known = new Set(actions);
  if (known.has("create") && (known.has("delete") || known.has("forget"))) {
    return "replace";
  }
  const first = (["delete", "forget", "update", "create"] as const).find((action) => known.has(action));
  const isNothing = actions.length > 0 && actions.every((action) => action === "no-op" || action === "read");
  return first ?? (isNothing ? undefined : "update");
}

const ACTION_NAMES = ["no-op", "create", "read", "update", "delete", "forget"];

/** An action that a later Terraform may know: nobody can say here what it does. */
export function unknownAction({ actions }: ValueChange): string | undefined {
  const isKnown = (action: string): boolean => ACTION_NAMES.includes(action);
  return actions.length > 0 && actions.every(isKnown)
    ? undefined
    : `its action is not known here: ${actions.filter((action) => !isKnown(action)).join(", ") || "none is named"}`;
}

/** Level of what is done to an object of a type, whatever is in it. */
export function levelOfAction(action: Action, type: string, stateful: StatefulType | undefined): Level {
  switch (action) {
    case "delete":
      return stateful === undefined ? "caution" : "danger";
    case "replace":
      return stateful !== undefined ? "danger" : isRoutine(type) ? "change" : "caution";
    case "forget":
      return stateful === undefined ? "change" : "caution";
    case "invoke":
      return "caution";
    default:
      return "change";
  }
}

const LEVELS: readonly Level[] = ["danger", "caution", "change"];

/** The one that a reader should care about most. */
export function highest(levels: readonly Level[]): Level {
  return LEVELS.find((level) => levels.includes(level)) ?? "change";
}
