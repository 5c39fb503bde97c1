import { actionOf, highest, levelOfAction, unknownAction } from "./actions";
import { creationOf } from "./creation";
import { type Differences, differencesOf } from "./differences";
import { dangerOfFixed } from "./fixed-arguments";
import { manifestDetails } from "./manifest-differences";
import type { ResourceChange, ValueChange } from "../plan/plan";
import { deferredInWords, reasonInWords } from "../report/replacement-reasons";
import type { Action, Change, Risk, Unjudged } from "../report/report";
import { isRoutine } from "./routine-types";
import { type Assessment, assess } from "../risks/assess";
import { asAzurerm } from "../risks/changed-resource";
import { fittingMark, isMarked, isSecretProperty, markAt, marksAnything, type Place, wholeOf } from "../plan/sensitive";
import { SensitiveTexts } from "../plan/sensitive-texts";
import { lossByShape } from "./stateful-shape";
import { statefulType, type StatefulType } from "@edge-anomaly-detection/azure-facts";
import { below, shortened, show } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";
import { isObject, property, same } from "../json-values";

/** Longest address that is shown. */
const MAX_ADDRESS = 400;

type Clean = (text: string) => string;

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
    : { ...change, deferred: visible(shortened(deferredInWords(cleanerOf(resource)(deferredFor)), MAX_ADDRESS)) };
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
    ...(reasons.length > 0 && { reason: visible(shortened(reasons.join("; "), MAX_ADDRESS)) }),
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

/** What the rules say of the change; only of what is done to the object, not of moves and imports without changes. */
function assessmentOf(
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
    shown: (text) => visible(shortened(clean(text), MAX_ADDRESS)),
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

const shownAddress = (address: string): string => visible(shortened(address, MAX_ADDRESS));

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

/** What is imported: its id, or its identity by parts. */
function importIdOf(importing: unknown, clean: Clean): string | undefined {
  const id = property(importing, "id");
  if (typeof id === "string" && id !== "") {
    return shownAddress(clean(id));
  }
  const identity = property(importing, "identity");
  if (isObject(identity)) {
    const parts = Object.entries(identity).filter(([, value]) => value !== null);
    return shownAddress(
      parts
        .map(([name, value]) => `${clean(name)} = ${show(typeof value === "string" ? clean(value) : value)}`)
        .join(", "),
    );
  }
  return property(importing, "unknown") === true ? "(known after apply)" : undefined;
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

function contentOf(
  type: string,
  change: ValueChange,
  action: Action,
  forcedBy: readonly string[],
  clean: Clean,
): Differences {
  if (action === "create") {
    return creationOf(type, change, clean);
  }
  if (action === "delete" || action === "forget" || action === "move" || action === "import") {
    return { details: [], folded: [] };
  }
  const { before, metricsFolded } = withNewId(type, change);
  const place: Place = wholeOf(type);
  const { details, folded } = differencesOf(
    {
      before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMark: change.before_sensitive,
      afterMark: change.after_sensitive,
    },
    { clean, place, forcedBy, documentDetails: manifestDetails },
  );
  return { details, folded: [...folded, ...metricsFolded] };
}

/** A deployment's metrics ask for its own id; a new id alone is no difference in them. */
function withNewId(type: string, { before, after }: ValueChange): { before: unknown; metricsFolded: string[] } {
  const [old, next] = [before, after].map((side) => property(side, "deployment_id"));
  const metrics = property(before, "metrics");
  if (type !== "iothub_edge_deployment" || typeof old !== "string" || typeof next !== "string" || !isObject(metrics)) {
    return { before, metricsFolded: [] };
  }
  const renamed = Object.entries(metrics).map(([name, query]): [string, unknown] => [
    name,
    typeof query === "string" && old !== "" ? query.replaceAll(old, next) : query,
  ]);
  return {
    before: { ...(before as object), metrics: Object.fromEntries(renamed) },
    metricsFolded: old === next ? [] : renamed.map(([name]) => below("metrics", name)),
  };
}
