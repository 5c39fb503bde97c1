import { encodedForms, withoutEncodedSecrets, writtenForms } from "./encodings";
import { HIDDEN, withoutSecrets } from "@edge-anomaly-detection/azure-facts";
import { isMarked, isSecretProperty, markAt, type Place, within } from "./sensitive";
import { isObject, jsonIn } from "../json-values";

/** Shortest sensitive value that is looked for inside other values; shorter ones stand in too many words. */
const MIN_SECRET = 6;

/** Shortest part of a sensitive text (a line, the value behind a `=`) that is looked for by itself. */
const MIN_PART = 16;

/** Texts that are looked for in one object, and characters of all of them; beyond that nothing of the object is shown. */
const MAX_TEXTS = 100_000;
const MAX_CHARACTERS = 50_000_000;

/** Where there are more texts than this, they are found by how they begin. */
const FEW = 48;

/** Whether a text is too short and plain for the forms of secrets: most names and values are. */
const isHarmless = (text: string): boolean => text.length < 16 && !/[=:"<]|--/.test(text);

/** The texts of one object that are sensitive, wherever in it they stand. */
export class SensitiveTexts {
  private readonly texts = new Set<string>();
  private byBeginning: ReadonlyMap<string, readonly string[]> | undefined;
  private characters = 0;

  /** @param place place of what is looked through: of an object, its type */
  public constructor(private readonly place: Place) {}

  /** Looks for sensitive values in one side of a change. */
  public collect(value: unknown, mark: unknown): void {
    this.visit(value, mark, this.place);
    this.byBeginning = undefined;
  }

  /** A text without them, without secrets of a known form, and without either in another encoding. */
  public readonly clean = (text: string): string => {
    if (text === "") {
      return text;
    }
    if (this.texts.size > MAX_TEXTS || this.characters > MAX_CHARACTERS) {
      return HIDDEN;
    }
    const known = isHarmless(text) ? text : withoutSecrets(text);
    const rest = this.hidden(known);
    return rest.length < MIN_PART || !/[\w%+/-]{16}/.test(rest)
      ? rest
      : withoutEncodedSecrets(rest, HIDDEN, (decoded) => this.isSecret(decoded));
  };

  private isSecret(decoded: string): boolean {
    // What is no text in UTF-8 is looked through for what is known alone.
    return this.hidden(decoded) !== decoded || (!decoded.includes("\uFFFD") && withoutSecrets(decoded) !== decoded);
  }

  /** A text in which every place of a sensitive one is replaced; looked for as it is, never as a pattern. */
  private hidden(text: string): string {
    const places =
      this.texts.size === 0 ? [] : this.texts.size <= FEW ? this.placesOfEach(text) : this.placesByBeginning(text);
    if (places.length === 0) {
      return text;
    }
    places.sort(([a], [b]) => a - b);
    let result = "";
    let end = 0;
    for (const [from, to] of places) {
      if (from >= end) {
        result += text.slice(end, from) + HIDDEN;
      }
      end = Math.max(end, to);
    }
    return result + text.slice(end);
  }

  private placesOfEach(text: string): [number, number][] {
    const places: [number, number][] = [];
    for (const secret of this.texts) {
      for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + secret.length)) {
        places.push([at, at + secret.length]);
      }
    }
    return places;
  }

  private placesByBeginning(text: string): [number, number][] {
    this.byBeginning ??= byBeginning(this.texts);
    const places: [number, number][] = [];
    for (let at = 0; at + MIN_SECRET <= text.length; at += 1) {
      const sorted = this.byBeginning.get(text.slice(at, at + MIN_SECRET));
      const longest = sorted && longestAt(sorted, text, at);
      if (longest !== undefined) {
        places.push([at, at + longest.length]);
      }
    }
    return places;
  }

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

  /** A sensitive value: every leaf of it, those of JSON in text too. */
  private addAll(value: unknown): void {
    if (Array.isArray(value)) {
      value.forEach((inner) => {
        this.addAll(inner);
      });
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        this.addAll(inner);
        if (name.length >= MIN_PART) {
          this.add(name);
        }
      }
    } else if (typeof value === "string" || typeof value === "number") {
      this.addAll(jsonIn(value));
      this.add(String(value));
    }
  }

  private add(text: string, isPart = false): void {
    if (text.length < MIN_SECRET || this.texts.has(text) || this.characters > MAX_CHARACTERS) {
      return;
    }
    // Parts are found in other encodings by decoding those.
    for (const form of isPart ? writtenForms(text) : encodedForms(text)) {
      if (!this.texts.has(form)) {
        this.texts.add(form);
        this.characters += form.length;
      }
    }
    // Lines stand elsewhere indented, or with other line ends; keys of connection strings by themselves.
    const lines = text.split("\n").map((line) => line.trim());
    const values = lines.flatMap((line) => line.split(";").map((part) => part.slice(part.indexOf("=") + 1)));
    const decoded = decodedText(text);
    [...lines, ...values, ...(decoded === undefined ? [] : [decoded])]
      .filter((part) => part.length >= MIN_PART)
      .forEach((part) => {
        this.add(part, true);
      });
  }
}

/** What a sensitive text in base64 says, where it is text. */
function decodedText(text: string): string | undefined {
  if (text.length < MIN_PART || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    return undefined;
  }
  const decoded = Buffer.from(text, "base64").toString("utf8");
  return /[\uFFFD\0]/.test(decoded) ? undefined : decoded;
}

/** Texts by their first characters, in order. */
function byBeginning(texts: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    const beginning = text.slice(0, MIN_SECRET);
    const others = found.get(beginning);
    if (others === undefined) {
      found.set(beginning, [text]);
    } else {
      others.push(text);
    }
  }
  found.forEach((others) => others.sort(compare));
  return found;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The longest of some texts that stands at a place, or nothing. In their order it is the last one before the rest of the text,
 * or before what that one and the rest have in common.
 */
function longestAt(sorted: readonly string[], text: string, at: number): string | undefined {
  let rest = text.slice(at);
  while (rest.length >= MIN_SECRET) {
    const last = sorted[countUpTo(sorted, rest) - 1];
    if (last === undefined || rest.startsWith(last)) {
      return last;
    }
    rest = rest.slice(0, commonLength(last, rest));
  }
  return undefined;
}

/** How many of some texts in order are not behind a text. */
function countUpTo(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") <= text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) {
    length += 1;
  }
  return length;
}
