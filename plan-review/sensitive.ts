import { isObject } from "../edge-manifests/json";
import { HIDDEN, isSecretPath, withoutSecrets } from "./secrets";
import { jsonIn, property } from "./values";

/** Shortest sensitive value that is looked for inside other values; shorter ones stand in too many words. */
const MIN_SECRET = 6;

/** Shortest line of a sensitive text that is looked for by itself, and how many of one text. */
const MIN_LINE = 16;
const MAX_LINES = 1_000;

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

/** Whether a text is too short and plain for the forms of secrets: most names and values are. */
const isHarmless = (text: string): boolean => text.length < 20 && !/[=:"]|--/.test(text);

/** The texts of one object that are sensitive, wherever in it they stand. */
export class SensitiveTexts {
  private readonly texts = new Set<string>();
  private pattern: RegExp | undefined;

  /** @param place place of what is looked through: of an object, its type */
  public constructor(private readonly place: Place) {}

  /** Looks for sensitive values in one side of a change. */
  public collect(value: unknown, mark: unknown): void {
    this.visit(value, mark, this.place);
    this.pattern = undefined;
  }

  /** A text without them, and without secrets of a known form. */
  public readonly clean = (text: string): string => {
    const known = isHarmless(text) ? text : withoutSecrets(text);
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

  private visit(value: unknown, mark: unknown, place: Place): void {
    if (isMarked(mark, value)) {
      this.addAll(value);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        this.visit(item, markAt(mark, index), place);
      });
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        const isSecret = isSecretProperty(value, name, inner, place);
        this.visit(inner, isSecret || markAt(mark, name), within(place, name));
      }
    } else {
      const json = jsonIn(value);
      if (json !== undefined) {
        this.visit(json, undefined, place);
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

  /** As it is, as it stands in JSON (of JavaScript, and of Go, which escapes more), in links and in base64; its lines too. */
  private add(text: string): void {
    if (text.length < MIN_SECRET) {
      return;
    }
    if (text.includes("\n")) {
      // Where it stands indented, or with other line ends.
      const lines = text.split("\n").map((line) => line.trim());
      lines
        .filter((line) => line.length >= MIN_LINE)
        .slice(0, MAX_LINES)
        .forEach((line) => {
          this.add(line);
        });
    }
    const base64 = Buffer.from(text).toString("base64");
    const json = JSON.stringify(text).slice(1, -1);
    const goJson = json.replaceAll(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
    for (const form of [text, json, goJson, encodeURIComponent(text.replaceAll(/\p{Cs}/gu, "\uFFFD")), base64]) {
      this.texts.add(form);
    }
  }
}
