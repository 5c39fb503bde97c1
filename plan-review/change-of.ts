import { isObject } from "../edge-manifests/json";
import { type Differences, differencesOf, inWords } from "./differences";
import { dangerOfFixed } from "./fixed-arguments";
import { manifestLines } from "./manifest-differences";
import type { ResourceChange, ValueChange } from "./plan";
import { reasonInWords } from "./reasons";
import type { Action, Change, Detail, Level } from "./report";
import { isRoutine } from "./routine-types";
import {
  isMarked,
  isSecretProperty,
  markAt,
  marksAnything,
  type Place,
  SensitiveTexts,
  wholeOf,
  within,
} from "./sensitive";
import { type StatefulType, statefulType } from "./stateful-types";
import { below, shortened, visible } from "./text";
import { fewLines } from "./text-lines";
import { isEmpty, jsonIn, property } from "./values";

/** Arguments that tell a reader what a new object is; the others are folded. */
const TELLING_NAMES = [
  "name",
  "display_name",
  "location",
  "type",
  "kind",
  "sku",
  "sku_name",
  "size",
  "account_tier",
  "account_replication_type",
  "role_definition_name",
  "device_id",
  "deployment_id",
  "target_condition",
  "priority",
  "action",
];

/** Longest address that is shown. */
const MAX_ADDRESS = 400;

type Clean = (text: string) => string;

/** The object at another address whose place one takes, or that takes its place. */
export interface Neighbours {
  readonly predecessor?: ResourceChange | undefined;
  readonly successor?: ResourceChange | undefined;
}

/** What happens to one object, in words; nothing where nothing happens. */
export function changeOf(source: string, resource: ResourceChange, neighbours: Neighbours = {}): Change | undefined {
  const action = actionOf(resource);
  if (action === undefined) {
    return undefined;
  }
  const { predecessor, successor } = neighbours;
  if (predecessor !== undefined) {
    return describeSuccessor(source, resource, predecessor);
  }
  const change = describe(source, resource, action);
  return successor === undefined
    ? change
    : { ...change, level: "change", reason: `${shownAddress(successor.address)} takes its place` };
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
  const change = action === undefined ? undefined : { ...describe(source, resource, action), level: "change" as const };
  return change?.action === "update" && change.details.length === 0 ? undefined : change;
}

/** What happens to an output; nothing where nothing does. */
export function outputChangeOf(source: string, name: string, change: ValueChange): Change | undefined {
  const action = actionsInWords(change.actions);
  if (action === undefined) {
    return undefined;
  }
  const isSecret = isSecretProperty({}, name, change.after ?? change.before, wholeOf(undefined));
  const before_sensitive = isSecret || change.before_sensitive;
  const after_sensitive = isSecret || change.after_sensitive;
  const place = within(wholeOf(undefined), name);
  const clean = sensitiveTextsOf(place, { ...change, before_sensitive, after_sensitive });
  const { details, folded } = differencesOf(
    {
      before: change.before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMark: before_sensitive,
      afterMark: after_sensitive,
    },
    { clean, place, documentLines: manifestLines },
  );
  const isNothing = details.length === 0 && folded.length === 0;
  const foldedText = marksAnything(change.after_unknown) ? "known after apply" : "the same in another order or form";
  return isNothing && action === "update"
    ? undefined
    : {
        source,
        address: visible(`output.${name}`),
        type: "output",
        action,
        level: "change",
        forcedBy: [],
        details: details.length > 0 ? details : [{ path: "", text: foldedText, forcesReplacement: false }],
        folded: [],
      };
}

function describe(source: string, resource: ResourceChange, action: Action): Change {
  const { change, type, deposed, previous_address: previous, action_reason: reason } = resource;
  const clean = sensitiveTextsOf(wholeOf(type), change);
  const stateful = statefulType(type, armTypeOf(resource));
  const forcedBy = action === "replace" ? pathsOf(change).map((path) => pathInWords(path, clean)) : [];
  const importId = property(change.importing, "id");
  const consequence = consequenceOf(action, stateful);
  const unknown = unknownAction(change);
  const level = levelOf(action, type, stateful);
  const reasons = [
    ...(deposed === undefined ? [] : ["left over from an earlier replacement"]),
    ...(reason === undefined ? [] : [reasonInWords(reason)]),
    ...(isMadeFirstUnderItsName(type, change) ? [NAME_IS_TAKEN] : []),
    ...(unknown === undefined ? [] : [unknown]),
  ];
  return {
    source,
    address: shownAddress(deposed === undefined ? resource.address : `${resource.address} (deposed ${deposed})`),
    type: visible(shortened(type)),
    action,
    level: unknown !== undefined && level === "change" ? "caution" : level,
    ...(consequence !== undefined && { consequence }),
    ...(action === "update" && stateful !== undefined && dangerOfFixed(stateful, change)),
    forcedBy,
    ...(reasons.length > 0 && { reason: visible(shortened(reasons.join("; "), MAX_ADDRESS)) }),
    ...(action === "replace" && change.actions[0] === "create" && { createsFirst: true }),
    ...(previous !== undefined && previous !== resource.address && { previousAddress: shownAddress(previous) }),
    ...(typeof importId === "string" && { importId: visible(shortened(clean(importId), MAX_ADDRESS)) }),
    ...contentOf(type, change, action, forcedBy, clean),
  };
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

function actionOf({ mode, address, previous_address: previous, change }: ResourceChange): Action | undefined {
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

function actionsInWords(actions: readonly string[]): Action | undefined {
  const known = new Set(actions);
  if (known.has("create") && (known.has("delete") || known.has("forget"))) {
    return "replace";
  }
  const first = (["delete", "forget", "update", "create"] as const).find((action) => known.has(action));
  const isNothing = actions.length > 0 && actions.every((action) => action === "no-op" || action === "read");
  return first ?? (isNothing ? undefined : "update");
}

/** An action that a later Terraform may know: nobody can say here what it does. */
function unknownAction({ actions }: ValueChange): string | undefined {
  const isKnown = (action: string): boolean => ACTION_NAMES.includes(action);
  return actions.length > 0 && actions.every(isKnown)
    ? undefined
    : `its action is not known here: ${actions.filter((action) => !isKnown(action)).join(", ") || "none is named"}`;
}

const ACTION_NAMES = ["no-op", "create", "read", "update", "delete", "forget"];

function levelOf(action: Action, type: string, stateful: StatefulType | undefined): Level {
  switch (action) {
    case "delete":
      return stateful === undefined ? "caution" : "danger";
    case "replace":
      return stateful !== undefined ? "danger" : isRoutine(type) ? "change" : "caution";
    case "forget":
      return stateful === undefined ? "change" : "caution";
    default:
      return "change";
  }
}

function consequenceOf(action: Action, stateful: StatefulType | undefined): string | undefined {
  if (stateful === undefined) {
    return undefined;
  }
  if (action === "forget") {
    return "It stays in Azure with what it holds; Terraform no longer looks after it.";
  }
  return action === "delete" || action === "replace" ? stateful.loses : undefined;
}

function armTypeOf({ type, change }: ResourceChange): string | undefined {
  const armType = property(change.before, "type") ?? property(change.after, "type");
  return type === "azapi_resource" && typeof armType === "string" ? armType : undefined;
}

function sensitiveTextsOf(place: Place, change: ValueChange): Clean {
  const texts = new SensitiveTexts(place);
  texts.collect(change.before, change.before_sensitive);
  texts.collect(change.after, change.after_sensitive);
  return texts.clean;
}

const pathsOf = ({ replace_paths: paths }: ValueChange): readonly unknown[] => (Array.isArray(paths) ? paths : []);

/** A path of `replace_paths`: names of attributes and indices. */
function pathInWords(path: unknown, clean: Clean): string {
  const steps: readonly unknown[] = Array.isArray(path) ? path : [path];
  return steps.reduce<string>(
    (outer, step) => (typeof step === "number" ? `${outer}[${step}]` : below(outer, clean(String(step)))),
    "",
  );
}

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
  const { details, folded } = differencesOf(
    {
      before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMark: change.before_sensitive,
      afterMark: change.after_sensitive,
    },
    { clean, place: wholeOf(type), forcedBy, documentLines: manifestLines },
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
    typeof query === "string" ? query.replaceAll(old, next) : query,
  ]);
  return {
    before: { ...(before as object), metrics: Object.fromEntries(renamed) },
    metricsFolded: old === next ? [] : renamed.map(([name]) => below("metrics", name)),
  };
}

function creationOf(type: string, { after, after_unknown, after_sensitive }: ValueChange, clean: Clean): Differences {
  const details: Detail[] = [];
  const folded: string[] = [];
  const names = new Set([after, after_unknown].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  for (const name of [...names].sort()) {
    const value = property(after, name);
    const isHidden =
      isMarked(markAt(after_sensitive, name), value) || isSecretProperty(after, name, value, wholeOf(type));
    const detail = isHidden ? undefined : creationDetail(name, value, clean);
    if (detail !== undefined) {
      details.push(detail);
    } else if (!isEmpty(value) || markAt(after_unknown, name) === true) {
      folded.push(below("", clean(name)));
    }
  }
  return { details, folded };
}

function creationDetail(name: string, value: unknown, clean: Clean): Detail | undefined {
  const manifest = manifestLines(undefined, jsonIn(value) ?? {}, clean);
  if (manifest !== undefined) {
    return { path: below("", name), text: "what devices get", lines: fewLines(manifest), forcesReplacement: false };
  }
  const isTelling = TELLING_NAMES.includes(name) && !isEmpty(value) && typeof value !== "object";
  return isTelling ? { path: name, text: inWords(value, clean), forcesReplacement: false } : undefined;
}
