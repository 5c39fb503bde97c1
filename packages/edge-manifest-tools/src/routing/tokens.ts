/** Kinds of tokens; the names are those of the runtime's grammar where it has one. */
export type TokenKind =
  | "keyword"
  | "literal"
  | "string"
  | "unterminatedString"
  | "integer"
  | "hex"
  | "real"
  | "symbol"
  | "systemProperty"
  | "identifier"
  | "unknown";

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; keywords in upper case. */
  readonly text: string;
  /** Where it starts, in UTF-16 code units. */
  readonly offset: number;
}

/** Characters of names: nearly all, so that `a-5`, `x!` and `&&` are names. */
const NAME = String.raw`[^()<>@,;:\\"/[\]?={} \t\n\r]`;
const PATH = String.raw`[^()<>@,;:\\"/?={} \t\n\r]`;
const ESCAPE = String.raw`\\(?:["'\\]|u[0-9a-fA-F]{4})`;
const DOUBLE = String.raw`"(?:${ESCAPE}|[^"\\])*`;
const SINGLE = String.raw`'(?:${ESCAPE}|[^'\\])*`;

const rule = (kind: TokenKind | "skip", pattern: string): readonly [TokenKind | "skip", RegExp] => [
  kind,
  new RegExp(pattern, "y"),
];

/** In the order of the runtime's lexer: the longest match wins, of equal ones the first. */
const RULES = [
  rule("keyword", "[sS][eE][lL][eE][cC][tT]|[fF][rR][oO][mM]|[wW][hH][eE][rR][eE]|[iI][nN][tT][oO]"),
  rule("string", `${DOUBLE}"|${SINGLE}'`),
  rule("unterminatedString", `${DOUBLE}|${SINGLE}`),
  rule("integer", "-?[0-9]+"),
  rule("hex", "0[xX][0-9a-fA-F]+"),
  rule("real", String.raw`-?[0-9]*(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)`),
  rule("literal", "true|false|null|undefined"),
  rule("symbol", String.raw`<=|>=|!=|<>|\|\||\?\?|[(),+\-*/%=<>{}]`),
  rule("keyword", "[aA][nN][dD]|[oO][rR]|[nN][oO][tT]"),
  rule("systemProperty", String.raw`\$${PATH}+`),
  rule("identifier", `${NAME}+`),
  rule("unknown", `${PATH}+`),
  rule("skip", String.raw`[ \t\r\n]+`),
  rule("skip", String.raw`/\*[\s\S]*?\*/`),
  rule("unknown", String.raw`[\s\S]`),
] as const;

/** What tokens of a kind may start with. */
const STARTS: Readonly<Record<TokenKind | "skip", RegExp>> = {
  keyword: /[a-zA-Z]/,
  literal: /[a-z]/,
  string: /["']/,
  unterminatedString: /["']/,
  integer: /[-0-9]/,
  hex: /0/,
  real: /[-0-9.eE]/,
  symbol: /[|?(),+\-*/%=<>{}!]/,
  systemProperty: /\$/,
  identifier: /[^()<>@,;:\\"/[\]?={} \t\n\r]/,
  unknown: /[\s\S]/,
  skip: /[ \t\r\n/]/,
};

/** Rules that can match at a character, by its code; characters beyond ASCII are those of names. */
const RULES_AT = Array.from({ length: 128 }, (_, code) => rulesAt(String.fromCharCode(code)));
const RULES_BEYOND = rulesAt("\u00e9");

function rulesAt(character: string): readonly (typeof RULES)[number][] {
  return RULES.filter(([kind]) => kind === "unknown" || STARTS[kind].test(character));
}

/**
 * Tokens of a route, as the runtime's lexer cuts them
 * (Azure/iotedge, `Microsoft.Azure.Devices.Routing.Core/grammar/GrammarLexer.g4`).
 *
 * Blanks and comments are left out. Note that a slash with a star opens a comment where a star with a slash follows.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let offset = 0; offset < text.length;) {
    let kind: TokenKind | "skip" = "unknown";
    let length = 0;
    for (const [candidate, pattern] of RULES_AT[text.charCodeAt(offset)] ?? RULES_BEYOND) {
      pattern.lastIndex = offset;
      const match = pattern.exec(text)?.[0].length ?? 0;
      if (match > length) {
        kind = candidate;
        length = match;
      }
    }
    if (kind !== "skip") {
      const written = text.slice(offset, offset + length);
      tokens.push({ kind, text: kind === "keyword" ? written.toUpperCase() : written, offset });
    }
    offset += length;
  }
  return tokens;
}
