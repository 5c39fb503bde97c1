import { replacingArguments } from "@edge-anomaly-detection/azure-facts";
import type { Instance } from "./instances";
import { same, valuesAt } from "../json-values";

/** An object that is on both sides. */
export interface Pair {
  readonly address: string;
  readonly before: Instance;
  readonly after: Instance;
}

/** What is known of one object that changes. */
export interface PairChange {
  readonly isReplaced: boolean;
  /** Arguments that force the replacement, by Terraform path without indices. */
  readonly forcedBy: readonly string[];
  /** Steps to values that are another after apply, though the expressions are the same. */
  readonly unknown: readonly (readonly string[])[];
  /** What else replaces it, in words. */
  readonly reason?: string;
}

/**
 * Tells which objects change, and which are replaced: by an argument of their own, by one that refers to what is replaced,
 * or by `replace_triggered_by`.
 */
export function changesOf(pairs: readonly Pair[]): ReadonlyMap<string, PairChange> {
  const changes = new Map<string, PairChange>();
  for (const pair of pairs) {
    const change = ownChange(pair);
    if (change !== undefined) {
      changes.set(pair.address, change);
    }
  }
  for (let isMore = true; isMore;) {
    isMore = false;
    for (const pair of pairs.filter(({ address }) => changes.get(address)?.isReplaced !== true)) {
      const change = followingChange(pair, changes);
      if (change !== undefined) {
        const own = changes.get(pair.address);
        changes.set(pair.address, { ...change, unknown: [...(own?.unknown ?? []), ...change.unknown] });
        isMore = true;
      }
    }
  }
  return changes;
}

function ownChange({ before, after }: Pair): PairChange | undefined {
  const unknown = after.unresolved
    .filter(({ steps, text, parts }) =>
      before.unresolved.some((place) => same(place.steps, steps) && place.text === text && place.parts !== parts),
    )
    .map(({ steps }) => steps);
  const isLifted = protects(before) && !protects(after);
  if (same(before.arguments, after.arguments) && unknown.length === 0 && !isLifted) {
    return undefined;
  }
  const forcedBy = replacingArguments(after.type).filter(
    (path) =>
      !same(valuesAt(before.arguments, path), valuesAt(after.arguments, path)) ||
      unknown.some((steps) => isWithin(steps, path)),
  );
  return { isReplaced: forcedBy.length > 0, forcedBy, unknown };
}

/** Whether Terraform refuses to plan the deletion of an object. */
export function protects({ lifecycle }: Instance): boolean {
  return lifecycle.prevent_destroy === true;
}

function followingChange({ after }: Pair, changes: ReadonlyMap<string, PairChange>): PairChange | undefined {
  const trigger = triggersOf(after).find((address) =>
    [...changes.keys()].some((changed) => changed === address || changed.startsWith(`${address}[`)),
  );
  if (trigger !== undefined) {
    return {
      isReplaced: true,
      forcedBy: [],
      unknown: [],
      reason: `replaced with ${trigger}, which replace_triggered_by names`,
    };
  }
  const forcing = replacingArguments(after.type);
  const places = after.unresolved.filter(
    ({ steps, text }) =>
      forcing.some((path) => isWithin(steps, path)) &&
      referencesIn(text).some((address) => changes.get(address)?.isReplaced === true),
  );
  return places.length === 0
    ? undefined
    : {
        isReplaced: true,
        forcedBy: [...new Set(forcing.filter((path) => places.some(({ steps }) => isWithin(steps, path))))],
        unknown: places.map(({ steps }) => steps),
      };
}

/** Resources that `replace_triggered_by` names; one of their attributes counts as the whole. */
function triggersOf({ lifecycle }: Instance): string[] {
  const triggers = Array.isArray(lifecycle.replace_triggered_by)
    ? (lifecycle.replace_triggered_by as readonly unknown[])
    : [];
  return triggers.flatMap((trigger) => {
    const address = typeof trigger === "string" ? /\w+\.[\w-]+(?:\[[^\]]*\])?/.exec(trigger)?.[0] : undefined;
    return address === undefined ? [] : [address];
  });
}

/** Addresses of objects whose attributes a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w.-])([a-z]\w*\.[A-Za-z_][\w-]*(?:\["[^"]*"\]|\[\d+\])?)\.\w/g)].map(
    ([, address]) => address ?? "",
  );
}

/** Whether steps lead to an argument or into it. */
function isWithin(steps: readonly string[], path: string): boolean {
  const names = steps.filter((step) => !/^\d+$/.test(step)).join(".");
  return names === path || names.startsWith(`${path}.`);
}
