import { IDENTITIES, identifies, pairsByIdentity, pairsByPlace, sameItems, without } from "./list-pairs";
import type { Detail, Shown, ShownItems } from "../report/report";
import { isMarked, isSecretProperty, markAt, marksAnything, type Place, wholeOf, within } from "../plan/sensitive";
import { below, shortened, show } from "../show-values";
import { visible, visibleLines } from "@edge-anomaly-detection/common";
import { differentLines, MAX_LINES, shownLine } from "./text-lines";
import { isEmpty, isObject, jsonIn, property, same } from "../json-values";

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

type Clean = (text: string) => string;

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

/** Items of a list that are named in one difference. */
const MAX_ITEMS = 10;

/** Arguments that hold text in base64. */
const BASE64_NAME = /^(custom_?data|user_?data(_base64)?)$/i;

/** What differs between two values, attribute by attribute. */
export function differencesOf(sides: Sides, options: DifferenceOptions): Differences {
  const comparison = new Comparison(options);
  comparison.compare("", options.place ?? wholeOf(undefined), sides);
  return comparison.result();
}

/** Leaves of a value: what is inside of a block that is added or removed. */
export function leavesOf(value: unknown, mark: unknown, at: Place, clean: Clean): Detail[] {
  const leaves: Detail[] = [];
  const visit = (inner: unknown, innerMark: unknown, path: string, place: Place): void => {
    const open = jsonIn(inner) ?? inner;
    if (isMarked(innerMark, inner)) {
      leaves.push({ kind: "sensitive", path, forcesReplacement: false });
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
      leaves.push({ kind: "set", path, after: shown(inner, clean), forcesReplacement: false });
    }
  };
  visit(value, mark, "", at);
  return leaves;
}

/** A value as it is shown, without what is sensitive in it. */
export function shown(value: unknown, clean: Clean): Shown {
  switch (typeof value) {
    case "string":
      return visibleLines(shortened(clean(value)));
    case "number": {
      const text = clean(String(value));
      return text === String(value) ? value : text;
    }
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : visible(shortened(clean(JSON.stringify(value))));
  }
}

/** As many differences as a reader takes in, and how many more there are. */
export function fewDetails(details: readonly Detail[]): Pick<Detail, "details" | "omitted"> {
  const rest = details.length - MAX_LINES;
  return {
    ...(details.length > 0 && { details: details.slice(0, MAX_LINES) }),
    ...(rest > 0 && { omitted: rest }),
  };
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
      this.sayScalars(path, before, after);
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
        ...(added.length > 0 && { added: this.items(added) }),
        ...(removed.length > 0 && { removed: this.items(removed) }),
        ...(pending > 0 && { pending }),
      });
    }
  }

  private items(items: readonly unknown[]): ShownItems {
    const values = items.slice(0, MAX_ITEMS).map((item) => shown(item, this.options.clean));
    return { values, omitted: items.length - values.length };
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
    const { clean, documentDetails } = this.options;
    if ((oldDocument ?? newDocument) !== undefined && [oldDocument ?? before, newDocument ?? after].every(isOpen)) {
      const details = documentDetails?.(oldDocument, newDocument, clean);
      if (details !== undefined) {
        this.sayDocument(path, details);
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
      this.say(path, { kind: "sensitive", change: "changed" });
    } else if (old.includes("\n") || next.includes("\n")) {
      this.sayLines(path, old, next);
    } else {
      this.sayScalars(path, old, next);
    }
  }

  private sayDocument(path: string, details: readonly Detail[]): void {
    if (details.length === 0) {
      this.folded.add(path);
    } else {
      this.say(path, { kind: "document", ...fewDetails(details) });
    }
  }

  private sayLines(path: string, before: string, after: string): void {
    const lines = differentLines(before, after);
    if (lines === undefined) {
      this.say(path, { kind: "lines" });
      return;
    }
    const [linesAdded = 0, linesRemoved = 0] = ["+", "-"].map(
      (sign) => lines.filter((line) => line.startsWith(sign)).length,
    );
    const rest = lines.length - MAX_LINES;
    this.say(path, {
      kind: "lines",
      linesAdded,
      linesRemoved,
      lines: lines.slice(0, MAX_LINES).map(shownLine),
      ...(rest > 0 && { omitted: rest }),
    });
  }

  private sayBlock(path: string, place: Place, kind: "added" | "removed", value: unknown, mark: unknown): void {
    if (isMarked(mark, value)) {
      this.say(path, { kind: "sensitive", change: kind });
    } else if (typeof value === "object") {
      this.say(path, { kind, ...fewDetails(leavesOf(value, mark, place, this.options.clean)) });
    } else {
      this.say(path, { kind, [kind === "added" ? "after" : "before"]: shown(value, this.options.clean) });
    }
  }

  private sayScalars(path: string, before: unknown, after: unknown): void {
    const { clean } = this.options;
    if (before === undefined || before === null) {
      this.say(path, { kind: "added", after: shown(after, clean) });
    } else if (after === undefined || after === null) {
      this.say(path, { kind: "removed", before: shown(before, clean) });
    } else {
      this.say(path, { kind: "changed", before: shown(before, clean), after: shown(after, clean) });
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

/** Text behind base64, or the argument where it is none. */
function decoded(text: string): string {
  const inner = Buffer.from(text, "base64").toString("utf8");
  return Buffer.from(inner, "utf8").toString("base64") === text.trim() ? inner : text;
}
