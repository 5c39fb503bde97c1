import type { Change, Counts, Dangers, Levels, RiskKind, UnjudgedCounts } from "./report";

/** Changes by action, by level, by kind of danger; those that could not be judged. */
export interface Tally {
  readonly counts: Counts;
  readonly levels: Levels;
  readonly dangers: Dangers;
  readonly unjudged: UnjudgedCounts;
}

const NONE: Tally = {
  counts: { create: 0, update: 0, delete: 0, replace: 0, forget: 0, import: 0, move: 0, invoke: 0 },
  levels: { danger: 0, caution: 0, change: 0 },
  dangers: { destruction: 0, access: 0, protection: 0, invocation: 0 },
  unjudged: { unknown: 0, unchecked: 0 },
};

/** Counts what happens to objects; outputs are none. */
export class Counter {
  private readonly counts = { ...NONE.counts };
  private readonly levels = { ...NONE.levels };
  private readonly dangers = { ...NONE.dangers };
  private readonly unjudged = { ...NONE.unjudged };

  public add({
    type,
    action,
    level,
    risks,
    unjudged,
  }: Pick<Change, "type" | "action" | "level" | "risks" | "unjudged">): void {
    if (type === "output") {
      return;
    }
    this.counts[action] += 1;
    this.levels[level] += 1;
    for (const kind of kindsOf(level, risks)) {
      this.dangers[kind] += 1;
    }
    this.unjudged.unchecked += unjudged?.type === true ? 1 : 0;
    this.unjudged.unknown += unjudged !== undefined && unjudged.paths.length > 0 ? 1 : 0;
  }

  public tally(): Tally {
    return {
      counts: { ...this.counts },
      levels: { ...this.levels },
      dangers: { ...this.dangers },
      unjudged: { ...this.unjudged },
    };
  }
}

/** Kinds of danger of a change; a danger without any is one to what is there. */
function kindsOf(level: Change["level"], risks: Change["risks"]): ReadonlySet<RiskKind> {
  const kinds = new Set(risks.filter((risk) => risk.level === "danger").map(({ kind }) => kind));
  return level === "danger" && kinds.size === 0 ? new Set(["destruction"]) : kinds;
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
    dangers: sum(
      NONE.dangers,
      tallies.map(({ dangers }) => dangers),
    ),
    unjudged: sum(
      NONE.unjudged,
      tallies.map(({ unjudged }) => unjudged),
    ),
  };
}

function sum<T extends Readonly<Record<keyof T, number>>>(none: T, all: readonly T[]): T {
  const names = Object.keys(none) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, all.reduce((total, one) => total + one[name], 0)])) as T;
}
