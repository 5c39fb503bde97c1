import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { renderHtml } from "./render/html/html";
import { renderJson } from "./render/json";
import { DEFAULT_LIMIT, MIN_LIMIT, renderMarkdown } from "./render/markdown/markdown";
import { PlanFileError } from "./plan/read-plan";
import type { Report } from "./report/report";
import { reviewPlans } from "./review-plans";
import { SynthFolderError } from "./synth/stack";
import { reviewSynth } from "./synth/trees";
import { type Arguments, readArguments } from "@edge-anomaly-detection/common";

const HELP = `Reviews what Terraform plans would change, dangerous changes first.

  npm run -s review -- PLAN.json... [--markdown|--html|--json] [--out FILE] [--title TEXT] [--limit N]
      Reads one or more plans as \`terraform show -json PLAN\` writes them, of any Terraform project; "-" is standard input.
      --markdown   a comment for a pull request; this is the default
      --html       one page for a browser, which loads nothing: folds, filters, prints
      --json       for programs: { "version": 2, "summary", "verdict", "changes", … }
      --out FILE   write it to a file, not to standard output
      --title TEXT headline of the Markdown or the page
      --limit N    characters of the Markdown at most, ${MIN_LIMIT} or more, ${DEFAULT_LIMIT} without it
  npm run -s review -- --synth BASE_DIR HEAD_DIR
      The same without state and credentials, from two trees that \`npm run synth\` wrote: as the stacks are, and as they are
      to be. Folders are cdktf.out, its stacks, or one stack.
  npm run -s review -- --help

Sensitive values never stand in it, nor how long they are.
Exit status:
  0  nothing changes, and nothing else is to be looked at
  2  something changes, is invoked, is deferred or is not known here; a check does not pass; the plan is not complete
  3  something is dangerous: it destroys data or identities, gives wide access, removes a protection, or calls what destroys
  1  a plan could not be read (then nothing is written) or the arguments are invalid
Progress is written to standard error, for long plans and on a terminal only. There are no colours.`;

const STATUS: Readonly<Record<Report["verdict"], number>> = { nothing: 0, changes: 2, dangerous: 3 };

/** Runs the command; returns its exit status. */
export async function review(args: readonly string[]): Promise<number> {
  const given = readArguments(
    args,
    ["--synth", "--markdown", "--html", "--json", "--help", "-h"],
    ["--out", "--title", "--limit"],
  );
  if (given.flags.has("--help") || given.flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const mistake = mistakeIn(given);
  if (mistake !== undefined) {
    console.error(`${mistake}\n\n${HELP}`);
    return 1;
  }
  try {
    const [base = "", head = ""] = given.words;
    const report = given.flags.has("--synth") ? reviewSynth(base, head) : await reviewPlans(given.words, showProgress);
    clearProgress();
    write(render(report, given), given.values.get("--out"));
    return STATUS[report.verdict];
  } catch (error) {
    clearProgress();
    if (![PlanFileError, SynthFolderError, OutputError].some((kind) => error instanceof kind)) {
      // Its text may hold what the plan has in it.
      const kind = error instanceof Error ? error.constructor.name : "error";
      console.error(`the review failed (${kind}); please report this, with the command and the structure of the plan`);
      return 1;
    }
    console.error((error as Error).message);
    return 1;
  }
}

function mistakeIn({ words, flags, values, invalid }: Arguments): string | undefined {
  const limit = values.get("--limit");
  const files = words.map((word) => (word === "-" ? word : resolve(word)));
  const twice = words.find((_word, index) => files.indexOf(files[index] ?? "") !== index);
  const out = values.get("--out");
  const isSynth = flags.has("--synth");
  const mistakes: readonly (readonly [boolean, string])[] = [
    [invalid !== undefined, invalid ?? ""],
    [isSynth && words.length !== 2, "--synth takes two folders: the stacks as they are, and as they are to be"],
    [!isSynth && words.length === 0, "name at least one plan"],
    [!isSynth && twice !== undefined, `${twice ?? ""} is named twice`],
    [
      !isSynth && out !== undefined && files.includes(resolve(out)),
      "--out is one of the plans, which it would overwrite",
    ],
    [
      ["--markdown", "--html", "--json"].filter((form) => flags.has(form)).length > 1,
      "choose one of --markdown, --html and --json",
    ],
    [
      limit !== undefined && !(/^\d{1,9}$/.test(limit) && Number(limit) >= MIN_LIMIT),
      `--limit is ${MIN_LIMIT} or more`,
    ],
  ];
  return mistakes.find(([isWrong]) => isWrong)?.[1];
}

function render(report: Report, { flags, values }: Arguments): string {
  if (flags.has("--json")) {
    return renderJson(report);
  }
  const title = values.get("--title");
  const titled = title === undefined || title.trim() === "" ? {} : { title };
  return flags.has("--html")
    ? renderHtml(report, titled)
    : renderMarkdown(report, { limit: Number(values.get("--limit") ?? DEFAULT_LIMIT), ...titled });
}

/** The result could not be written. */
class OutputError extends Error {}

function write(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OutputError(`${file}: it cannot be written (${code ?? "unknown"}); check the folder and its permissions`);
  }
}

/** A plan of fewer bytes is read before anybody wonders. */
const LONG = 20_000_000;

let isShowing = false;

function showProgress(file: string, bytes: number): void {
  if (process.stderr.isTTY && bytes > LONG) {
    isShowing = true;
    process.stderr.write(`\r${file}: ${Math.floor(bytes / 1_000_000)} MB read`);
  }
}

function clearProgress(): void {
  if (isShowing) {
    process.stderr.write("\r\u001b[K");
  }
}
