import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../environments/validation/load";
import { type ConfigurationWarning, configurationWarnings } from "../../environments/validation/warnings";
import type { PolicyFinding, PolicyReport, RuleCount } from "../../constructs/policy/evaluate";
import { placeOf, Policy, sentenceOf } from "../../constructs/policy/policy";
import { RULES } from "../../constructs/policy/rules";
import { BOOTSTRAP } from "../../environments/validation/bootstrap-problems";
import { type AppConfiguration, buildApp } from "../app";
import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import { coloured, readArguments, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Says what the rules in constructs/policy find in the stacks, whether synth would stop or not, and warns of what in the
configuration is likely not meant: placeholders, environments that are in no index, more messages than the hub takes, missing
provider lock files.

  npm run -s policy [-- STACK...]  a table of rules and stacks, findings, exceptions and their reasons
  npm run -s policy -- --json      the same as JSON
  npm run -s policy -- --markdown  the same for a pull request
  npm run -s policy -- --rules     the rules: what must hold, why, and their names in checkov and PSRule;
                                   with --json or --markdown in that form
  npm run -s policy -- --strict-placeholders [STACK...]
                                   end with 3 where a placeholder remains in what these stacks are made of: the check before
                                   a plan or a deployment
  npm run -s policy -- --help      print this

Exit status: 0 no errors (warnings and exceptions are none), 1 errors or an invalid configuration, 2 invalid arguments,
3 no errors, but placeholders with --strict-placeholders.
NO_COLOR switches colours off; they are used on a terminal only.`;

/** What the command reports on. */
export interface PolicyInput extends AppConfiguration {
  readonly warnings: readonly ConfigurationWarning[];
}

const FLAGS = ["--json", "--markdown", "--rules", "--strict-placeholders", "--help", "-h"];

/**
 * Runs the command; returns its exit status.
 *
 * @param read what to report on; called only where the arguments are valid
 */
export function policy(args: readonly string[], read: () => PolicyInput): number {
  const { words, flags, invalid } = readArguments(args, FLAGS, []);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined) {
    return unusable(invalid);
  }
  if (flags.has("--json") && flags.has("--markdown")) {
    return unusable("choose --json or --markdown");
  }
  const form = flags.has("--json") ? "json" : flags.has("--markdown") ? "markdown" : "text";
  if (flags.has("--rules")) {
    console.log(RULE_FORMS[form]());
    return 0;
  }
  const input = read();
  const names = [...input.environments.map(({ name }) => name), ...(input.bootstrap === undefined ? [] : [BOOTSTRAP])];
  const stranger = words.find((word) => !names.includes(word));
  if (stranger !== undefined) {
    return unusable(`no stack ${stranger}; there are ${names.join(", ")}`);
  }
  const isChosen = (name: string): boolean => words.length === 0 || words.includes(name);
  const reports = [...chosenReports(input, isChosen), ...configurationReports(input.warnings, isChosen)];
  console.log(REPORT_FORMS[form](reports));
  if (openFindings(reports, "error").length > 0) {
    return 1;
  }
  const isStrict = flags.has("--strict-placeholders");
  return isStrict && openFindings(reports, "warning").some(({ finding }) => finding.rule === "placeholder") ? 3 : 0;
}

function chosenReports(input: PolicyInput, isChosen: (stack: string) => boolean): PolicyReport[] {
  // What the bootstrap allows is made of every environment's stack.
  const isWhole = input.bootstrap !== undefined && isChosen(BOOTSTRAP);
  const environments = isWhole ? input.environments : input.environments.filter(({ name }) => isChosen(name));
  const { bootstrap, ...others } = input;
  return reportsOn({ ...others, environments, ...(isWhole && bootstrap !== undefined && { bootstrap }) }).filter(
    ({ stack }) => isChosen(stack),
  );
}

/** Warnings of the configuration as a report without rules, where there are any. */
function configurationReports(
  warnings: readonly ConfigurationWarning[],
  isChosen: (stack: string) => boolean,
): PolicyReport[] {
  const findings = warnings
    .filter(({ owner }) => ["organization", "repository"].includes(owner) || isChosen(owner))
    .map(({ file, ...warning }): PolicyFinding => ({ ...warning, level: "warning", resource: file }));
  return findings.length === 0 ? [] : [{ stack: CONFIGURATION, rules: [], findings, notJudged: [] }];
}

/** Name of the report on the configuration itself. */
const CONFIGURATION = "configuration";
const stacksIn = (reports: readonly PolicyReport[]): PolicyReport[] =>
  reports.filter(({ stack }) => stack !== CONFIGURATION);

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

/** What the rules say of environments, in their order, and of the bootstrap. Nothing is written. */
export function reportsOn(configuration: AppConfiguration): PolicyReport[] {
  const outdir = mkdtempSync(join(tmpdir(), "policy-"));
  try {
    return withoutTokenTraces(() => {
      const built = buildApp(configuration, { outdir });
      const others = built.bootstrap === undefined ? [] : [built.bootstrap];
      return [...built.environments, ...others].map((stack) => Policy.report(stack));
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Placed {
  readonly stack: string;
  readonly finding: PolicyFinding;
}

function openFindings(reports: readonly PolicyReport[], level: PolicyFinding["level"]): Placed[] {
  return reports.flatMap(({ stack, findings }) =>
    findings
      .filter((finding) => finding.level === level && finding.exception === undefined)
      .map((finding) => ({ stack, finding })),
  );
}

const RULE_FORMS = {
  text: () =>
    RULES.map(({ id, level, what, why, checkov, psrule }) =>
      [
        `${id} (${level})`,
        `  ${what}`,
        `  why:     ${why}`,
        ...(checkov.length > 0 ? [`  checkov: ${checkov.join(", ")}`] : []),
        ...(psrule.length > 0 ? [`  PSRule:  ${psrule.join(", ")}`] : []),
      ].join("\n"),
    ).join("\n"),
  json: () => JSON.stringify(RULES, ["id", "level", "what", "why", "checkov", "psrule"], 2),
  markdown: () =>
    markdownTable([
      ["rule", "level", "what must hold", "why", "checkov", "PSRule"],
      ...RULES.map(({ id, level, what, why, checkov, psrule }) => [
        `\`${id}\``,
        level,
        what,
        why,
        checkov.join(", "),
        psrule.join(", "),
      ]),
    ]),
} as const;

const REPORT_FORMS = {
  text: textReport,
  json: (reports: readonly PolicyReport[]) => JSON.stringify(reports, undefined, 2),
  markdown: markdownReport,
} as const;

function textReport(reports: readonly PolicyReport[]): string {
  const sections = [
    ...openFindings(reports, "error").map((placed) => `${coloured("error", "red", process.stdout)}: ${line(placed)}`),
    ...openFindings(reports, "warning").map(
      (placed) => `${coloured("warning", "yellow", process.stdout)}: ${line(placed)}`,
    ),
    ...suppressedIn(reports).map(
      ({ where, rule, reason, places }) =>
        `suppressed in ${where}: ${rule}: ${reason}\n${places.map((place) => `  ${place}`).join("\n")}`,
    ),
    ...unknownIn(reports).map((text) => `unknown until apply: ${text}`),
  ];
  return [textTable(counts(reports)), ...sections, total(reports)].join("\n");
}

function markdownReport(reports: readonly PolicyReport[]): string {
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`### ${title}`, "", ...items.map((item) => `- ${item}`), ""];
  const table = [markdownTable(counts(reports)), ""];
  return [
    "## Rules",
    "",
    total(reports),
    "",
    ...list("Errors", openFindings(reports, "error").map(line)),
    ...list("Warnings", openFindings(reports, "warning").map(line)),
    ...list(
      "Suppressed",
      suppressedIn(reports).map(
        ({ where, rule, reason, places }) => `${where}: \`${rule}\`: ${reason} (${places.join(", ")})`,
      ),
    ),
    ...list("Unknown until apply", unknownIn(reports)),
    "<details><summary>Every rule</summary>",
    "",
    ...table,
    "</details>",
  ].join("\n");
}

const line = ({ stack, finding }: Placed): string => `${stack}: ${sentenceOf(finding)}`;

/** Suppressed findings; those with the same reason together. */
function suppressedIn(
  reports: readonly PolicyReport[],
): { where: string; rule: string; reason: string; places: string[] }[] {
  const byReason = new Map<string, { where: string; rule: string; reason: string; places: string[] }>();
  for (const { stack, findings } of reports) {
    for (const { rule, resource, path, exception } of findings) {
      if (exception !== undefined) {
        const key = JSON.stringify([stack, rule, exception.reason]);
        const where = exception.from === "configuration" ? stack : `${stack} by its construct`;
        const entry = byReason.get(key) ?? { where, rule, reason: exception.reason, places: [] };
        entry.places.push(placeOf(resource, path));
        byReason.set(key, entry);
      }
    }
  }
  return [...byReason.values()];
}

const unknownIn = (reports: readonly PolicyReport[]): string[] =>
  reports.flatMap(({ stack, notJudged }) =>
    notJudged.map(({ rule, resource, because }) => `${stack}: ${resource}: ${because} [${rule}]`),
  );

function total(reports: readonly PolicyReport[]): string {
  const suppressed = reports.flatMap(({ findings }) => findings.filter(({ exception }) => exception !== undefined));
  const [errors, warnings] = [openFindings(reports, "error").length, openFindings(reports, "warning").length];
  const count = stacksIn(reports).length;
  return `${RULES.length} rules, ${count} ${count === 1 ? "stack" : "stacks"}: ${errors} errors, ${warnings} warnings, ${suppressed.length} suppressed`;
}

/** One row for each rule; a cell counts the resources that the rule checked, by result. */
function counts(all: readonly PolicyReport[]): string[][] {
  const reports = stacksIn(all);
  return [
    ["rule", "level", ...reports.map(({ stack }) => stack)],
    ...RULES.map(({ id, level }) => [
      id,
      level,
      ...reports.map(({ rules }) => cell(rules.find(({ rule }) => rule === id))),
    ]),
  ];
}

function cell(count: RuleCount | undefined): string {
  const parts = [
    [count?.nonCompliant, "failed"],
    [count?.compliant, "passed"],
    [count?.excepted, "suppressed"],
    [count?.notJudged, "unknown until apply"],
  ] as const;
  const texts = parts.flatMap(([number = 0, word]) => (number > 0 ? [`${number} ${word}`] : []));
  return texts.length === 0 ? "-" : texts.join(", ");
}

function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function markdownTable([header = [], ...rows]: readonly (readonly string[])[]): string {
  const written = (row: readonly string[]): string =>
    `| ${row.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [written(header), written(header.map(() => "---")), ...rows.map(written)].join("\n");
}

if (require.main === module) {
  runCommand(() =>
    policy(process.argv.slice(2), () => {
      const loaded = loadConfiguration();
      return { ...loaded, warnings: configurationWarnings(loaded) };
    }),
  );
}
