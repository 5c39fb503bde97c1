import type { RehearsalInput } from "../input";
import { type Columns, signalFinder } from "./columns";
import { DataError, type FaultLog } from "./faults";
import { type DecimalMark, decimalMarkOf, readNumber } from "./numbers";
import type { RecordedReading } from "./order";
import type { Format, Row } from "./rows";
import { type TimeOptions, type TimeReader, timeReaderOf } from "./times";

type Input = Pick<RehearsalInput, "signals" | "machineIdPath" | "machines">;

interface RowOptions extends TimeOptions {
  readonly decimal?: DecimalMark;
}

export interface ListRow {
  readonly line: number;
  readonly fields: readonly unknown[];
}

export function asList({ line, fields }: Row, header: readonly string[]): ListRow & Row {
  if (Array.isArray(fields)) return { line, fields: fields as readonly string[] };
  const list = header.map((path) => {
    let value: unknown = fields;
    for (const key of path.split(".")) {
      value =
        typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
    }
    return value ?? (fields as Readonly<Record<string, unknown>>)[path];
  });
  return { line, fields: list as string[] };
}

/** A cell as it stands in the file; nothing where it is empty. */
const textOf = (cell: unknown): string =>
  typeof cell === "string" ? cell : cell === undefined || cell === null ? "" : JSON.stringify(cell);

/** Turns rows into readings. */
export class RowReader {
  public readonly notes: readonly string[];
  private readonly times: TimeReader;
  private readonly mark: DecimalMark;
  private readonly find: (name: string) => number | undefined;
  private readonly machines: ReadonlySet<string>;
  private readonly isCsv: boolean;

  public constructor(
    private readonly columns: Columns,
    sample: readonly ListRow[],
    private readonly input: Input,
    format: Format,
    options: RowOptions,
    private readonly faults: FaultLog,
  ) {
    const { signals, value } = columns;
    this.times = timeReaderOf(
      sample.map((row) => textOf(this.timeText(row))).filter((text) => text !== ""),
      options,
    );
    const measured = value === undefined ? signals.flatMap((index) => index ?? []) : [value];
    const cells = sample.flatMap(({ fields }) =>
      measured.flatMap((index) => (typeof fields[index] === "string" ? [fields[index]] : [])),
    );
    const delimiter = format.kind === "csv" ? format.delimiter : undefined;
    const mark =
      options.decimal === undefined ? decimalMarkOf(cells, delimiter) : { mark: options.decimal, note: undefined };
    if (mark === undefined) {
      throw new DataError(
        "some numbers have decimal commas and others decimal points; say which counts: --decimal , or --decimal .",
      );
    }
    this.mark = mark.mark;
    this.isCsv = format.kind === "csv";
    this.find = signalFinder(input);
    this.machines = new Set(input.machineIdPath === undefined ? [] : input.machines);
    this.notes = [this.times.note, mark.note ?? ""].filter((note) => note !== "");
  }

  /** Time and machine of a row of the sample, without counting what is wrong with it. */
  public peek(row: Row): { readonly timeMs: number; readonly machine: string }[] {
    const list = asList(row, this.columns.header);
    const time = this.times.read(this.timeText(list));
    const { machine, tag } = this.columns;
    const key = [machine, tag].map((index) => (index === undefined ? "" : textOf(list.fields[index]))).join("\n");
    return time === undefined ? [] : [{ timeMs: time.timeMs, machine: key }];
  }

  public read(row: Row): RecordedReading | undefined {
    const { columns, faults } = this;
    const { line, fields } = asList(row, columns.header);
    if (this.isCsv && fields.length !== columns.header.length) faults.add("columnCount", line, fields.join(" | "));
    const cell = this.timeText({ line, fields });
    if (cell === undefined || cell === "" || cell === null) {
      faults.add("missingTime", line);
      return undefined;
    }
    const time = this.times.read(cell);
    if (time === undefined) {
      faults.add("badTime", line, textOf(cell));
      return undefined;
    }
    if (time.trouble !== undefined) faults.add(time.trouble, line, textOf(cell));
    const values = this.valuesOf(line, fields);
    if (values === undefined) return undefined;
    if (values.every((value) => value === null)) {
      faults.add("noValue", line);
      return undefined;
    }
    const named = columns.machine === undefined ? undefined : fields[columns.machine];
    const text = textOf(named).trim();
    const machineId = text === "" ? undefined : text;
    if (machineId !== undefined && this.machines.size > 0 && !this.machines.has(machineId)) {
      faults.add("unknownMachine", line, machineId);
    }
    return { line, timeMs: time.timeMs, machineId, values };
  }

  private timeText({ fields }: ListRow): unknown {
    const [first, second] = this.columns.time;
    if (first === undefined) return undefined;
    return second === undefined ? fields[first] : `${textOf(fields[first])} ${textOf(fields[second])}`;
  }

  private valuesOf(line: number, fields: readonly unknown[]): (number | null)[] | undefined {
    const { tag, value, signals } = this.columns;
    if (tag === undefined || value === undefined) {
      return signals.map((index) => (index === undefined ? null : this.numberOf(line, fields[index])));
    }
    const name = textOf(fields[tag]);
    const signal = this.find(name);
    if (signal === undefined) {
      this.faults.add("unknownTag", line, name);
      return undefined;
    }
    const values = new Array<number | null>(this.input.signals.length).fill(null);
    values[signal] = this.numberOf(line, fields[value]);
    return values;
  }

  private numberOf(line: number, cell: unknown): number | null {
    const number = readNumber(cell, this.mark);
    if (number === undefined) this.faults.add("notNumber", line, textOf(cell));
    return number ?? null;
  }
}
