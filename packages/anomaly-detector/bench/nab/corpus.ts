import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One labelled series of the Numenta Anomaly Benchmark. */
export interface Series {
  /** Path in the corpus, "realKnownCause/nyc_taxi.csv". */
  readonly name: string;
  readonly category: string;
  readonly timestamps: readonly string[];
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
  /** Anomaly windows as first and last index, both inside. */
  readonly windows: readonly (readonly [number, number])[];
}

/** The corpus's times name no zone; read as UTC they keep their distances and their hours of the day. */
function toMs(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19).replace(" ", "T")}Z`);
}

/** Reads the corpus in NAB's own layout: `data/CATEGORY/FILE.csv` and `labels/combined_windows.json`. */
export function readCorpus(root: string): Series[] {
  const labels = JSON.parse(readFileSync(join(root, "labels", "combined_windows.json"), "utf8")) as Readonly<
    Record<string, readonly (readonly [string, string])[]>
  >;
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, windows]) => {
      const rows = readFileSync(join(root, "data", name), "utf8")
        .trim()
        .split(/\r?\n/)
        .slice(1);
      const timestamps = rows.map((row) => row.slice(0, row.indexOf(",")));
      const timesMs = timestamps.map(toMs);
      const indexOf = (timestamp: string): number => {
        const index = timesMs.indexOf(toMs(timestamp));
        if (index < 0) throw new Error(`${name}: no row at ${timestamp}, which its labels name`);
        return index;
      };
      return {
        name,
        category: name.slice(0, name.indexOf("/")),
        timestamps,
        timesMs,
        values: rows.map((row) => Number(row.slice(row.indexOf(",") + 1))),
        windows: windows.map(([from, to]) => [indexOf(from), indexOf(to)] as const),
      };
    });
}
