import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { DataError } from "../data/faults";
import { timeReaderOf } from "../data/times";

/** A known failure. */
export interface Label {
  readonly from: number;
  readonly to: number;
}

/** How alerts fit known failures. */
export interface LabelResult extends Label {
  /** The first alert in it by source, or the episode of the ML module that was open when it began. */
  readonly firstAlert: Readonly<Partial<Record<"detector" | "streamAnalytics", number>>>;
}

/**
 * Known failures: a JSON list of pairs `[start, end]`, or an object with such lists by file, as the Numenta Anomaly
 * Benchmark has it. Times as in the data.
 */
export function readLabels(file: string, dataFile: string, timeZone: string | undefined): Label[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new DataError(`--labels ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const data = resolve(dataFile).replaceAll("\\", "/");
  const byFile: readonly (readonly [string, unknown])[] = Object.entries(
    (content ?? {}) as Readonly<Record<string, unknown>>,
  );
  const list: unknown = Array.isArray(content) ? content : byFile.find(([name]) => data.endsWith(`/${name}`))?.[1];
  if (!Array.isArray(list)) throw new DataError(`--labels ${file} has nothing for ${basename(dataFile)}`);
  return list.map((pair: unknown) => {
    const [from, to] = (Array.isArray(pair) ? pair : []).map((time) => {
      const text = String(time);
      return timeReaderOf([text], timeZone === undefined ? {} : { timeZone }).read(text)?.timeMs;
    });
    if (from === undefined || to === undefined || to < from) {
      throw new DataError(`--labels ${file}: ${JSON.stringify(pair)} is no pair [start, end]`);
    }
    return { from, to };
  });
}
