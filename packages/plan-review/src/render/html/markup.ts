import { visibleLines } from "@edge-anomaly-detection/common";

/** Text that is HTML already. Only {@link markup} makes it, so that nothing unescaped can get into a page. */
export class Markup {
  public constructor(public readonly text: string) {}
}

/** What may stand in a template: text, which is escaped; markup, which is not; nothing. */
export type Content = string | number | Markup | readonly Markup[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template of HTML: what is put in is escaped for text and for attributes in double quotes. */
export function markup(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(strings.reduce((all, part, index) => `${all}${written(contents[index - 1])}${part}`));
}

/** Several pieces, one after the other. */
export function joined(pieces: readonly Markup[], separator = ""): Markup {
  return new Markup(pieces.map(({ text }) => text).join(separator));
}

function written(content: Content): string {
  if (content === undefined || content === false) {
    return "";
  }
  if (content instanceof Markup) {
    return content.text;
  }
  return typeof content === "object" ? joined(content).text : escaped(String(content));
}

function escaped(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
