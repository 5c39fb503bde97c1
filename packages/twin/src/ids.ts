import { createHash } from "node:crypto";

/** Kinds of twins, as their ids begin. */
export const KINDS = ["site", "line", "machine", "detector", "signal"] as const;
export type Kind = (typeof KINDS)[number];

/** Characters of a part that stands in an id as it is: two of them, with the longest kind, stay under 128. */
const MAX_PART = 54;
const HASH = 16;

/**
 * Id of a twin: `machine.press-1`, `signal.press-1.temperature`. Azure documents no rule for the characters of ids; letters, digits
 * and `. _ -` need no quoting in addresses, queries and scenes. A part with other characters, or a longer one, is written as what is
 * left of it, two dots and a hash of the whole. Parts hold no dots of their own, so different parts never make the same id.
 */
export function twinId(kind: Kind, ...parts: readonly string[]): string {
  return [kind, ...parts.map(partOf)].join(".");
}

function partOf(text: string): string {
  if (text.length <= MAX_PART && /^[A-Za-z0-9_-]+$/.test(text)) {
    return text;
  }
  const plain = text.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, MAX_PART - HASH - 2);
  return `${plain}..${createHash("sha256").update(text).digest("hex").slice(0, HASH)}`;
}
