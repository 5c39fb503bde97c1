/**
 * What a terminal, Markdown, a browser or a reader's eye takes for something else: control and format characters (bidirectional
 * ones among them), half surrogates, private use, unassigned, line separators, characters without width, blanks that are no space.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u3164\uFFA0]|(?! )\p{Zs}/gu;
const UNSEEN_BUT_BREAKS = new RegExp(`(?![\\t\\n])(?:${UNSEEN.source})`, "gu");

/** A character by its number, as `⟨U+202E⟩`. */
function byNumber(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** A text on one line in which every character can be seen. The only owner of this: every format shows the same. */
export function visible(text: string): string {
  return text.replace(UNSEEN, byNumber);
}

/** The same for a text that may have several lines: tabs and line feeds stay. */
export function visibleLines(text: string): string {
  return text.replace(UNSEEN_BUT_BREAKS, byNumber);
}

/** JSON whose characters that nobody sees are escapes, so that it can be printed; it means the same. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN_BUT_BREAKS, (text) =>
    Array.from(
      { length: text.length },
      (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
