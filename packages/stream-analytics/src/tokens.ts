import { QueryError } from "./query-error";

/** A piece of the query's text. `text` of a name or string is its content, without brackets, quotes or escapes. */
export interface Token {
  readonly kind: "name" | "quotedName" | "string" | "number" | "symbol" | "end";
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const PIECES =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<name>[A-Za-z_]\w*)|\[(?<quotedName>[^\]\n]+)\]|'(?<string>(?:[^']|'')*)'|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<symbol><>|!=|<=|>=|[=<>(),.*+\-/%;])/y;

const KINDS = ["name", "quotedName", "string", "number", "symbol"] as const;

/**
 * Splits a query into tokens, the last one of kind `end`.
 *
 * @throws QueryError at a character that starts no token; double quotes are no string literals in this language
 */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let position = 0;
  while (position < query.length) {
    PIECES.lastIndex = position;
    const groups = PIECES.exec(query)?.groups;
    const column = position - lineStart + 1;
    if (groups === undefined) {
      const character = query[position] ?? "";
      throw new QueryError(
        character === '"' || character === "'"
          ? "a string literal stands between single quotes and is closed by one"
          : `unexpected character ${JSON.stringify(character)}`,
        line,
        column,
      );
    }
    const kind = KINDS.find((name) => groups[name] !== undefined);
    if (kind !== undefined) {
      const text = groups[kind] ?? "";
      tokens.push({ kind, text: kind === "string" ? text.replaceAll("''", "'") : text, line, column });
    }
    for (let index = position; index < PIECES.lastIndex; index++) {
      if (query[index] === "\n") {
        line++;
        lineStart = index + 1;
      }
    }
    position = PIECES.lastIndex;
  }
  tokens.push({ kind: "end", text: "the end of the query", line, column: position - lineStart + 1 });
  return tokens;
}
