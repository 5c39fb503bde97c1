/** Text inside a sentence, without any meaning to Markdown: no links, mentions, tags or emphasis. */
export function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;")
    .replaceAll("://", "&#58;//")
    .replaceAll(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`)
    .replaceAll(/[\\`*_[\]#|~$!^=]/g, (sign) => `\\${sign}`)
    .replaceAll(/\s+/g, " ");
}

/** Text as it is, in a code span; it stands in tables too. */
export function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const line = text.replaceAll(/\s+/g, " ");
  const padded = /^[` ]|[` ]$/.test(line) || line === "" ? ` ${line} ` : line;
  return `${fence}${padded.replaceAll("|", "\\|")}${fence}`;
}

/** Text in HTML, as a summary needs it. */
export function htmlCode(text: string): string {
  const escaped = text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;");
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
