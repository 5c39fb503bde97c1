import { isObject } from "../json";

/** Characters that a file may have; a deployment's twins take 32 KB each. */
export const MAX_CHARACTERS = 4_000_000;
/** Levels of brackets that a file may have; a twin takes ten. */
export const MAX_LEVELS = 64;

/** A document, or in one line why it is none. */
export type ReadResult = { readonly document: Readonly<Record<string, unknown>> } | { readonly unreadable: string };

/** Reads JSON that may be anything: what it cannot take gets one clear line. */
export function readManifest(text: string): ReadResult {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (content.trim() === "") {
    return { unreadable: "the file is empty" };
  }
  if (content.length > MAX_CHARACTERS) {
    return { unreadable: `the file has ${content.length} characters; a manifest has at most ${MAX_CHARACTERS}` };
  }
  if (levels(content) > MAX_LEVELS) {
    return { unreadable: `brackets are nested more than ${MAX_LEVELS} deep; a twin takes 10 levels` };
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
    return { unreadable: `the file is no JSON: ${reason.slice(0, 160)}` };
  }
  return isObject(value)
    ? { document: value }
    : { unreadable: "the file holds no JSON object; a manifest is an object with modulesContent" };
}

/** Deepest nesting of brackets outside of strings; stops counting when it is too deep anyway. */
function levels(text: string): number {
  let level = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length && deepest <= MAX_LEVELS; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") {
        index++;
      } else if (character === '"') {
        inString = false;
      }
    } else if (character === '"') {
      inString = true;
    } else if (character === "{" || character === "[") {
      level++;
      deepest = Math.max(deepest, level);
    } else if (character === "}" || character === "]") {
      level--;
    }
  }
  return deepest;
}
