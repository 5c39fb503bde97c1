import { type ArithmeticOperator, type CastType, type ComparisonOperator } from "./syntax";

/** A value of the language: bigint and float are numbers, bit is a boolean, datetime is a Date, a record is an object. */
export type Value = string | number | boolean | Date | null | readonly Value[] | { readonly [name: string]: Value };

/** Names are matched as written, then in any case, as the language does. */
export function property(record: Value | undefined, name: string): Value {
  if (record === null || typeof record !== "object" || record instanceof Date || Array.isArray(record)) return null;
  const fields = record as Readonly<Record<string, Value>>;
  if (Object.hasOwn(fields, name)) return fields[name] ?? null;
  const lower = name.toLowerCase();
  const other = Object.keys(fields).find((key) => key.toLowerCase() === lower);
  return other === undefined ? null : (fields[other] ?? null);
}

const ORDER: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** `null` (unknown) where a side is null or the two are of different types. */
export function compare(operator: ComparisonOperator, left: Value, right: Value): boolean | null {
  const [a, b] = [comparable(left), comparable(right)];
  if (a === undefined || b === undefined || typeof a !== typeof b) return null;
  return ORDER[operator](a < b ? -1 : a > b ? 1 : 0);
}

function comparable(value: Value): number | string | undefined {
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Date) return value.getTime();
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
};

/** `null` where a side is no number, or the result is none (a division by zero). */
export function calculate(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (typeof left === "string" && typeof right === "string" && operator === "+") return left + right;
  if (typeof left !== "number" || typeof right !== "number") return null;
  const result = ARITHMETIC[operator](left, right);
  return Number.isFinite(result) ? result : null;
}

const NUMBER_FORM = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
const INTEGER_FORM = /^\s*[+-]?\d+\s*$/;
const DATE_FORM = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

type Converted = Value | undefined;

/** Each gives `undefined` where it cannot convert. */
const CONVERSIONS: Readonly<Record<CastType, (value: Exclude<Value, null>) => Converted>> = {
  float: (value) => {
    if (typeof value === "string") return NUMBER_FORM.test(value) ? finite(Number(value)) : undefined;
    return typeof value === "number" ? finite(value) : typeof value === "boolean" ? Number(value) : undefined;
  },
  bigint: (value) => {
    if (typeof value === "string") return INTEGER_FORM.test(value) ? Number(value) : undefined;
    return typeof value === "number"
      ? finite(Math.trunc(value))
      : typeof value === "boolean"
        ? Number(value)
        : undefined;
  },
  bit: (value) => (typeof value === "boolean" ? value : value === 1 ? true : value === 0 ? false : undefined),
  datetime: (value) => (value instanceof Date ? value : typeof value === "string" ? toDate(value) : undefined),
  "nvarchar(max)": (value) => {
    if (value instanceof Date) return dateText(value);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  },
};

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** ISO 8601; without a zone it is UTC, as in Stream Analytics. */
export function toDate(text: string): Date | undefined {
  const match = DATE_FORM.exec(text);
  if (match === null) return undefined;
  const date = new Date(match[1] === undefined || match[4] !== undefined ? text : `${text.replace(" ", "T")}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `undefined` where the value cannot be converted. */
export function convert(type: CastType, value: Value): Converted {
  return value === null ? null : CONVERSIONS[type](value);
}

/** As Stream Analytics writes a datetime to JSON: seven digits of a second. */
export function dateText(date: Date): string {
  return date.toISOString().replace("Z", "0000Z");
}

/** A value as it leaves the job as JSON. */
export function toJson(value: Value): Value {
  return value instanceof Date ? dateText(value) : value;
}
