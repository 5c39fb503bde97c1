/** What a condition's values are at run time; `undefined` is the runtime's own undefined. */
export type Value = string | number | boolean | null | undefined;

/**
 * Types that the runtime gives an expression before it runs. `dynamic` is a value of the message's body, which is known
 * only with the message (Azure/iotedge, `QueryValue`).
 */
export type Type = "string" | "number" | "bool" | "null" | "undefined" | "dynamic";

/** Whether an argument or operand of a type is taken where another is wanted (Azure/iotedge, `Args.Match`). */
export function takes(wanted: Type, given: Type): boolean {
  return (
    wanted === given ||
    (given === "dynamic" && wanted !== "undefined") ||
    (wanted === "dynamic" && given !== "undefined")
  );
}

/** Numbers that are none are undefined. */
export const defined = (value: Value): Value => (typeof value === "number" && Number.isNaN(value) ? undefined : value);

/** Order of types where two values of a body differ in theirs (Azure/iotedge, `QueryValueType`). */
const RANK = { boolean: 1, number: 2, string: 3, object: 4 } as const;

/**
 * Compares two values: below 0, 0 or above 0. Strings are compared by their UTF-16 code units. Values of different types
 * are ordered by their types, so that `$body.a != 'x'` holds for a number; undefined compares with nothing.
 */
export function compare(left: Value, right: Value): number | undefined {
  const [a, b] = [defined(left), defined(right)];
  if (a === undefined || b === undefined) {
    return undefined;
  }
  if (typeof a !== typeof b) {
    return rank(a) - rank(b);
  }
  if (a === null || b === null || a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

const rank = (value: Exclude<Value, undefined>): number => RANK[typeof value as keyof typeof RANK];
