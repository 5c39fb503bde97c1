import { isObject } from "@edge-anomaly-detection/common";
import { CREATE_OPTIONS_PIECE, CREATE_OPTIONS_PIECES } from "../manifest";
import { type Findings, pointerTo } from "./finding";
import { JsonText, JsonTextError, plainJson } from "./json-text";
import { hasPlaceholder } from "./placeholder";

/** `createOptions`, `createOptions01`, … as the runtime joins them. */
export function checkCreateOptions(
  settings: Readonly<Record<string, unknown>>,
  pointer: string,
  isTemplate: boolean,
  findings: Findings,
): void {
  const pieces = new Map(Object.entries(settings).filter(([key]) => /^createOptions\d*$/i.test(key)));
  const first = [...pieces.keys()].find((key) => key.toLowerCase() === "createoptions");
  if (first === undefined) {
    checkPieceOrder([...pieces.keys()], pointer, findings);
    return;
  }
  if (isObject(settings[first]) && isTemplate && pieces.size === 1) {
    // The tools turn it into text.
    return;
  }
  const broken = [...pieces].filter(([, piece]) => typeof piece !== "string");
  for (const [key, piece] of broken) {
    findings.error(
      "create-options-form",
      pointerTo(pointer, key),
      `createOptions that are ${piece === null ? "null" : isObject(piece) ? "an object" : `a ${typeof piece}`}`,
      "write them as text: JSON in a string, in pieces of at most 512 characters",
    );
  }
  if (broken.length > 0 || !checkPieceOrder([...pieces.keys()], pointer, findings)) {
    return;
  }
  const text = [...pieces.entries()]
    .sort(byPiece)
    .map(([, piece]) => String(piece))
    .join("");
  if (!isRequest(text)) {
    findings.error(
      "create-options-json",
      pointerTo(pointer, first),
      "createOptions whose text is no JSON object",
      "write the body of Docker's request to create a container, for example {}",
    );
  }
}

const byPiece = ([a]: [string, unknown], [b]: [string, unknown]): number => indexOf(a) - indexOf(b);
const indexOf = (key: string): number => Number(/\d*$/.exec(key)?.[0] ?? 0);

/** Whether pieces are numbered 01, 02, … without a gap: the runtime stops at the first that is missing. */
function checkPieceOrder(keys: readonly string[], pointer: string, findings: Findings): boolean {
  const numbered = keys.filter((key) => /\d$/.test(key)).sort((a, b) => indexOf(a) - indexOf(b));
  const gap = numbered.find((key, index) => key.toLowerCase() !== `createoptions${String(index + 1).padStart(2, "0")}`);
  const missing = gap ?? (numbered.length > 0 && numbered.length === keys.length ? "createOptions" : undefined);
  if (missing !== undefined || numbered.length >= CREATE_OPTIONS_PIECES) {
    findings.error(
      "create-options-pieces",
      pointer,
      `createOptions in pieces ${keys.length > 8 ? `${keys.slice(0, 8).join(", ")}, …` : keys.join(", ")}`,
      `number them createOptions, createOptions01, createOptions02 and so on without a gap, at most ${CREATE_OPTIONS_PIECES} of ${CREATE_OPTIONS_PIECE} characters`,
    );
    return false;
  }
  return true;
}

/** Whether the agent reads an object, or no options at all, from a text; its reader is as tolerant as ours. */
function isRequest(text: string): boolean {
  if (text.trim() === "" || text.trim().toLowerCase() === "null") {
    return true;
  }
  try {
    return isObject((plainJson(text) ?? new JsonText(text)).value) || hasPlaceholder(text.trim());
  } catch (error) {
    if (error instanceof JsonTextError) {
      // What is filled in may be what is missing here, or quotes in it may be.
      return hasPlaceholder(text) || isLenientJson(text);
    }
    throw error;
  }
}

/** The agent's reader takes single quotes, and line breaks in strings, as well. */
function isLenientJson(text: string): boolean {
  const flat = text.replaceAll(/[\n\r\t]/g, " ");
  const candidates = [flat, ...(flat.includes('"') ? [] : [flat.replaceAll("'", '"')])];
  return candidates.some((candidate) => isObject(plainJson(candidate)?.value));
}
