import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join, relative } from "node:path";
import { DataError } from "../data/faults";
import type { RehearsalInput } from "../input";
import { labelsFileOf, readLabels } from "../replay/labels";
import { type ReplayResult, replayFile } from "../replay/run";
import { sensitivityOf } from "../replay/sensitivity";
import { reportHtml } from "../report/html";
import { summaryText } from "../report/text";
import { replayOptions, type Values } from "./options";

/** Where a command writes. */
export interface Terminal {
  readonly out: (text: string) => void;
  /** Progress and errors. */
  readonly error: (text: string) => void;
}

/**
 * `rehearse --data FILE`: replays a file and writes what came of it.
 *
 * @returns the exit status: 0 replayed, 1 the data or the deployment cannot be replayed
 */
export async function replayCommand(input: RehearsalInput, values: Values, terminal: Terminal): Promise<number> {
  const file = String(values.data);
  const folder = typeof values.out === "string" ? values.out : undefined;
  const started = performance.now();
  const abort = new AbortController();
  const stop = (): void => {
    abort.abort();
  };
  process.once("SIGINT", stop);
  try {
    const options = replayOptions(values);
    const labelsFile = typeof values.labels === "string" ? values.labels : labelsFileOf(file);
    const labels = labelsFile === undefined ? undefined : readLabels(labelsFile, file, options.timeZone);
    if (labels === undefined && values.sensitivity === true) {
      throw new DataError("--sensitivity counts known failures that are found: name them with --labels FILE");
    }
    if (labelsFile !== undefined && values.labels === undefined) {
      terminal.error(`Known failures are read from ${relative(process.cwd(), labelsFile)}.`);
    }
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    const verdicts = folder === undefined ? undefined : createWriteStream(join(folder, "verdicts.ndjson"));
    const replayed = await replayFile(file, input, {
      ...options,
      ...(labels && { labels }),
      ...(verdicts && { verdicts }),
      signal: abort.signal,
      onProgress: (rows, alerts) => {
        terminal.error(`${rows.toLocaleString("en")} rows, ${alerts.toLocaleString("en")} alerts`);
      },
    });
    const sensitivity =
      values.sensitivity === true && labels !== undefined
        ? await sensitivityOf(file, input, {
            ...options,
            labels,
            signal: abort.signal,
            onVariant: (done, of) => {
              terminal.error(`setting ${done} of ${of}`);
            },
          })
        : undefined;
    const result = sensitivity ? { ...replayed, summary: { ...replayed.summary, sensitivity } } : replayed;
    if (verdicts !== undefined) {
      verdicts.end();
      await once(verdicts, "finish");
    }
    if (folder !== undefined) writeReports(folder, result);
    terminal.out(values.json === true ? JSON.stringify(result.summary, undefined, 2) : summaryText(result));
    if (values.json !== true) {
      const seconds = (performance.now() - started) / 1000;
      const where = folder === undefined ? "" : `; report.html, summary.json and verdicts.ndjson are in ${folder}`;
      terminal.out(`Replayed in ${seconds.toFixed(1)} s${where}`);
    }
    return 0;
  } catch (error) {
    terminal.error(error instanceof DataError ? `${file}: ${error.message}` : reasonOf(error));
    return 1;
  } finally {
    process.off("SIGINT", stop);
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function writeReports(folder: string, result: ReplayResult): void {
  writeFileSync(join(folder, "summary.json"), `${JSON.stringify(result.summary, undefined, 2)}\n`);
  writeFileSync(join(folder, "report.html"), reportHtml(result));
}
