import { number } from "./entry";
import { joined, markup, type Markup } from "./markup";
import type { Action, Levels, Report, Source } from "../../report/report";
import { outputsOf, summaryOf } from "../../report/summary";

/** In the order of columns. */
const ACTIONS: readonly Action[] = ["delete", "replace", "forget", "invoke", "update", "create", "import", "move"];
/** Columns that stand there even where nobody needs them. */
const USUAL: readonly Action[] = ["delete", "replace", "update", "create"];

/** What a verdict says, the first thing on the page. */
const VERDICTS: Readonly<Record<Report["verdict"], string>> = {
  nothing: "Nothing changes",
  changes: "Changes, no danger found",
  dangerous: "Dangerous changes",
};

/** The first words of a page and its title: what cannot be judged is not called harmless. */
export function verdictInWords({ verdict, unjudged, counts, checks }: Report): string {
  if (verdict !== "changes") {
    return VERDICTS[verdict];
  }
  const isChanging = Object.values(counts).some((number) => number > 0);
  const isUnsure = unjudged.unknown + unjudged.unchecked > 0;
  return !isChanging && checks.length > 0
    ? "Checks do not pass"
    : isUnsure
      ? "Changes, no danger found in what could be checked"
      : isChanging
        ? VERDICTS.changes
        : "Something to look at";
}

const FROM: Readonly<Record<Report["from"], string>> = {
  plan: "Read from Terraform's plans.",
  synth: "Compared without state: what was synthesized before, and what is synthesized now.",
};

/** What it comes to, in a box. */
export function verdict(report: Report): Markup {
  const { danger, caution, change } = report.levels;
  const objects = ACTIONS.reduce((sum, action) => sum + report.counts[action], 0);
  const outputs = outputsOf(report);
  const parts = [
    danger > 0 && number(danger, "danger"),
    caution > 0 && number(caution, "caution"),
    change > 0 && danger + caution > 0 && number(change, "other change"),
  ].filter((part) => part !== false);
  const split = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  const more = outputs === 0 ? "" : `; ${number(outputs, "output")} as well`;
  const summary = summaryOf(report);
  const sum = `${number(objects, "object")} in ${number(report.sources.length, "stack")}${split}${more}.`;
  const sign = report.verdict === "dangerous" && markup`<span aria-hidden="true">! </span>`;
  return markup`<div class="verdict ${report.verdict}"><p class="word">${sign}${verdictInWords(report)}</p><p>${summary}.</p><p>${sum} ${FROM[report.from]}</p></div>\n`;
}

/** A row of counts for each source, and their sum. */
export function counts(report: Report): Markup {
  const actions = ACTIONS.filter((action) => USUAL.includes(action) || report.counts[action] > 0);
  const rows = report.sources.map((source) => sourceRow(source, actions));
  const heads = ["Danger", "Caution", ...actions, "unchanged", "Terraform"];
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Counts"><table>
<caption class="skip">Objects by stack and action</caption>
<thead><tr><th scope="col">Stack</th>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">All</th>${levels(report.levels)}${actions.map((action) => cell(report.counts[action]))}${cell(
    report.sources.reduce((sum, { unchanged }) => sum + unchanged, 0),
  )}<td></td></tr></tfoot>
</table></div>\n`;
}

function sourceRow(source: Source, actions: readonly Action[]): Markup {
  return markup`<tr><th scope="row">${source.name} <code class="quiet">${source.path === source.name ? "" : source.path}</code></th>${levels(source.levels)}${actions.map((action) => cell(source.counts[action]))}${cell(source.unchanged)}<td class="none">${source.terraformVersion ?? "–"}</td></tr>\n`;
}

function levels({ danger, caution }: Levels): Markup {
  return joined([cell(danger, "danger"), cell(caution)]);
}

function cell(count: number, kind = ""): Markup {
  return markup`<td class="${count === 0 ? "none" : kind}">${count.toLocaleString("en-US")}</td>`;
}
