import { code, codeBlock, escapeText, htmlCode, htmlText } from "./escape";
import type { Action, Change, Detail } from "../../report/report";
import { meaningOf } from "../../report/summary";
import { count, detailInWords, linesInWords } from "../../report/wording";

/** Differences that stand open, and characters of each; more are folded. */
const OPEN_DETAILS = 4;
const MAX_INLINE = 200;

/** As many objects with the same few differences, such as a tag, are told as one. */
const MIN_ALIKE = 5;

/** Folded paths that are named. */
const MAX_FOLDED = 8;

/** What happens to an object, as a participle. */
export const VERBS: Readonly<Record<Action, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  forget: "forgotten",
  import: "imported",
  move: "moved",
  invoke: "invoked",
};

/** A danger as a box: what, what it means, what forces it. */
export function warning(change: Change, isMany: boolean): string {
  const lines = [`**${sentence(change, isMany)}.**`, ...meaningOf(change).map(escapeText), ...why(change)];
  return ["> [!CAUTION]", ...lines.map((text, index) => `> ${text}${index < lines.length - 1 ? "<br>" : ""}`)].join(
    "\n",
  );
}

/** `azurerm_iothub.Hub` is replaced: … */
function sentence(change: Change, isMany: boolean): string {
  return `${code(change.address)} is ${happening(change)}${isMany ? `, in ${code(change.source)}` : ""}`;
}

function happening({ action, createsFirst, previousAddress, importId, deferred }: Change): string {
  const order = createsFirst === true ? "the new one is made first" : "the old one is deleted first";
  return [
    VERBS[action],
    ...(action === "replace" ? [` (${order})`] : []),
    ...(importId === undefined
      ? []
      : [action === "import" ? ` from ${code(importId)}` : `, imported from ${code(importId)}`]),
    ...(previousAddress === undefined
      ? []
      : [action === "move" ? ` from ${code(previousAddress)}` : `, moved from ${code(previousAddress)}`]),
    ...(deferred === undefined ? [] : [", deferred to a further plan"]),
  ].join("");
}

function why({ forcedBy, reason, unjudged, deferred }: Change): string[] {
  const paths = unjudged?.paths ?? [];
  return [
    ...(forcedBy.length === 0 ? [] : [`Forced by ${forcedBy.slice(0, MAX_FOLDED).map(code).join(", ")}.`]),
    ...(reason === undefined ? [] : [`Why: ${escapeText(reason)}.`]),
    ...(deferred === undefined ? [] : [`Deferred: ${escapeText(deferred)}.`]),
    ...(paths.length === 0 ? [] : [`Unknown until apply: ${paths.slice(0, MAX_FOLDED).map(code).join(", ")}.`]),
  ];
}

/** One line: what happens, and why. */
export function line(change: Change, isMany: boolean): string {
  return `- ${[sentence(change, isMany), ...why(change).map((text) => ` ${text}`)].join(".").replace(/\.$/, "")}`;
}

type Alike = readonly [Change, ...Change[]];

/** Changes in their order; those that say the same of many objects stand together, where the first of them was. */
export function alikeTogether(changes: readonly Change[]): Alike[] {
  const groups = new Map<unknown, [Change, ...Change[]]>();
  for (const change of changes) {
    const { level, action, source, type, details, ...others } = change;
    const isShort = details.length > 0 && details.length <= OPEN_DETAILS && details.every(isOnOneLine);
    const isPlain = level === "change" && action === "update" && type !== "output" && !isToldApart(others);
    const key = isShort && isPlain ? JSON.stringify([source, details]) : change;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [change]);
    } else {
      group.push(change);
    }
  }
  return [...groups.values()].flatMap((group) =>
    group.length < MIN_ALIKE ? group.map((change): Alike => [change]) : [group],
  );
}

/** Whether there is more to say of a change than what differs. */
const isToldApart = ({
  reason,
  previousAddress,
  importId,
  deferred,
  unjudged,
}: Pick<Change, "reason" | "previousAddress" | "importId" | "deferred" | "unjudged">): boolean =>
  [reason, previousAddress, importId, deferred].some((said) => said !== undefined) || (unjudged?.paths.length ?? 0) > 0;

const isOnOneLine = (detail: Detail): boolean =>
  (detail.lines ?? detail.details ?? []).length === 0 && detailInWords(detail).length <= MAX_INLINE;

/** What many objects have in common, as a line. */
export function lineOf([first, ...others]: Alike, isMany: boolean): string {
  return `- ${others.length + 1} objects are updated${isMany ? `, in ${code(first.source)}` : ""}: ${differencesInLine(first)}`;
}

/** The same with their addresses folded. */
export function blockOf(alike: Alike, isMany: boolean): string {
  const items = alike.map(({ address }) => `  - ${code(address)}`);
  return [lineOf(alike, isMany), "  <details><summary>which</summary>", "", ...items, "", "  </details>"].join("\n");
}

/** What happens and what differs, folded where it is long. */
export function block(change: Change, isMany: boolean, isWarned: boolean): string {
  const { details } = change;
  const isOneLiner = details.every(isOnOneLine);
  const consequence = isWarned ? [] : meaningOf(change).map((text) => `- ${escapeText(text)}`);
  const reasons = why(change).map((text) => `- ${text}`);
  const items = [...consequence, ...reasons, ...details.flatMap(item), ...foldedItem(change)];
  if (isOneLiner && details.length <= OPEN_DETAILS && consequence.length + reasons.length === 0) {
    return oneLine(change, isMany);
  }
  if (isOneLiner && items.length <= OPEN_DETAILS) {
    return [`- ${sentence(change, isMany)}`, ...items.map((text) => `  ${text}`)].join("\n");
  }
  const [meaning] = isWarned ? [] : meaningOf(change);
  const number =
    details.length === 0
      ? "why"
      : count(details.length, change.action === "update" || change.action === "replace" ? "difference" : "argument");
  const what = meaning === undefined ? number : `${htmlText(meaning)} (${number})`;
  const source = isMany ? `, in ${htmlCode(change.source)}` : "";
  return [
    `<details><summary>${htmlCode(change.address)} is ${VERBS[change.action]}${source}: ${what}</summary>`,
    "",
    ...items,
    "",
    "</details>",
  ].join("\n");
}

/** What differs, behind what happens. */
function oneLine(change: Change, isMany: boolean): string {
  const differences = differencesInLine(change);
  return `- ${sentence(change, isMany)}${differences === "" ? "" : `: ${differences}`}`;
}

function differencesInLine(change: Change): string {
  const details = change.details.map((detail) => {
    const { path, forcesReplacement } = detail;
    const force = forcesReplacement ? " (**forces the replacement**)" : "";
    return `${path === "" ? "" : `${code(path)} `}${code(detailInWords(detail))}${force}`;
  });
  const folded =
    details.length === 0 && change.action !== "create" ? foldedItem(change).map((text) => text.slice(2)) : [];
  return [...details, ...folded].join(", ");
}

function item(detail: Detail): string[] {
  const { path, forcesReplacement } = detail;
  const lines = linesInWords(detail);
  const where = path === "" ? "" : `${code(path)}: `;
  const force = forcesReplacement ? " — **forces the replacement**" : "";
  return [`- ${where}${code(detailInWords(detail))}${force}`, ...(lines.length === 0 ? [] : codeBlock(lines, "  "))];
}

function foldedItem({ action, folded, details }: Change): string[] {
  if (folded.length === 0 || action === "create") {
    return [];
  }
  const names = folded.slice(0, MAX_FOLDED).map((path) => (path === "" ? "the whole" : code(path)));
  const rest = folded.length > MAX_FOLDED ? `, ${folded.length - MAX_FOLDED} more` : "";
  return [`- ${details.length === 0 ? "only " : ""}known after apply or reordered: ${names.join(", ")}${rest}`];
}
