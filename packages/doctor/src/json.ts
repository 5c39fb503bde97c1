import { isObject, RemoteError } from "@edge-anomaly-detection/common";

/** A value within a JSON value; undefined where a part of the path is missing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) {
      return typeof key === "number" ? (inner as unknown[])[key] : undefined;
    }
    return isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}

/** A text within a JSON value. */
export function text(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** A finite number within a JSON value. */
export function number(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** A list within a JSON value; an empty one where it is missing or something else. */
export function list(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/**
 * A time within a JSON value as ISO 8601. The hub writes "never" as the year 1.
 */
export function time(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const written = text(value, ...path);
  // Service APIs leave the zone out, and mean UTC.
  const zoned = written === undefined || /(Z|[+-]\d\d:\d\d)$/i.test(written) ? written : `${written}Z`;
  const milliseconds = Date.parse(zoned ?? "");
  return Number.isNaN(milliseconds) || milliseconds < Date.UTC(2000) ? undefined : new Date(milliseconds).toISOString();
}

/**
 * An answer that must be an object with a list in it: half an answer must not pass for an empty one.
 *
 * @throws RemoteError
 */
export function requiredList(value: unknown, name: string, url: URL): readonly unknown[] {
  const found = at(value, name);
  return Array.isArray(found) ? found : incomplete(url, `a list "${name}"`);
}

/**
 * An answer that must have a text.
 *
 * @throws RemoteError
 */
export function requiredText(value: unknown, what: string, ...path: readonly (string | number)[]): string {
  const found = text(value, ...path);
  if (found === undefined || found === "") {
    throw new RemoteError(`the answer for ${what} has no ${path.join(".")}`, INCOMPLETE);
  }
  return found;
}

/** @throws RemoteError always */
export function incomplete(url: URL, missing: string): never {
  throw new RemoteError(`the answer to ${url.host}${url.pathname} has no ${missing}`, INCOMPLETE);
}

const INCOMPLETE = "try again; a proxy may have answered in Azure's place";
