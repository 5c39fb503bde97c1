import { diffLines } from "diff";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";

/** Lines of one text, or differences of one document, that are shown; characters of each line. */
export const MAX_LINES = 60;
const MAX_LINE = 240;

/** Lines that may differ before two texts are called different as a whole; comparing takes time in its square. */
const MAX_EDITS = 2_000;

/** Characters of a text that are compared by lines. */
const MAX_TEXT = 1_000_000;

/** Lines of a text that differ, `- …` and `+ …`; nothing where there are too many to compare. */
export function differentLines(before: string, after: string): string[] | undefined {
  if (before.length + after.length > MAX_TEXT) {
    return undefined;
  }
  const parts = diffLines(before, after, { maxEditLength: MAX_EDITS, stripTrailingCr: true });
  return parts
    ?.filter(({ added, removed }) => added || removed)
    .flatMap(({ value, added }) =>
      value
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `${added ? "+" : "-"} ${line}`),
    );
}

/** One line as a reader takes it in. */
export const shownLine = (line: string): string => visible(shortened(line.replaceAll("\t", "  "), MAX_LINE));

/** Arguments that hold text in base64. */
const BASE64_NAME = /^(custom_?data|user_?data(_base64)?)$/i;

/** What an argument says: the text behind base64 where the argument holds it and it is text. */
export const decodedArgument = (name: string, text: string): string => (BASE64_NAME.test(name) ? decoded(text) : text);

/** Text behind base64, or the argument where it is none. */
function decoded(text: string): string {
  const inner = Buffer.from(text, "base64").toString("utf8");
  return Buffer.from(inner, "utf8").toString("base64") === text.trim() ? inner : text;
}
