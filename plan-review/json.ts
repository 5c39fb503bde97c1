import type { Report } from "./report";

/** Version of the form of the JSON; a program that reads it asks for this. It grows when something is renamed or taken away. */
export const JSON_VERSION = 1;

/** A report for programs: `{ "version": 1, … }`, and then as `Report` says. Ends in a newline. */
export function renderJson(report: Report): string {
  return `${JSON.stringify({ version: JSON_VERSION, ...report }, undefined, 2)}\n`;
}
