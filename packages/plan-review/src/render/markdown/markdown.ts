import { ACTIONS } from "../../report/importance";
import { alikeTogether, block, blockOf, line, lineOf, VERBS, warning } from "./change";
import { code, codeInTable, escapeText } from "./escape";
import type { Action, Change, Check, Report, Source } from "../../report/report";
import { limitsOf, statusInWords, summaryOf } from "../../report/summary";
import type { Tally } from "../../report/tally";
import { shortened } from "../../show-values";
import { visible } from "@edge-anomaly-detection/common";
import { count } from "../../report/wording";

/** What a comment of a pull request holds, with room to spare: GitHub takes 65,536 characters. */
export const DEFAULT_LIMIT = 65_000;

/** The least that holds a headline and what was cut. */
export const MIN_LIMIT = 1_000;

/** How a report is written. */
export interface MarkdownOptions {
  /** Characters at most, `MIN_LIMIT` or more. @default `DEFAULT_LIMIT` */
  readonly limit?: number;
  /** Headline. @default "Plan review" */
  readonly title?: string;
}

/** Dangers in the headline; the others come below. */
const MAX_HEADLINE = 10;

/** Checks in their box, and problems of each. */
const MAX_CHECKS = 10;
const MAX_PROBLEMS = 3;

/** Stacks in the table, and drift that is told. */
const MAX_ROWS = 40;
const MAX_DRIFT = 20;

/** Room that is kept for the sentence about what was cut. */
const ROOM = 500;

/** A report as a comment of a pull request, the most important first, cut where the limit is reached. Ends in a newline. */
export function renderMarkdown(report: Report, { limit = DEFAULT_LIMIT, title }: MarkdownOptions = {}): string {
  const page = new Page(limit - ROOM);
  const isMany = report.sources.length > 1;
  page.add(`## ${escapeText(visible(shortened(title ?? "Plan review")))}: ${escapeText(summaryOf(report))}`);
  const dangers = report.changes.filter(({ level }) => level === "danger");
  const warned = new Set(dangers.slice(0, MAX_HEADLINE).filter((change) => page.add(warning(change, isMany))));
  if (report.levels.danger > warned.size) {
    page.add(`**${more(report.levels.danger - warned.size, "dangerous change")}, below as far as there is room.**`);
  }
  if (report.checks.length > 0) {
    page.add(checksBox(report.checks, isMany));
  }
  [...limitsOf(report), ...report.notes].forEach((note) =>
    page.add(`> [!NOTE]\n> ${escapeText(visible(shortened(note, 500)))}`),
  );
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
          ? [() => block(change, isMany, warned.has(change)), () => line(change, isMany)]
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

const more = (number: number, what: string): string => count(number, `more ${what}`);

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

/** Checks that did not pass, in a box. */
function checksBox(checks: readonly Check[], isMany: boolean): string {
  const lines = checks.slice(0, MAX_CHECKS).map(({ address, status, problems, source }) => {
    const said = problems.slice(0, MAX_PROBLEMS).map((problem) => escapeText(shortened(problem, 200)));
    return `Check ${code(address)} ${escapeText(statusInWords(status))}${isMany ? `, in ${code(source)}` : ""}${said.length === 0 ? "." : `: ${said.join(" ")}`}`;
  });
  const rest = checks.length - lines.length;
  const all = rest > 0 ? [...lines, `${more(rest, "check")} did not pass.`] : lines;
  return ["> [!WARNING]", ...all.map((text, index) => `> ${text}${index < all.length - 1 ? "<br>" : ""}`)].join("\n");
}

function addDrift(page: Page, drift: readonly Change[], isMany: boolean): void {
  page.section("Changed outside of Terraform");
  drift.slice(0, MAX_DRIFT).forEach((change) =>
    page.add(
      () => block(change, isMany, true),
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
