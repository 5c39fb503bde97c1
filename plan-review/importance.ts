import type { Action, Change, Level } from "./report";

/** Most important first; an index is a rank. */
const LEVELS: readonly Level[] = ["danger", "caution", "change"];
export const ACTIONS: readonly Action[] = ["delete", "replace", "forget", "update", "create", "import", "move"];

/** Rank by level, then action; the lowest is the most important. */
export function rankOf({ level, action }: Pick<Change, "level" | "action">): number {
  return LEVELS.indexOf(level) * ACTIONS.length + ACTIONS.indexOf(action);
}

/** Order of changes: by level, then action, stateful types, source, address; outputs after objects. */
export function byImportance(a: Change, b: Change): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    Number(a.type === "output") - Number(b.type === "output") ||
    ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action) ||
    Number(b.consequence !== undefined) - Number(a.consequence !== undefined) ||
    compare(a.source, b.source) ||
    compare(a.address, b.address)
  );
}

/** By code units, so that every machine has the same order. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
