import type { ReplayResult } from "../replay/run";
import type { AlertCounts } from "../replay/summary";

export const number = (value: number, digits = 1): string =>
  value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 1 && value !== 0 ? digits + 1 : digits });
export const minute = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");
export const percent = (share: number): string => `${number(share * 100)} %`;
export const bytes = (count: number): string =>
  count < 1e3
    ? `${count} B`
    : count < 1e6
      ? `${number(count / 1e3)} kB`
      : count < 1e9
        ? `${number(count / 1e6)} MB`
        : `${number(count / 1e9)} GB`;

const SOURCES = { detector: "ML module", streamAnalytics: "Stream Analytics" } as const;

/** How many known failures each source found, beside what chance alone would find. */
export const foundTexts = ({ of, bySource }: NonNullable<ReplayResult["summary"]["labels"]>): string[] =>
  (["detector", "streamAnalytics"] as const).flatMap((source) => {
    const result = bySource[source];
    return result === undefined
      ? []
      : [
          `${SOURCES[source]}: ${result.found} of ${of} found; as many alerts at random times would find ${number(result.byChance)}`,
        ];
  });

export const SENSITIVITY_HEAD = ["Setting", "Alerts a day", "Found", "By chance"] as const;

/** What other settings would find: cells of a table; the device's own setting is marked. */
export const sensitivityCells = (
  rows: NonNullable<ReplayResult["summary"]["sensitivity"]>,
  failures: number,
): string[][] =>
  rows.map(({ source, setting, isConfigured, alertsADay, found, byChance }) => [
    `${SOURCES[source]}: ${setting}${isConfigured ? " (configured)" : ""}`,
    number(alertsADay),
    `${found} of ${failures}`,
    number(byChance),
  ]);

function sensitivityLines({ sensitivity, labels }: ReplayResult["summary"]): string[] {
  if (sensitivity === undefined) return [];
  const cells = [[...SENSITIVITY_HEAD], ...sensitivityCells(sensitivity, labels?.of ?? 0)];
  const widths = SENSITIVITY_HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return [
    "Other settings:",
    ...cells.map((row) =>
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
    ),
  ];
}

/** What people read in a terminal. */
export function summaryText({ summary, alertsCut }: ReplayResult): string {
  const { data, alerts, downstream, labels, notes, notDelivered, jobFailure } = summary;
  const { messages } = downstream;
  const mails = Object.entries(downstream.mailsADay);
  const source = (name: string, counts: AlertCounts | undefined): string[] =>
    counts === undefined
      ? []
      : [
          `  ${name}: ${number(counts.alerts)}, ${number(counts.alertsADay)} a day` +
            (counts.outsideLabelsADay === undefined
              ? ""
              : ` (${number(counts.outsideLabelsADay)} a day outside of known failures)`),
        ];
  return [
    `${summary.environment} ${summary.deviceId}: ${data.file}`,
    `${number(data.readings)} readings of ${number(data.rows)} rows, ${data.machines} ${data.machines === 1 ? "machine" : "machines"}, ` +
      `${data.from?.slice(0, 16) ?? ""} to ${data.to?.slice(0, 16) ?? ""} (${number(data.days)} days), a sample each ${number(data.intervalSeconds)} s`,
    ...notes.map((note) => `  ${note}`),
    ...(data.faults.length === 0 ? [] : ["Faults of the file:"]),
    ...data.faults.map(
      ({ count, meaning, firstLine, example }) =>
        `  ${number(count)} × ${meaning} (first in line ${firstLine}${example === undefined ? "" : `: ${example}`})`,
    ),
    "Alerts:",
    ...source("ML module, episodes", alerts.detector),
    ...source("Stream Analytics, rows", alerts.streamAnalytics),
    ...(alertsCut === 0 ? [] : [`  ${number(alertsCut)} of them are in verdicts.ndjson alone`]),
    ...(labels === undefined
      ? []
      : [
          "Known failures:",
          ...foundTexts(labels).map((text) => `  ${text}`),
          ...labels.failures.map(({ from, to, firstAlert }) => {
            const found = Object.entries(firstAlert).map(([name, time]) => `${name} ${minute(time)}`);
            return `  ${minute(from)} to ${minute(to)}: ${found.join(", ") || "not found"}`;
          }),
        ]),
    ...sensitivityLines(summary),
    "Downstream:",
    ...downstream.rules
      .filter(({ fired }) => fired > 0)
      .map(
        ({ rule, machine, fired, mails: sent }) =>
          `  ${rule}${machine === undefined ? "" : ` ${machine}`}: fired ${number(fired)} times, ${number(sent)} mails`,
      ),
    ...mails.map(([name, each]) => `  ${name}: ${number(each)} mails a day`),
    `  ${number(downstream.workflowRuns)} workflow runs of the anomaly feed`,
    `  ${bytes(downstream.bytes.toCloud)} to the cloud of ${bytes(downstream.bytes.raw)} that sensors sent; anomalies alone are ` +
      `${bytes(downstream.bytes.anomalies)}, ${percent(downstream.bytes.savedByAnomaliesOnly)} less`,
    `  ${number(messages.meteredAMonth)} metered messages a month; this device's share of the hub's quota is ${number(messages.shareAMonth)}` +
      (messages.daysOverQuota > 0 ? `; the quota was used up on ${messages.daysOverQuota} days` : ""),
    ...downstream.notEvaluated.map(({ rule, reason }) => `  not evaluated: ${rule}: ${reason}`),
    ...(notDelivered.noRoute > 0 ? [`${number(notDelivered.noRoute)} messages matched no route`] : []),
    ...Object.entries(notDelivered.refused).map(
      ([reason, count]) => `${number(count)} messages were not scored by the ML module: ${reason}`,
    ),
    ...(jobFailure === undefined ? [] : [`The Stream Analytics job stopped: ${jobFailure}`]),
  ].join("\n");
}
