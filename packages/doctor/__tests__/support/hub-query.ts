/** Part of the hub's query language, as learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language describes it. */

type Value = unknown;
type Truth = boolean | undefined;
type Read = (row: Value) => Value;
type Judge = (row: Value) => Truth;

interface Query {
  readonly from: "devices" | "devices.modules";
  /** Rows that the query selects of those that it reads. */
  readonly run: (rows: readonly Value[]) => Value[];
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\[\[.*?\]\])|(-?\d+(?:\.\d+)?)|(!=|<=|>=|[=<>(),.])|([$A-Za-z_][\w$]*))/y;

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new Error(`not understood: ${text.slice(found.join("").length, found.join("").length + 40)}`);
    }
    found.push(match[0].trim());
  }
  return found;
}

/** @throws Error for what the hub refuses, or what this part of the language does not have */
export function hubQuery(text: string): Query {
  return new Parser(tokens(text)).query();
}

class Parser {
  private position = 0;

  public constructor(private readonly all: readonly string[]) {}

  public query(): Query {
    this.word("SELECT");
    const fields: { readonly name: string; readonly read: Read | "count" }[] = [];
    do {
      fields.push(this.field());
    } while (this.take(","));
    this.word("FROM");
    this.word("devices");
    const from = this.take(".") ? (this.word("modules"), "devices.modules" as const) : ("devices" as const);
    const where = this.takeWord("WHERE") ? this.or() : () => true;
    if (this.position < this.all.length) {
      throw new Error(`unexpected ${this.all[this.position] ?? ""}`);
    }
    return {
      from,
      run: (rows) => {
        const chosen = rows.filter((row) => where(row) === true);
        const [first] = fields;
        return first?.read === "count"
          ? [{ [first.name]: chosen.length }]
          : chosen.map((row) =>
              Object.fromEntries(
                fields.flatMap(({ name, read }) => {
                  const value = read === "count" ? undefined : read(row);
                  return value === undefined ? [] : [[name, value]];
                }),
              ),
            );
      },
    };
  }

  private field(): { readonly name: string; readonly read: Read | "count" } {
    if (this.takeWord("COUNT")) {
      this.symbol("(");
      this.symbol(")");
      this.word("AS");
      return { name: this.next(), read: "count" };
    }
    const path = this.path();
    const name = this.takeWord("AS") ? this.next() : (path.at(-1) ?? "");
    return { name, read: (row) => reach(row, path) };
  }

  private or(): Judge {
    let left = this.and();
    while (this.takeWord("OR")) {
      const [a, b] = [left, this.and()];
      left = (row) => {
        const [x, y] = [a(row), b(row)];
        return x === true || y === true ? true : x === undefined || y === undefined ? undefined : false;
      };
    }
    return left;
  }

  private and(): Judge {
    let left = this.not();
    while (this.takeWord("AND")) {
      const [a, b] = [left, this.not()];
      left = (row) => {
        const x = a(row);
        if (x === false) return false;
        const y = b(row);
        return y === false ? false : x === undefined || y === undefined ? undefined : true;
      };
    }
    return left;
  }

  private not(): Judge {
    if (this.takeWord("NOT")) {
      const inner = this.not();
      return (row) => {
        const truth = inner(row);
        return truth === undefined ? undefined : !truth;
      };
    }
    if (this.take("(")) {
      const inner = this.or();
      this.symbol(")");
      return inner;
    }
    if (this.takeWord("IS_DEFINED")) {
      this.symbol("(");
      const path = this.path();
      this.symbol(")");
      return (row) => reach(row, path) !== undefined;
    }
    const left = this.operand();
    const operator = this.next();
    const right = this.operand();
    return (row) => compare(operator, left(row), right(row));
  }

  private operand(): Read {
    const token = this.all[this.position] ?? "";
    if (token.startsWith("'")) {
      this.position += 1;
      const plain = token.slice(1, -1).replaceAll("''", "'");
      return () => plain;
    }
    if (/^-?\d/.test(token)) {
      this.position += 1;
      return () => Number(token);
    }
    const path = this.path();
    return (row) => reach(row, path);
  }

  private path(): string[] {
    const parts = [this.part()];
    while (this.take(".")) {
      parts.push(this.part());
    }
    return parts;
  }

  private part(): string {
    const token = this.next();
    return token.startsWith("[[") ? token.slice(2, -2) : token;
  }

  private next(): string {
    const token = this.all[this.position];
    if (token === undefined) throw new Error("unexpected end");
    this.position += 1;
    return token;
  }

  private take(token: string): boolean {
    const isNext = this.all[this.position] === token;
    this.position += isNext ? 1 : 0;
    return isNext;
  }

  private takeWord(word: string): boolean {
    const isNext = this.all[this.position]?.toUpperCase() === word;
    this.position += isNext ? 1 : 0;
    return isNext;
  }

  private symbol(token: string): void {
    if (!this.take(token)) throw new Error(`expected ${token}, found ${this.all[this.position] ?? "the end"}`);
  }

  private word(word: string): void {
    if (this.next().toUpperCase() !== word.toUpperCase()) throw new Error(`expected ${word}`);
  }
}

function reach(row: Value, path: readonly string[]): Value {
  let value = row;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** What is not defined compares with nothing. */
function compare(operator: string, a: Value, b: Value): Truth {
  if (a === undefined || b === undefined || typeof a !== typeof b) {
    return undefined;
  }
  const [x, y] = [a as string, b as string];
  switch (operator) {
    case "=":
      return x === y;
    case "!=":
      return x !== y;
    case "<":
      return x < y;
    case ">":
      return x > y;
    case "<=":
      return x <= y;
    case ">=":
      return x >= y;
    default:
      throw new Error(`unexpected ${operator}`);
  }
}
