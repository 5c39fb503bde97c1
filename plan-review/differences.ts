import { isObject, stableJson } from "../edge-manifests/json";
import type { Detail } from "./report";
import { HIDDEN } from "./secrets";
import { isMarked, isSecretProperty, markAt, marksAnything, type Place, wholeOf, within } from "./sensitive";
import { below, show } from "./text";
import { differentLines, fewLines } from "./text-lines";
import { isEmpty, jsonIn, property, same } from "./values";

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

/** How differences are said. */
export interface DifferenceOptions {
  /** Takes what is sensitive out of a text. */
  readonly clean: (text: string) => string;
  /** Where the value stands. @default - nowhere known */
  readonly place?: Place;
  /** Paths that force a replacement. */
  readonly forcedBy?: readonly string[];
  /** Says the differences of JSON documents of a known kind, a line each; nothing for documents of other kinds. */
  readonly documentLines?: (before: unknown, after: unknown, clean: (text: string) => string) => string[] | undefined;
}

/** What differs. */
export interface Differences {
  readonly details: readonly Detail[];
  /** Paths of differences without meaning. */
  readonly folded: readonly string[];
}

/** Differences of one object that are said; the others are counted. */
const MAX_DETAILS = 100;

/** Items of a list that are named in one difference. */
const MAX_ITEMS = 10;

/** Properties by which items of a list are the same item, the first that all have and that differs among them. */
const IDENTITIES = ["name", "key", "alias", "id", "display_name"];

/** Arguments that hold text in base64. */
const BASE64_NAME = /^(custom_?data|user_?data)$/i;

/** Says what differs between two values, attribute by attribute. */
export function differencesOf(sides: Sides, options: DifferenceOptions): Differences {
  const comparison = new Comparison(options);
  comparison.compare("", options.place ?? wholeOf(undefined), sides);
  return comparison.result();
}

/** Leaves of a value, a line each: what is inside of a block that is added. */
export function leavesOf(value: unknown, mark: unknown, at: Place, clean: (text: string) => string): string[] {
  const lines: string[] = [];
  const visit = (inner: unknown, innerMark: unknown, path: string, place: Place): void => {
    const open = jsonIn(inner) ?? inner;
    if (isMarked(innerMark, inner)) {
      lines.push(`${path}: ${HIDDEN}`);
    } else if (Array.isArray(open)) {
      open.forEach((item, index) => {
        visit(item, markAt(innerMark, index), `${path}[${index}]`, place);
      });
    } else if (isObject(open)) {
      for (const [name, item] of Object.entries(open)) {
        const isSecret = isSecretProperty(open, name, item, place);
        visit(item, isSecret || markAt(innerMark, name), below(path, clean(name)), within(place, name));
      }
    } else if (!isEmpty(inner)) {
      lines.push(path === "" ? inWords(inner, clean) : `${path}: ${inWords(inner, clean)}`);
    }
  };
  visit(value, mark, "", at);
  return lines;
}

/** A value that is no container, without what is sensitive in it. */
export function inWords(value: unknown, clean: (text: string) => string): string {
  return typeof value === "number" ? clean(String(value)) : show(typeof value === "string" ? clean(value) : value);
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
        ...(rest > 0 ? [{ path: "", text: `${rest} more differences`, forcesReplacement: false }] : []),
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
      this.sayScalars(path, before, after);
    }
  }

  private compareObjects(path: string, place: Place, sides: Sides): void {
    const { before, after, unknown, beforeMark, afterMark } = sides;
    const others = [before, after].filter((side) => !isObject(side) && !isEmpty(side));
    if (others.length > 0) {
      this.say(path, "changes its form");
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
      this.say(path, "changes its form");
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
      this.say(path, "sensitive, changes");
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
      const parts = [this.items("added", added), this.items("removed", removed)];
      this.say(
        path,
        [...parts, pending > 0 ? `${pending} known after apply` : ""].filter((part) => part !== "").join("; "),
      );
    }
  }

  private items(word: string, items: readonly unknown[]): string {
    const named = items.slice(0, MAX_ITEMS).map((item) => inWords(item, this.options.clean));
    const rest = items.length > MAX_ITEMS ? [`${items.length - MAX_ITEMS} more`] : [];
    return items.length === 0 ? "" : `${word} ${[...named, ...rest].join(", ")}`;
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
      const index = named === undefined ? String(next ?? old ?? 0) : inWords(named, this.options.clean);
      const itemPath = `${path}[${index}]`;
      const inner: Sides = {
        before: before[old ?? -1],
        after: after[next ?? -1],
        unknown: next === undefined ? undefined : markAt(sides.unknown, next),
        beforeMark: old === undefined ? undefined : markAt(sides.beforeMark, old),
        afterMark: next === undefined ? undefined : markAt(sides.afterMark, next),
      };
      if (old === undefined) {
        this.sayBlock(itemPath, place, "added", inner.after, inner.afterMark);
      } else if (next === undefined) {
        this.sayBlock(itemPath, place, "removed", inner.before, inner.beforeMark);
      } else {
        this.compare(itemPath, place, inner);
      }
    }
  }

  private compareTexts(path: string, place: Place, before: unknown, after: unknown): void {
    const [oldDocument, newDocument] = [jsonIn(before), jsonIn(after)];
    const { clean, documentLines } = this.options;
    if ((oldDocument ?? newDocument) !== undefined && [oldDocument ?? before, newDocument ?? after].every(isOpen)) {
      const lines = documentLines?.(oldDocument, newDocument, clean);
      if (lines !== undefined) {
        this.sayDocument(path, lines);
      } else if (same(oldDocument, newDocument)) {
        this.folded.add(path);
      } else if (oldDocument === undefined || newDocument === undefined) {
        this.sayBlock(
          path,
          place,
          oldDocument === undefined ? "added" : "removed",
          newDocument ?? oldDocument,
          undefined,
        );
      } else {
        this.compare(path, place, { before: oldDocument, after: newDocument });
      }
      return;
    }
    if (typeof before !== "string" || typeof after !== "string") {
      this.sayScalars(path, before, after);
      return;
    }
    const isBase64 = BASE64_NAME.test(place.name);
    const [old, next] = [clean(isBase64 ? decoded(before) : before), clean(isBase64 ? decoded(after) : after)];
    if (old === next) {
      this.say(path, "sensitive, changes");
    } else if (old.includes("\n") || next.includes("\n")) {
      this.sayLines(path, old, next);
    } else {
      this.sayScalars(path, old, next);
    }
  }

  private sayDocument(path: string, lines: readonly string[]): void {
    if (lines.length === 0) {
      this.folded.add(path);
    } else {
      this.say(path, lines.length === 1 ? "1 difference" : `${lines.length} differences`, fewLines(lines));
    }
  }

  private sayLines(path: string, before: string, after: string): void {
    const lines = differentLines(before, after);
    if (lines === undefined) {
      this.say(path, "changes in too many lines to compare");
      return;
    }
    const [added, removed] = ["+", "-"].map((sign) => lines.filter((line) => line.startsWith(sign)).length);
    this.say(path, `${added ?? 0} ${added === 1 ? "line" : "lines"} added, ${removed ?? 0} removed`, fewLines(lines));
  }

  private sayBlock(path: string, place: Place, word: string, value: unknown, mark: unknown): void {
    const isHidden = isMarked(mark, value);
    const lines =
      isHidden || typeof value !== "object" ? [] : fewLines(leavesOf(value, mark, place, this.options.clean));
    const text = isHidden ? `sensitive, ${word}` : word;
    this.say(
      path,
      typeof value === "object" || isHidden ? text : `${word} ${inWords(value, this.options.clean)}`,
      lines,
    );
  }

  private sayScalars(path: string, before: unknown, after: unknown): void {
    const { clean } = this.options;
    if (before === undefined || before === null) {
      this.say(path, `added ${inWords(after, clean)}`);
    } else if (after === undefined || after === null) {
      this.say(path, `removed ${inWords(before, clean)}`);
    } else {
      this.say(path, `${inWords(before, clean)} → ${inWords(after, clean)}`);
    }
  }

  /** A sensitive value; whether it stays is told, nothing else. */
  private sayHidden(path: string, { before, after, unknown }: Sides): void {
    if (unknown === true) {
      this.sayUnknown(path);
    } else if (isEmpty(before) && isEmpty(after)) {
      return;
    } else if (isEmpty(before)) {
      this.say(path, "sensitive, added");
    } else if (isEmpty(after) && !marksAnything(unknown)) {
      this.say(path, "sensitive, removed");
    } else if (!same(before, after)) {
      this.say(path, "sensitive, changes");
    }
  }

  private sayUnknown(path: string): void {
    if (this.forces(path)) {
      this.say(path, "known after apply");
    } else {
      this.folded.add(path);
    }
  }

  private say(path: string, text: string, lines: readonly string[] = []): void {
    this.details.push({ path, text, ...(lines.length > 0 && { lines }), forcesReplacement: this.forces(path) });
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

/** Items of `list` beyond those of `other`, equal ones counted. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const counts = countItems(other);
  return list.filter((item) => !takeOne(counts, item));
}

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

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && without(a, b).length === 0;

type Pair = readonly [before: number | undefined, after: number | undefined];

function identifies(name: string, list: readonly unknown[]): boolean {
  const names = list.map((item) => property(item, name));
  return names.every((one) => typeof one === "string") && new Set(names).size === names.length;
}

function pairsByIdentity(name: string, before: readonly unknown[], after: readonly unknown[]): Pair[] {
  const places = new Map(before.map((item, index) => [property(item, name), index]));
  const pairs = after.map((item, index): Pair => [places.get(property(item, name)), index]);
  const found = new Set(pairs.map(([old]) => old));
  return [...pairs, ...before.flatMap((_item, index): Pair[] => (found.has(index) ? [] : [[index, undefined]]))];
}

/** Equal items go together wherever they stand; of the others the first with the first. */
function pairsByPlace(before: readonly unknown[], after: readonly unknown[]): Pair[] {
  const [inAfter, inBefore] = [countItems(after), countItems(before)];
  const old = before.flatMap((item, index) => (takeOne(inAfter, item) ? [] : [index]));
  const next = after.flatMap((item, index) => (takeOne(inBefore, item) ? [] : [index]));
  return Array.from({ length: Math.max(old.length, next.length) }, (_none, index): Pair => [old[index], next[index]]);
}

/** Text behind base64, or the argument where it is none. */
function decoded(text: string): string {
  const inner = Buffer.from(text, "base64").toString("utf8");
  return Buffer.from(inner, "utf8").toString("base64") === text.trim() ? inner : text;
}
