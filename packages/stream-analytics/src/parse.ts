import { parseExpression, parseUnitAndLengths } from "./parse-expression";
import { type Column, type Expression, type Query, type Select, type Step, type Window } from "./syntax";
import { TokenReader } from "./token-reader";

/**
 * Reads a Stream Analytics query: named steps (`WITH … AS`), `SELECT … INTO … FROM … TIMESTAMP BY … WHERE … GROUP BY …
 * HAVING`, `UNION` within a step.
 *
 * Source of the language: learn.microsoft.com/stream-analytics-query. What is not evaluated here (joins, `PARTITION BY`,
 * `CASE`, other functions, other windows) is an error at its place, never ignored.
 *
 * @throws QueryError with line and column
 */
export function parseQuery(text: string): Query {
  const reader = new TokenReader(text);
  const steps: Step[] = [];
  const known = new Set<string>();
  if (reader.takeWords("with")) {
    do {
      const at = reader.peek();
      const name = reader.expectName("a step's name");
      if (known.has(name.toLowerCase())) reader.fail(`a second step is called ${name}`, at);
      known.add(name.toLowerCase());
      reader.expectWord("as");
      reader.expectSymbol("(");
      const union = [select(reader, false)];
      while (reader.takeWords("union")) {
        if (reader.atWord("all")) reader.fail("UNION keeps all rows here; the language has no UNION ALL");
        union.push(select(reader, false));
      }
      reader.expectSymbol(")");
      steps.push({ name, union });
    } while (reader.takeSymbol(","));
  }
  const outputs: Select[] = [];
  while (reader.peek().kind !== "end") {
    if (reader.takeSymbol(";")) continue;
    outputs.push(select(reader, true));
  }
  if (outputs.length === 0) reader.fail("expected SELECT … INTO …: a query without an output does nothing");
  return { steps, outputs };
}

function select(reader: TokenReader, isOutput: boolean): Select {
  reader.expectWord("select");
  if (reader.atWord("distinct") || reader.atWord("top")) {
    reader.fail(`${reader.peek().text.toUpperCase()} is not evaluated here`);
  }
  const columns: (Column | "*")[] = [column(reader)];
  while (reader.takeSymbol(",")) columns.push(column(reader));
  const intoAt = reader.peek();
  const into = reader.takeWords("into") ? reader.expectName("an output") : undefined;
  if (isOutput && into === undefined) reader.fail("expected INTO and the name of an output", intoAt);
  if (!isOutput && into !== undefined) reader.fail("a step has no INTO", intoAt);
  reader.expectWord("from");
  const from = reader.expectName("an input or a step");
  const timestampBy = reader.takeWords("timestamp", "by") ? parseExpression(reader) : undefined;
  for (const word of ["join", "inner", "left", "cross", "partition", "over"]) {
    if (reader.atWord(word)) reader.fail(`${word.toUpperCase()} is not evaluated here`);
  }
  const whereAt = reader.peek();
  const where = reader.takeWords("where") ? parseExpression(reader) : undefined;
  if (where !== undefined && (contains(where, "anomaly") || contains(where, "aggregate"))) {
    reader.fail("anomaly functions and aggregates stand in SELECT; filter their result in a later step", whereAt);
  }
  const { window, groupBy } = reader.takeWords("group", "by") ? grouping(reader) : { window: undefined, groupBy: [] };
  const having = reader.takeWords("having") ? parseExpression(reader) : undefined;
  if (window === undefined && (having !== undefined || columns.some((c) => c !== "*" && hasAggregate(c.value)))) {
    reader.fail("aggregates and HAVING need a window: GROUP BY TumblingWindow(…) or HoppingWindow(…)", intoAt);
  }
  return {
    columns,
    from,
    groupBy,
    ...(into !== undefined && { into }),
    ...(timestampBy && { timestampBy }),
    ...(where && { where }),
    ...(window && { window }),
    ...(having && { having }),
  };
}

function column(reader: TokenReader): Column | "*" {
  if (reader.takeSymbol("*")) return "*";
  const at = reader.peek();
  const value = parseExpression(reader);
  if (reader.takeWords("as")) return { name: reader.expectName("a column name"), value };
  const name = value.kind === "path" ? value.names.at(-1) : undefined;
  if (name === undefined) reader.fail("a computed column needs a name: … AS name", at);
  return { name, value };
}

function grouping(reader: TokenReader): { window: Window; groupBy: Expression[] } {
  const at = reader.peek();
  const groupBy: Expression[] = [];
  let window: Window | undefined;
  do {
    const isHopping = reader.atWord("hoppingwindow");
    if (isHopping || reader.atWord("tumblingwindow")) {
      const windowAt = reader.next();
      reader.expectSymbol("(");
      const lengths = parseUnitAndLengths(reader);
      reader.expectSymbol(")");
      const [lengthMs = 0, hopMs = lengthMs] = lengths;
      if (lengths.length !== (isHopping ? 2 : 1) || hopMs > lengthMs || window !== undefined) {
        reader.fail(
          "expected one TumblingWindow(unit, length) or HoppingWindow(unit, length, hop), hop at most length",
          windowAt,
        );
      }
      window = { lengthMs, hopMs };
    } else {
      groupBy.push(parseExpression(reader));
    }
  } while (reader.takeSymbol(","));
  if (window === undefined) {
    reader.fail("GROUP BY needs TumblingWindow(…) or HoppingWindow(…); other windows are not evaluated here", at);
  }
  return { window, groupBy };
}

const hasAggregate = (expression: Expression): boolean => contains(expression, "aggregate");

/** Whether an expression has a part of this kind. */
function contains(expression: Expression, kind: Expression["kind"]): boolean {
  if (expression.kind === kind) return true;
  switch (expression.kind) {
    case "cast":
    case "not":
    case "isNull":
      return contains(expression.value, kind);
    case "property":
      return contains(expression.record, kind);
    case "compare":
    case "arithmetic":
    case "and":
    case "or":
      return contains(expression.left, kind) || contains(expression.right, kind);
    case "coalesce":
      return expression.values.some((value) => contains(value, kind));
    default:
      return false;
  }
}
