/** Signs of HTML, and those that GitHub makes links and mentions of. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;" };

/**
 * Nothing that is seen. GitHub looks for mentions and references in the finished HTML, where an escaped sign is a plain one
 * again: this stands between the sign and what follows.
 */
const APART = "&#8203;";

/** Text inside a sentence, without any meaning to Markdown: no links, mentions, tags or emphasis. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[&<>@]|:(?=\/\/)|(?<=www)\.|[\\`*_[\]#|~$!^=]/gi, (sign) =>
      sign === ":" || sign === "." ? `&#${sign.charCodeAt(0)};` : (ENTITIES[sign] ?? `\\${sign}`),
    )
    .replaceAll(/&#64;|\\#/g, (sign) => sign + APART);
}

/** Text as it is, in a code span. */
export function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const line = text.replaceAll(/\s+/g, " ");
  const padded = /^[` ]|[` ]$/.test(line) || line === "" ? ` ${line} ` : line;
  return `${fence}${padded}${fence}`;
}

/** The same in a table, where a bar ends a cell in a code span too. */
export const codeInTable = (text: string): string => code(text).replaceAll("|", "\\|");

/** Text in HTML, as a summary needs it. */
export function htmlText(text: string): string {
  return escapeText(text);
}

/** Code in HTML. */
export function htmlCode(text: string): string {
  const escaped = text.replaceAll(/[&<>@]/g, (sign) => ENTITIES[sign] ?? sign);
  return `<code>${escaped.replaceAll(/\s+/g, " ")}</code>`;
}

/** Lines in a block of code, each behind an indent; lines with + and - in front have colours. */
export function codeBlock(lines: readonly string[], indent: string): string[] {
  const fence = "`".repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)));
  return [`${fence}diff`, ...lines.map((line) => line.replaceAll(/[\r\n]/g, " ")), fence].map((line) => indent + line);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
