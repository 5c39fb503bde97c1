import { isObject, property, stableJson } from "../../json-values";
import { FUNCTIONS } from "./functions";
import type { Each, References } from "./references";
import { endOfString } from "./template";
import { TokenReader } from "./token-reader";
import { isKnown, plain, UNKNOWN, Unresolved } from "./unresolved";

/** Characters in which a name ends. */
const MAX_NAME = 300;

/** Evaluates an expression while it reads it. Everything is read to its end, so that all that is known of it is on record. */
export class Evaluator extends TokenReader {
  private readonly variables = new Map<string, unknown>();
  private readonly used: string[] = [];

  public constructor(
    text: string,
    private readonly resolver: References,
    private readonly each: Each | undefined,
  ) {
    super(text);
  }

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
      : (property(value, name) ?? UNKNOWN);
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
}
