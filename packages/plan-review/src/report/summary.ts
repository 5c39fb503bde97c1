import type { Change, Check, Dangers, Report, RiskKind } from "./report";
import { shortened } from "../show-values";
import { count } from "./wording";

/** What dangerous changes do, by kind, of one and of several. */
const DOES: Readonly<Record<RiskKind, readonly [one: string, many: string]>> = {
  destruction: ["destroys data or identities", "destroy data or identities"],
  access: ["gives access", "give access"],
  protection: ["removes a protection", "remove protections"],
  invocation: ["calls what destroys", "call what destroys"],
};

/** The whole report in one line, the worst first: for a headline, a title, a message. */
export function summaryOf(report: Report): string {
  const { verdict, counts, levels, dangers, unjudged, deferred, checks, unknownParts, incomplete } = report;
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0) - counts.invoke;
  const isUnsure = unjudged.unknown + unjudged.unchecked > 0;
  const [only] = report.changes.filter(({ action }) => action === "invoke");
  const invoked =
    counts.invoke > 0 &&
    `${count(counts.invoke, "action")} ${counts.invoke === 1 ? `is invoked${named(only?.address)}` : "are invoked"}`;
  const cautions = levels.caution - Math.min(levels.caution, counts.invoke);
  const found = isUnsure ? "no danger found in what could be checked" : "no danger found";
  const changes =
    verdict === "dangerous"
      ? `${count(levels.danger, "dangerous change")} of ${all + counts.invoke}: ${levels.danger === 1 ? dangerInWords(report) : dangersInWords(dangers)}`
      : all === 0
        ? nothingElse(report)
        : `${count(all, "change")}, ${found}${cautions > 0 ? `, ${cautions} with caution` : ""}`;
  return [
    changes,
    invoked,
    ...["fail", "error", "unknown"].map((status) =>
      checksInWords(
        checks.filter((check) => check.status === status),
        status,
      ),
    ),
    checksInWords(
      checks.filter(({ status }) => !["fail", "error", "unknown"].includes(status)),
      "other",
    ),
    deferred > 0 && `${deferred} deferred`,
    unjudged.unknown > 0 && `${unjudged.unknown} unknown until apply`,
    unjudged.unchecked > 0 && `${unjudged.unchecked} not checked`,
    unknownParts.length > 0 && `${count(unknownParts.length, "part")} of the plan not known here`,
    incomplete > 0 && `${report.sources.length === 1 ? "the plan is" : count(incomplete, "plan")} not complete`,
  ]
    .filter((part) => part !== false && part !== "")
    .join("; ");
}

function nothingElse(report: Report): string {
  const outputs = outputsOf(report);
  return outputs > 0
    ? "only outputs change"
    : report.counts.invoke > 0
      ? ""
      : report.verdict === "nothing"
        ? "nothing changes"
        : "no resource changes";
}

/** Characters of a name or a sentence in the line. */
const MAX_NAMED = 120;

const named = (name: string | undefined): string => (name === undefined ? "" : ` (${shortened(name, MAX_NAMED)})`);

/** What the only dangerous change does, and who gets what, or which protection goes. */
function dangerInWords({ dangers, changes }: Report): string {
  const kinds = (Object.keys(DOES) as RiskKind[]).filter((kind) => dangers[kind] > 0).map((kind) => DOES[kind][0]);
  const risk = changes
    .find(({ level }) => level === "danger")
    ?.risks.find(({ kind, level }) => kind !== "destruction" && level === "danger");
  return `${kinds.join(", ")}${named(risk?.text.replace(/\.$/, ""))}`;
}

function checksInWords(checks: readonly Check[], status: string): string | false {
  const number = checks.length;
  const verbs: Readonly<Record<string, readonly [string, string]>> = {
    fail: ["fails", "fail"],
    error: ["cannot be evaluated", "cannot be evaluated"],
    unknown: ["is unknown until apply", "are unknown until apply"],
  };
  const [one, many] = verbs[status] ?? ["has a result that is not known here", "have results that are not known here"];
  return number > 0 && `${count(number, "check")} ${number === 1 ? `${one}${named(checks[0]?.address)}` : many}`;
}

/** Kinds of danger with their numbers: `1 destroys data or identities, 2 give access`. */
export function dangersInWords(dangers: Dangers): string {
  return (Object.keys(DOES) as RiskKind[])
    .filter((kind) => dangers[kind] > 0)
    .map((kind) => `${dangers[kind]} ${DOES[kind][dangers[kind] === 1 ? 0 : 1]}`)
    .join(", ");
}

/** Outputs that change, those that are only counted included. */
export function outputsOf({ changes, left }: Pick<Report, "changes" | "left">): number {
  const listed = changes.filter(({ type }) => type === "output").length;
  return left.filter(({ type }) => type === "output").reduce((sum, one) => sum + one.count, listed);
}

/** What a change means, a sentence each, the worst first. */
export function meaningOf({ consequence, risks }: Pick<Change, "consequence" | "risks">): string[] {
  return [...new Set([...(consequence === undefined ? [] : [consequence]), ...risks.map(({ text }) => text)])];
}

/** Types that no rule knows, as a note names them. */
const MAX_TYPES = 6;

/** What the report could not judge and does not know, a sentence each. */
export function limitsOf({ changes, unjudged, unknownParts, sources }: Report): string[] {
  const types = [...new Set(changes.filter(({ unjudged: one }) => one?.type === true).map(({ type }) => type))];
  const named = types.length > MAX_TYPES ? [...types.slice(0, MAX_TYPES), `${types.length - MAX_TYPES} more`] : types;
  const isMany = sources.length > 1;
  return [
    ...(unjudged.unchecked === 0
      ? []
      : [
          `Not checked: ${count(unjudged.unchecked, "change")} of types or with actions that no rule knows (${named.join(", ")}); whether they give access or remove a protection is not judged.`,
        ]),
    ...unknownParts.map(
      ({ source, name, count: number }) =>
        `The plan${isMany ? ` ${source}` : ""} has ${name}, which this review does not know: ${number} ${number === 1 ? "entry is" : "entries are"} not reviewed.`,
    ),
  ];
}

/** What happened to a check, in words. */
export function statusInWords(status: string): string {
  const words: Readonly<Record<string, string>> = {
    fail: "fails",
    error: "cannot be evaluated",
    unknown: "is unknown until apply",
  };
  return Object.hasOwn(words, status) ? (words[status] ?? status) : `has the result "${status}"`;
}
