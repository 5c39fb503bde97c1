import { changeOf } from "../diff/change-of";
import type { Change } from "../report/report";
import { type Instance, type Instances, instancesOf } from "./instances";
import { imported, isForgotten, moved } from "./moves";
import { addressesInWords } from "./notes";
import { changesOf, type Pair, type PairChange, protects, referencesIn } from "./replacements";
import type { Side } from "./settings";
import type { Block } from "./stack";
import { isObject, valuesAt } from "../json-values";

/** What happens to the objects of one stack. */
export interface ObjectsReview {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** Objects that stay as they are. */
  readonly unchanged: number;
}

/** Compares the objects of one stack; one side may be missing. */
export function reviewObjects(source: string, before: Side | undefined, after: Side | undefined): ObjectsReview {
  const [base, next] = bothSides(before, after);
  const old = after === undefined ? { byAddress: base.byAddress, previous: NO_MOVES } : moved(base, after.stack);
  const pairs = [...next.byAddress].flatMap(([address, instance]): Pair[] => {
    const earlier = old.byAddress.get(address);
    return earlier === undefined ? [] : [{ address, before: earlier, after: asIgnored(earlier, instance) }];
  });
  const changed = changesOf(pairs);
  const shown = pairs.filter(({ address }) => changed.has(address) || old.previous.has(address));
  const ids = after === undefined ? new Map<string, string>() : imported(after.stack);
  const changes = [
    ...shown.map((pair) => changeOfPair(source, pair, changed.get(pair.address), old.previous.get(pair.address))),
    ...[...next.byAddress]
      .filter(([address]) => !old.byAddress.has(address))
      .map(([address, instance]) => creation(source, address, instance, ids.get(address))),
    ...[...old.byAddress]
      .filter(([address]) => !next.byAddress.has(address))
      .map(([address, instance]) => deletion(source, address, instance, next, after)),
  ];
  return {
    changes: changes.filter((change) => change !== undefined),
    notes: [...unexpandedNotes(next), ...followerNotes(next, changed, after), ...expressionNotes(pairs, changed)],
    unchanged: pairs.length - shown.length,
  };
}

const NO_MOVES: ReadonlyMap<string, string> = new Map();
const NO_INSTANCES: Instances = { byAddress: new Map(), unexpanded: [] };

/** Objects of both sides; a resource whose instances one side alone knows is taken as one on both. */
function bothSides(before: Side | undefined, after: Side | undefined): readonly [Instances, Instances] {
  const read = (side: Side | undefined, together: ReadonlySet<string>): Instances =>
    side === undefined ? NO_INSTANCES : instancesOf(side.stack, side.resolver, together);
  const none = new Set<string>();
  const together = new Set([...read(before, none).unexpanded, ...read(after, none).unexpanded]);
  return [read(before, together), read(after, together)];
}

/** An object with the old values of what Terraform is told to ignore. */
function asIgnored(before: Instance, after: Instance): Instance {
  const ignored = after.lifecycle.ignore_changes;
  if (ignored === "all") {
    return { ...after, arguments: before.arguments, unresolved: before.unresolved };
  }
  const names = (Array.isArray(ignored) ? (ignored as readonly unknown[]) : []).map(String);
  const kept = names.filter((name) => Object.hasOwn(before.arguments, name));
  return {
    ...after,
    arguments: {
      ...Object.fromEntries(Object.entries(after.arguments).filter(([name]) => !names.includes(name))),
      ...Object.fromEntries(kept.map((name) => [name, before.arguments[name]])),
    },
    unresolved: after.unresolved.filter(({ steps }) => !names.includes(steps[0] ?? "")),
  };
}

function changeOfPair(
  source: string,
  { address, before, after }: Pair,
  change: PairChange | undefined,
  previous: string | undefined,
): Change | undefined {
  const isLifted = protects(before) && !protects(after);
  const described = changeOf(source, {
    address,
    type: after.type,
    ...(previous !== undefined && { previous_address: previous }),
    change: {
      before: { ...before.arguments, ...protectionOf(before, isLifted) },
      after: { ...after.arguments, ...protectionOf(after, isLifted) },
      actions: change === undefined ? ["no-op"] : change.isReplaced ? replacement(after) : ["update"],
      after_unknown: marksAt(change?.unknown ?? [], after.arguments),
      replace_paths: (change?.forcedBy ?? []).map((path) => path.split(".")),
    },
  });
  if (described === undefined || change === undefined) {
    return described;
  }
  const reasons = [
    ...(change.reason === undefined ? [] : [change.reason]),
    ...(change.isReplaced && protects(after) ? ["prevent_destroy is set, so that Terraform refuses"] : []),
    ...(isLifted ? ["prevent_destroy is lifted: nothing keeps a plan from deleting it any more"] : []),
  ];
  return {
    ...described,
    ...(isLifted && described.level === "change" && { level: "caution" }),
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
  };
}

/** The one part of `lifecycle` that says what may happen to an object, where it changes. */
function protectionOf(instance: Instance, isLifted: boolean): Block {
  return isLifted ? { lifecycle: { prevent_destroy: protects(instance) } } : {};
}

const replacement = ({ lifecycle }: Instance): readonly string[] =>
  lifecycle.create_before_destroy === true ? ["create", "delete"] : ["delete", "create"];

function creation(source: string, address: string, instance: Instance, id: string | undefined): Change | undefined {
  const unknown = instance.unresolved.filter(({ text }) => text.startsWith("${")).map(({ steps }) => steps);
  return changeOf(source, {
    address,
    type: instance.type,
    change: {
      before: null,
      after: withoutPlaces(unknown, instance.arguments),
      actions: id === undefined ? ["create"] : ["no-op"],
      after_unknown: marksAt(unknown, instance.arguments),
      ...(id !== undefined && { importing: { id } }),
    },
  });
}

function deletion(
  source: string,
  address: string,
  instance: Instance,
  next: Instances,
  after: Side | undefined,
): Change | undefined {
  const base = address.replace(/\[[^\]]*\]$/, "");
  const isKey = base !== address && [...next.byAddress.keys()].some((other) => other.startsWith(`${base}[`));
  const isForgottenHere = after !== undefined && isForgotten(after.stack, address);
  return changeOf(source, {
    address,
    type: instance.type,
    action_reason: isKey ? "delete_because_each_key" : "delete_because_no_resource_config",
    change: {
      before: instance.arguments,
      after: null,
      actions: [isForgottenHere ? "forget" : "delete"],
    },
  });
}

/** A value without what is known after apply, as plans have it. */
function withoutPlaces(places: readonly (readonly string[])[], value: unknown): unknown {
  if (places.some((steps) => steps.length === 0)) {
    return undefined;
  }
  const inner = (name: string, item: unknown): unknown =>
    withoutPlaces(
      places.filter(([first]) => first === name).map(([, ...rest]) => rest),
      item,
    );
  if (places.length === 0) {
    return value;
  }
  return Array.isArray(value)
    ? value.map((item: unknown, index) => inner(String(index), item))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(name, item)]))
      : value;
}

/** Marks in the shape of a value: `true` where the steps lead. */
function marksAt(places: readonly (readonly string[])[], value: unknown): unknown {
  if (places.some((steps) => steps.length === 0)) {
    return true;
  }
  const mark = (name: string, inner: unknown): unknown =>
    marksAt(
      places.filter(([first]) => first === name).map(([, ...rest]) => rest),
      inner,
    );
  if (places.length === 0) {
    return undefined;
  }
  return Array.isArray(value)
    ? value.map((item: unknown, index) => mark(String(index), item))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mark(name, inner)]))
      : undefined;
}

function unexpandedNotes({ unexpanded }: Instances): string[] {
  return unexpanded.length === 0
    ? []
    : [`${addressesInWords(unexpanded)}: how many objects it stands for only Terraform knows; it is shown as one.`];
}

/** What takes values from objects that are replaced, without being replaced for it. */
function followerNotes(next: Instances, changed: ReadonlyMap<string, PairChange>, after: Side | undefined): string[] {
  const isReplaced = (text: string): boolean =>
    referencesIn(text).some((address) => changed.get(address)?.isReplaced === true);
  const objects = [...next.byAddress]
    .filter(([address]) => changed.get(address)?.isReplaced !== true)
    .filter(([, { unresolved }]) => unresolved.some(({ text }) => isReplaced(text)))
    .map(([address]) => address);
  const providers = Object.entries(isObject(after?.stack.json.provider) ? after.stack.json.provider : {})
    .filter(([, blocks]) => isReplaced(JSON.stringify(blocks)))
    .map(([name]) => name);
  return [
    ...(objects.length === 0
      ? []
      : [`What is replaced gives values to ${addressesInWords(objects)}: they may change or be replaced with it.`]),
    ...providers.map(
      (name) => `Provider ${name} is set up with what is replaced: what it manages there is gone with the old object.`,
    ),
  ];
}

/** Replacements of which it is not sure that the value differs. */
function expressionNotes(pairs: readonly Pair[], changed: ReadonlyMap<string, PairChange>): string[] {
  const unsure = pairs.filter(({ address, before, after }) =>
    (changed.get(address)?.forcedBy ?? []).some((path) => {
      const [old, next] = [
        JSON.stringify(valuesAt(before.arguments, path)),
        JSON.stringify(valuesAt(after.arguments, path)),
      ];
      return old !== next && (old.includes("${") || next.includes("${"));
    }),
  );
  return unsure.length === 0
    ? []
    : [
        `${addressesInWords(unsure.map(({ address }) => address))}: replaced if the changed expressions come to another value, which only a plan can tell.`,
      ];
}
