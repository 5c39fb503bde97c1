import type { Change, Counts, Levels } from "./report";

/** Objects by action and by level. */
export interface Tally {
  readonly counts: Counts;
  readonly levels: Levels;
}

const NONE: Tally = {
  counts: { create: 0, update: 0, delete: 0, replace: 0, forget: 0, import: 0, move: 0 },
  levels: { danger: 0, caution: 0, change: 0 },
};

/** Counts what happens to objects; outputs are none. */
export class Counter {
  private readonly counts = { ...NONE.counts };
  private readonly levels = { ...NONE.levels };

  public add({ type, action, level }: Pick<Change, "type" | "action" | "level">): void {
    if (type !== "output") {
      this.counts[action] += 1;
      this.levels[level] += 1;
    }
  }

  public tally(): Tally {
    return { counts: { ...this.counts }, levels: { ...this.levels } };
  }
}

/** Those of several sources together. */
export function together(tallies: readonly Tally[]): Tally {
  return {
    counts: sum(
      NONE.counts,
      tallies.map(({ counts }) => counts),
    ),
    levels: sum(
      NONE.levels,
      tallies.map(({ levels }) => levels),
    ),
  };
}

function sum<T extends Readonly<Record<string, number>>>(none: T, all: readonly T[]): T {
  const names = Object.keys(none) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, all.reduce((total, one) => total + (one[name] ?? 0), 0)])) as T;
}
