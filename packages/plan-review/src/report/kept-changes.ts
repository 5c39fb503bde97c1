import { byImportance, rankOf } from "./importance";
import type { Change, Detail, Left, Report, Shown } from "./report";

/** Changes that are kept in full, and characters of all of them together: about 200 MB at most while a plan is read. */
export const KEPT_CHANGES = 20_000;
const KEPT_CHARACTERS = 40_000_000;

/** The most important changes in full, the others counted: what is kept does not grow with the plan. */
export class KeptChanges {
  private kept: Change[] = [];
  private characters = 0;
  private readonly left = new Map<string, Left>();

  public constructor(
    private readonly limit = KEPT_CHANGES,
    private readonly maxCharacters = KEPT_CHARACTERS,
  ) {}

  public add(change: Change): void {
    this.kept.push(change);
    this.characters += charactersOf(change);
    // Twice as much may gather, so that sorting is rare.
    if (this.kept.length > 2 * this.limit || this.characters > 2 * this.maxCharacters) {
      this.trim();
    }
  }

  /** Both sorted, the most important first. */
  public result(): Pick<Report, "changes" | "left"> {
    this.trim();
    const left = [...this.left.values()].sort((a, b) => rankOf(a) - rankOf(b) || (a.type < b.type ? -1 : 1));
    return { changes: this.kept, left };
  }

  private trim(): void {
    const sorted = this.kept.sort(byImportance);
    let characters = 0;
    let count = 0;
    for (const change of sorted.slice(0, this.limit)) {
      const more = charactersOf(change);
      if (count > 0 && characters + more > this.maxCharacters) {
        break;
      }
      characters += more;
      count += 1;
    }
    sorted.slice(count).forEach((change) => {
      countIn(this.left, change);
    });
    this.kept = sorted.slice(0, count);
    this.characters = characters;
  }
}

/** Counts a change with those of its kind. */
export function countIn(left: Map<string, Left>, { level, action, type }: Change): void {
  const key = `${level} ${action} ${type}`;
  left.set(key, { level, action, type, count: (left.get(key)?.count ?? 0) + 1 });
}

/** About what a change takes in memory. */
function charactersOf({ address, details, folded, risks, consequence = "" }: Change): number {
  const lengths = [...folded, ...risks.map(({ text }) => text)].map((text) => text.length + 20);
  return lengths.reduce(
    (sum, length) => sum + length,
    address.length + consequence.length + 300 + charactersIn(details),
  );
}

function charactersIn(details: readonly Detail[]): number {
  return details.reduce((sum, { path, before, after, added, removed, lines = [], details: inner = [] }) => {
    const values = [before, after, added?.values, removed?.values].reduce<number>(
      (all, value) => all + charactersOfValue(value),
      0,
    );
    const lengths = lines.reduce((all, line) => all + line.length + 20, 0);
    return sum + path.length + 60 + values + lengths + charactersIn(inner);
  }, 0);
}

function charactersOfValue(value: Shown | undefined): number {
  return typeof value === "string"
    ? value.length + 20
    : Array.isArray(value)
      ? (value as readonly Shown[]).reduce<number>((sum, item) => sum + charactersOfValue(item), 20)
      : 8;
}
