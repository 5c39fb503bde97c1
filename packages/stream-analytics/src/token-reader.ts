import { QueryError } from "./query-error";
import { type Token, tokenize } from "./tokens";

/** Reads a query token by token. Keywords are matched in any case. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private readonly end: Token;
  private index = 0;

  constructor(query: string) {
    this.tokens = tokenize(query);
    this.end = this.tokens.at(-1) ?? { kind: "end", text: "the end of the query", line: 1, column: 1 };
  }

  peek(offset = 0): Token {
    return this.tokens[Math.min(this.index + offset, this.tokens.length - 1)] ?? this.end;
  }

  next(): Token {
    const token = this.peek();
    this.index++;
    return token;
  }

  atWord(word: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token.kind === "name" && token.text.toLowerCase() === word;
  }

  atSymbol(symbol: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token.kind === "symbol" && token.text === symbol;
  }

  /** Takes the words in this order, or nothing. */
  takeWords(...words: readonly string[]): boolean {
    const there = words.every((word, offset) => this.atWord(word, offset));
    if (there) this.index += words.length;
    return there;
  }

  takeSymbol(symbol: string): boolean {
    const there = this.atSymbol(symbol);
    if (there) this.index++;
    return there;
  }

  expectWord(word: string): void {
    if (!this.takeWords(word)) this.fail(`expected ${word.toUpperCase()}, found ${describe(this.peek())}`);
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`expected ${symbol}, found ${describe(this.peek())}`);
  }

  expectName(what: string): string {
    const token = this.peek();
    if (token.kind !== "name" && token.kind !== "quotedName") this.fail(`expected ${what}, found ${describe(token)}`);
    this.index++;
    return token.text;
  }

  expectNumber(what: string): number {
    const token = this.peek();
    if (token.kind !== "number") this.fail(`expected ${what}, found ${describe(token)}`);
    this.index++;
    return Number(token.text);
  }

  expectString(what: string): string {
    const token = this.peek();
    if (token.kind !== "string") this.fail(`expected ${what} between single quotes, found ${describe(token)}`);
    this.index++;
    return token.text;
  }

  fail(message: string, at: Token = this.peek()): never {
    throw new QueryError(message, at.line, at.column);
  }
}

function describe(token: Token): string {
  return token.kind === "end" ? token.text : `"${token.text}"`;
}
