import type { LiveSummary } from "../live/summary";
import type { Collected } from "../replay/collector";
import { documentOf, episodesOf, figuresOf, table } from "./html";
import { escaped } from "./svg";
import { bytes, number } from "./text";

/** What a live rehearsal came to, as a page that needs nothing but itself. */
export function liveReportHtml(summary: LiveSummary, collected: Collected): string {
  const { cloud, alerts, spikes, latencyMs, lost, waiting } = summary;
  const title = `Rehearsal of ${summary.deviceId} (${summary.environment})`;
  const factor = number(summary.timeFactor);
  const facts: (readonly [string, string])[] = [
    ["Real seconds", number(summary.seconds)],
    ["Times as fast as real time", factor],
    ["Machines", summary.machines.join(", ")],
    ["Sensor messages sent", number(summary.sent)],
    ["Sensor messages accepted by the edge hub", number(summary.accepted)],
    ["Messages of all modules", number(summary.messages)],
    ["Messages in the cloud", number(cloud.messages)],
    ["Their size", bytes(cloud.bytes)],
    ["Messages repeated to the cloud", number(cloud.repeated)],
    ["Alerts of the ML module", `${number(alerts.detector.opened)} opened, ${number(alerts.detector.closed)} closed`],
    ["Rows of the Stream Analytics job", number(alerts.streamAnalytics.opened)],
    ["Spikes", `${number(spikes.sent)} sent, ${number(spikes.alerted)} alerted`],
    ...(latencyMs === undefined
      ? []
      : [["Sensor to alert", `p50 ${number(latencyMs.p50)} ms, p99 ${number(latencyMs.p99)} ms`] as const]),
  ];
  const counts = (values: Readonly<Record<string, number>>): string[][] =>
    Object.entries(values).map(([name, count]) => [name, number(count)]);
  return documentOf(title, [
    `<p>Times are the plant's, ${factor} times as fast as real time.</p>`,
    `<ul>${summary.notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul>`,
    table("Figures", ["What", "Value"], facts),
    `<h2>Lost</h2>${table("Lost messages", ["Reason", "Messages"], counts(lost))}`,
    `<h2>Waiting at the end</h2>${table("Waiting messages", ["For", "Messages"], counts(waiting))}`,
    `<h2>Signals</h2>${figuresOf(collected)}`,
    episodesOf(collected.alerts),
  ]);
}
