import { parse } from "csv-parse";
import { Readable } from "node:stream";
import { type FaultLog } from "./faults";
import type { Text } from "./text";

/** A row of the file: a list of texts (CSV), or an object (NDJSON). */
export interface Row {
  readonly line: number;
  readonly fields: readonly string[] | Readonly<Record<string, unknown>>;
}

export type Format = { readonly kind: "csv"; readonly delimiter: string } | { readonly kind: "ndjson" };

const MAX_LINE = 1_048_576;
const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The format that the first lines show. */
export function formatOf(sample: string): Format {
  if (/^\s*[{[]/.test(sample)) return { kind: "ndjson" };
  const lines = sample
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .slice(0, 20);
  const [header = ""] = lines;
  // The header decides: decimal commas in the rows would look like separators.
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: outsideQuotes(header, delimiter) }));
  const best = counts.reduce((most, next) => (next.count > most.count ? next : most));
  return { kind: "csv", delimiter: best.delimiter };
}

function outsideQuotes(line: string, delimiter: string): number {
  return line.replace(/"[^"]*"/g, "").split(delimiter).length - 1;
}

export function rowsOf(text: Text["chunks"], format: Format, faults: FaultLog): AsyncIterable<Row> {
  return format.kind === "csv" ? csvRows(text, format.delimiter, faults) : jsonRows(text, faults);
}

async function* csvRows(text: AsyncIterable<string>, delimiter: string, faults: FaultLog): AsyncGenerator<Row> {
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_LINE,
    record_delimiter: ["\r\n", "\n", "\r"],
  });
  parser.on("skip", (error: { readonly code?: string; readonly lines?: number } | undefined) => {
    faults.add(error?.code === "CSV_MAX_RECORD_SIZE" ? "longLine" : "brokenQuotes", error?.lines ?? 1);
  });
  const source = Readable.from(text, { objectMode: true, highWaterMark: 2 });
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    yield { line: info.lines, fields: record };
  }
}

async function* jsonRows(text: AsyncIterable<string>, faults: FaultLog): AsyncGenerator<Row> {
  let rest = "";
  let line = 0;
  let tooLong = false;
  const read = function* (content: string): Generator<Row> {
    line += 1;
    if (tooLong || content.length > MAX_LINE) {
      faults.add("longLine", line);
      tooLong = false;
      return;
    }
    if (content.trim() === "") return;
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch {
      faults.add("notJson", line, content);
      return;
    }
    for (const each of (Array.isArray(value) ? value : [value]) as readonly unknown[]) {
      if (typeof each === "object" && each !== null && !Array.isArray(each))
        yield { line, fields: each as Readonly<Record<string, unknown>> };
      else faults.add("notJson", line, content);
    }
  };
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const content of lines) yield* read(content);
    if (rest.length > MAX_LINE) {
      tooLong = true;
      rest = "";
    }
  }
  if (rest !== "" || tooLong) yield* read(rest);
}
