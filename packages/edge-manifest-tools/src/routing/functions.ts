import { compare, defined, takes, type Type, type Value } from "./values";

/** A function of the routing language. */
export interface RoutingFunction {
  /** Lists of arguments that it takes; `any` is a value of any type. */
  readonly takes: readonly (readonly (Type | "any")[])[];
  /** Whether the last argument may be repeated. */
  readonly isVariadic?: boolean;
  readonly returns: Type;
  readonly call: (values: readonly Value[]) => Value;
}

type Numeric = (...numbers: number[]) => number;
type Textual = (...texts: string[]) => Value;

const numeric = (count: number, call: Numeric): RoutingFunction => ({
  takes: [Array.from({ length: count }, () => "number" as const)],
  returns: "number",
  call: (values) => (values.every((value) => typeof value === "number") ? defined(call(...values)) : undefined),
});

const textual = (count: number, returns: Type, call: Textual): RoutingFunction => ({
  takes: [Array.from({ length: count }, () => "string" as const)],
  returns,
  call: (values) => (values.every((value) => typeof value === "string") ? call(...values) : undefined),
});

const test = (call: (value: Value) => boolean): RoutingFunction => ({
  takes: [["any"]],
  returns: "bool",
  call: ([value]) => call(value),
});

/** What `double.TryParse` reads with every style and the invariant culture, written without brackets and blanks. */
const NUMBER = /^[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function asNumber(value: Value): Value {
  if (typeof value !== "string") {
    return typeof value === "number" ? value : undefined;
  }
  const text = value.trim();
  const inBrackets = /^\((.*)\)$/.exec(text)?.[1];
  const trailing = /^([^+-].*)([+-])$/.exec(text);
  const plain = inBrackets ?? (trailing === null ? text : `${trailing[2] ?? ""}${trailing[1] ?? ""}`);
  if (!NUMBER.test(plain)) {
    return undefined;
  }
  const number = Number(plain.replaceAll(",", ""));
  return inBrackets === undefined ? number : -number;
}

function substring(values: readonly Value[]): Value {
  const [text, start, length] = values;
  if (typeof text !== "string" || typeof start !== "number" || start < 0 || start > text.length) {
    return undefined;
  }
  if (values.length < 3) {
    return text.slice(Math.trunc(start));
  }
  const fits = typeof length === "number" && start < text.length && length >= 0 && length <= text.length - start;
  return fits ? text.slice(Math.trunc(start), Math.trunc(start) + Math.trunc(length)) : undefined;
}

/** Functions by name in lower case (Azure/iotedge, `ConditionVisitor.Builtins`); names are taken in any case. */
export const FUNCTIONS: Readonly<Record<string, RoutingFunction>> = {
  abs: numeric(1, Math.abs),
  exp: numeric(1, Math.exp),
  power: numeric(2, (base = 0, exponent = 0) => base ** exponent),
  square: numeric(1, (number = 0) => number * number),
  ceiling: numeric(1, Math.ceil),
  floor: numeric(1, Math.floor),
  sign: numeric(1, Math.sign),
  sqrt: numeric(1, Math.sqrt),
  as_number: { takes: [["string"], ["number"]], returns: "number", call: ([value]) => asNumber(value) },
  is_bool: test((value) => typeof value === "boolean"),
  is_defined: test((value) => defined(value) !== undefined),
  is_null: test((value) => value === null),
  is_number: test((value) => typeof value === "number" && Number.isFinite(value)),
  is_string: test((value) => typeof value === "string"),
  concat: { ...textual(2, "string", (...texts) => texts.join("")), isVariadic: true },
  length: textual(1, "number", (text = "") => text.length),
  lower: textual(1, "string", (text = "") => text.toLowerCase()),
  upper: textual(1, "string", (text = "") => text.toUpperCase()),
  substring: {
    takes: [
      ["string", "number"],
      ["string", "number", "number"],
    ],
    returns: "string",
    call: substring,
  },
  index_of: textual(2, "number", (text = "", fragment = "") => text.indexOf(fragment)),
  starts_with: textual(2, "bool", (text = "", fragment = "") => text.startsWith(fragment)),
  ends_with: textual(2, "bool", (text = "", fragment = "") => text.endsWith(fragment)),
  contains: textual(2, "bool", (text = "", fragment = "") => text.includes(fragment)),
};

/** A function by its name in any case. @default - the edge hub knows none of this name */
export function functionOf(name: string): RoutingFunction | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(FUNCTIONS, key) ? FUNCTIONS[key] : undefined;
}

/** Whether a function takes arguments of these types. */
export function takesArguments({ takes: lists, isVariadic = false }: RoutingFunction, given: readonly Type[]): boolean {
  return lists.some(
    (list) =>
      (isVariadic ? given.length >= list.length : given.length === list.length) &&
      given.every((type, index) => {
        const wanted = list[Math.min(index, list.length - 1)] ?? "any";
        return wanted === "any" || takes(wanted, type);
      }),
  );
}

/** Whether the result of a comparison holds. */
export function holds(operator: string, left: Value, right: Value): boolean | undefined {
  const order = compare(left, right);
  if (order === undefined) {
    return undefined;
  }
  switch (operator) {
    case "=":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return order !== 0;
  }
}
