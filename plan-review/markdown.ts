import { ACTIONS } from "./importance";
import { code, codeBlock, codeInTable, escapeText, htmlCode } from "./markdown-text";
import type { Action, Change, Detail, Report, Source } from "./report";
import type { Tally } from "./tally";
import { shortened, visible } from "./text";

/** What a comment of a pull request holds, with room to spare: GitHub takes 65,536 characters. */
export const DEFAULT_LIMIT = 65_000;

/** The least that holds a headline and what was cut. */
export const MIN_LIMIT = 1_000;

/** First line, by which a pipeline finds the comment that it is to update. */
export const MARKER = "<!-- plan-review -->";

/** How a report is written. */
export interface MarkdownOptions {
  /** Characters at most, `MIN_LIMIT` or more. @default `DEFAULT_LIMIT` */
  readonly limit?: number;
  /** Headline. @default "Plan review" */
  readonly title?: string;
}

/** Dangers in the headline; the others come below. */
const MAX_HEADLINE = 10;

/** Stacks in the table, and drift that is told. */
const MAX_ROWS = 40;
const MAX_DRIFT = 20;

/** Differences that stand open, and characters of each; more are folded. */
const OPEN_DETAILS = 4;
const MAX_INLINE = 200;

/** As many objects with the same few differences, such as a tag, are told as one. */
const MIN_ALIKE = 5;

/** Folded paths that are named. */
const MAX_FOLDED = 8;

/** Room that is kept for the sentence about what was cut. */
const ROOM = 500;

const VERBS: Readonly<Record<Action, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  forget: "forgotten",
  import: "imported",
  move: "moved",
};

/** A report as a comment of a pull request, the most important first, cut where the limit is reached. Ends in a newline. */
export function renderMarkdown(report: Report, { limit = DEFAULT_LIMIT, title }: MarkdownOptions = {}): string {
  const page = new Page(limit - ROOM);
  const isMany = report.sources.length > 1;
  page.add(MARKER);
  page.add(`## ${escapeText(visible(shortened(title ?? "Plan review")))}: ${headline(report)}`);
  const dangers = report.changes.filter(({ level }) => level === "danger");
  const warned = new Set(dangers.slice(0, MAX_HEADLINE).filter((change) => page.add(warning(change, isMany))));
  if (report.levels.danger > warned.size) {
    page.add(`**${more(report.levels.danger - warned.size, "dangerous change")}, below as far as there is room.**`);
  }
  report.notes.forEach((note) => page.add(`> [!NOTE]\n> ${escapeText(visible(shortened(note, 400)))}`));
  const hasTable = page.add(table(report.sources, report));
  const cut = new Map<string, number>();
  for (const left of report.left) {
    cut.set(cutName(left), (cut.get(cutName(left)) ?? 0) + left.count);
  }
  for (const [name, changes] of sections(report.changes, warned)) {
    page.section(name);
    for (const alike of alikeTogether(changes)) {
      const [change] = alike;
      const forms =
        alike.length === 1
          ? [() => block(change, isMany), () => line(change, isMany)]
          : [() => blockOf(alike, isMany), () => lineOf(alike, isMany)];
      if (!page.add(...forms)) {
        const what = warned.has(change) ? "details" : cutName(change);
        cut.set(what, (cut.get(what) ?? 0) + alike.length);
      }
    }
  }
  addDrift(page, report.drift, isMany);
  return page.end(cutInWords(cut, page.shortened, limit, hasTable));
}

/** Blocks of text within a limit. */
class Page {
  /** Blocks of which the short form alone was taken. */
  public shortened = 0;
  private readonly blocks: string[] = [];
  private length = 0;
  private isFull = false;
  private heading: string | undefined;

  public constructor(private readonly limit: number) {}

  /** What follows belongs to a section; its name is written with the first block. */
  public section(name: string): void {
    this.heading = `### ${name}`;
  }

  /** Adds the first form that fits; where none does, nothing more is added. */
  public add(...forms: readonly (string | (() => string))[]): boolean {
    const heading = this.heading === undefined ? [] : [this.heading];
    for (const [index, form] of this.isFull ? [] : forms.entries()) {
      const added = [...heading, typeof form === "string" ? form : form()];
      const length = added.reduce((sum, text) => sum + text.length + 2, 0);
      if (this.length + length <= this.limit) {
        this.blocks.push(...added);
        this.length += length;
        this.heading = undefined;
        this.shortened += index === 0 ? 0 : 1;
        return true;
      }
    }
    this.isFull = true;
    return false;
  }

  public end(lastBlock: string): string {
    const blocks = lastBlock === "" ? this.blocks : [...this.blocks, lastBlock];
    // Items of a list stand together, so that the list is one.
    return (
      blocks
        .map((text, index) => text + (isItem(text) && isItem(blocks[index + 1]) ? "\n" : "\n\n"))
        .join("")
        .trimEnd() + "\n"
    );
  }
}

const isItem = (block: string | undefined): boolean => block?.startsWith("- ") === true;

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
const more = (number: number, what: string): string => count(number, `more ${what}`);

function headline({ verdict, counts, levels }: Report): string {
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
  switch (verdict) {
    case "nothing":
      return "nothing changes";
    case "changes":
      return all === 0
        ? "only outputs change"
        : `${count(all, "change")}, ${all === 1 ? "not" : "none of them"} dangerous`;
    case "dangerous":
      return `${count(levels.danger, "dangerous change")} of ${all}`;
  }
}

/** A danger as a box: what, what it means, what forces it. */
function warning(change: Change, isMany: boolean): string {
  const lines = [
    `**${sentence(change, isMany)}.**`,
    ...(change.consequence === undefined ? [] : [escapeText(change.consequence)]),
    ...why(change),
  ];
  return ["> [!CAUTION]", ...lines.map((text, index) => `> ${text}${index < lines.length - 1 ? "<br>" : ""}`)].join(
    "\n",
  );
}

/** `azurerm_iothub.Hub` is replaced: … */
function sentence(change: Change, isMany: boolean): string {
  return `${code(change.address)} is ${happening(change)}${isMany ? `, in ${code(change.source)}` : ""}`;
}

function happening({ action, createsFirst, previousAddress, importId }: Change): string {
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
  ].join("");
}

function why({ forcedBy, reason }: Change): string[] {
  return [
    ...(forcedBy.length === 0 ? [] : [`Forced by ${forcedBy.slice(0, MAX_FOLDED).map(code).join(", ")}.`]),
    ...(reason === undefined ? [] : [`Why: ${escapeText(reason)}.`]),
  ];
}

function table(sources: readonly Source[], total: Tally): string {
  const always: readonly Action[] = ["create", "update", "replace", "delete"];
  const actions = [...always, ...ACTIONS.filter((action) => !always.includes(action) && total.counts[action] > 0)];
  const hasDangers = total.levels.danger > 0;
  const heads = [...(hasDangers ? ["dangerous"] : []), ...actions.map((action) => VERBS[action]), "unchanged"];
  const row = (name: string, { counts, levels }: Tally, unchanged: number): string => {
    const cells = [...(hasDangers ? [levels.danger] : []), ...actions.map((action) => counts[action])];
    return `| ${[name, ...cells.map((number) => number || ""), unchanged].join(" | ")} |`;
  };
  const rows = sources.slice(0, MAX_ROWS).map((source) => row(codeInTable(source.name), source, source.unchanged));
  const unchanged = sources.reduce((sum, source) => sum + source.unchanged, 0);
  return [
    `| stack | ${heads.join(" | ")} |`,
    `| --- |${" ---: |".repeat(heads.length)}`,
    ...rows,
    ...(sources.length > 1 ? [row(sources.length > MAX_ROWS ? `all ${sources.length}` : "all", total, unchanged)] : []),
  ].join("\n");
}

/** Dangers that were told as a whole are not told again. */
function sections(
  changes: readonly Change[],
  warned: ReadonlySet<Change>,
): readonly (readonly [string, readonly Change[]])[] {
  const objects = changes.filter(({ type }) => type !== "output");
  const at = (level: Change["level"]): Change[] => objects.filter((change) => change.level === level);
  return [
    ["Dangerous", at("danger").filter((change) => !warned.has(change) || change.details.length > 0)],
    ["With caution", at("caution")],
    ["Changes", at("change")],
    ["Outputs", changes.filter(({ type }) => type === "output")],
  ];
}

/** One line: what happens, and why. */
function line(change: Change, isMany: boolean): string {
  return `- ${[sentence(change, isMany), ...why(change).map((text) => ` ${text}`)].join(".").replace(/\.$/, "")}`;
}

type Alike = readonly [Change, ...Change[]];

/** Changes in their order; those that say the same of many objects stand together, where the first of them was. */
function alikeTogether(changes: readonly Change[]): Alike[] {
  const groups = new Map<unknown, [Change, ...Change[]]>();
  for (const change of changes) {
    const { level, action, source, type, details, ...more } = change;
    const isShort = details.length > 0 && details.length <= OPEN_DETAILS && details.every(isOnOneLine);
    const isPlain = level === "change" && action === "update" && type !== "output" && !isToldApart(more);
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
}: Pick<Change, "reason" | "previousAddress" | "importId">): boolean =>
  [reason, previousAddress, importId].some((said) => said !== undefined);

const isOnOneLine = ({ text, lines = [] }: Detail): boolean => lines.length === 0 && text.length <= MAX_INLINE;

/** What many objects have in common, as a line. */
function lineOf([first, ...others]: Alike, isMany: boolean): string {
  return `- ${others.length + 1} objects are updated${isMany ? `, in ${code(first.source)}` : ""}: ${differencesInLine(first)}`;
}

/** The same with their addresses folded. */
function blockOf(alike: Alike, isMany: boolean): string {
  const items = alike.map(({ address }) => `  - ${code(address)}`);
  return [lineOf(alike, isMany), "  <details><summary>which</summary>", "", ...items, "", "  </details>"].join("\n");
}

/** What happens and what differs, folded where it is long. */
function block(change: Change, isMany: boolean): string {
  const { details } = change;
  const isOneLiner = details.every(isOnOneLine);
  const consequence =
    change.consequence === undefined || change.level === "danger" ? [] : [`- ${escapeText(change.consequence)}`];
  const reasons = why(change).map((text) => `- ${text}`);
  const items = [...consequence, ...reasons, ...details.flatMap(item), ...foldedItem(change)];
  if (isOneLiner && details.length <= OPEN_DETAILS && consequence.length + reasons.length === 0) {
    return oneLine(change, isMany);
  }
  if (isOneLiner && items.length <= OPEN_DETAILS) {
    return [`- ${sentence(change, isMany)}`, ...items.map((text) => `  ${text}`)].join("\n");
  }
  const what = details.length === 0 ? "why" : count(details.length, "difference");
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
  const details = change.details.map(({ path, text, forcesReplacement }) => {
    const force = forcesReplacement ? " (**forces the replacement**)" : "";
    return `${path === "" ? "" : `${code(path)} `}${code(text)}${force}`;
  });
  const folded =
    details.length === 0 && change.action !== "create" ? foldedItem(change).map((text) => text.slice(2)) : [];
  return [...details, ...folded].join(", ");
}

function item({ path, text, lines = [], forcesReplacement }: Detail): string[] {
  const where = path === "" ? "" : `${code(path)}: `;
  const force = forcesReplacement ? " — **forces the replacement**" : "";
  return [`- ${where}${code(text)}${force}`, ...(lines.length === 0 ? [] : codeBlock(lines, "  "))];
}

function foldedItem({ action, folded, details }: Change): string[] {
  if (folded.length === 0 || action === "create") {
    return [];
  }
  const names = folded.slice(0, MAX_FOLDED).map((path) => (path === "" ? "the whole" : code(path)));
  const rest = folded.length > MAX_FOLDED ? `, ${folded.length - MAX_FOLDED} more` : "";
  return [`- ${details.length === 0 ? "only " : ""}known after apply or reordered: ${names.join(", ")}${rest}`];
}

function addDrift(page: Page, drift: readonly Change[], isMany: boolean): void {
  page.section("Changed outside of Terraform");
  drift.slice(0, MAX_DRIFT).forEach((change) =>
    page.add(
      () => block(change, isMany),
      () => line(change, isMany),
    ),
  );
  if (drift.length > MAX_DRIFT) {
    page.add(`- ${more(drift.length - MAX_DRIFT, "object")}`);
  }
}

/** What is cut, by what happens; dangers apart. */
function cutName({ type, action, level }: Pick<Change, "type" | "action" | "level">): string {
  return type === "output" ? "outputs" : `${VERBS[action]}${level === "danger" ? " (dangerous)" : ""}`;
}

function cutInWords(cut: ReadonlyMap<string, number>, shortForms: number, limit: number, hasTable: boolean): string {
  const parts = [...cut].map(([what, number]) => `${number} ${what}`);
  const sentences = [
    ...(parts.length === 0 ? [] : [`Not shown: ${parts.join(", ")}.`]),
    ...(shortForms === 0 ? [] : [`${count(shortForms, "change")} shown without differences.`]),
  ];
  return sentences.length === 0
    ? ""
    : `> [!WARNING]\n> This is cut at ${limit} characters, the least important left out. ${sentences.join(" ")}${hasTable ? " The table counts everything." : ""} \`npm run -s review -- --html\` or \`--limit\` shows more.`;
}
