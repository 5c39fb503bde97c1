import type { Facts } from "../facts";
import { ACCESS_SWITCHES } from "./access";
import { PROTECTION_SWITCHES } from "./protection";
import type { Switch } from "./switch";

const BY_NAME = new Map<string, Switch[]>();
for (const one of [...ACCESS_SWITCHES, ...PROTECTION_SWITCHES]) {
  for (const name of one.names) {
    BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), one]);
  }
}

/** Whether a path ends in the name of a switch of any type. */
export const isSwitch = (path: string): boolean => BY_NAME.has(path.slice(path.lastIndexOf(".") + 1));

/** The switches that a path of an object of a type is. */
export function switchesAt(type: string, path: string): readonly Switch[] {
  const all = BY_NAME.get(path.slice(path.lastIndexOf(".") + 1)) ?? [];
  return all.filter(({ types }) => types === undefined || types.test(type));
}

/** Whether values of a switch become weak, or are weak in a new object. */
export function weakens({ isWeak, weakUnset = false }: Switch, path: string, before: Facts, after: Facts): boolean {
  const [old, next] = [before.get(path) ?? [], after.get(path) ?? []];
  const [weakBefore, weakAfter] = [old.filter(isWeak).length, next.filter(isWeak).length];
  return weakAfter > weakBefore || (weakUnset && next.length === 0 && old.length > 0 && weakBefore === 0);
}
