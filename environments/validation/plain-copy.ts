import { Unreadable } from "@edge-anomaly-detection/common";

/** More values than any configuration has: a value that builds others without end is distinguished from a large one. */
const MAX_VALUES = 200_000;
const MAX_DEPTH = 60;

/**
 * A copy that is nothing but data: text, numbers, booleans, null, lists and objects without a prototype. Properties that are
 * `undefined` are left out, because they mean the default. What is no data becomes `Unreadable`; nothing is thrown.
 */
export function plainCopy(value: unknown): unknown {
  const budget = { left: MAX_VALUES };
  try {
    return copied(value, [], budget);
  } catch (error) {
    return new Unreadable(`a value that cannot be read (${reasonOf(error)})`);
  }
}

function copied(value: unknown, above: readonly unknown[], budget: { left: number }): unknown {
  budget.left -= 1;
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
      return new Unreadable(`${value}n, a bigint`);
    case "symbol":
      return new Unreadable("a symbol");
    case "function":
      return new Unreadable("a function");
    default:
      return value === null ? null : copiedObject(value as object, above, budget);
  }
}

function copiedObject(value: object, above: readonly unknown[], budget: { left: number }): unknown {
  if (value instanceof Unreadable) {
    return value;
  }
  if (above.includes(value)) {
    return new Unreadable("an object that contains itself");
  }
  if (above.length >= MAX_DEPTH || budget.left <= 0) {
    return new Unreadable("more values than a configuration has");
  }
  const inside = [...above, value];
  if (Array.isArray(value)) {
    return Array.from({ length: Math.min(value.length, budget.left) }, (_, index) =>
      copied(read(value, index), inside, budget),
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return new Unreadable(`an object of the class ${classOf(value)}`);
  }
  const copy = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const inner = copied(read(value, key), inside, budget);
    if (inner !== undefined) {
      copy[key] = inner;
    }
  }
  return copy;
}

function read(from: object, key: string | number): unknown {
  try {
    return (from as Record<string | number, unknown>)[key];
  } catch (error) {
    return new Unreadable(`a getter that throws (${reasonOf(error)})`);
  }
}

function classOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === "function" ? constructor.name : "unknown";
}

/** What an error says, whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "something that has no text";
  }
}
