import { isObject } from "../../json-values";
import { plain, UNKNOWN } from "./unresolved";

/** Functions whose results need nothing but their arguments. */
export const FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  toset: (list) => (Array.isArray(list) ? [...new Set(list as readonly unknown[])] : UNKNOWN),
  tomap: (map) => map,
  tostring: (value) => String(value),
  nonsensitive: (value) => value,
  merge: (...maps) => (maps.every(isObject) ? Object.fromEntries(maps.flatMap((map) => Object.entries(map))) : UNKNOWN),
  keys: (map) => (isObject(map) ? Object.keys(map).sort() : UNKNOWN),
  jsonencode: (value) => JSON.stringify(plain(value)),
};
