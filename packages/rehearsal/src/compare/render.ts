import type { AlertEvent } from "../events";
import { minute, number } from "../report/text";
import { type Comparison, type EnvironmentComparison, hasChanges } from "./comparison";
import type { AlertChange } from "./match";

/** Characters that a comment of GitHub holds. */
export const MAX_COMMENT = 65_536;
const SOURCES = { detector: "ML module", streamAnalytics: "Stream Analytics" } as const;
const BARS = "▁▂▃▄▅▆▇█";
const COLUMNS = 60;
/** Changes of a kind this close are shown as one line. */
const TOGETHER_MS = 3_600_000;

/** Changes that follow each other. */
interface Run {
  readonly kind: AlertChange["kind"];
  readonly first: AlertEvent;
  last: AlertEvent;
  count: number;
  readonly before?: number;
}

function runsOf(changes: readonly AlertChange[]): Run[] {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  for (const { kind, alert, before } of changes) {
    const key = [kind, alert.source, alert.machineId, alert.signal, alert.detector].join("\n");
    const run = open.get(key);
    const isNear = run !== undefined && before === undefined && alert.time - run.last.time <= TOGETHER_MS;
    if (isNear) {
      run.last = alert;
      run.count += 1;
      continue;
    }
    const next: Run = { kind, first: alert, last: alert, count: 1, ...(before !== undefined && { before }) };
    runs.push(next);
    open.set(key, next);
  }
  return runs;
}

function runText({ kind, first, last, count, before }: Run): string {
  const time = count === 1 ? minute(first.time) : `${minute(first.time)} to ${minute(last.time)}, ${count} alerts`;
  const moved =
    before === undefined ? "" : ` (was ${minute(before)}, ${duration(Math.abs(first.time - before))} ${kind})`;
  const by = `${SOURCES[first.source]}${first.detector === undefined ? "" : ` ${first.detector}`}`;
  return `${kind}: ${first.machineId} ${first.signal ?? ""} by ${by}: ${time}${moved}`;
}

const duration = (ms: number): string =>
  ms < 60_000
    ? `${number(ms / 1000)} s`
    : ms < 3_600_000
      ? `${number(ms / 60_000)} min`
      : `${number(ms / 3_600_000)} h`;

/** How many changes there are when, one line a machine and kind. */
export function pictureOf(changes: readonly AlertChange[], fromMs: number, toMs: number): string[] {
  const rows = new Map<string, number[]>();
  for (const { kind, alert } of changes) {
    const name = `${alert.machineId} ${alert.signal ?? ""} ${kind}`;
    const counts = rows.get(name) ?? new Array<number>(COLUMNS).fill(0);
    rows.set(name, counts);
    const share = (alert.time - fromMs) / Math.max(toMs - fromMs, 1);
    const column = Math.min(COLUMNS - 1, Math.max(0, Math.floor(share * COLUMNS)));
    counts[column] = (counts[column] ?? 0) + 1;
  }
  const most = Math.max(1, ...[...rows.values()].flat());
  const width = Math.max(0, ...[...rows.keys()].map((name) => name.length));
  const bar = (count: number): string =>
    count === 0 ? "·" : (BARS[Math.min(BARS.length - 1, Math.floor((count / most) * (BARS.length - 1)))] ?? "█");
  return [...rows].map(([name, counts]) => `${name.padEnd(width)} ${counts.map(bar).join("")}`);
}

function headline({ state, changes, same }: EnvironmentComparison): string {
  if (state === "unchanged") return "devices get the same as before";
  if (state === "added") return "is new; nothing to compare it with";
  if (state === "removed") return "is gone";
  const count = (kind: AlertChange["kind"]): number => changes.filter((change) => change.kind === kind).length;
  return `${number(count("new"))} alerts new, ${number(count("gone"))} gone, ${number(count("earlier"))} earlier, ${number(count("later"))} later, ${number(same)} the same`;
}

function effects({
  base,
  head,
}: EnvironmentComparison): { readonly name: string; readonly before: string; readonly after: string }[] {
  if (base === undefined || head === undefined) return [];
  const rows: [string, number | undefined, number | undefined][] = [
    ["ML module, episodes a day", base.alerts.detector?.alertsADay, head.alerts.detector?.alertsADay],
    ["Stream Analytics, rows a day", base.alerts.streamAnalytics?.alertsADay, head.alerts.streamAnalytics?.alertsADay],
    ...[...new Set([base, head].flatMap(({ downstream }) => Object.keys(downstream.mailsADay)))].map(
      (name): [string, number | undefined, number | undefined] => [
        `mails a day to ${name}`,
        base.downstream.mailsADay[name],
        head.downstream.mailsADay[name],
      ],
    ),
    ["workflow runs", base.downstream.workflowRuns, head.downstream.workflowRuns],
    ["metered messages a month", base.downstream.messages.meteredAMonth, head.downstream.messages.meteredAMonth],
  ];
  const shown = (value: number | undefined): string => (value === undefined ? "none" : number(value));
  const table = rows.map(([name, before, after]) => ({ name, before: shown(before), after: shown(after) }));
  const failures = [base.jobFailure, head.jobFailure].map((reason) => reason ?? "runs");
  return [...table, { name: "Stream Analytics job", before: failures[0] ?? "", after: failures[1] ?? "" }].filter(
    ({ before, after }) => before !== after,
  );
}

/** What the pictures span: the recording, or the changes themselves. */
const spanOf = ({ head, changes }: EnvironmentComparison): readonly [number, number] => [
  head?.data.from === undefined ? (changes[0]?.alert.time ?? 0) : Date.parse(head.data.from),
  head?.data.to === undefined ? (changes.at(-1)?.alert.time ?? 0) : Date.parse(head.data.to),
];

/** For a terminal; `lines` at most of each environment's changes. */
export function comparisonText(comparison: Comparison, lines = 200): string {
  const blocks = comparison.environments.map((environment) => {
    const runs = runsOf(environment.changes);
    const [from, to] = spanOf(environment);
    return [
      `${environment.environment}: ${headline(environment)}`,
      ...effects(environment).map(({ name, before, after }) => `  ${name}: ${before} -> ${after}`),
      ...(runs.length === 0 ? [] : pictureOf(environment.changes, from, to).map((line) => `  ${line}`)),
      ...runs.slice(0, lines).map((run) => `  ${runText(run)}`),
      ...(runs.length > lines ? [`  and ${number(runs.length - lines)} more (--json has all)`] : []),
      ...(environment.notCompared > 0 ? [`  ${number(environment.notCompared)} alerts were too many to compare`] : []),
    ].join("\n");
  });
  return [`${comparison.base} -> ${comparison.head} on ${comparison.data}`, ...blocks].join("\n");
}

/** For a comment on a pull request, at most {@link MAX_COMMENT} characters: what is left out is counted. */
export function comparisonMarkdown(comparison: Comparison, limit = MAX_COMMENT): string {
  const title = hasChanges(comparison) ? "Alerts change" : "Alerts do not change";
  const head = `### ${title}\n\n${code(comparison.base)} → ${code(comparison.head)}, replayed on ${code(comparison.data)}\n`;
  let text = head;
  for (const environment of comparison.environments) {
    const runs = runsOf(environment.changes);
    const [from, to] = spanOf(environment);
    const rows = effects(environment);
    const parts = [
      `\n#### ${plain(environment.environment)}: ${headline(environment)}\n`,
      rows.length === 0
        ? ""
        : `\n| | before | after |\n| --- | --- | --- |\n${rows.map(({ name, before, after }) => `| ${plain(name)} | ${plain(before)} | ${plain(after)} |`).join("\n")}\n`,
      runs.length === 0
        ? ""
        : `\n${fenced([`${minute(from)} to ${minute(to)} UTC`, ...pictureOf(environment.changes, from, to).slice(0, 40)])}\n`,
      environment.notCompared > 0 ? `\n${number(environment.notCompared)} alerts were too many to compare.\n` : "",
    ];
    for (const part of parts) if (text.length + part.length < limit - 400) text += part;
    const listed = runs.map((run) => `- ${plain(runText(run))}\n`);
    let shown = 0;
    text += listed.length > 0 ? "\n" : "";
    while (shown < listed.length && text.length + (listed[shown]?.length ?? 0) < limit - 400) {
      text += listed[shown] ?? "";
      shown += 1;
    }
    if (shown < listed.length)
      text += `\n${number(listed.length - shown)} more lines do not fit; the command prints them.\n`;
    if (text.length > limit - 300) break;
  }
  return text;
}

/** Names come from data and configuration: they must not be read as markup, mentions or links. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, " ").replace(/[\\`*_{}[\]<>()#+!|~@&]/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
const code = (text: string): string => `<code>${plain(text)}</code>`;
const fenced = (lines: readonly string[]): string =>
  `\`\`\`\n${lines.map((line) => line.replace(/[`\p{Cc}\p{Cf}]/gu, " ")).join("\n")}\n\`\`\``;
