import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { ManifestFinding } from "./finding";
import type { Region } from "./read";
import { RULES, type RuleId } from "./rules";
import { logText } from "../log-text";

/** What was found in one file. */
export interface FileReport {
  /** Path as it was given, `-` for standard input. */
  readonly file: string;
  /** Why it could not be read. @default - it was */
  readonly unreadable?: string;
  readonly findings: readonly LocatedFinding[];
}

/** A finding with its place in the file. */
export interface LocatedFinding extends ManifestFinding {
  /** @default - the whole file */
  readonly region?: Region;
}

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const IDS = Object.keys(RULES) as RuleId[];

/**
 * Reports as SARIF 2.1.0, which code scanning reads (docs.oasis-open.org/sarif/sarif/v2.1.0).
 *
 * Paths are relative where they were given so; code scanning wants them relative to the repository.
 */
export function sarifOf(reports: readonly FileReport[]): object {
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "manifest", rules: IDS.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: reports.flatMap(resultsOf),
      },
    ],
  };
}

function ruleOf(id: RuleId): object {
  return { id, shortDescription: { text: RULES[id] }, help: { text: RULES[id] } };
}

function resultsOf({ file, unreadable, findings }: FileReport): object[] {
  return unreadable === undefined
    ? findings.map(({ severity, rule, problem, remedy, region }) =>
        resultOf(file, rule, severity, `${problem}; ${remedy}`, region),
      )
    : [resultOf(file, "unreadable", "error", unreadable)];
}

function resultOf(
  file: string,
  rule: RuleId,
  level: ManifestFinding["severity"],
  text: string,
  region: Region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
): object {
  return {
    ruleId: rule,
    ruleIndex: IDS.indexOf(rule),
    level,
    message: { text: logText(text) },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }],
  };
}

function uriOf(file: string): string {
  if (file === "-") {
    return "stdin";
  }
  return isAbsolute(file)
    ? pathToFileURL(file).href
    : file
        .replaceAll("\\", "/")
        .replace(/^(\.\/)+/, "")
        .split("/")
        .map(encodeURIComponent)
        .join("/");
}
