import { RouteSyntaxError } from "./syntax";
import { type Token, tokensOf } from "./tokens";

/** Goes through a route's tokens one by one. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private index = 0;

  public constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  /** The token that comes next. @default - the text is at its end */
  public get next(): Token | undefined {
    return this.tokens[this.index];
  }

  /** The token after that. */
  public get afterNext(): Token | undefined {
    return this.tokens[this.index + 1];
  }

  /** Where the next token starts; at the end, where the text ends. */
  public get offset(): number {
    return this.next?.offset ?? this.text.trimEnd().length;
  }

  public skip(): void {
    this.index += 1;
  }

  public takeKeyword(keyword: string): boolean {
    return this.takeIf("keyword", keyword);
  }

  public takeSymbol(symbol: string): boolean {
    return this.takeIf("symbol", symbol);
  }

  public expectSymbol(symbol: string, reason: string, remedy?: string): void {
    if (!this.takeSymbol(symbol)) {
      throw new RouteSyntaxError(`${reason}, found ${this.described()}`, this.offset, remedy);
    }
  }

  /** The error for a token that cannot stand where it does. */
  public unexpected(expected: string, remedy?: string): RouteSyntaxError {
    const hint = this.next === undefined ? undefined : HINTS[this.next.text];
    return new RouteSyntaxError(`expected ${expected}, found ${this.described()}`, this.offset, hint ?? remedy);
  }

  private takeIf(kind: Token["kind"], text: string): boolean {
    const isThere = this.next?.kind === kind && this.next.text === text;
    this.index += isThere ? 1 : 0;
    return isThere;
  }

  private described(): string {
    if (this.next === undefined) {
      return "the end";
    }
    return this.next.kind === "unterminatedString" ? "a string that is not closed" : this.next.text;
  }
}

/** What people write from other languages, and what the runtime's is. */
const HINTS: Readonly<Record<string, string>> = {
  "=": "write = once: a == b is a = b here",
  "&&": "write AND",
  "&": "write AND",
  "||": "write OR; || joins two strings",
  "|": "write OR",
  "!": "write NOT",
  "=>": "write >=",
};
