import type { Readable } from "node:stream";
import { parse } from "csv-parse";
import { LIMITS } from "@edge-anomaly-detection/detector-contract";
import { readLines } from "../lines";
import { messageOf } from "../log";
import { parseTime, type TimeUnit } from "../time";

/** One message of a recording, or why a line is none. */
export type Item =
  { readonly line: number; readonly message: unknown } | { readonly line: number; readonly reason: string };

export type Format = "ndjson" | "csv";

/** Text before the first line, to see what a recording is. */
const PEEKED = 4096;

/** What a recording is, by its beginning: a line of JSON begins with a brace. */
export function formatOf(start: string): Format {
  return /^\uFEFF?\s*([{[]|$)/.test(start) || /^\s*\{/m.test(start) ? "ndjson" : "csv";
}

/** Reads the beginning of a stream; the stream then gives all of it again. */
export async function* peek(input: Readable, onStart: (start: string) => void): AsyncGenerator<Buffer> {
  const held: Buffer[] = [];
  let bytes = 0;
  let isOpen = true;
  for await (const chunk of input) {
    const buffer = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    if (!isOpen) {
      yield buffer;
      continue;
    }
    held.push(buffer);
    bytes += buffer.length;
    if (bytes < PEEKED) continue;
    isOpen = false;
    onStart(Buffer.concat(held).toString("utf8"));
    yield* held;
  }
  if (!isOpen) return;
  onStart(Buffer.concat(held).toString("utf8"));
  yield* held;
}

/** One JSON document a line. */
export async function* readNdjson(input: Readable): AsyncGenerator<Item> {
  for await (const line of readLines(input, LIMITS.messageBytes.max)) {
    if (!line.ok) {
      const reason = `line has ${line.bytes} bytes; at most ${LIMITS.messageBytes.max} are taken`;
      yield { line: line.number, reason };
      continue;
    }
    if (line.text.trim() === "") continue;
    try {
      yield { line: line.number, message: JSON.parse(line.text) as unknown };
    } catch {
      yield { line: line.number, reason: "message is no JSON" };
    }
  }
}

/** Columns of a CSV file as a configuration: which hold signals, and which the time. */
export interface Columns {
  readonly signals: Readonly<Record<string, string>>;
  readonly timePath: string;
  readonly timeUnit: TimeUnit;
}

/**
 * Rows of a CSV file with a header, as messages: a column `machine.temperature` is a key in an object. Numbers and empty
 * cells are told from texts. `onHeader` is given the header and the first row before the first message.
 */
export async function* readCsv(
  input: Readable,
  onHeader: (header: readonly string[], first: Readonly<Record<string, unknown>>) => void,
): AsyncGenerator<Item> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) =>
      header.map((name, index) => (name.trim() === "" ? `column${index + 1}` : name.trim())),
    delimiter: [",", ";", "\t"],
    info: true,
    max_record_size: LIMITS.messageBytes.max,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  input.on("error", (error) => parser.destroy(error));
  input.pipe(parser);
  let isFirst = true;
  try {
    for await (const each of parser) {
      const { record, info } = each as { record: Record<string, string>; info: { lines: number } };
      const cells = Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, toValue(cell)]));
      if (isFirst) onHeader(Object.keys(cells), cells);
      isFirst = false;
      yield { line: info.lines, message: nest(cells) };
    }
  } catch (error) {
    throw new Error(`the CSV file cannot be read: ${messageOf(error)}`);
  }
}

function toValue(cell: string): unknown {
  if (cell === "" || /^(nan|null|na|n\/a)$/i.test(cell)) return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : cell;
}

function nest(cells: Readonly<Record<string, unknown>>): unknown {
  const message: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(cells)) {
    const keys = name.split(".");
    let at = message;
    for (const key of keys.slice(0, -1)) {
      const below = at[key];
      at = (typeof below === "object" && below !== null ? below : (at[key] = Object.create(null))) as Record<
        string,
        unknown
      >;
    }
    at[keys.at(-1) ?? name] = value;
  }
  return message;
}

const TIME_NAMES = /^(time|timestamp|timecreated|datetime|date|ts|t)$/i;

/** The unit in which a cell is a time, if it is one. */
function timeUnitOf(cell: unknown): TimeUnit | undefined {
  if (parseTime(cell, { unit: "milliseconds", assumeUtc: true }).ok) return "milliseconds";
  // A small number is a time in seconds by its value, and more likely a count.
  return typeof cell === "number" && cell >= 1e8 && parseTime(cell, { unit: "seconds" }).ok ? "seconds" : undefined;
}

/**
 * Guesses a configuration from a header and the first row, for recordings of which nothing is configured: every column
 * of numbers is a signal, but for the time.
 */
export function columnsOf(header: readonly string[], first: Readonly<Record<string, unknown>>): Columns | undefined {
  const time =
    header.find((name) => TIME_NAMES.test(name) && timeUnitOf(first[name])) ??
    header.find((name) => typeof first[name] === "string" && timeUnitOf(first[name]));
  const signals: Record<string, string> = {};
  for (const name of header) {
    if (name === time || typeof first[name] !== "number" || /\s|^\.|\.\.|\.$/.test(name)) continue;
    const short = name
      .replace(/\W/g, "_")
      .replace(/^(?![A-Za-z])/, "s_")
      .slice(0, 40);
    if (Object.keys(signals).length < LIMITS.signals.max && !(short in Object.prototype)) signals[short] ??= name;
  }
  if (Object.keys(signals).length === 0) return undefined;
  return { signals, timePath: time ?? "time", timeUnit: timeUnitOf(first[time ?? ""]) ?? "milliseconds" };
}
