import type { Report } from "../report/report";
import { summaryOf } from "../report/summary";

/** Version of the form of the JSON; a program that reads it asks for this. It grows when something is renamed or taken away. */
export const JSON_VERSION = 2;

/** A report for programs: `{ "version": 2, "summary": … }`, and then as `Report` says. Ends in a newline. */
export function renderJson(report: Report): string {
  return `${JSON.stringify({ version: JSON_VERSION, summary: summaryOf(report), ...report }, undefined, 2)}\n`;
}
