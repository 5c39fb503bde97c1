import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type Comparison, COMPARISON_VERSION, compareInputs, hasChanges } from "../compare/comparison";
import { comparisonMarkdown, comparisonText, MAX_COMMENT } from "../compare/render";
import { inputsOf } from "../compare/sources";
import { DataError } from "../data/faults";
import { replayOptions, type Values } from "./options";
import { reasonOf, type Terminal } from "./replay-command";

/** Options beside those of the data, for `parseArgs`. */
export const COMPARE_OPTIONS = {
  tolerance: { type: "string" },
  limit: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean" },
  markdown: { type: "boolean" },
} as const;

/**
 * `rehearse compare BASE HEAD [ENV [DEVICE]] --data FILE`.
 *
 * @param root folder of the repository
 * @returns the exit status: 0 no change, 2 changes, 1 error
 */
export async function compareCommand(
  words: readonly string[],
  values: Values,
  root: string,
  terminal: Terminal,
): Promise<number> {
  try {
    const [base, head, ...rest] = words;
    if (base === undefined || head === undefined || typeof values.data !== "string") {
      throw new DataError("compare takes two revisions or folders and --data FILE");
    }
    const tolerance = values.tolerance === undefined ? undefined : Number(values.tolerance);
    if (tolerance !== undefined && !(tolerance >= 0 && Number.isFinite(tolerance))) {
      throw new DataError(`--tolerance is ${String(values.tolerance)}; allowed: seconds, 0 or more`);
    }
    const limit = values.limit === undefined ? MAX_COMMENT : Number(values.limit);
    if (!(limit >= 2_000 && limit <= MAX_COMMENT)) {
      throw new DataError(`--limit is ${String(values.limit)}; allowed: 2000 to ${MAX_COMMENT} characters`);
    }
    const options = replayOptions(values);
    const [before, after] = [base, head].map((source) => inputsOf(source, root, rest));
    const comparison: Comparison = {
      version: COMPARISON_VERSION,
      base,
      head,
      data: basename(values.data),
      environments: await compareInputs(before ?? [], after ?? [], values.data, {
        ...options,
        ...(tolerance !== undefined && { toleranceSeconds: tolerance }),
        onProgress: (rows) => {
          terminal.error(`${rows.toLocaleString("en")} rows`);
        },
      }),
    };
    const text =
      values.json === true
        ? JSON.stringify(comparison, undefined, 2)
        : values.markdown === true
          ? comparisonMarkdown(comparison, limit)
          : comparisonText(comparison);
    if (typeof values.out === "string") writeFileSync(values.out, `${text.trimEnd()}\n`);
    terminal.out(text);
    return hasChanges(comparison) ? 2 : 0;
  } catch (error) {
    terminal.error(reasonOf(error));
    return 1;
  }
}
