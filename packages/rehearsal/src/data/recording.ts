import type { RehearsalInput } from "../input";
import { type ColumnOptions, columnsOf } from "./columns";
import { DataError, type Fault, FaultLog } from "./faults";
import type { DecimalMark } from "./numbers";
import { isNewestFirst, oldestFirst } from "./newest-first";
import { ReadingOrder, type RecordedReading } from "./order";
import { asList, RowReader } from "./row-reader";
import { type Format, formatOf, type Row, rowsOf } from "./rows";
import { openText } from "./text";
import type { TimeOptions } from "./times";

export interface RecordingOptions extends ColumnOptions, TimeOptions {
  /** @default - recognised */
  readonly decimal?: DecimalMark;
  /** Field separator of CSV. @default - recognised */
  readonly delimiter?: string;
}

/** A file with recorded measurements. */
export interface Recording {
  /** What was recognised and assumed, sentences for people. */
  readonly notes: readonly string[];
  /** Usual seconds between two readings of a machine; undefined where there are too few. */
  readonly intervalSeconds: number | undefined;
  /** The readings in order of time, some at once; to be read once. */
  readonly readings: AsyncIterable<readonly RecordedReading[]>;
  /** Rows read so far. */
  readonly rows: number;
  /** What was wrong so far. */
  readonly faults: readonly Fault[];
}

/** Rows by which columns, times and numbers are recognised, and the interval is measured. */
const SAMPLE_ROWS = 2_000;
const BATCH = 1_000;
/** A pause of so many intervals is a gap. */
const GAP_INTERVALS = 10;

type Input = Pick<RehearsalInput, "signals" | "timePath" | "machineIdPath" | "machines">;

/**
 * Opens a file of measurements as factories export them: CSV or NDJSON, one column a signal or one row a signal.
 *
 * @throws DataError where it cannot be read at all, with what to do
 */
export async function openRecording(file: string, input: Input, options: RecordingOptions = {}): Promise<Recording> {
  const faults = new FaultLog();
  const text = await openText(file, faults);
  const chunks = text.chunks[Symbol.asyncIterator]();
  const head: string[] = [];
  while (head.join("").length < 65_536) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
  }
  const start = head.join("");
  if (start.trim() === "") throw new DataError("the file is empty");
  const found = formatOf(start);
  const format: Format =
    found.kind === "csv" ? { kind: "csv", delimiter: options.delimiter ?? found.delimiter } : found;
  const rows = rowsOf(joined(start, chunks), format, faults)[Symbol.asyncIterator]();
  const first = format.kind === "csv" ? await rows.next() : undefined;
  const sample: Row[] = [];
  while (sample.length < SAMPLE_ROWS) {
    const next = await rows.next();
    if (next.done === true) break;
    sample.push(next.value);
  }
  if (sample.length === 0) {
    throw new DataError(
      format.kind === "csv" ? "the file has a header and no rows" : "the file has no line that is a JSON object",
    );
  }
  const header = headerOf(first?.value as Row | undefined, sample, input);
  const lists = sample.map((row) => asList(row, header));
  const columns = columnsOf(header, lists, input, options);
  const reader = new RowReader(columns, lists, input, format, options, faults);
  const notes = [
    `${format.kind === "csv" ? `CSV separated by ${JSON.stringify(format.delimiter)}` : "NDJSON"}, ${text.encoding}`,
    ...columns.notes,
    ...reader.notes,
  ];
  // A path that stands in no row yet is no column of the file.
  const present = format.kind === "csv" ? undefined : new Set(sample.flatMap(leavesOfRow));
  const unread = columns.unread.filter((name) => present?.has(name) ?? true);
  for (const name of unread) faults.add("unknownColumn", 1, name);
  const peeked = sample.flatMap((row) => reader.peek(row));
  const intervalSeconds = medianInterval(peeked);
  const isReversed = isNewestFirst(peeked);
  if (isReversed) notes.push("the newest row comes first: the file is read to its end before it is replayed");
  let count = 0;
  return {
    notes,
    intervalSeconds,
    readings: read(),
    get rows() {
      return count;
    },
    get faults() {
      return faults.list();
    },
  };

  /** Readings as they stand in the file. */
  async function* unordered(): AsyncGenerator<readonly RecordedReading[]> {
    const take = (row: Row): readonly RecordedReading[] => {
      count += 1;
      const reading = reader.read(row);
      return reading === undefined ? [] : [reading];
    };
    let batch = sample.flatMap(take);
    sample.length = 0;
    for (let next = await rows.next(); next.done !== true; next = await rows.next()) {
      batch.push(...take(next.value));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  async function* read(): AsyncGenerator<readonly RecordedReading[]> {
    const order = new ReadingOrder(faults);
    const gaps = new Gaps(faults, intervalSeconds);
    for await (const batch of isReversed ? oldestFirst(unordered()) : unordered()) {
      yield batch.flatMap((reading) => order.push(reading)).map((each) => gaps.see(each));
    }
    yield order.finish().map((each) => gaps.see(each));
  }
}

async function* joined(start: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield start;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function headerOf(first: Row | undefined, sample: readonly Row[], { signals }: Input): readonly string[] {
  if (first === undefined) {
    // A signal that appears late must not be missed.
    const names = new Set(sample.flatMap(leavesOfRow));
    for (const { path } of signals) names.add(path);
    return [...names];
  }
  const header = (first.fields as readonly string[]).map((name) => name.trim());
  if (header.length > 0 && header.every((name) => name === "" || /^[\d.,:+TZ \-/]+$/.test(name))) {
    throw new DataError(`the first row is no header but ${header.join(" | ")}; put the columns' names above it`);
  }
  return header;
}

const leavesOfRow = ({ fields }: Row): string[] => leavesOf(fields as Readonly<Record<string, unknown>>);

function leavesOf(value: Readonly<Record<string, unknown>>, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, each]) =>
    typeof each === "object" && each !== null && !Array.isArray(each) && prefix.split(".").length < 8
      ? leavesOf(each as Readonly<Record<string, unknown>>, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

/** Median seconds between two different times of a machine. */
function medianInterval(rows: readonly { readonly timeMs: number; readonly machine: string }[]): number | undefined {
  const times = new Map<string, number[]>();
  for (const { timeMs, machine } of rows) {
    const known = times.get(machine);
    if (known === undefined) times.set(machine, [timeMs]);
    else known.push(timeMs);
  }
  const steps = [...times.values()]
    .flatMap((list) => list.sort((a, b) => a - b).map((time, index) => time - (list[index - 1] ?? time)))
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  const median = steps[Math.floor(steps.length / 2)];
  return steps.length < 3 || median === undefined ? undefined : median / 1000;
}

/** Names pauses in what each machine sent. */
class Gaps {
  private readonly newest = new Map<string, number>();

  public constructor(
    private readonly faults: FaultLog,
    private readonly intervalSeconds: number | undefined,
  ) {}

  public see(reading: RecordedReading): RecordedReading {
    const { intervalSeconds } = this;
    if (intervalSeconds === undefined) return reading;
    const key = reading.machineId ?? "";
    const before = this.newest.get(key);
    if (before !== undefined && reading.timeMs - before > GAP_INTERVALS * intervalSeconds * 1000) {
      this.faults.add(
        "gap",
        reading.line,
        `${new Date(before).toISOString()} to ${new Date(reading.timeMs).toISOString()}`,
      );
    }
    this.newest.set(key, reading.timeMs);
    if (this.newest.size > 100_000) this.newest.clear();
    return reading;
  }
}
