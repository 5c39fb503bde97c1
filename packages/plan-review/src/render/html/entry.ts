import { type Content, joined, markup, type Markup } from "./markup";
import type { Action, Change, Detail } from "../../report/report";
import { meaningOf } from "../../report/summary";
import { detailInWords, linesInWords, valueInWords } from "../../report/wording";

/** Characters of one text, differences of one object and lines of one difference that a page shows; the rest is counted. */
const TEXT_LIMIT = 4_000;
const DIFFERENCES_LIMIT = 200;
const LINES_LIMIT = 400;
const GIST_LIMIT = 160;

/** Signs beside the words, near to those of `terraform plan`. */
const SIGNS: Readonly<Record<Action, string>> = {
  create: "+",
  update: "~",
  delete: "−",
  replace: "±",
  forget: "∅",
  import: "↓",
  move: "→",
  invoke: "▶",
};

/** Actions whose first difference stands beside the address. */
const GIST_ACTIONS: readonly Action[] = ["update", "move"];

/** What a line's first character says. */
const LINE_KINDS: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "~": "other" };

/** How an entry looks beside what its change says. */
export interface EntryOptions {
  /** Word that the filter finds it by: its level, or `drift`. */
  readonly kind: string;
  /** Names its source, where it does not stand in a group of that source. */
  readonly named: boolean;
  /** Its differences are unfolded at first. */
  readonly open: boolean;
  /** Its differences are shown, not only counted. */
  readonly whole: boolean;
}

/** A dangerous change: what it means and what forces it stand outside of what folds. */
export function card(change: Change, options: EntryOptions): Markup {
  const head = markup`<div class="card-head"><span class="stamp">! DANGER</span><h3>${action(change)} ${address(change)}</h3>${source(change, options)}</div>`;
  const means = joined(
    [
      meaningOf(change)
        .map((text) => short(text))
        .join(" "),
    ]
      .filter((text) => text !== "")
      .map((text) => markup`<p class="means">${text}</p>`),
  );
  const fold =
    countOf(change) > 0 &&
    markup`<details${open(options)}><summary>${foldTitle(change)}</summary>${differences(change, options)}</details>`;
  return markup`<li${filterWords(change, options)}><article>${head}${means}${facts(change)}${fold}</article></li>\n`;
}

/** Any other change: one line, which unfolds where there is more to say. */
export function row(change: Change, options: EntryOptions): Markup {
  const line = markup`${action(change)}${address(change)}${gist(change)}${source(change, options)}`;
  const means = joined(meaningOf(change).map((text) => markup`<p>${short(text)}</p>`));
  const told = joined([facts(change), ...(countOf(change) > 0 ? [differences(change, options)] : [])]);
  const inside =
    means.text === "" && told.text === ""
      ? markup`<div class="row">${line}</div>`
      : markup`<details${open(options)}><summary class="row">${line}</summary><div class="body">${means}${told}</div></details>`;
  return markup`<li${filterWords(change, options)}>${inside}</li>\n`;
}

/** A number with its noun: `1 difference`, `2,000 differences`. */
export function number(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 || noun === "more" ? "" : "s"}`;
}

function foldTitle({ details, folded }: Change): string {
  return details.length > 0
    ? number(details.length, "difference")
    : `${number(folded.length, "value")} not known before`;
}

function filterWords({ source: from, type, action: done }: Change, { kind }: EntryOptions): Markup {
  return markup` data-entry="${short(`${kind} ${done} ${type} ${from}`)}"`;
}

const open = (options: EntryOptions): Markup | false => options.open && markup` open`;

const countOf = ({ details, folded }: Change): number => details.length + folded.length;

function action({ action: done }: Change): Markup {
  return markup`<span class="action ${done}"><b aria-hidden="true">${SIGNS[done]}</b> ${done}</span>`;
}

/** The address with its type set back, so that names stand out. */
function address({ address: whole, type }: Change): Markup {
  const text = short(whole);
  const at = text.indexOf(`${type}.`);
  return at === -1
    ? markup`<span class="address"><b>${text}</b></span>`
    : markup`<span class="address">${text.slice(0, at)}<span class="type">${type}.</span><b>${text.slice(at + type.length + 1)}</b></span>`;
}

function source({ source: from }: Change, { named }: EntryOptions): Markup | false {
  return named && markup`<span class="source">in ${short(from)}</span>`;
}

/** The most telling part, beside the address. */
function gist(change: Change): Markup | false {
  const text = gistOf(change);
  return text !== undefined && markup`<span class="gist">${short(text, GIST_LIMIT)}</span>`;
}

function gistOf(change: Change): string | undefined {
  const { action: done, forcedBy, reason, details, risks } = change;
  const [first] = details;
  const [risk] = risks.filter(({ kind }) => kind !== "destruction");
  if (risk !== undefined && change.level === "caution") {
    return risk.text;
  }
  if (forcedBy.length > 0) {
    return `forced by ${forcedBy.join(", ")}`;
  }
  if (reason !== undefined || first === undefined || !GIST_ACTIONS.includes(done)) {
    return reason;
  }
  const more = details.length > 1 ? ` and ${number(details.length - 1, "more")}` : "";
  return `${first.path} ${detailInWords(first).slice(0, GIST_LIMIT)}${more}`;
}

function facts(change: Change): Markup {
  const { action: done, forcedBy, reason, createsFirst, previousAddress, importId, deferred, unjudged } = change;
  const causes = forcedBy.slice(0, DIFFERENCES_LIMIT).map((path) => markup`<code>${short(path)}</code>`);
  const unknownCause = done === "replace" && reason === undefined && "not known from what was read";
  const all: readonly (readonly [string, Content])[] = [
    ["Forced by", causes.length > 0 ? joined(causes, ", ") : unknownCause],
    ["Why", reason !== undefined && short(reason)],
    ["Order", createsFirst === true && "the new object is made before the old one is deleted"],
    ["Was at", previousAddress !== undefined && markup`<code>${short(previousAddress)}</code>`],
    ["Deferred", deferred !== undefined && short(deferred)],
    ["Unknown until apply", unjudged !== undefined && unjudged.paths.length > 0 && short(unjudged.paths.join(", "))],
    ["Imports", importId !== undefined && markup`<code>${short(importId)}</code>`],
  ];
  const told = all.filter(([, value]) => value !== false);
  return told.length === 0
    ? joined([])
    : markup`<dl class="facts">${told.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function differences(change: Change, { whole }: EntryOptions): Markup {
  if (!whole) {
    return markup`<p class="folded">${number(change.details.length, "difference")} left out, or this page would be too large. The JSON has them.</p>`;
  }
  const { details, folded } = change;
  const rest = details.length - DIFFERENCES_LIMIT;
  return joined([
    details.length === 0
      ? joined([])
      : markup`<dl class="differences">${details.slice(0, DIFFERENCES_LIMIT).map(difference)}</dl>`,
    rest > 0 ? markup`<p class="folded">${number(rest, "more difference")}, which the JSON has.</p>` : joined([]),
    folded.length === 0
      ? joined([])
      : markup`<p class="folded">Known after apply, or only in another order: ${foldedPaths(folded)}</p>`,
  ]);
}

/** Values known after apply and the like: their paths only. */
function foldedPaths(folded: readonly string[]): Markup {
  const rest = folded.length - DIFFERENCES_LIMIT;
  const paths = folded.slice(0, DIFFERENCES_LIMIT).map((path) => markup`<code>${short(path)}</code>`);
  return markup`${joined(paths, ", ")}${rest > 0 && ` and ${number(rest, "more")}`}`;
}

function difference(detail: Detail): Markup {
  const { path, forcesReplacement } = detail;
  const forces = forcesReplacement && markup` <span class="forces">forces replacement</span>`;
  return markup`<div><dt><code>${short(path === "" ? "the object" : path)}</code></dt><dd>${value(detail)}${forces}${block(linesInWords(detail))}</dd></div>`;
}

/** `before → after` with both sides set apart; anything else as one text. */
function value(detail: Detail): Markup {
  return detail.kind === "changed"
    ? markup`<span class="text"><span class="was">${short(valueInWords(detail.before))}</span><span class="arrow"> → </span><span class="now">${short(valueInWords(detail.after))}</span></span>`
    : markup`<span class="text">${short(detailInWords(detail))}</span>`;
}

function block(lines: readonly string[]): Markup {
  const rest = lines.length - LINES_LIMIT;
  const shown = lines.slice(0, LINES_LIMIT).map((line) => {
    const kind = LINE_KINDS[line.slice(0, 1)];
    return kind === undefined
      ? markup`<span>${short(line)}</span>`
      : markup`<span class="${kind}">${short(line)}</span>`;
  });
  return lines.length === 0
    ? joined([])
    : markup`<pre class="lines">${shown}${rest > 0 && markup`<span>${number(rest, "more line")}</span>`}</pre>`;
}

function short(text: string, limit = TEXT_LIMIT): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${number(text.length - limit, "character")} more)`;
}
