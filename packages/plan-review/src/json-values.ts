/** Whether a value is an object with properties, and not null or a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON text with sorted property names, so that equal values give equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** Whether two JSON values are the same; the order of properties does not matter. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
    );
  }
  return false;
}

/** Whether a value says nothing: providers write one for the other. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  return isObject(value) ? Object.keys(value).length === 0 : value === null || value === undefined || value === "";
}

/** A property of its own, or nothing. */
export function property(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Longest text that is looked into for JSON. */
const MAX_JSON = 4_000_000;

/** Deepest nesting of JSON in text that is looked into. */
const MAX_LEVELS = 60;

/** The object or list that a text holds as JSON, or nothing. */
export function jsonIn(value: unknown): object | undefined {
  if (typeof value !== "string" || value.length > MAX_JSON || !/^\s*[[{]/.test(value)) {
    return undefined;
  }
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null && levels(parsed) <= MAX_LEVELS ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function levels(value: unknown, level = 0): number {
  if (typeof value !== "object" || value === null || level > MAX_LEVELS) {
    return level;
  }
  return Object.values(value).reduce<number>((deepest, inner) => Math.max(deepest, levels(inner, level + 1)), level);
}

/** Values at a path without indices, those of all blocks of a list: `endpoint.encoding`. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return path
    .split(".")
    .reduce<unknown[]>((values, name) => values.flat().map((inner) => property(inner, name)), [value]);
}
