const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(=>|==|!=|&&|\|\||\.\.\.|[[\](){}.,:?!=*]))/y;

/** Reads an expression of Terraform token by token. */
export class TokenReader {
  protected at = 0;

  protected constructor(protected readonly text: string) {}

  protected skip(): void {
    while (/\s/.test(this.text.charAt(this.at))) {
      this.at += 1;
    }
  }

  protected peek(character: string): boolean {
    this.skip();
    return this.text.charAt(this.at) === character;
  }

  protected token(group: 1 | 2 | 3, wanted?: string): string | undefined {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text)?.[group];
    if (match === undefined || (wanted !== undefined && match !== wanted)) {
      return undefined;
    }
    this.at = TOKEN.lastIndex;
    return match;
  }

  protected take(sign: string): boolean {
    return this.token(3, sign) !== undefined;
  }

  protected word(wanted: string): boolean {
    return this.token(2, wanted) !== undefined;
  }

  protected name(): string {
    const name = this.token(2) ?? this.token(1);
    if (name === undefined) {
      throw new SyntaxError(this.text);
    }
    return name;
  }

  protected expect(sign: string): void {
    if (!this.take(sign)) {
      throw new SyntaxError(this.text);
    }
  }
}
