import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
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

/**
 * Where the known failures of a data file stand if nobody says: `NAME-labels.json` beside it, or in the layout of the Numenta
 * Anomaly Benchmark `labels/combined_windows.json` beside the folder `data`. Undefined where there are none for it.
 */
export function labelsFileOf(dataFile: string): string | undefined {
  const file = resolve(dataFile);
  const own = file.replace(/(\.[a-z]+)(\.gz)?$/i, "-labels.json");
  if (own !== file && existsSync(own)) return own;
  const benchmark = join(dirname(file), "..", "..", "labels", "combined_windows.json");
  if (!existsSync(benchmark)) return undefined;
  const names = Object.keys(JSON.parse(readFileSync(benchmark, "utf8")) as Readonly<Record<string, unknown>>);
  return names.some((name) => file.replaceAll("\\", "/").endsWith(`/data/${name}`)) ? benchmark : undefined;
}
