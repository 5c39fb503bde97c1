/** Levels of brackets that a file may have; a twin takes ten. */
export const MAX_LEVELS = 64;

/** A part of a text, in UTF-16 code units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Something that JSON itself does not have, or that one of its readers drops. */
export interface JsonRemark {
  readonly kind: "comment" | "trailingComma" | "duplicateKey" | "unquotedPlaceholder";
  /** Names of the properties and positions of the list items above it. */
  readonly path: readonly (string | number)[];
  readonly range: TextRange;
}

/** Why a text is no JSON, and where. */
export class JsonTextError extends Error {
  public constructor(
    public readonly reason: string,
    public readonly offset: number,
  ) {
    super(reason);
    this.name = "JsonTextError";
  }
}

/** What templates may have instead of a value, without quotes: `${TTL}`, `$TTL`, `#{TTL}#`, `{{ttl}}`, `__TTL__`, `<TTL>`. */
const PLACEHOLDER = /\$\{[^{}\n]+\}|\$[A-Za-z_]\w*|#\{[^{}\n]+\}#|\{\{[^{}\n]+\}\}|__\w+?__|<[A-Za-z][\w.-]*>/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/**
 * Reads JSON as people keep it in repositories: comments, commas before a closing bracket and placeholders without quotes
 * are read and remarked upon. Of properties with the same name the last counts, as everywhere.
 *
 * No library does this: they read comments, or keep positions, or take placeholders, but not all three.
 */
export class JsonText {
  public readonly remarks: JsonRemark[] = [];
  public readonly value: unknown;
  private position = 0;
  private readonly path: (string | number)[] = [];
  /** Ranges of what containers hold. */
  private readonly ranges = new WeakMap<object, Map<string, TextRange>>();

  /** @throws JsonTextError where the text is no JSON */
  public constructor(private readonly text: string) {
    this.value = this.readValue();
    this.skipBlanks();
    if (this.position < text.length) {
      throw this.error("text after the end of the document");
    }
  }

  /** Where the value at a path stands; as far as the path leads, where it leads nowhere. */
  public rangeOf(path: readonly string[]): TextRange {
    let range: TextRange = { start: this.text.length - this.text.trimStart().length, end: this.text.trimEnd().length };
    let value = this.value;
    for (const step of path) {
      if (typeof value !== "object" || value === null) {
        break;
      }
      range = this.ranges.get(value)?.get(step) ?? range;
      value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
    }
    return range;
  }

  private readValue(): unknown {
    this.skipBlanks();
    const character = this.text[this.position];
    switch (character) {
      case '"':
        return this.readString();
      case "{":
        return this.text.startsWith("{{", this.position)
          ? (this.readPlaceholder() ?? this.readObject())
          : this.readObject();
      case "[":
        return this.readList();
      case undefined:
        throw this.error("the text ends where a value is expected");
      default:
        return this.readWord();
    }
  }

  private readObject(): unknown {
    const object: Record<string, unknown> = {};
    const ranges = new Map<string, TextRange>();
    this.ranges.set(object, ranges);
    this.readItems("}", () => {
      this.skipBlanks();
      const start = this.position;
      if (this.text[start] !== '"') {
        throw this.error(start < this.text.length ? "a property name in double quotes is expected" : "a } is missing");
      }
      const name = this.readString();
      this.skipBlanks();
      this.expect(":");
      this.path.push(name);
      const value = this.readRanged(ranges, name);
      if (Object.hasOwn(object, name)) {
        this.remark("duplicateKey", start);
      }
      this.path.pop();
      // `__proto__` is a name like any other.
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    });
    return object;
  }

  private readList(): unknown[] {
    const list: unknown[] = [];
    const ranges = new Map<string, TextRange>();
    this.ranges.set(list, ranges);
    this.readItems("]", () => {
      this.path.push(list.length);
      list.push(this.readRanged(ranges, String(list.length)));
      this.path.pop();
    });
    return list;
  }

  private readRanged(ranges: Map<string, TextRange>, name: string): unknown {
    this.skipBlanks();
    const start = this.position;
    const value = this.readValue();
    ranges.set(name, { start, end: this.position });
    return value;
  }

  private readItems(close: "}" | "]", readItem: () => void): void {
    if (this.path.length >= MAX_LEVELS) {
      throw this.error(`brackets are nested more than ${MAX_LEVELS} deep; a twin takes 10 levels`);
    }
    this.position += 1;
    this.skipBlanks();
    let comma: number | undefined;
    while (this.text[this.position] !== close) {
      readItem();
      this.skipBlanks();
      comma = this.text[this.position] === "," ? this.position : undefined;
      if (comma !== undefined) {
        this.position += 1;
        this.skipBlanks();
      } else if (this.text[this.position] !== close) {
        throw this.error(this.position < this.text.length ? `, or ${close} is expected` : `a ${close} is missing`);
      }
    }
    if (comma !== undefined) {
      this.remark("trailingComma", comma, comma + 1);
    }
    this.position += 1;
  }

  private readString(): string {
    const start = this.position;
    let end = start + 1;
    while (this.text[end] !== '"') {
      if (end >= this.text.length) {
        throw this.error("a string is not closed");
      }
      end += this.text[end] === "\\" ? 2 : 1;
    }
    this.position = end + 1;
    try {
      return JSON.parse(this.text.slice(start, this.position)) as string;
    } catch {
      this.position = start;
      throw this.error("a string has a line break, a control character or an unknown escape");
    }
  }

  private readWord(): unknown {
    const word = /[A-Za-z]+/y;
    word.lastIndex = this.position;
    const name = word.exec(this.text)?.[0] ?? "";
    if (Object.hasOwn(WORDS, name)) {
      this.position += name.length;
      return WORDS[name];
    }
    NUMBER.lastIndex = this.position;
    const digits = NUMBER.exec(this.text)?.[0];
    if (digits !== undefined) {
      this.position += digits.length;
      return Number(digits);
    }
    const placeholder = this.readPlaceholder();
    if (placeholder === undefined) {
      throw this.error("a value is expected");
    }
    return placeholder;
  }

  private readPlaceholder(): string | undefined {
    PLACEHOLDER.lastIndex = this.position;
    const placeholder = PLACEHOLDER.exec(this.text)?.[0];
    if (placeholder !== undefined) {
      const start = this.position;
      this.position += placeholder.length;
      this.remark("unquotedPlaceholder", start);
    }
    return placeholder;
  }

  private skipBlanks(): void {
    for (;;) {
      while (/[ \t\r\n]/.test(this.text[this.position] ?? "")) {
        this.position += 1;
      }
      const opening = this.text.slice(this.position, this.position + 2);
      if (opening !== "//" && opening !== "/*") {
        return;
      }
      const start = this.position;
      const end = this.text.indexOf(opening === "//" ? "\n" : "*/", start + 2);
      if (end < 0 && opening === "/*") {
        throw this.error("a comment is not closed");
      }
      this.position = end < 0 ? this.text.length : end + (opening === "//" ? 0 : 2);
      this.remark("comment", start);
    }
  }

  private expect(character: string): void {
    if (this.text[this.position] !== character) {
      throw this.error(`${character} is expected`);
    }
    this.position += 1;
  }

  private remark(kind: JsonRemark["kind"], start: number, end = this.position): void {
    this.remarks.push({ kind, path: [...this.path], range: { start, end } });
  }

  private error(reason: string): JsonTextError {
    return new JsonTextError(reason, this.position);
  }
}

/**
 * The value of a text that is plain JSON, without properties that stand twice; the same as `JsonText` reads, many times as
 * fast. Undefined for any other text.
 */
export function plainJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // A string with a colon behind it is a property's name. Where one stands twice there are fewer properties than names.
  let names = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    names += colon === undefined ? 0 : 1;
  }
  return countProperties(value, 0) === names ? { value } : undefined;
}

/** Properties in a value and below; NaN where it nests too deep to be read. */
function countProperties(value: unknown, level: number): number {
  if (typeof value !== "object" || value === null) {
    return 0;
  }
  if (level >= MAX_LEVELS) {
    return Number.NaN;
  }
  const items: readonly unknown[] = Object.values(value);
  return items.reduce<number>(
    (sum, inner) => sum + countProperties(inner, level + 1),
    Array.isArray(value) ? 0 : items.length,
  );
}

/** Lines of a text, to tell where in it a place is. */
export class Lines {
  private readonly starts: readonly number[];

  public constructor(text: string) {
    this.starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** Line and column, both from 1; columns in UTF-16 code units. */
  public at(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      [low, high] = (this.starts[middle] ?? 0) <= offset ? [middle, high] : [low, middle];
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}
