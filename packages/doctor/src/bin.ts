import { readFileSync, writeFileSync } from "node:fs";
import { isObject, readArguments, runCommand } from "@edge-anomaly-detection/common";
import { examine } from "./examine";
import type { Expectations } from "./expectations";
import { renderMarkdown, renderReport } from "./render";
import { signIn } from "./sign-in";

const HELP = `Examines a deployed environment, for pipelines: what is expected is read from a file, and nothing of the configuration.

  doctor.js EXPECTED.json [--markdown FILE]
      EXPECTED.json is what \`npm run -s doctor -- ENV --expectations\` printed; FILE gets the report for a job's summary.

Exit status: 0 healthy; 1 invalid arguments; 2 findings, or not everything could be checked; 3 broken.`;

const STATUS = { healthy: 0, findings: 2, broken: 3 } as const;

/** Runs the command; returns its exit status. */
export async function doctorForPipelines(args: readonly string[]): Promise<number> {
  const { words, flags, values, invalid } = readArguments(args, ["--help", "-h"], ["--markdown"]);
  const [file, more] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined || file === undefined || more !== undefined) {
    console.error(`${invalid ?? "name one file"}\n\n${HELP}`);
    return 1;
  }
  const expected: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(expected) || typeof expected.environment !== "string") {
    console.error(`${file} is not what --expectations prints`);
    return 1;
  }
  const given = expected as unknown as Expectations;
  const subscriptionId = given.subscriptionId ?? process.env.ARM_SUBSCRIPTION_ID;
  const report = await examine({
    expected: { ...given, ...(subscriptionId !== undefined && { subscriptionId }) },
    tokenFor: signIn(),
    phase: "after",
  });
  console.log(renderReport(report, process.stdout));
  const markdown = values.get("--markdown");
  if (markdown !== undefined) {
    writeFileSync(markdown, `${renderMarkdown(report)}\n`);
  }
  return STATUS[report.verdict];
}

if (require.main === module) {
  runCommand(() => doctorForPipelines(process.argv.slice(2)));
}
