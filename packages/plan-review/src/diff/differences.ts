import { isEmpty, isObject, jsonIn, property, same } from "../json-values";
import { isMarked, isSecretProperty, markAt, marksAnything, type Place, wholeOf, within } from "../plan/sensitive";
import type { Detail } from "../report/report";
import { below, show } from "../show-values";
import type { Clean } from "./addresses";
import { blockDetail, fewDetails, linesDetail, scalarDetail, shownItems } from "./details";
import { IDENTITIES, identifies, pairsByIdentity, pairsByPlace, sameItems, without } from "./list-pairs";
import { decodedArgument } from "./text-lines";

/** A value before and after, and what the plan says of it. */
export interface Sides {
  readonly before: unknown;
  readonly after: unknown;
  /** `true` where the value after is known after apply, in the shape of the value. */
  readonly unknown?: unknown;
  /** `true` where a value is sensitive, in the shape of the value. */
  readonly beforeMark?: unknown;
  readonly afterMark?: unknown;
}

/** How differences are looked for. */
export interface DifferenceOptions {
  /** Takes what is sensitive out of a text. */
  readonly clean: Clean;
  /** Where the value stands. @default - nowhere known */
  readonly place?: Place;
  /** Paths that force a replacement. */
  readonly forcedBy?: readonly string[];
  /** Differences of JSON documents of a known kind; nothing for documents of other kinds. */
  readonly documentDetails?: (before: unknown, after: unknown, clean: Clean) => readonly Detail[] | undefined;
}

/** What differs. */
export interface Differences {
  readonly details: readonly Detail[];
  /** Paths of differences without meaning. */
  readonly folded: readonly string[];
}

/** Differences of one object that are reported; the others are counted. */
const MAX_DETAILS = 100;

/** What differs between two values, attribute by attribute. */
export function differencesOf(sides: Sides, options: DifferenceOptions): Differences {
  const comparison = new Comparison(options);
  comparison.compare("", options.place ?? wholeOf(undefined), sides);
  return comparison.result();
}

class Comparison {
  private readonly details: Detail[] = [];
  private readonly folded = new Set<string>();
  private readonly forcedBy: readonly string[];

  public constructor(private readonly options: DifferenceOptions) {
    this.forcedBy = (options.forcedBy ?? []).map(withoutIndices);
  }

  /** Those that force a replacement first. */
  public result(): Differences {
    const sorted = [...this.details].sort((a, b) => Number(b.forcesReplacement) - Number(a.forcesReplacement));
    const rest = sorted.length - MAX_DETAILS;
    return {
      details: [
        ...sorted.slice(0, MAX_DETAILS),
        ...(rest > 0 ? [{ kind: "omitted" as const, path: "", omitted: rest, forcesReplacement: false }] : []),
      ],
      folded: [...this.folded],
    };
  }

  public compare(path: string, place: Place, sides: Sides): void {
    const { before, after, unknown, beforeMark, afterMark } = sides;
    if (isMarked(beforeMark, before) || isMarked(afterMark, after)) {
      this.sayHidden(path, sides);
    } else if (unknown === true) {
      this.sayUnknown(path);
    } else if (!marksAnything(unknown) && same(before, after)) {
      return;
    } else if (!marksAnything(unknown) && isEmpty(before) && isEmpty(after)) {
      this.folded.add(path);
    } else if (Array.isArray(before) || Array.isArray(after)) {
      this.compareLists(path, place, sides);
    } else if (isObject(before) || isObject(after) || isObject(unknown)) {
      this.compareObjects(path, place, sides);
    } else if (typeof before === "string" || typeof after === "string") {
      this.compareTexts(path, place, before, after);
    } else {
      this.say(path, scalarDetail(before, after, this.options.clean));
    }
  }

  private compareObjects(path: string, place: Place, sides: Sides): void {
    const { before, after, unknown, beforeMark, afterMark } = sides;
    const others = [before, after].filter((side) => !isObject(side) && !isEmpty(side));
    if (others.length > 0) {
      this.say(path, { kind: "structure" });
      return;
    }
    const names = new Set([before, after, unknown].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
    for (const name of [...names].sort()) {
      const [old, next] = [property(before, name), property(after, name)];
      const isSecret =
        isSecretProperty(before, name, old, place) || isSecretProperty(after, name, next, place) || undefined;
      this.compare(below(path, this.options.clean(name)), within(place, name), {
        before: old,
        after: next,
        unknown: property(unknown, name),
        beforeMark: isSecret ?? markAt(beforeMark, name),
        afterMark: isSecret ?? markAt(afterMark, name),
      });
    }
  }

  private compareLists(path: string, place: Place, sides: Sides): void {
    const [before, after] = [listOf(sides.before), listOf(sides.after)];
    if (before === undefined || after === undefined) {
      this.say(path, { kind: "structure" });
      return;
    }
    const isUncertain = marksAnything(sides.unknown);
    if (!isUncertain && sameItems(before, after)) {
      this.folded.add(path);
    } else if ([...before, ...after].every((item) => typeof item !== "object" || item === null)) {
      this.compareScalarLists(path, place, before, after, sides);
    } else {
      this.compareItems(path, place, before, after, sides);
    }
  }

  private compareScalarLists(
    path: string,
    place: Place,
    before: readonly unknown[],
    after: readonly unknown[],
    { unknown, beforeMark, afterMark }: Sides,
  ): void {
    if (marksAnything(beforeMark) || marksAnything(afterMark)) {
      this.say(path, { kind: "sensitive", change: "changed" });
      return;
    }
    const known = after.filter((_item, index) => markAt(unknown, index) !== true);
    const pending = after.length - known.length;
    const [removed, added] = [without(before, known), without(known, before)];
    if (added.length === 0 && removed.length <= pending) {
      this.sayUnknown(path);
    } else if (removed.length === 1 && added.length === 1 && pending === 0) {
      this.compare(path, place, { before: removed[0], after: added[0] });
    } else {
      this.say(path, {
        kind: "items",
        ...(added.length > 0 && { added: shownItems(added, this.options.clean) }),
        ...(removed.length > 0 && { removed: shownItems(removed, this.options.clean) }),
        ...(pending > 0 && { pending }),
      });
    }
  }

  private compareItems(
    path: string,
    place: Place,
    before: readonly unknown[],
    after: readonly unknown[],
    sides: Sides,
  ): void {
    const isHidden = (name: string): boolean =>
      [sides.beforeMark, sides.afterMark].some(
        (mark) => isObject(mark) || (Array.isArray(mark) && mark.some((item) => marksAnything(markAt(item, name)))),
      );
    const identity = IDENTITIES.find((name) => identifies(name, before) && identifies(name, after) && !isHidden(name));
    const pairs = identity === undefined ? pairsByPlace(before, after) : pairsByIdentity(identity, before, after);
    for (const [old, next] of pairs) {
      const item = after[next ?? -1] ?? before[old ?? -1];
      const named = identity === undefined ? undefined : property(item, identity);
      const index =
        named === undefined
          ? String(next ?? old ?? 0)
          : show(typeof named === "string" ? this.options.clean(named) : named);
      const itemPath = `${path}[${index}]`;
      const inner: Sides = {
        before: before[old ?? -1],
        after: after[next ?? -1],
        unknown: next === undefined ? undefined : markAt(sides.unknown, next),
        beforeMark: old === undefined ? undefined : markAt(sides.beforeMark, old),
        afterMark: next === undefined ? undefined : markAt(sides.afterMark, next),
      };
      if (old === undefined) {
        this.say(itemPath, blockDetail("added", inner.after, inner.afterMark, place, this.options.clean));
      } else if (next === undefined) {
        this.say(itemPath, blockDetail("removed", inner.before, inner.beforeMark, place, this.options.clean));
      } else {
        this.compare(itemPath, place, inner);
      }
    }
  }

  private compareTexts(path: string, place: Place, before: unknown, after: unknown): void {
    const [oldDocument, newDocument] = [jsonIn(before), jsonIn(after)];
    const { clean, documentDetails } = this.options;
    if ((oldDocument ?? newDocument) !== undefined && [oldDocument ?? before, newDocument ?? after].every(isOpen)) {
      const details = documentDetails?.(oldDocument, newDocument, clean);
      if (details !== undefined) {
        this.sayDocument(path, details);
      } else if (same(oldDocument, newDocument)) {
        this.folded.add(path);
      } else if (oldDocument === undefined || newDocument === undefined) {
        this.say(
          path,
          blockDetail(
            oldDocument === undefined ? "added" : "removed",
            newDocument ?? oldDocument,
            undefined,
            place,
            clean,
          ),
        );
      } else {
        this.compare(path, place, { before: oldDocument, after: newDocument });
      }
      return;
    }
    if (typeof before !== "string" || typeof after !== "string") {
      this.say(path, scalarDetail(before, after, this.options.clean));
      return;
    }
    const [old, next] = [clean(decodedArgument(place.name, before)), clean(decodedArgument(place.name, after))];
    if (old === next) {
      this.say(path, { kind: "sensitive", change: "changed" });
    } else if (old.includes("\n") || next.includes("\n")) {
      this.say(path, linesDetail(old, next));
    } else {
      this.say(path, scalarDetail(old, next, this.options.clean));
    }
  }

  private sayDocument(path: string, details: readonly Detail[]): void {
    if (details.length === 0) {
      this.folded.add(path);
    } else {
      this.say(path, { kind: "document", ...fewDetails(details) });
    }
  }

  /** A sensitive value; whether it stays is told, nothing else. */
  private sayHidden(path: string, { before, after, unknown }: Sides): void {
    if (unknown === true) {
      this.sayUnknown(path);
    } else if (isEmpty(before) && isEmpty(after)) {
      return;
    } else if (isEmpty(before)) {
      this.say(path, { kind: "sensitive", change: "added" });
    } else if (isEmpty(after) && !marksAnything(unknown)) {
      this.say(path, { kind: "sensitive", change: "removed" });
    } else if (!same(before, after)) {
      this.say(path, { kind: "sensitive", change: "changed" });
    }
  }

  private sayUnknown(path: string): void {
    if (this.forces(path)) {
      this.say(path, { kind: "unknown" });
    } else {
      this.folded.add(path);
    }
  }

  private say(path: string, detail: Omit<Detail, "path" | "forcesReplacement">): void {
    this.details.push({ path, ...detail, forcesReplacement: this.forces(path) });
  }

  private forces(path: string): boolean {
    const plain = withoutIndices(path);
    return this.forcedBy.some((forced) => isWithin(plain, forced) || isWithin(forced, plain));
  }
}

/** A path without indices and keys, to compare with those that force a replacement. */
export function withoutIndices(path: string): string {
  return path.replaceAll(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, "");
}

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}.`);

/** Whether a side of a JSON text can be looked into: JSON, or nothing. */
const isOpen = (side: unknown): boolean => typeof side === "object" || isEmpty(side);

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as readonly unknown[]) : isEmpty(value) ? [] : undefined;
}
