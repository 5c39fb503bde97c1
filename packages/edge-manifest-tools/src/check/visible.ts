/** Characters that a terminal, a log or a reader's eye takes for something else. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u2800\u3164\uffa0]/gu;

const escaped = (text: string): string =>
  Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join("");

/**
 * A text on one line that cannot pass for anything else: invisible characters are written out as `\u{202e}`, and so is
 * what makes a line of a pipeline's log a command (`::error::`, `##[error]`, `##vso[…]`).
 */
export function visible(text: string): string {
  return text
    .replace(INVISIBLE, escaped)
    .replace(/^\s*::/, (match) => match.replace("::", "\\u{3a}:"))
    .replaceAll(/##(?=\[|vso\[)/gi, "#\\u{23}");
}

/** JSON whose invisible characters are escapes, so that it can be printed; it means the same. */
export function visibleJson(json: string): string {
  return json.replace(/[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u007f-\u00a0\u115f\u1160\u2800\u3164\uffa0]/gu, (text) =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
