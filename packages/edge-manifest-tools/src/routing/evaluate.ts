import { prefixOf } from "./addresses";
import { functionOf, holds } from "./functions";
import type { Expression, Route } from "./syntax";
import { typeOf } from "./types";
import { defined, type Value } from "./values";

/** A message as the edge hub sees it when it looks for routes. */
export interface RoutedMessage {
  /** `/messages/modules/M/outputs/O`, `/messages/modules/M`, `/messages` (devices) or `/twinChangeNotifications`. */
  readonly source: string;
  /** Application properties; names are taken in any case. @default - none */
  readonly properties?: Readonly<Record<string, string>>;
  /** System properties, such as `connectionDeviceId` or `contentType`; names are taken in any case. @default - none */
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** The body's text. @default - empty */
  readonly body?: string;
}

/**
 * Whether a message takes a route: its source is below the route's, and the condition is true. A condition that is
 * undefined or no truth value takes no message.
 *
 * The semantics are those of Azure/iotedge, `Microsoft.Azure.Devices.Routing.Core/query`. Where they differ from IoT
 * Hub's in the cloud, the edge hub's count: what a body does not hold is null, not undefined; `is_null` of a value of the
 * body is true for every value that the body holds, and false for one that it does not; a value of the body that is no
 * truth value makes AND and OR undefined, whatever the other side is.
 *
 * @param route a route that `conditionErrors` finds nothing in; the edge hub runs no other
 */
export function routeMatches(route: Route, message: RoutedMessage): boolean {
  return sourceMatches(route.source.text, message.source) && conditionHolds(route.condition, message);
}

function sourceMatches(route: string, message: string): boolean {
  const slashed = (text: string): string => `${text.trim().replace(/\/+$/, "").toLowerCase()}/`;
  return slashed(message).startsWith(slashed(prefixOf(route)));
}

function conditionHolds(condition: Expression | undefined, message: RoutedMessage): boolean {
  return condition === undefined || evaluate(condition, message) === true;
}

/** The value of an expression for a message; undefined as the runtime's own undefined. */
export function evaluate(expression: Expression, message: RoutedMessage): Value {
  switch (expression.kind) {
    case "boolean":
    case "number":
    case "string":
      return expression.value;
    case "null":
      return null;
    case "undefined":
      return undefined;
    case "property":
      return lookUp(message.properties, expression.name);
    case "systemProperty":
      return systemProperty(expression, message);
    case "body":
      return bodyValue(expression, message);
    case "not": {
      const operand = evaluate(expression.operand, message);
      return operand === null ? true : typeof operand === "boolean" ? !operand : undefined;
    }
    case "negate": {
      const operand = evaluate(expression.operand, message);
      return typeof operand === "number" ? defined(-operand) : undefined;
    }
    case "call":
      return call(expression, message);
    case "binary":
      return binary(expression, message);
  }
}

function call({ name, arguments: given }: Extract<Expression, { kind: "call" }>, message: RoutedMessage): Value {
  const values = given.map((argument) => evaluate(argument, message));
  const [first] = given;
  if (name.toLowerCase() === "is_null" && first !== undefined && typeOf(first) === "dynamic") {
    return isNullOfBody(first, values[0], message);
  }
  return functionOf(name)?.call(values);
}

/** The edge hub compares with the one null that stands for what a body lacks, and the wrong way round. */
function isNullOfBody(expression: Expression, value: Value, message: RoutedMessage): Value {
  if (value === undefined) {
    return undefined;
  }
  return !(value === null && expression.kind === "body" && findInBody(expression.path, message) === undefined);
}

function binary(expression: Extract<Expression, { kind: "binary" }>, message: RoutedMessage): Value {
  const left = evaluate(expression.left, message);
  const right = evaluate(expression.right, message);
  switch (expression.operator) {
    case "AND":
    case "OR":
      return typeOf(expression.left) === "dynamic"
        ? dynamicLogic(expression.operator, left, right)
        : logic(expression.operator, left, right);
    case "??":
      return defined(left) === undefined ? right : left;
    case "||":
      return typeof left === "string" && typeof right === "string" ? left + right : undefined;
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return typeof left === "number" && typeof right === "number"
        ? defined(ARITHMETIC[expression.operator](left, right))
        : undefined;
    default:
      return holds(expression.operator, left, right);
  }
}

const ARITHMETIC = {
  "+": (left: number, right: number): number => left + right,
  "-": (left: number, right: number): number => left - right,
  "*": (left: number, right: number): number => left * right,
  "/": (left: number, right: number): number => left / right,
  "%": (left: number, right: number): number => left % right,
} as const;

/** Logic with three values; null AND anything is null, null OR anything is the other. */
function logic(operator: "AND" | "OR", left: Value, right: Value): Value {
  if (left === null || right === null) {
    return operator === "AND" ? null : left === null ? right : left;
  }
  const deciding = operator === "OR";
  if (left === deciding || right === deciding) {
    return deciding;
  }
  return left === undefined || right === undefined ? undefined : !deciding;
}

function dynamicLogic(operator: "AND" | "OR", left: Value, right: Value): Value {
  return typeof left === "boolean" && typeof right === "boolean" ? logic(operator, left, right) : undefined;
}

function systemProperty(
  { name, isEscaped }: Extract<Expression, { kind: "systemProperty" }>,
  message: RoutedMessage,
): Value {
  if (/[[\]]/.test(name)) {
    return undefined;
  }
  const own = isEscaped ? undefined : lookUp(message.properties, `$${name}`);
  return own ?? lookUp(message.systemProperties, name);
}

function bodyValue({ path, isEscaped }: Extract<Expression, { kind: "body" }>, message: RoutedMessage): Value {
  const own = isEscaped || /[[\]]/.test(path) ? undefined : lookUp(message.properties, `$body.${path}`);
  if (own !== undefined) {
    return own;
  }
  const found = isReadable(message) ? findInBody(path, message) : UNREADABLE;
  if (found === undefined) {
    return null;
  }
  return (typeof found === "object" && found !== null) || isDate(found) ? undefined : (found as Value);
}

/** Newtonsoft.Json reads such text as a date, which is none of the types that the routing language knows. */
const isDate = (value: unknown): boolean =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(value);

/** Stands for a body that the edge hub does not read: values of it are undefined. */
const UNREADABLE: object = {};

/** The edge hub reads bodies whose system properties say that they are JSON, and in which encoding. */
function isReadable({ systemProperties }: RoutedMessage): boolean {
  return (
    lookUp(systemProperties, "contentType")?.toLowerCase() === "application/json" &&
    /^utf-(8|16|32)$/i.test(lookUp(systemProperties, "contentEncoding") ?? "")
  );
}

/** A value of the body by its path, undefined where the body lacks it, an object where there is no body to read. */
function findInBody(path: string, message: RoutedMessage): unknown {
  let value: unknown;
  try {
    value = JSON.parse(message.body ?? "");
  } catch {
    return UNREADABLE;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return UNREADABLE;
  }
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const key = name ?? index ?? "";
    if (typeof value !== "object" || value === null || Array.isArray(value) !== (index !== undefined)) {
      return undefined;
    }
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function lookUp(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  const key = Object.keys(values ?? {}).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : values?.[key];
}
