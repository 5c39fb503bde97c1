import { createHash } from "node:crypto";
import { card, type EntryOptions, number, row } from "./entry";
import { SCRIPT } from "./script";
import { STYLE } from "./style";
import { counts, verdict, verdictInWords } from "./summary";
import { joined, markup, type Markup } from "./markup";
import { countIn } from "../../report/kept-changes";
import type { Change, Check, Left, Level, Report } from "../../report/report";
import { limitsOf, statusInWords } from "../../report/summary";

/** Bytes of entries from which differences are left out, and from which changes are only counted. */
const DIFFERENCES_BYTES = 12_000_000;
const ENTRIES_BYTES = 20_000_000;
/** Dangers and groups of changes up to this many are unfolded at first. */
const OPEN_DANGERS = 20;
const OPEN_CHANGES = 200;
/** Entries of each list where there are more than that. */
const LIST_LENGTH = 100;
/** Checks that are listed. */
const MAX_CHECKS = 200;

interface Section {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly content: Markup;
}

/**
 * A review as one HTML file that loads nothing and sends nothing: dangers first, everything from the report escaped.
 *
 * Its size is bounded: past 12 MB of changes their differences are left out, past 20 MB they are only counted; it says so.
 * What drifted has as much room of its own.
 *
 * @param options.title heading and, after the verdict, title of the page
 */
export function renderHtml(report: Report, options: { readonly title?: string } = {}): string {
  const title = options.title ?? "Review of plans";
  const body = page(report, title);
  // Style and script go in as they are: a policy with their hashes lets these two run and nothing else.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hash(STYLE)}'; script-src '${hash(SCRIPT)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${markup`<title>${verdictInWords(report)} – ${title}</title>`.text}
<style>${STYLE}</style>
</head>
<body>
${body.text}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const hash = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

function page(report: Report, title: string): Markup {
  const parts = sections(report);
  const links = parts.map(
    ({ id, title: name, count }) =>
      markup`<li><a href="#${id}">${name}</a> <span class="quiet">${count.toLocaleString("en-US")}</span></li>`,
  );
  const nav = links.length > 0 && markup`<nav aria-label="Parts of the review"><ul>${links}</ul></nav>\n`;
  return markup`<a class="skip" href="#review">Skip to the changes</a>
<header>
<h1>${title}</h1>
${verdict(report)}${counts(report)}${nav}</header>
<main id="review" tabindex="-1">
${TOOLS}<div id="found" hidden></div>
<div id="all">
${parts.map(section)}</div>
</main>
<footer><p>This page loads nothing and sends nothing. <kbd>Tab</kbd> goes from line to line, <kbd>Enter</kbd> or <kbd>Space</kbd> folds and unfolds; on a line <kbd>j</kbd> and <kbd>k</kbd> go down and up.</p></footer>`;
}

/** Shown by the script, without which it does nothing. */
const TOOLS = markup`<search id="tools" hidden><label for="filter">Filter</label> <input id="filter" type="search" placeholder="address, type, level, action or stack" autocomplete="off" spellcheck="false"> <button id="expand" type="button">Expand all</button> <button id="collapse" type="button">Collapse all</button> <output id="count" for="filter" role="status" aria-live="polite"></output></search>\n`;

function section({ id, title, count, content }: Section): Markup {
  const name = markup`<h2 id="${id}-title">${title} <span class="number">${count.toLocaleString("en-US")}</span></h2>`;
  return markup`<section id="${id}" aria-labelledby="${id}-title" data-place="${title}">${name}\n${content}</section>\n`;
}

/** Everything that there is to say, the most important first; nothing for what is empty. */
function sections(report: Report): Section[] {
  const room = new Room();
  const found = [
    levelSection(report, room, "danger", "Dangers", dangers),
    levelSection(report, room, "caution", "With caution", cautions),
    levelSection(report, room, "change", "Changes", (changes) => grouped(changes, report, room)),
    { id: "drift", title: "Changed outside Terraform", count: report.drift.length, content: drift(report.drift) },
  ].filter(({ count }) => count > 0);
  return [
    ...found,
    ...checks(report.checks),
    ...notes([...limitsOf(report), ...report.notes]),
    ...leftOut([...report.left, ...room.left()]),
  ];
}

/** Changes of one level: those that have room, and how many more there are. */
function levelSection(
  report: Report,
  room: Room,
  level: Level,
  title: string,
  render: (changes: readonly Change[], room: Room) => Markup,
): Section {
  const changes = report.changes.filter((change) => change.level === level);
  const left = report.left.filter((one) => one.level === level);
  const count = left.reduce((sum, one) => sum + one.count, changes.length);
  const before = room.listed;
  const content = render(changes, room);
  const rest = count - (room.listed - before);
  const more =
    rest > 0 && markup`<p class="aside">${number(rest, "more")} are counted in <a href="#left">Not listed</a>.</p>`;
  return { id: `${level}s`, title, count, content: markup`${content}${more}` };
}

/** One list, or many where it is long: a browser lays out those that are looked at, and the filter stays quick. */
function list(tag: "ol" | "ul", kind: string, entries: readonly Markup[]): Markup {
  if (entries.length <= OPEN_CHANGES) {
    return markup`<${tag} class="${kind}">${entries}</${tag}>`;
  }
  const starts = Array.from({ length: Math.ceil(entries.length / LIST_LENGTH) }, (_, index) => index * LIST_LENGTH);
  return joined(
    starts.map((start) => markup`<${tag} class="${kind} many">${entries.slice(start, start + LIST_LENGTH)}</${tag}>\n`),
  );
}

function dangers(changes: readonly Change[], room: Room): Markup {
  const entries = room.fill(changes, card, { kind: "danger", named: true, open: changes.length <= OPEN_DANGERS });
  return markup`<p class="aside">Data or identities are destroyed, access is given or a protection is removed.</p>${list("ol", "cards", entries)}`;
}

function cautions(changes: readonly Change[], room: Room): Markup {
  const entries = room.fill(changes, row, { kind: "caution", named: true, open: false });
  return markup`<p class="aside">Deleted, replaced, invoked, no longer managed, or gives access.</p>${list("ul", "entries caution", entries)}`;
}

function drift(changes: readonly Change[]): Markup {
  const room = new Room();
  const entries = room.fill(changes, row, { kind: "drift", named: true, open: false });
  const rest = changes.length - entries.length;
  const more = rest > 0 && markup`<p class="aside">${number(rest, "more object")} changed.</p>`;
  return markup`<details class="group"><summary>What somebody else changed since the last apply; for reading only.</summary>${list("ul", "entries", entries)}${more}</details>`;
}

/** A group for each source that has any, in the order of sources. */
function grouped(changes: readonly Change[], { sources }: Report, room: Room): Markup {
  const bySource = new Map(sources.map(({ name }): [string, Change[]] => [name, []]));
  for (const change of changes) {
    const own = bySource.get(change.source) ?? [];
    own.push(change);
    bySource.set(change.source, own);
  }
  const open = changes.length <= OPEN_CHANGES && markup` open`;
  const groups = [...bySource].filter(([, own]) => own.length > 0);
  return joined(
    groups.map(([name, own]) => {
      const entries = room.fill(own, row, { kind: "change", named: false, open: false });
      return markup`<details class="group" data-place="Changes in ${name}"${open}><summary><h3>${name} <span class="number">${own.length.toLocaleString("en-US")}</span></h3></summary>${list("ul", "entries", entries)}</details>\n`;
    }),
  );
}

/** Checks that did not pass, with what their authors say. */
function checks(all: readonly Check[]): Section[] {
  const entries = all.slice(0, MAX_CHECKS).map(({ address, status, problems, source }) => {
    const said = problems.map((problem) => markup` ${problem}`);
    return markup`<li><code>${address}</code> ${statusInWords(status)}, in ${source}.${said}</li>`;
  });
  const rest = all.length - entries.length;
  const more = rest > 0 && markup`<p class="aside">${number(rest, "more check")} did not pass.</p>`;
  const content = markup`<ul class="notes">${entries}</ul>${more}`;
  return all.length === 0 ? [] : [{ id: "checks", title: "Checks that do not pass", count: all.length, content }];
}

function notes(all: readonly string[]): Section[] {
  const content = markup`<ul class="notes">${all.map((note) => markup`<li>${note}</li>`)}</ul>`;
  return all.length === 0 ? [] : [{ id: "notes", title: "What cannot be known", count: all.length, content }];
}

function leftOut(left: readonly Left[]): Section[] {
  const rows = left.map(
    ({ level, action, type, count }) =>
      markup`<tr><th scope="row"><code>${type}</code></th><td>${level}</td><td>${action}</td><td>${count.toLocaleString("en-US")}</td></tr>\n`,
  );
  const content = markup`<p class="aside">Counted, but too many to list.</p><table><thead><tr><th scope="col">Type</th><th scope="col">Level</th><th scope="col">Action</th><th scope="col">Objects</th></tr></thead><tbody>${rows}</tbody></table>`;
  const count = left.reduce((sum, one) => sum + one.count, 0);
  return left.length === 0 ? [] : [{ id: "left", title: "Not listed", count, content }];
}

/** Room for entries in a page; what no longer fits is counted. */
class Room {
  /** Entries that had room. */
  public listed = 0;
  private bytes = 0;
  private readonly counted = new Map<string, Left>();

  public fill(
    changes: readonly Change[],
    render: (change: Change, options: EntryOptions) => Markup,
    options: Omit<EntryOptions, "whole">,
  ): Markup[] {
    return changes.flatMap((change) => {
      if (this.bytes > ENTRIES_BYTES) {
        countIn(this.counted, change);
        return [];
      }
      const entry = render(change, { ...options, whole: this.bytes <= DIFFERENCES_BYTES });
      this.bytes += Buffer.byteLength(entry.text);
      this.listed += 1;
      return [entry];
    });
  }

  public left(): Left[] {
    return [...this.counted.values()];
  }
}
