import {
  AGGREGATES,
  type AggregateName,
  type AnomalyCall,
  type ArithmeticOperator,
  CAST_TYPES,
  type CastType,
  type ComparisonOperator,
  type Expression,
  type LagCall,
} from "./syntax";
import { type TokenReader } from "./token-reader";

const UNITS: Readonly<Record<string, number>> = {
  day: 86_400_000,
  dd: 86_400_000,
  d: 86_400_000,
  hour: 3_600_000,
  hh: 3_600_000,
  minute: 60_000,
  mi: 60_000,
  n: 60_000,
  second: 1000,
  ss: 1000,
  s: 1000,
  millisecond: 1,
  ms: 1,
};

const COMPARISONS: Readonly<Record<string, ComparisonOperator>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};
const SUMS: readonly string[] = ["+", "-"];
const PRODUCTS: readonly string[] = ["*", "/", "%"];
const MODES = ["spikes", "dips", "spikesanddips"] as const;

type Call = (reader: TokenReader) => Expression;

/** What may be called, by its name in lower case. The opening parenthesis has been read. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  "system.timestamp": (reader) => {
    reader.expectSymbol(")");
    return { kind: "timestamp" };
  },
  cast: (reader) => cast(reader, true),
  try_cast: (reader) => cast(reader, false),
  getrecordpropertyvalue: (reader) => {
    const record = parseExpression(reader);
    reader.expectSymbol(",");
    const name = reader.expectString("a property name");
    reader.expectSymbol(")");
    return { kind: "property", record, name };
  },
  coalesce: (reader) => {
    const values = [parseExpression(reader)];
    while (reader.takeSymbol(",")) values.push(parseExpression(reader));
    reader.expectSymbol(")");
    return { kind: "coalesce", values };
  },
  lag: (reader) => lagCall(reader),
  anomalydetection_spikeanddip: (reader) => anomalyCall(reader, "spikeAndDip"),
  anomalydetection_changepoint: (reader) => anomalyCall(reader, "changePoint"),
  ...Object.fromEntries(AGGREGATES.map((name): [string, Call] => [name, (reader) => aggregate(reader, name)])),
};

const FUNCTION_NAMES =
  "System.Timestamp, CAST, TRY_CAST, GetRecordPropertyValue, COALESCE, LAG, AnomalyDetection_SpikeAndDip, " +
  "AnomalyDetection_ChangePoint, AVG, COUNT, MAX, MIN, SUM";

/** `OR` binds loosest, then `AND`, `NOT`, comparisons, sums, products. */
export function parseExpression(reader: TokenReader): Expression {
  let left = conjunction(reader);
  while (reader.takeWords("or")) left = { kind: "or", left, right: conjunction(reader) };
  return left;
}

function conjunction(reader: TokenReader): Expression {
  let left = negation(reader);
  while (reader.takeWords("and")) left = { kind: "and", left, right: negation(reader) };
  return left;
}

function negation(reader: TokenReader): Expression {
  return reader.takeWords("not") ? { kind: "not", value: negation(reader) } : comparison(reader);
}

function comparison(reader: TokenReader): Expression {
  const left = sum(reader);
  if (reader.takeWords("is")) {
    const negated = reader.takeWords("not");
    reader.expectWord("null");
    return { kind: "isNull", value: left, negated };
  }
  const token = reader.peek();
  const operator = token.kind === "symbol" ? COMPARISONS[token.text] : undefined;
  if (operator === undefined) return left;
  reader.next();
  return { kind: "compare", operator, left, right: sum(reader) };
}

function sum(reader: TokenReader): Expression {
  return chain(reader, SUMS, product);
}

function product(reader: TokenReader): Expression {
  return chain(reader, PRODUCTS, primary);
}

function chain(reader: TokenReader, operators: readonly string[], operand: Call): Expression {
  let left = operand(reader);
  while (reader.peek().kind === "symbol" && operators.includes(reader.peek().text)) {
    const operator = reader.next().text as ArithmeticOperator;
    left = { kind: "arithmetic", operator, left, right: operand(reader) };
  }
  return left;
}

function primary(reader: TokenReader): Expression {
  const token = reader.peek();
  if (reader.takeSymbol("(")) {
    const inner = parseExpression(reader);
    reader.expectSymbol(")");
    return inner;
  }
  if (reader.takeSymbol("-")) {
    const zero: Expression = { kind: "literal", value: 0 };
    return { kind: "arithmetic", operator: "-", left: zero, right: primary(reader) };
  }
  if (token.kind === "number" || token.kind === "string") {
    reader.next();
    return { kind: "literal", value: token.kind === "number" ? Number(token.text) : token.text };
  }
  if (reader.takeWords("null")) return { kind: "literal", value: null };
  return pathOrCall(reader);
}

function pathOrCall(reader: TokenReader): Expression {
  const start = reader.peek();
  const names = [reader.expectName("a value")];
  while (reader.takeSymbol(".")) names.push(reader.expectName("a property name"));
  if (!reader.takeSymbol("(")) return { kind: "path", names };
  const call = FUNCTIONS[names.join(".").toLowerCase()];
  if (call === undefined) {
    reader.fail(`the function ${names.join(".")} is not evaluated here; these are: ${FUNCTION_NAMES}`, start);
  }
  return call(reader);
}

function cast(reader: TokenReader, mayFail: boolean): Expression {
  const value = parseExpression(reader);
  reader.expectWord("as");
  const at = reader.peek();
  let type = reader.expectName("a data type").toLowerCase();
  if (reader.takeSymbol("(")) {
    type += `(${reader.expectName("max").toLowerCase()})`;
    reader.expectSymbol(")");
  }
  if (!isCastType(type))
    reader.fail(`the data type ${type} is not evaluated here; these are: ${CAST_TYPES.join(", ")}`, at);
  reader.expectSymbol(")");
  return { kind: "cast", value, type, mayFail };
}

const isCastType = (type: string): type is CastType => (CAST_TYPES as readonly string[]).includes(type);

function aggregate(reader: TokenReader, name: AggregateName): Expression {
  if (name === "count" && reader.takeSymbol("*")) {
    reader.expectSymbol(")");
    return { kind: "aggregate", name };
  }
  const value = parseExpression(reader);
  reader.expectSymbol(")");
  return { kind: "aggregate", name, value };
}

function anomalyCall(reader: TokenReader, form: AnomalyCall["form"]): AnomalyCall {
  const value = parseExpression(reader);
  reader.expectSymbol(",");
  const confidence = bounded(reader, "the confidence in percent", 1, 100);
  reader.expectSymbol(",");
  const historySize = bounded(reader, "the history size", 1, 1_000_000);
  let mode: AnomalyCall["mode"] = "spikesanddips";
  if (form === "spikeAndDip") {
    reader.expectSymbol(",");
    const at = reader.peek();
    const text = reader.expectString("a mode").toLowerCase();
    const known = MODES.find((name) => name === text);
    if (known === undefined) reader.fail(`the mode is "${text}"; allowed are ${MODES.join(", ")}`, at);
    mode = known;
  }
  reader.expectSymbol(")");
  return { kind: "anomaly", form, value, confidence, historySize, mode, ...over(reader) };
}

function lagCall(reader: TokenReader): LagCall {
  const value = parseExpression(reader);
  const offset = reader.takeSymbol(",") ? bounded(reader, "the offset", 1, 1000) : 1;
  const otherwise = reader.takeSymbol(",") ? parseExpression(reader) : undefined;
  reader.expectSymbol(")");
  return { kind: "lag", value, offset, ...(otherwise && { otherwise }), ...over(reader) };
}

/** `OVER (LIMIT DURATION(unit, length) [WHEN condition])`. */
function over(reader: TokenReader): Pick<LagCall, "durationMs" | "when"> {
  reader.expectWord("over");
  reader.expectSymbol("(");
  if (reader.atWord("partition")) {
    reader.fail("PARTITION BY is not available on IoT Edge; write one call with WHEN for each machine");
  }
  reader.expectWord("limit");
  reader.expectWord("duration");
  const durationMs = parseDuration(reader);
  const when = reader.takeWords("when") ? parseExpression(reader) : undefined;
  reader.expectSymbol(")");
  return { durationMs, ...(when && { when }) };
}

function bounded(reader: TokenReader, what: string, min: number, max: number): number {
  const at = reader.peek();
  const value = reader.expectNumber(what);
  if (value < min || value > max) reader.fail(`${what} is ${value}; allowed is ${min} to ${max}`, at);
  return value;
}

/** `(unit, length)` in milliseconds. */
export function parseDuration(reader: TokenReader): number {
  reader.expectSymbol("(");
  const duration = parseUnitAndLengths(reader);
  reader.expectSymbol(")");
  return duration.shift() ?? 0;
}

/** `unit, length[, length]` in milliseconds. */
export function parseUnitAndLengths(reader: TokenReader): number[] {
  const at = reader.peek();
  const unit = UNITS[reader.expectName("a unit of time").toLowerCase()];
  if (unit === undefined) reader.fail(`"${at.text}" is not a unit of time: day, hour, minute, second, millisecond`, at);
  const lengths: number[] = [];
  while (reader.takeSymbol(",")) lengths.push(reader.expectNumber("a length of time") * unit);
  if (lengths.length === 0 || lengths.some((length) => length <= 0)) reader.fail("a length of time is above 0", at);
  return lengths;
}
