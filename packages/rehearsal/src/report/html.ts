import type { AlertEvent } from "../events";
import type { Collected } from "../replay/collector";
import type { ReplayResult } from "../replay/run";
import { escaped, pictureSvg } from "./svg";
import { bytes, foundTexts, minute, number, percent, SENSITIVITY_HEAD, sensitivityCells, summaryText } from "./text";

/** Alerts in the table; verdicts.ndjson has all. */
const MAX_ROWS = 500;

const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#57606a;--rule:#d0d7de;--line:#0550ae;--band:#54aeff55;--info:#0969da;--warning:#9a6700;--critical:#cf222e;--row:#6639ba}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--soft:#9aa4af;--rule:#30363d;--line:#79c0ff;--band:#1f6feb55;--info:#58a6ff;--warning:#d29922;--critical:#ff7b72;--row:#bc8cff}}
body{margin:0 auto;max-width:62rem;padding:1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin-bottom:.25rem}
svg{width:100%;height:auto;display:block}.frame{fill:none;stroke:var(--rule)}.line{fill:none;stroke:var(--line);stroke-width:1.2}.expected{fill:var(--band)}
.tick{fill:var(--soft);font:12px system-ui,sans-serif}.mark path{fill:none;stroke:currentColor;stroke-width:1.2}.mark .head{fill:currentColor}
.info{color:var(--info)}.warning{color:var(--warning)}.critical{color:var(--critical)}.row{color:var(--row)}
.scroll{overflow-x:auto}table{border-collapse:collapse}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
pre{white-space:pre-wrap;font-size:.85rem}.soft{color:var(--soft)}`;

const LEGEND =
  `<p class="soft">The band is what the ML module expects; triangles are its episodes (blue info, yellow warning, red critical), ` +
  `short strokes at the bottom are rows of the Stream Analytics job.</p>`;

/** A report that needs nothing but itself: no script, no other file. */
export function reportHtml(result: ReplayResult): string {
  const { summary, alerts } = result;
  const { data, downstream, labels } = summary;
  const title = `Replay of ${data.file} through ${summary.deviceId} (${summary.environment})`;
  const counts = [
    ...(summary.alerts.detector ? [["Episodes of the ML module", summary.alerts.detector] as const] : []),
    ...(summary.alerts.streamAnalytics
      ? [["Rows of the Stream Analytics job", summary.alerts.streamAnalytics] as const]
      : []),
  ].map(([name, { alerts: count, alertsADay }]) => [name, number(count), number(alertsADay)]);
  const rules = downstream.rules.map(({ rule, machine = "", fired, mails }) => [
    rule,
    machine,
    number(fired),
    number(mails),
  ]);
  return documentOf(title, [
    `<p>${number(data.readings)} readings, ${minute(Date.parse(data.from ?? ""))} to ${minute(Date.parse(data.to ?? ""))} UTC (${number(data.days)} days), ` +
      `a sample each ${number(data.intervalSeconds)} s.</p>`,
    `<ul>${summary.notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul>`,
    `<h2>Alerts</h2>${table("Alerts by source", ["Source", "Alerts", "A day"], counts)}`,
    labels === undefined
      ? ""
      : `<h2>Known failures</h2><ul>${foundTexts(labels)
          .map((text) => `<li>${escaped(text)}</li>`)
          .join("")}</ul>${table(
          "Known failures",
          ["From", "To", "First alert of the ML module", "First row of Stream Analytics"],
          labels.failures.map(({ from, to, firstAlert }) => [
            minute(from),
            minute(to),
            firstAlert.detector === undefined ? "none" : minute(firstAlert.detector),
            firstAlert.streamAnalytics === undefined ? "none" : minute(firstAlert.streamAnalytics),
          ]),
        )}`,
    summary.sensitivity === undefined
      ? ""
      : `<h2>Other settings</h2>${table("Other settings", SENSITIVITY_HEAD, sensitivityCells(summary.sensitivity, labels?.of ?? 0))}`,
    `<h2>Signals</h2>${figuresOf(result)}`,
    `<h2>Downstream</h2>${table("Rules of the hub", ["Rule", "Machine", "Fired", "Mails"], rules)}`,
    table(
      "Mails by receiver",
      ["Receiver", "Mails a day"],
      Object.entries(downstream.mailsADay).map(([name, mails]) => [name, number(mails)]),
    ),
    `<ul><li>${number(downstream.workflowRuns)} workflow runs of the anomaly feed</li>` +
      `<li>${bytes(downstream.bytes.raw)} sent by sensors, ${bytes(downstream.bytes.toCloud)} to the cloud; anomalies alone are ${bytes(downstream.bytes.anomalies)}, ` +
      `${percent(downstream.bytes.savedByAnomaliesOnly)} less</li>` +
      `<li>${number(downstream.messages.meteredAMonth)} metered messages a month; this device's share of the hub's quota is ${number(downstream.messages.shareAMonth)}</li>` +
      downstream.notEvaluated
        .map(({ rule, reason }) => `<li>Not evaluated: ${escaped(rule)}: ${escaped(reason)}</li>`)
        .join("") +
      `</ul>`,
    data.faults.length === 0
      ? ""
      : `<h2>Faults of the file</h2>${table(
          "Faults of the file",
          ["Rows", "What", "First in line", "Example"],
          data.faults.map(({ count, meaning, firstLine, example = "" }) => [
            number(count),
            meaning,
            String(firstLine),
            example,
          ]),
        )}`,
    episodesOf(alerts),
    `<h2>As text</h2><pre>${escaped(summaryText(result))}</pre>`,
  ]);
}

/** A whole page: no script, nothing from elsewhere. */
export function documentOf(title: string, parts: readonly string[]): string {
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(title)}</h1>`,
    ...parts,
    "</main></body></html>\n",
  ].join("\n");
}

/** Each signal with its alerts, and what the drawing means. */
export function figuresOf({ alerts, pictures, picturesCut }: Collected): string {
  const figures = pictures.map((picture, index) => {
    const own = alerts.filter(
      ({ machineId, signal }) =>
        machineId === picture.machineId && (signal?.split("+").includes(picture.signal) ?? true),
    );
    return (
      `<h3>${escaped(picture.machineId)}: ${escaped(picture.signal)}${picture.unit === undefined ? "" : ` (${escaped(picture.unit)})`}</h3>` +
      pictureSvg(picture, own, `picture-${index}`)
    );
  });
  const more = picturesCut === 0 ? "" : `<p>${picturesCut} more signals are not drawn.</p>`;
  return LEGEND + figures.join("") + more;
}

/** What the ML module found, as a table. */
export function episodesOf(alerts: readonly AlertEvent[]): string {
  const episodes = alerts.filter(({ source }) => source === "detector");
  const listed = episodes.slice(0, MAX_ROWS);
  const head = ["Time (UTC)", "Machine", "Signal", "Severity", "What"];
  return (
    `<h2>Episodes of the ML module</h2>${table("Episodes", head, listed.map(rowOf))}` +
    (episodes.length > listed.length
      ? `<p>${number(episodes.length - listed.length)} more are in verdicts.ndjson.</p>`
      : "")
  );
}

const rowOf = ({ time, machineId, signal = "", severity, message }: AlertEvent): string[] => [
  minute(time),
  machineId,
  signal,
  severity ?? "",
  message,
];

/** A table that can be scrolled by keyboard where it is wide. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `<p>None.</p>`;
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell) => `<td${/^[\d,.]+$/.test(cell) ? ' class="n"' : ""}>${escaped(cell)}</td>`).join("")}</tr>`,
  );
  return (
    `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><thead><tr>` +
    `${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`
  );
}
