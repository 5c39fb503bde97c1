import type { Detail, Shown, ShownItems, Subject } from "./report";
import { HIDDEN } from "@edge-anomaly-detection/azure-facts";

/** A value as a sentence has it: texts in quotes. */
export function valueInWords(value: Shown | undefined): string {
  return value === null || value === undefined ? "nothing" : Array.isArray(value) ? list(value) : JSON.stringify(value);
}

const list = (values: readonly Shown[]): string =>
  values.length === 0 ? "nothing" : values.map(valueInWords).join(", ");

/** A number with its noun: `1 difference`, `2 differences`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

function items(word: string, { values, omitted }: ShownItems): string {
  const rest = omitted > 0 ? [`${omitted} more`] : [];
  return values.length + omitted === 0 ? "" : `${word} ${[...values.map(valueInWords), ...rest].join(", ")}`;
}

const NO_ITEMS: ShownItems = { values: [], omitted: 0 };

/** A difference in one line, without its path: `1 → 2`, `added "x"`, `known after apply`, `sensitive, changes`. */
export function detailInWords(detail: Detail): string {
  const { before, after, details = [], omitted = 0 } = detail;
  switch (detail.kind) {
    case "set":
      return valueInWords(after);
    case "added":
      return after === undefined ? "added" : `added ${valueInWords(after)}`;
    case "removed":
      return before === undefined ? "removed" : `removed ${valueInWords(before)}`;
    case "changed":
      return `${valueInWords(before)} → ${valueInWords(after)}`;
    case "items": {
      const { added = NO_ITEMS, removed = NO_ITEMS, pending = 0 } = detail;
      const parts = [
        items("added", added),
        items("removed", removed),
        pending > 0 ? `${pending} known after apply` : "",
      ];
      return parts.filter((part) => part !== "").join("; ");
    }
    case "lines": {
      const { linesAdded, linesRemoved = 0 } = detail;
      return linesAdded === undefined
        ? "changes in too many lines to compare"
        : `${count(linesAdded, "line")} added, ${linesRemoved} removed`;
    }
    case "document":
      return detail.isNew === true ? "what devices get" : count(details.length + omitted, "difference");
    case "unknown":
      return "known after apply";
    case "sensitive":
      return detail.change === undefined
        ? HIDDEN
        : `sensitive, ${detail.change === "changed" ? "changes" : detail.change}`;
    case "structure":
      return "changes its form";
    case "omitted":
      return `${omitted} more differences`;
  }
}

/** What is inside of a difference, a line each. */
export function linesInWords({ lines = [], details = [], omitted = 0, kind }: Detail): string[] {
  const inner = details.flatMap((detail) => [lineInWords(detail), ...linesInWords(detail).map((line) => `  ${line}`)]);
  const rest = omitted > 0 && kind !== "omitted" ? [`… ${omitted} more lines`] : [];
  return [...lines, ...inner, ...rest];
}

function lineInWords(detail: Detail): string {
  const { subject, path, kind } = detail;
  if (subject === undefined) {
    return [path, detailInWords(detail)].filter((part) => part !== "").join(": ");
  }
  if (subject.kind === "time to live") {
    return timeInWords(detail);
  }
  const title = subjectInWords(subject);
  if (path === "" && (kind === "added" || kind === "removed")) {
    const value = kind === "added" ? detail.after : detail.before;
    return `${title} ${kind}${value === undefined ? "" : `${subject.kind === "route" ? ":" : ", image"} ${valueInWords(value)}`}`;
  }
  return `${title}: ${[path, detailInWords(detail)].filter((part) => part !== "").join(" ")}`;
}

function subjectInWords({ kind, name }: Subject): string {
  return kind === "desired properties"
    ? `desired properties of ${name ?? ""}`
    : `${kind}${name === undefined ? "" : ` ${name}`}`;
}

function timeInWords({ before, after }: Detail): string {
  const [old, next] = [before, after].map((seconds) =>
    seconds === undefined ? undefined : `${valueInWords(seconds)} seconds`,
  );
  return `messages are kept for ${next ?? "no set time"}${old === undefined ? "" : `, before for ${old}`}`;
}
