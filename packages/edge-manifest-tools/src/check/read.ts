import { isObject } from "@edge-anomaly-detection/common";
import { type ManifestFinding, pointerTo } from "./finding";
import { type JsonRemark, JsonText, JsonTextError, Lines, plainJson } from "./json-text";
import type { RuleId } from "./rules";
import { logText } from "../log-text";

export { MAX_LEVELS } from "./json-text";

/** Characters that a file may have; a deployment's twins take 32 KB each. */
export const MAX_CHARACTERS = 4_000_000;

/** A file's place of a value, from 1. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A document that was read. */
export interface ReadDocument {
  readonly document: Readonly<Record<string, unknown>>;
  /** What is wrong with its text. */
  readonly remarks: readonly ManifestFinding[];
  /** Where the value at a JSON pointer stands in the file. */
  readonly regionOf: (pointer: string) => Region;
}

/** A document, or in one line why it is none. */
export type ReadResult = ReadDocument | { readonly unreadable: string };

/** Reads a file's bytes: UTF-8, or UTF-16 with a byte order mark or recognisable without. */
export function readManifestBytes(bytes: Uint8Array): ReadResult {
  const decoded = decode(bytes);
  return "unreadable" in decoded ? decoded : readManifest(decoded.text);
}

function decode(bytes: Uint8Array): { readonly text: string } | { readonly unreadable: string } {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
    return { unreadable: "the file is UTF-32; save it as UTF-8" };
  }
  const encoding =
    (a === 0xff && b === 0xfe) || (a !== 0 && b === 0)
      ? "utf-16le"
      : (a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && b !== undefined)
        ? "utf-16be"
        : "utf-8";
  try {
    const body = encoding === "utf-16be" ? swapped(bytes) : bytes;
    return { text: new TextDecoder(encoding === "utf-8" ? encoding : "utf-16le", { fatal: true }).decode(body) };
  } catch {
    return { unreadable: `the file is no valid ${encoding === "utf-8" ? "UTF-8" : "UTF-16"}; save it as UTF-8` };
  }
}

/** Bytes in pairs, the second of each first. */
function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, index) => bytes[index ^ 1] ?? 0);
}

/** Reads JSON that may be anything: what it cannot take gets one clear line. */
export function readManifest(text: string): ReadResult {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (content.trim() === "") {
    return { unreadable: "the file is empty" };
  }
  if (content.length > MAX_CHARACTERS) {
    return { unreadable: `the file has ${content.length} characters; a manifest has at most ${MAX_CHARACTERS}` };
  }
  try {
    const plain = plainJson(content);
    const json = plain === undefined ? new JsonText(content) : undefined;
    const value = plain === undefined ? json?.value : plain.value;
    return isObject(value)
      ? { document: value, remarks: findingsOf(json?.remarks ?? [], content), regionOf: regions(content) }
      : { unreadable: "the file holds no JSON object; a manifest is an object with modulesContent" };
  } catch (error) {
    if (!(error instanceof JsonTextError)) {
      throw error;
    }
    const { line, column } = new Lines(content).at(error.offset);
    return { unreadable: logText(`the file is no JSON: ${error.reason}, line ${line} column ${column}`) };
  }
}

/** Places are looked up where there is something to tell of alone: the text is read once more for the first. */
function regions(text: string): ReadDocument["regionOf"] {
  let places: { readonly json: JsonText; readonly lines: Lines } | undefined;
  return (pointer) => {
    const path = pointer.split("/").slice(1);
    const { json, lines } = (places ??= { json: new JsonText(text), lines: new Lines(text) });
    const { start, end } = json.rangeOf(path.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~")));
    const [from, to] = [lines.at(start), lines.at(end)];
    return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  };
}

interface RemarkText {
  readonly severity: ManifestFinding["severity"];
  readonly rule: RuleId;
  readonly problem: string;
  readonly remedy: string;
  /** Told once for a file, at the first place. */
  readonly isOnce?: boolean;
}

const REMARKS: Readonly<Partial<Record<JsonRemark["kind"], RemarkText>>> = {
  comment: {
    severity: "warning",
    rule: "json-comment",
    problem: "a comment, which JSON does not have",
    remedy: "take comments out before the Azure CLI or the REST API get the file",
    isOnce: true,
  },
  trailingComma: {
    severity: "warning",
    rule: "json-comma",
    problem: "a comma before a closing bracket, which JSON does not have",
    remedy: "remove it",
  },
  duplicateKey: {
    severity: "error",
    rule: "duplicate-key",
    problem: "a property that stands here twice; what the first says is dropped",
    remedy: "remove one of the two",
  },
};

function findingsOf(remarks: readonly JsonRemark[], text: string): ManifestFinding[] {
  if (remarks.length === 0) {
    return [];
  }
  const told = new Set<string>();
  const lines = new Lines(text);
  return remarks.flatMap(({ kind, path, range }): ManifestFinding[] => {
    const about = REMARKS[kind];
    if (about === undefined || (about.isOnce === true && told.has(kind))) {
      return [];
    }
    told.add(kind);
    const { severity, rule, problem, remedy } = about;
    const { line } = lines.at(range.start);
    return [{ severity, rule, pointer: pointerTo("", ...path), problem: `${problem} (line ${line})`, remedy }];
  });
}
