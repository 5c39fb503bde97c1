import { isSecretPath } from "@edge-anomaly-detection/azure-facts";
import { isObject, property } from "../json-values";

/** Whether a mark marks what it stands at: `true`, or what no plan has there, such as a text. */
const marksWhole = (mark: unknown): boolean => mark === true || typeof mark === "string" || typeof mark === "number";

/** A mark of a plan for what is at a property or index: `true`, or the same shape as the value. */
export function markAt(mark: unknown, key: string | number): unknown {
  if (marksWhole(mark)) {
    return true;
  }
  return Array.isArray(mark) ? (mark as readonly unknown[])[Number(key)] : property(mark, String(key));
}

/** Whether anything is marked. */
export function marksAnything(mark: unknown): boolean {
  return marksWhole(mark) || (typeof mark === "object" && mark !== null && Object.values(mark).some(marksAnything));
}

/** Whether a value is marked as a whole; so is one that its marks do not fit, because nobody can say which part they mean. */
export function isMarked(mark: unknown, value: unknown): boolean {
  if (typeof mark !== "object" || mark === null) {
    return marksWhole(mark);
  }
  const fits = Array.isArray(mark)
    ? Array.isArray(value) && mark.length <= value.length
    : isObject(mark) && (isObject(value) || value === undefined);
  return !fits && value !== null && value !== undefined && marksAnything(mark);
}

/**
 * Marks as they may be relied on: where none of the properties that they name is there, nor known after apply, the value is not
 * the one that they were made for, and is sensitive as a whole.
 */
export function fittingMark(value: unknown, mark: unknown, unknown?: unknown): unknown {
  if (!isObject(mark) || !isObject(value)) {
    return mark;
  }
  const names = Object.keys(mark).filter((name) => marksAnything(mark[name]));
  const isThere = (name: string): boolean => Object.hasOwn(value, name) || marksAnything(markAt(unknown, name));
  return names.length === 0 || Object.keys(value).length === 0 || names.some(isThere) ? mark : true;
}

/** Where a value stands in an object of a Terraform type. */
export interface Place {
  readonly type: string | undefined;
  /** Names of properties from the object's own on, without indices: `sku.name`. */
  readonly path: string;
  /** The last of them. */
  readonly name: string;
}

/** An object as a whole. */
export const wholeOf = (type: string | undefined): Place => ({ type, path: "", name: "" });

/** The place of a property of what stands at a place. */
export function within({ type, path }: Place, name: string): Place {
  const plain = /[.[\]]/.test(name) ? name.replaceAll(/[.[\]]/g, "_") : name;
  return { type, path: path === "" ? plain : `${path}.${plain}`, name };
}

const secretPaths = new Map<string, boolean>();

function isSecretPlace({ type, path }: Place): boolean {
  const key = `${type ?? ""} ${path}`;
  const known = secretPaths.get(key);
  if (known !== undefined) {
    return known;
  }
  const isSecret = isSecretPath(path, type);
  if (secretPaths.size < MAX_KNOWN) {
    secretPaths.set(key, isSecret);
  }
  return isSecret;
}

/** Paths that are remembered; a plan has few different ones, but may have any. */
const MAX_KNOWN = 20_000;

/** Properties that hold the value of what another property, or the object's own name, names. */
const VALUE_NAMES = ["value", "secure_value", "secureValue"];

/**
 * Whether a property holds a secret by its name, or by the name that stands beside it: `{ "name": "DB_PASSWORD", "value": … }`.
 * A truth value is none, nor is a block in which whatever is a secret is known by itself.
 *
 * @param place place of the object
 */
export function isSecretProperty(object: unknown, name: string, value: unknown, place: Place): boolean {
  if (typeof value === "boolean" || value === null || value === undefined) {
    return false;
  }
  const inner = within(place, name);
  if (isSecretPlace(inner)) {
    return !(holdsObjects(value) && isSecretPlace(within(inner, "anything")));
  }
  if (name === "value" && property(object, "keyName") !== undefined) {
    // What `listKeys` of ARM answers.
    return true;
  }
  const names = VALUE_NAMES.includes(name) ? [place.name, property(object, "name"), property(object, "key")] : [];
  return names.some((beside) => typeof beside === "string" && isSecretPlace(within(wholeOf(undefined), beside)));
}

const holdsObjects = (value: unknown): boolean =>
  isObject(value) || (Array.isArray(value) && value.length > 0 && value.every(isObject));
