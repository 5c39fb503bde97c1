import { coloured, visible } from "@edge-anomaly-detection/common";
import type { Finding, Report } from "./finding";
import type { ProbeStep } from "./probe";

const COLOURS = { healthy: "green", findings: "yellow", broken: "red" } as const;

/** The verdict in words, and whether every check was made. */
function headlineOf({ verdict, findings, notChecked }: Report): string {
  const found = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  const words = verdict === "findings" ? (findings.length === 0 ? [] : [found]) : [verdict];
  return [...words, ...(notChecked.length === 0 ? [] : ["not fully checked"])].join(", ");
}

/** A report as a terminal shows it; a healthy one is a line and the facts. */
export function renderReport(report: Report, stream: NodeJS.WriteStream): string {
  const { findings, notChecked, facts, checks, requests, seconds, environment, deployed } = report;
  const counts = `${checks} checks, ${requests} requests, ${seconds.toFixed(1)} s`;
  const state = deployed === false ? ", not deployed yet" : "";
  const width = Math.max(0, ...facts.map(({ what }) => what.length));
  return [
    `${visible(environment)}: ${coloured(headlineOf(report), COLOURS[report.verdict], stream)}${state} (${counts})`,
    ...facts.map(({ what, value }) => `  ${what.padEnd(width)}  ${visible(value)}`),
    ...findings.map((one) => renderFinding(one, stream)),
    ...notChecked.map(
      ({ reason, checks: ids }) =>
        `${coloured("not checked", "yellow", stream)}: ${visible(reason)} (${ids.length} ${ids.length === 1 ? "check" : "checks"})`,
    ),
  ].join("\n");
}

/** A report for the summary of a pipeline; nothing in it is a link or an image. */
export function renderMarkdown(report: Report): string {
  const { environment, findings, notChecked, facts, checks, requests } = report;
  const cell = (text: string): string =>
    visible(text).replaceAll(/[\\|`<>[\]*_!&#]/g, (character) => `&#${character.charCodeAt(0)};`);
  return [
    `## Doctor: ${cell(environment)}: ${headlineOf(report)}`,
    "",
    `${checks} checks, ${requests} requests.${facts.map(({ what, value }) => ` ${cell(what)}: ${cell(value)}.`).join("")}`,
    "",
    ...(findings.length === 0
      ? []
      : [
          "| | what | since | why it matters | what to do |",
          "| --- | --- | --- | --- | --- |",
          ...findings.map(
            ({ level, check, subject, what, since = "", why, remedy, page }) =>
              `| ${level} | ${cell(`${check}: ${subject}: ${what}`)} | ${cell(since)} | ${cell(why)} | ${cell(`${remedy} (${page})`)} |`,
          ),
          "",
        ]),
    ...notChecked.map(({ reason, checks: ids }) => `- not checked: ${cell(reason)} (${cell(ids.join(", "))})`),
  ].join("\n");
}

/** A step of a probe on one line. */
export function renderStep({ place, state, seconds, note }: ProbeStep, stream: NodeJS.WriteStream): string {
  const word = coloured(state, { arrived: "green", missing: "red", skipped: "yellow" }[state] as "green", stream);
  const when = seconds === undefined ? "" : ` after ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `  ${place.padEnd(8)}  ${word}${when}${note === undefined ? "" : ` (${visible(note)})`}`;
}

function renderFinding(
  { check, level, subject, what, since, why, remedy, page }: Finding,
  stream: NodeJS.WriteStream,
): string {
  const when = since === undefined ? "" : `, since ${since.slice(0, 16).replace("T", " ")} UTC`;
  return [
    `${coloured(level, level === "broken" ? "red" : "yellow", stream)} ${check}: ${visible(subject)}: ${visible(what)}${when}`,
    `    why: ${why}`,
    `    do:  ${visible(remedy)}`,
    `    see: ${page}`,
  ].join("\n");
}
