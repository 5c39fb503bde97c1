import { ACTIONS, byImportance } from "./importance";
import type { Change, Report } from "./report";

/** Changes that are kept in full, and characters of all of them together: about 200 MB at most while a plan is read. */
export const KEPT_CHANGES = 20_000;
const KEPT_CHARACTERS = 40_000_000;

/** The most important changes in full, the others counted: what is kept does not grow with the plan. */
export class KeptChanges {
  private kept: Change[] = [];
  private characters = 0;
  private readonly left = new Map<string, Report["left"][number]>();

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
    const left = [...this.left.values()].sort(
      (a, b) => ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action) || (a.type < b.type ? -1 : 1),
    );
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
    for (const { action, type } of sorted.slice(count)) {
      const key = `${action} ${type}`;
      this.left.set(key, { action, type, count: (this.left.get(key)?.count ?? 0) + 1 });
    }
    this.kept = sorted.slice(0, count);
    this.characters = characters;
  }
}

/** About what a change takes in memory. */
function charactersOf({ address, details, folded }: Change): number {
  const lengths = [...details.flatMap(({ path, text, lines = [] }) => [path, text, ...lines]), ...folded].map(
    (text) => text.length + 20,
  );
  return lengths.reduce((sum, length) => sum + length, address.length + 200);
}
