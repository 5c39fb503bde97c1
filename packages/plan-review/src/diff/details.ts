import { visible, visibleLines } from "@edge-anomaly-detection/common";
import { isEmpty, isObject, jsonIn } from "../json-values";
import { isMarked, isSecretProperty, markAt, type Place, within } from "../plan/sensitive";
import type { Detail, Shown, ShownItems } from "../report/report";
import { below, shortened } from "../show-values";
import type { Clean } from "./addresses";
import { differentLines, MAX_LINES, shownLine } from "./text-lines";

/** What a difference says, without where it is. */
export type DetailContent = Omit<Detail, "path" | "forcesReplacement">;

/** Items of a list that are named in one difference. */
const MAX_ITEMS = 10;

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

/** Items of a list as they are shown. */
export function shownItems(items: readonly unknown[], clean: Clean): ShownItems {
  const values = items.slice(0, MAX_ITEMS).map((item) => shown(item, clean));
  return { values, omitted: items.length - values.length };
}

/** A value that is set, removed or changed. */
export function scalarDetail(before: unknown, after: unknown, clean: Clean): DetailContent {
  if (before === undefined || before === null) {
    return { kind: "added", after: shown(after, clean) };
  }
  return after === undefined || after === null
    ? { kind: "removed", before: shown(before, clean) }
    : { kind: "changed", before: shown(before, clean), after: shown(after, clean) };
}

/** A block, an item or a document that is added or removed. */
export function blockDetail(
  kind: "added" | "removed",
  value: unknown,
  mark: unknown,
  place: Place,
  clean: Clean,
): DetailContent {
  if (isMarked(mark, value)) {
    return { kind: "sensitive", change: kind };
  }
  return typeof value === "object"
    ? { kind, ...fewDetails(leavesOf(value, mark, place, clean)) }
    : { kind, [kind === "added" ? "after" : "before"]: shown(value, clean) };
}

/** Texts of several lines. */
export function linesDetail(before: string, after: string): DetailContent {
  const lines = differentLines(before, after);
  if (lines === undefined) {
    return { kind: "lines" };
  }
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  const rest = lines.length - MAX_LINES;
  return {
    kind: "lines",
    linesAdded: count("+"),
    linesRemoved: count("-"),
    lines: lines.slice(0, MAX_LINES).map(shownLine),
    ...(rest > 0 && { omitted: rest }),
  };
}
