import { isObject, stableJson } from "../json-values";

/** A value that only Terraform can work out, as it is written. */
export class Unresolved {
  public constructor(
    /** The expression with what is known put in, `${iothub_device.Devices["press"].id}`. */
    public readonly text: string,
    /** What is known of the values it is made of, to tell whether they are the same elsewhere. */
    public readonly parts: string,
  ) {}
}

/** What expressions can refer to. */
export interface Scope {
  readonly locals: Readonly<Record<string, unknown>>;
  /** Arguments of resources by type and name; those with several instances are left out. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `each` of one instance. */
export interface Each {
  readonly key: string;
  readonly value: unknown;
}

/**
 * Works out what can be known of a configuration without state: locals, `each`, arguments of other resources, and the few
 * functions that our stacks use. Whatever else an expression needs makes it an {@link Unresolved}.
 */
export class Resolver {
  private readonly known = new Map<string, unknown>();
  private readonly underway = new Set<string>();

  public constructor(private readonly scope: Scope) {}

  /** A value with its expressions worked out as far as they can be. */
  public resolve(value: unknown, each?: Each): unknown {
    if (typeof value === "string") {
      return this.template(value, each);
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown) => this.resolve(item, each));
    }
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.resolve(inner, each)]))
      : value;
  }

  /** What a local or an argument of a resource comes to, each worked out once. */
  public named(kind: "local" | "resource", path: readonly string[]): unknown {
    const key = path.join(".");
    if (this.known.has(key)) {
      return this.known.get(key);
    }
    const value =
      kind === "local"
        ? own(this.scope.locals, path[1] ?? "")
        : own(own(own(this.scope.resources, path[0] ?? ""), path[1] ?? ""), path[2] ?? "");
    if (value === undefined || this.underway.has(key)) {
      return UNKNOWN;
    }
    this.underway.add(key);
    const resolved = this.resolve(value);
    this.underway.delete(key);
    this.known.set(key, resolved);
    return resolved;
  }

  private template(text: string, each: Each | undefined): unknown {
    if (!text.includes("{")) {
      return text;
    }
    const pieces = piecesOf(text);
    if (pieces.length === 1 && typeof pieces[0] === "object") {
      return this.expression(pieces[0].expression, each);
    }
    const values = pieces.map((piece) => (typeof piece === "string" ? piece : this.expression(piece.expression, each)));
    if (values.every((value) => !(value instanceof Unresolved) && typeof value !== "object")) {
      return values.map(String).join("");
    }
    return new Unresolved(
      values.map((value, index) => inTemplate(value, pieces[index] ?? "")).join(""),
      values.map((value) => (value instanceof Unresolved ? value.parts : "")).join("|"),
    );
  }

  private expression(text: string, each: Each | undefined): unknown {
    const parser = new Parser(text, this, each);
    let value: unknown;
    try {
      value = parser.whole();
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      value = UNKNOWN;
      parser.noteLocals();
    }
    return value === UNKNOWN ? new Unresolved(`\${${withEach(text, each)}}`, parser.parts()) : value;
  }
}

/** Stands for a value that cannot be known while an expression is worked out. */
const UNKNOWN = Symbol("unknown");

type Piece = string | { readonly expression: string };

/** Literal text and expressions of a template, in order. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  for (let index = 0; index < text.length;) {
    if (text.startsWith("$${", index) || text.startsWith("%%{", index)) {
      literal += text.slice(index + 1, index + 3);
      index += 3;
    } else if (text.startsWith("${", index)) {
      const end = endOfExpression(text, index + 2);
      pieces.push(...(literal === "" ? [] : [literal]), { expression: text.slice(index + 2, end) });
      literal = "";
      index = end + 1;
    } else {
      literal += text.charAt(index);
      index += 1;
    }
  }
  return literal === "" && pieces.length > 0 ? pieces : [...pieces, literal];
}

/** Where the brace is that closes an expression; the end of the text where there is none. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') {
      index = endOfString(text, index);
    } else if (character === "{") {
      depth += 1;
    } else if (character === "}") {
      if (depth === 0) {
        return index;
      }
      depth -= 1;
    }
  }
  return text.length;
}

/** Where the quote is that closes a string; expressions inside may hold strings of their own. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text.charAt(index) === "\\") {
      index += 1;
    } else if (text.startsWith("${", index)) {
      index = endOfExpression(text, index + 2);
    } else if (text.charAt(index) === '"') {
      return index;
    }
  }
  return text.length;
}

function inTemplate(value: unknown, piece: Piece): string {
  if (value instanceof Unresolved) {
    return value.text;
  }
  return typeof value === "object" && typeof piece === "object" ? `\${${piece.expression}}` : String(value);
}

/** An expression with the key and the plain values of `each` put in. */
function withEach(text: string, each: Each | undefined): string {
  if (each === undefined) {
    return text;
  }
  return text.replaceAll(/\beach\.(key|value((?:\.\w+)*))/g, (all, _what, path: string | undefined) => {
    const names = (path ?? "").split(".").filter((name) => name !== "");
    const value = path === undefined ? each.key : names.reduce(own, each.value);
    return typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : all;
  });
}

function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Characters in which a name ends. */
const MAX_NAME = 300;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(=>|==|!=|&&|\|\||\.\.\.|[[\](){}.,:?!=*]))/y;

/** Functions whose results need nothing but their arguments. */
const FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  toset: (list) => (Array.isArray(list) ? [...new Set(list as readonly unknown[])] : UNKNOWN),
  tomap: (map) => map,
  tostring: (value) => String(value),
  nonsensitive: (value) => value,
  merge: (...maps) => (maps.every(isObject) ? Object.fromEntries(maps.flatMap((map) => Object.entries(map))) : UNKNOWN),
  keys: (map) => (isObject(map) ? Object.keys(map).sort() : UNKNOWN),
  jsonencode: (value) => JSON.stringify(plain(value)),
};

/** Works an expression out while it reads it. Everything is read to its end, so that all that is known of it is on record. */
class Parser {
  private at = 0;
  private readonly variables = new Map<string, unknown>();
  private readonly used: string[] = [];

  public constructor(
    private readonly text: string,
    private readonly resolver: Resolver,
    private readonly each: Each | undefined,
  ) {}

  public whole(): unknown {
    const value = this.conditional();
    if (this.text.slice(this.at).trim() !== "") {
      throw new SyntaxError(this.text);
    }
    return value;
  }

  /** Known values that the expression uses, for expressions that are not known as a whole. */
  public parts(): string {
    return this.used.join("|");
  }

  /** Puts every local on record that the expression names: it is in a form that is not understood. */
  public noteLocals(): void {
    for (const [, name] of this.text.matchAll(/\blocal\.([\w-]+)/g)) {
      this.noted(this.resolver.named("local", ["local", name ?? ""]));
    }
  }

  private conditional(): unknown {
    const condition = this.either();
    if (!this.take("?")) {
      return condition;
    }
    const yes = this.conditional();
    this.expect(":");
    const no = this.conditional();
    return typeof condition === "boolean" ? (condition ? yes : no) : UNKNOWN;
  }

  private either(): unknown {
    let value = this.both();
    while (this.take("||")) {
      const other = this.both();
      value = value === true || other === true ? true : value === false && other === false ? false : UNKNOWN;
    }
    return value;
  }

  private both(): unknown {
    let value = this.equality();
    while (this.take("&&")) {
      const other = this.equality();
      value = value === false || other === false ? false : value === true && other === true ? true : UNKNOWN;
    }
    return value;
  }

  private equality(): unknown {
    const value = this.unary();
    const operator = this.take("==") ? "==" : this.take("!=") ? "!=" : undefined;
    if (operator === undefined) {
      return value;
    }
    const other = this.unary();
    if (!isKnown(value) || !isKnown(other)) {
      return UNKNOWN;
    }
    return (stableJson(value) === stableJson(other)) === (operator === "==");
  }

  private unary(): unknown {
    if (!this.take("!")) {
      return this.postfix();
    }
    const value = this.unary();
    return typeof value === "boolean" ? !value : UNKNOWN;
  }

  /** A value and what is taken from it; on record is the innermost that is known. */
  private postfix(): unknown {
    const isReference = this.isAtReference();
    let value = this.primary();
    for (;;) {
      let inner: unknown;
      if (this.take(".")) {
        inner = this.member(value, this.take("*") ? undefined : this.name());
      } else if (this.take("[")) {
        const index = this.take("*") ? undefined : this.conditional();
        this.expect("]");
        inner = this.member(value, typeof index === "string" || typeof index === "number" ? String(index) : undefined);
      } else {
        return isReference ? this.noted(value) : value;
      }
      if (isReference && inner === UNKNOWN) {
        this.noted(value);
      }
      value = inner;
    }
  }

  /** Whether a local, `each` or an argument of a resource comes next, and not a function or a variable of `for`. */
  private isAtReference(): boolean {
    const name = /^\s*([A-Za-z_][\w-]*)(?![\w-]|\s*\()/.exec(this.text.slice(this.at, this.at + MAX_NAME))?.[1];
    return name !== undefined && !this.variables.has(name);
  }

  private member(value: unknown, name: string | undefined): unknown {
    if (name === undefined || value === UNKNOWN || value instanceof Unresolved) {
      return UNKNOWN;
    }
    return Array.isArray(value)
      ? ((value as readonly unknown[])[Number(name)] ?? UNKNOWN)
      : (own(value, name) ?? UNKNOWN);
  }

  private primary(): unknown {
    if (this.peek('"')) {
      return this.string();
    }
    if (this.take("(")) {
      const value = this.conditional();
      this.expect(")");
      return value;
    }
    if (this.take("[")) {
      return this.list("]");
    }
    if (this.take("{")) {
      return this.map();
    }
    const number = this.token(1);
    if (number !== undefined) {
      return Number(number);
    }
    return this.reference(this.name());
  }

  private string(): unknown {
    this.skip();
    const end = endOfString(this.text, this.at);
    const quoted = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    const plainText = quoted.replaceAll(/\\(["\\])/g, "$1").replaceAll("\\n", "\n");
    const value = this.resolver.resolve(plainText, this.each);
    return value instanceof Unresolved ? UNKNOWN : value;
  }

  private list(close: string): unknown {
    const items: unknown[] = [];
    while (!this.take(close)) {
      items.push(this.conditional());
      if (!this.take(",")) {
        this.expect(close);
        break;
      }
    }
    return items.includes(UNKNOWN) ? UNKNOWN : items;
  }

  private map(): unknown {
    if (this.word("for")) {
      return this.forMap();
    }
    const entries: [string, unknown][] = [];
    while (!this.take("}")) {
      const key = this.peek('"') ? this.string() : this.name();
      if (!this.take("=")) {
        this.expect(":");
      }
      entries.push([String(key), this.conditional()]);
      this.take(",");
    }
    return entries.some(([, value]) => value === UNKNOWN) ? UNKNOWN : Object.fromEntries(entries);
  }

  /** `{ for key, value in map : key => value if condition }`; the body is read once for each entry. */
  private forMap(): unknown {
    const names = [this.name()];
    if (this.take(",")) {
      names.push(this.name());
    }
    if (!this.word("in")) {
      throw new SyntaxError(this.text);
    }
    const source = this.conditional();
    this.expect(":");
    const body = this.at;
    const entries = isObject(source) && !(source instanceof Unresolved) ? Object.entries(source) : undefined;
    const result: Record<string, unknown> = {};
    let isComplete = entries !== undefined;
    for (const [key, value] of entries?.length ? entries : [["", UNKNOWN] as const]) {
      this.at = body;
      this.variables.set(names[0] ?? "", key).set(names[1] ?? names[0] ?? "", value);
      const [newKey, newValue, included] = this.forBody();
      isComplete &&= typeof newKey === "string" && newValue !== UNKNOWN && typeof included === "boolean";
      if (entries?.length && included === true) {
        result[String(newKey)] = newValue;
      }
    }
    return isComplete || entries?.length === 0 ? result : UNKNOWN;
  }

  private forBody(): readonly [key: unknown, value: unknown, included: unknown] {
    const key = this.conditional();
    this.expect("=>");
    const value = this.conditional();
    const included = this.word("if") ? this.conditional() : true;
    this.expect("}");
    return [key, value, included];
  }

  private reference(name: string): unknown {
    const literals: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
    if (Object.hasOwn(literals, name)) {
      return literals[name];
    }
    if (this.take("(")) {
      return this.call(name);
    }
    if (this.variables.has(name)) {
      return this.variables.get(name);
    }
    return this.root(name);
  }

  private root(name: string): unknown {
    if (name === "each" && this.each !== undefined && this.take(".")) {
      return this.name() === "key" ? this.each.key : this.each.value;
    }
    if (name === "local" && this.take(".")) {
      return this.resolver.named("local", ["local", this.name()]);
    }
    const start = this.at;
    const path = [name];
    while (path.length < 3 && this.take(".")) {
      path.push(this.name());
    }
    const value = path.length === 3 ? this.resolver.named("resource", path) : UNKNOWN;
    if (value === UNKNOWN || typeof value === "object") {
      this.at = start;
      return UNKNOWN;
    }
    return value;
  }

  private noted(value: unknown): unknown {
    if (value !== UNKNOWN) {
      this.used.push(stableJson(plain(value)));
    }
    return value;
  }

  private call(name: string): unknown {
    if (name === "try") {
      return this.attempt();
    }
    const values = this.list(")");
    const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    return run === undefined || !Array.isArray(values) || (name !== "jsonencode" && !values.every(isKnown))
      ? UNKNOWN
      : run(...(values as readonly unknown[]));
  }

  /** `try(each.value.status, "enabled")`: the first that is there; one that may be there later makes all unknown. */
  private attempt(): unknown {
    let result: unknown;
    let isDecided = false;
    do {
      const start = this.at;
      const value = this.conditional();
      const isMissing = value === UNKNOWN && /^\s*each\.value[.[]/.test(this.text.slice(start, this.at));
      if (!isDecided && !isMissing) {
        result = value;
        isDecided = true;
      }
    } while (this.take(","));
    this.expect(")");
    return isDecided ? result : UNKNOWN;
  }

  private skip(): void {
    while (/\s/.test(this.text.charAt(this.at))) {
      this.at += 1;
    }
  }

  private peek(character: string): boolean {
    this.skip();
    return this.text.charAt(this.at) === character;
  }

  private token(group: 1 | 2 | 3, wanted?: string): string | undefined {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text)?.[group];
    if (match === undefined || (wanted !== undefined && match !== wanted)) {
      return undefined;
    }
    this.at = TOKEN.lastIndex;
    return match;
  }

  private take(sign: string): boolean {
    return this.token(3, sign) !== undefined;
  }

  private word(wanted: string): boolean {
    return this.token(2, wanted) !== undefined;
  }

  private name(): string {
    const name = this.token(2) ?? this.token(1);
    if (name === undefined) {
      throw new SyntaxError(this.text);
    }
    return name;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) {
      throw new SyntaxError(this.text);
    }
  }
}

function isKnown(value: unknown): boolean {
  if (value === UNKNOWN || value instanceof Unresolved) {
    return false;
  }
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}

/** A value with its unresolved parts as text. */
export function plain(value: unknown): unknown {
  if (value instanceof Unresolved) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value;
}
