import { property, stableJson } from "../json-values";

/** Items of `list` beyond those of `other`, equal ones counted. */
export function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const counts = countItems(other);
  return list.filter((item) => !takeOne(counts, item));
}

/** Whether two lists have the same items in any order. */
export const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && without(a, b).length === 0;

function countItems(list: readonly unknown[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of list) {
    const key = stableJson(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function takeOne(counts: Map<string, number>, item: unknown): boolean {
  const key = stableJson(item);
  const count = counts.get(key) ?? 0;
  counts.set(key, count - 1);
  return count > 0;
}

/** Indices of the same item before and after. */
export type Pair = readonly [before: number | undefined, after: number | undefined];

/** Properties by which items of a list are the same item, the first that all have and that differs among them. */
export const IDENTITIES = ["name", "key", "alias", "id", "display_name"];

/** Whether a property tells the items of a list apart. */
export function identifies(name: string, list: readonly unknown[]): boolean {
  const names = list.map((item) => property(item, name));
  return names.every((one) => typeof one === "string") && new Set(names).size === names.length;
}

/** Items that have the same name go together. */
export function pairsByIdentity(name: string, before: readonly unknown[], after: readonly unknown[]): Pair[] {
  const places = new Map(before.map((item, index) => [property(item, name), index]));
  const pairs = after.map((item, index): Pair => [places.get(property(item, name)), index]);
  const found = new Set(pairs.map(([old]) => old));
  return [...pairs, ...before.flatMap((_item, index): Pair[] => (found.has(index) ? [] : [[index, undefined]]))];
}

/** Equal items go together wherever they stand; of the others the first with the first. */
export function pairsByPlace(before: readonly unknown[], after: readonly unknown[]): Pair[] {
  const [inAfter, inBefore] = [countItems(after), countItems(before)];
  const old = before.flatMap((item, index) => (takeOne(inAfter, item) ? [] : [index]));
  const next = after.flatMap((item, index) => (takeOne(inBefore, item) ? [] : [index]));
  return Array.from({ length: Math.max(old.length, next.length) }, (_none, index): Pair => [old[index], next[index]]);
}
