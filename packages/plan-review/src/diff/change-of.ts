import { visible } from "@edge-anomaly-detection/common";
import { statefulType, type StatefulType } from "@edge-anomaly-detection/azure-facts";
import { property, same } from "../json-values";
import type { ResourceChange, ValueChange } from "../plan/plan";
import { fittingMark, marksAnything, wholeOf } from "../plan/sensitive";
import { SensitiveTexts } from "../plan/sensitive-texts";
import { deferredInWords, reasonInWords } from "../report/replacement-reasons";
import type { Action, Change, Risk } from "../report/report";
import { below, shortened } from "../show-values";
import { actionOf, highest, levelOfAction, unknownAction } from "./actions";
import { type Clean, importIdOf, shownAddress } from "./addresses";
import { assessmentOf } from "./assessment";
import { contentOf } from "./content";
import { dangerOfFixed } from "./fixed-arguments";
import { isRoutine } from "./routine-types";
import { lossByShape } from "./stateful-shape";

/** What is known of a change beside the change itself. */
export interface Surroundings {
  /** The object at another address whose place this one takes. */
  readonly predecessor?: ResourceChange | undefined;
  /** The object at another address that takes the place of this one. */
  readonly successor?: ResourceChange | undefined;
  /** Why Terraform defers the change to a further plan. */
  readonly deferredFor?: string | undefined;
}

/** A change with marks that fit its values. */
function withFittingMarks(resource: ResourceChange): ResourceChange {
  const { before, after, before_sensitive, after_sensitive, after_unknown } = resource.change;
  return {
    ...resource,
    change: {
      ...resource.change,
      before_sensitive: fittingMark(before, before_sensitive),
      after_sensitive: fittingMark(after, after_sensitive, after_unknown),
    },
  };
}

/** What happens to one object; nothing where nothing happens. */
export function changeOf(source: string, given: ResourceChange, surroundings: Surroundings = {}): Change | undefined {
  const resource = withFittingMarks(given);
  const action = actionOf(resource);
  if (action === undefined) {
    return undefined;
  }
  const { predecessor, successor, deferredFor } = surroundings;
  if (predecessor !== undefined) {
    return describeSuccessor(source, resource, predecessor);
  }
  const change = describe(source, resource, action);
  if (successor !== undefined) {
    return { ...change, level: "change", risks: [], reason: `${shownAddress(successor.address)} takes its place` };
  }
  return deferredFor === undefined
    ? change
    : { ...change, deferred: shownAddress(deferredInWords(cleanerOf(resource)(deferredFor))) };
}

/** A new object by what it has that the old one did not. */
function describeSuccessor(source: string, resource: ResourceChange, { address, change }: ResourceChange): Change {
  const { before, before_sensitive } = change;
  const updated = describe(
    source,
    { ...resource, change: { ...resource.change, actions: ["update"], before, before_sensitive } },
    "update",
  );
  return { ...updated, action: "create", reason: `takes the place of ${shownAddress(address)}` };
}

/** What changed outside of Terraform; nothing where only noise did. */
export function driftOf(source: string, resource: ResourceChange): Change | undefined {
  const action = resource.mode === "data" ? undefined : actionOf({ ...resource, previous_address: undefined });
  if (action === undefined) {
    return undefined;
  }
  // It has happened: nothing of it is a risk of this plan.
  const change = describe(source, withFittingMarks(resource), action);
  return action === "update" && change.details.length === 0
    ? undefined
    : { ...change, level: "change", risks: [], unjudged: { type: false, paths: [] } };
}

function describe(source: string, resource: ResourceChange, action: Action): Change {
  const { change, type, deposed, previous_address: previous, action_reason: reason } = resource;
  const clean = cleanerOf(resource);
  const address = (text: string): string => shownAddress(clean(text));
  const armType = armTypeOf(resource);
  const stateful = statefulType(type, armType);
  const forcedBy = action === "replace" ? pathsOf(change).map((path) => pathInWords(path, clean)) : [];
  const importId = importIdOf(change.importing, clean);
  const unknown = unknownAction(change);
  const fixed = action === "update" && stateful !== undefined ? dangerOfFixed(stateful, change) : undefined;
  const consequence = fixed?.consequence ?? consequenceOf(action, resource, stateful);
  const base = levelOfAction(action, type, stateful);
  const assessment = assessmentOf(resource, action, armType, clean);
  const risks = [...destructionOf(action, stateful, consequence, fixed !== undefined), ...assessment.risks];
  const level = highest([
    base,
    ...risks.map((risk) => risk.level),
    ...(unknown === undefined ? [] : ["caution" as const]),
  ]);
  const reasons = [
    ...(deposed === undefined ? [] : ["left over from an earlier replacement"]),
    ...(reason === undefined ? [] : [reasonInWords(clean(reason))]),
    ...(isMadeFirstUnderItsName(type, change) ? [NAME_IS_TAKEN] : []),
    ...(unknown === undefined ? [] : [clean(unknown)]),
  ];
  const unjudged =
    unknown === undefined ? assessment.unjudged : { type: true, paths: assessment.unjudged?.paths ?? [] };
  return {
    source,
    address: address(deposed === undefined ? resource.address : `${resource.address} (deposed ${deposed})`),
    type: visible(shortened(clean(type))),
    action,
    level,
    ...(consequence !== undefined && { consequence }),
    risks,
    ...(unjudged !== undefined && { unjudged }),
    forcedBy,
    ...(reasons.length > 0 && { reason: shownAddress(reasons.join("; ")) }),
    ...(action === "replace" && change.actions[0] === "create" && { createsFirst: true }),
    ...(previous !== undefined && previous !== resource.address && { previousAddress: address(previous) }),
    ...(importId !== undefined && { importId }),
    ...contentOf(type, change, action, forcedBy, clean),
  };
}

/** Data or identities that are destroyed, as a risk. */
function destructionOf(
  action: Action,
  stateful: StatefulType | undefined,
  consequence: string | undefined,
  isFixed: boolean,
): Risk[] {
  const isGone = action === "delete" || action === "replace";
  if (consequence === undefined || !(isGone || isFixed)) {
    return [];
  }
  return [{ kind: "destruction", level: stateful === undefined ? "caution" : "danger", text: consequence }];
}

const NAME_IS_TAKEN =
  "the new one would be made first under the same name, which Azure refuses while the old one is there";

/**
 * Terraform makes the new object first where something that depends on it asks for that (`create_before_destroy` is handed
 * down to dependencies), whether its name allows it or not.
 */
function isMadeFirstUnderItsName(type: string, { actions, before, after }: ValueChange): boolean {
  const isSame = (name: string): boolean => {
    const old = property(before, name);
    return typeof old === "string" && old === property(after, name);
  };
  return (
    actions[0] === "create" &&
    actions.length > 1 &&
    /^(azurerm_|azapi_resource$)/.test(type) &&
    isSame("name") &&
    (isSame("resource_group_name") || isSame("parent_id"))
  );
}

function consequenceOf(
  action: Action,
  { type, change }: ResourceChange,
  stateful: StatefulType | undefined,
): string | undefined {
  const isGone = action === "delete" || action === "replace";
  if (stateful === undefined) {
    return isGone && !isRoutine(type) ? lossByShape(type, change.before) : undefined;
  }
  if (action === "forget") {
    return "It stays in the cloud with what it holds; Terraform no longer looks after it.";
  }
  return isGone ? stateful.loses : undefined;
}

function armTypeOf({ type, change }: ResourceChange): string | undefined {
  const armType = property(change.before, "type") ?? property(change.after, "type");
  return type === "azapi_resource" && typeof armType === "string" ? armType : undefined;
}

const pathsOf = ({ replace_paths: paths }: ValueChange): readonly unknown[] => (Array.isArray(paths) ? paths : []);

/** A path of `replace_paths`: names of attributes and indices. */
function pathInWords(path: unknown, clean: Clean): string {
  const steps: readonly unknown[] = Array.isArray(path) ? path : [path];
  return steps.reduce<string>(
    (outer, step) => (typeof step === "number" ? `${outer}[${step}]` : below(outer, clean(textOf(step)))),
    "",
  );
}

const textOf = (step: unknown): string => (typeof step === "string" ? step : JSON.stringify(step));

/** Takes out of a text what is sensitive on either side of a change; marks of one side count for the other. */
function cleanerOf({ type, change }: ResourceChange): Clean {
  const texts = new SensitiveTexts(wholeOf(type));
  const { before_sensitive: old, after_sensitive: next } = change;
  const marks = (same(old, next) ? [old] : [old, next]).filter(marksAnything);
  for (const value of [change.before, change.after]) {
    for (const mark of marks.length === 0 ? [undefined] : marks) {
      texts.collect(value, mark);
    }
  }
  return texts.clean;
}
