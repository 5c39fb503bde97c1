import { isObject } from "../edge-manifests/json";
import { HIDDEN, isSecretPath, withoutSecrets } from "./secrets";
import { jsonIn, property } from "./values";

/** Shortest sensitive value that is looked for inside other values; shorter ones stand in too many words. */
const MIN_SECRET = 6;

/** A mark of a plan for what is at a property or index: `true`, or the same shape as the value. */
export function markAt(mark: unknown, key: string | number): unknown {
  if (mark === true) {
    return true;
  }
  return Array.isArray(mark) ? (mark as readonly unknown[])[Number(key)] : property(mark, String(key));
}

/** Whether anything is marked. */
export function marksAnything(mark: unknown): boolean {
  return mark === true || (typeof mark === "object" && mark !== null && Object.values(mark).some(marksAnything));
}

/** Whether a value is marked as a whole; so is one that its marks do not fit, because nobody can say which part they mean. */
export function isMarked(mark: unknown, value: unknown): boolean {
  if (mark === true || mark === undefined || mark === null || mark === false) {
    return mark === true;
  }
  const fits = Array.isArray(mark)
    ? Array.isArray(value) && mark.length <= value.length
    : isObject(mark) && (isObject(value) || value === undefined);
  return !fits && value !== null && value !== undefined && marksAnything(mark);
}

const secretNames = new Map<string, boolean>();

/** Whether a name is a secret's: `admin_password`, `adminPassword`, `ADMIN_PASSWORD`. */
export function isSecretName(name: string): boolean {
  let known = secretNames.get(name);
  if (known === undefined) {
    known = isSecretPath(
      name
        .replaceAll(/[.[\]-]/g, "_")
        .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
        .toLowerCase(),
    );
    if (secretNames.size < 10_000) {
      secretNames.set(name, known);
    }
  }
  return known;
}

/** Properties that hold the value of what another property, or the object's own name, names. */
const VALUE_NAMES = ["value", "secure_value", "secureValue"];

/**
 * Whether a property holds a secret by its name, or by the name that stands beside it: `{ "name": "DB_PASSWORD", "value": … }`.
 * A truth value is none.
 *
 * @param owner name of the property or module that the object is in
 */
export function isSecretProperty(object: unknown, name: string, value: unknown, owner: string): boolean {
  if (typeof value === "boolean" || value === null || value === undefined) {
    return false;
  }
  if (!VALUE_NAMES.includes(name)) {
    return isSecretName(name);
  }
  const names = [owner, property(object, "name"), property(object, "key")];
  return names.some((beside) => typeof beside === "string" && isSecretName(beside));
}

/** The texts of one object that are sensitive, wherever in it they stand. */
export class SensitiveTexts {
  private readonly texts = new Set<string>();
  private pattern: RegExp | undefined;

  /** Looks for sensitive values in one side of a change. */
  public collect(value: unknown, mark: unknown): void {
    this.visit(value, mark, "");
    this.pattern = undefined;
  }

  /** A text without them, and without secrets of a known form. */
  public readonly clean = (text: string): string => {
    const known = withoutSecrets(text);
    if (this.texts.size === 0) {
      return known;
    }
    this.pattern ??= new RegExp(
      [...this.texts]
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return known.replace(this.pattern, HIDDEN);
  };

  private visit(value: unknown, mark: unknown, owner: string): void {
    if (isMarked(mark, value)) {
      this.addAll(value);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        this.visit(item, markAt(mark, index), owner);
      });
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        this.visit(inner, isSecretProperty(value, name, inner, owner) || markAt(mark, name), name);
      }
    } else {
      const json = jsonIn(value);
      if (json !== undefined) {
        this.visit(json, undefined, owner);
      }
    }
  }

  private addAll(value: unknown): void {
    if (typeof value === "object" && value !== null) {
      Object.values(value).forEach((inner) => {
        this.addAll(inner);
      });
    } else if (typeof value === "string" || typeof value === "number") {
      this.add(String(value));
    }
  }

  /** As it is, as it stands in JSON (of JavaScript, and of Go, which escapes more) and in links. */
  private add(text: string): void {
    if (text.length < MIN_SECRET) {
      return;
    }
    const json = JSON.stringify(text).slice(1, -1);
    const goJson = json.replaceAll(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
    for (const form of [text, json, goJson, encodeURIComponent(text.replaceAll(/\p{Cs}/gu, "\uFFFD"))]) {
      this.texts.add(form);
    }
  }
}
