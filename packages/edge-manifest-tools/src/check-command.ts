import { type FileReport, sarifOf } from "./check/sarif";
import { logText } from "./log-text";
import { checkFiles } from "./check-files";
import { coloured, visibleJson } from "@edge-anomaly-detection/common";

/**
 * Checks files and folders and prints what was found: text, or JSON with `--json`, or SARIF with `--sarif`.
 *
 * @returns the exit status: 1 where there are errors or unreadable files
 */
export function checkManifests(paths: readonly string[], flags: ReadonlySet<string>): number {
  const reports = checkFiles(paths);
  const all = reports.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === "error").length;
  const unreadable = reports.filter((report) => report.unreadable !== undefined).length;
  if (flags.has("--json") || flags.has("--sarif")) {
    const printed = flags.has("--sarif") ? sarifOf(reports) : reports;
    console.log(visibleJson(JSON.stringify(printed, undefined, 2)));
  } else {
    for (const report of reports) {
      show(report);
    }
    const trouble = unreadable === 0 ? "" : `${unreadable} unreadable, `;
    console.log(
      `${count(reports.length, "file")}: ${trouble}${count(errors, "error")}, ${count(all.length - errors, "warning")}`,
    );
  }
  return errors + unreadable > 0 ? 1 : 0;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function show({ file, unreadable, findings }: FileReport): void {
  const name = logText(file);
  if (unreadable !== undefined) {
    console.log(`${name}: ${coloured("error", "red", process.stdout)}: ${unreadable}`);
  }
  for (const { severity, pointer, problem, remedy, rule, region, excerpt = [] } of findings) {
    const word = coloured(severity, severity === "error" ? "red" : "yellow", process.stdout);
    const place = region === undefined ? name : `${name}:${region.startLine}:${region.startColumn}`;
    console.log(`${place}: ${word} at ${pointer === "" ? "the document" : logText(pointer)}\n  ${problem}`);
    for (const line of excerpt) {
      console.log(`    ${line}`);
    }
    console.log(`  do: ${remedy} [${rule}]`);
  }
}
