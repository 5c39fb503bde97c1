import { type AnomalyModels, AnomalyWindow } from "./anomaly-functions";
import { JobFailure } from "./query-error";
import { Lag } from "./lag";
import { type Evaluate, holds, type Scope, truthOf } from "./scope";
import { type AggregateName, type AnomalyCall, type Expression } from "./syntax";
import { calculate, compare, convert, property, type Value } from "./values";

/**
 * Makes a function of an expression. Each anomaly call in it gets a model of its own.
 *
 * @param lags takes what has to see every event of the select before anything is evaluated on it
 */
export function compileExpression(
  expression: Expression,
  models: AnomalyModels,
  lags: ((scope: Scope) => void)[] = [],
): Evaluate {
  const compile = (part: Expression): Evaluate => compileExpression(part, models, lags);
  switch (expression.kind) {
    case "literal":
      return () => expression.value;
    case "timestamp":
      return ({ time }) => new Date(time);
    case "path":
      return ({ record }) => expression.names.reduce<Value>(property, record);
    case "property": {
      const record = compile(expression.record);
      return (scope) => property(record(scope), expression.name);
    }
    case "cast": {
      const value = compile(expression.value);
      return (scope) => castValue(expression, value(scope));
    }
    case "coalesce": {
      const values = expression.values.map(compile);
      return (scope) => firstValue(values, scope);
    }
    case "not": {
      const value = compile(expression.value);
      return (scope) => {
        const truth = truthOf(value(scope));
        return truth === null ? null : !truth;
      };
    }
    case "isNull": {
      const value = compile(expression.value);
      return (scope) => (value(scope) === null) !== expression.negated;
    }
    case "compare":
    case "arithmetic":
    case "and":
    case "or":
      return compilePair(expression, compile(expression.left), compile(expression.right));
    case "aggregate":
      return compileAggregate(expression.name, expression.value && compile(expression.value));
    case "anomaly":
      return compileAnomaly(expression, models);
    case "lag": {
      const otherwise = expression.otherwise && compile(expression.otherwise);
      const lag = new Lag(expression, compile(expression.value), expression.when && compile(expression.when));
      lags.push((scope) => {
        lag.see(scope);
      });
      return (scope) => (lag.found === undefined ? (otherwise?.(scope) ?? null) : lag.found.value);
    }
  }
}

function castValue(expression: Extract<Expression, { kind: "cast" }>, value: Value): Value {
  const converted = convert(expression.type, value);
  if (converted !== undefined) return converted;
  if (!expression.mayFail) return null;
  throw new JobFailure(
    `CAST cannot convert a ${typeof value} to ${expression.type}, which stops the job; TRY_CAST gives NULL instead`,
  );
}

function firstValue(values: readonly Evaluate[], scope: Scope): Value {
  for (const evaluate of values) {
    const value = evaluate(scope);
    if (value !== null) return value;
  }
  return null;
}

type Pair = Extract<Expression, { kind: "compare" | "arithmetic" | "and" | "or" }>;

function compilePair(expression: Pair, left: Evaluate, right: Evaluate): Evaluate {
  switch (expression.kind) {
    case "compare":
      return (scope) => compare(expression.operator, left(scope), right(scope));
    case "arithmetic":
      return (scope) => calculate(expression.operator, left(scope), right(scope));
    case "and":
      return (scope) => both(truthOf(left(scope)), truthOf(right(scope)));
    case "or":
      return (scope) => either(truthOf(left(scope)), truthOf(right(scope)));
  }
}

function both(left: boolean | null, right: boolean | null): boolean | null {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

function either(left: boolean | null, right: boolean | null): boolean | null {
  if (left === true || right === true) return true;
  return left === null || right === null ? null : false;
}

const AGGREGATE: Readonly<Record<AggregateName, (values: readonly number[]) => number>> = {
  count: (values) => values.length,
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: (values) => values.reduce((a, b) => Math.max(a, b)),
};

/** Nulls are left out, as in SQL; `COUNT(*)` counts rows. An aggregate of nothing is null, a count of nothing 0. */
function compileAggregate(name: AggregateName, value: Evaluate | undefined): Evaluate {
  return ({ rows = [] }) => {
    if (value === undefined) return rows.length;
    const values = rows.map((row) => value(row)).filter((item) => item !== null);
    if (name === "count") return values.length;
    const numbers = values.filter((item): item is number => typeof item === "number");
    if (numbers.length < values.length) throw new JobFailure(`${name.toUpperCase()} takes numbers only`);
    return numbers.length === 0 ? null : AGGREGATE[name](numbers);
  };
}

/** A null, or an event for which `WHEN` does not hold, is not given to the function; the result is null then. */
function compileAnomaly(call: AnomalyCall, models: AnomalyModels): Evaluate {
  const window = new AnomalyWindow(call, models);
  const evaluate = compileExpression(call.value, models);
  const when = call.when && compileExpression(call.when, models);
  return (scope) => {
    if (!holds(when, scope)) return null;
    const value = evaluate(scope);
    if (value === null) return null;
    if (typeof value !== "number") throw new JobFailure("an anomaly function takes float or bigint only");
    return { ...window.update(value, scope.time) };
  };
}
