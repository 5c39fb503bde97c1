import type { RehearsalInput } from "../input";
import { DataError } from "./faults";
import type { Row } from "./rows";

/** Where a file's columns go. Numbers are places in the header. */
export interface Columns {
  readonly header: readonly string[];
  readonly time: readonly number[];
  readonly machine: number | undefined;
  /** Wide files: the column of each signal. */
  readonly signals: readonly (number | undefined)[];
  /** Long files: which column names the signal and which has its value. */
  readonly tag: number | undefined;
  readonly value: number | undefined;
  /** Columns that are not read. */
  readonly unread: readonly string[];
  /** What was assumed, for people. */
  readonly notes: readonly string[];
}

export interface ColumnOptions {
  /** Column of each name: a signal, `time`, `machine`, `tag` or `value`. @default - by the header */
  readonly columns?: Readonly<Record<string, string>>;
}

const TIME =
  /^(time|timestamp|datetime|date_?time|date|ts|_time|zeit|zeitstempel|timecreated|time_?created|eventtime|event_?time|t_stamp)$/;
const DATE = /^(date|datum)$/;
const CLOCK = /^(time|uhrzeit|zeit)$/;
const MACHINE =
  /^(machine|machine_?id|machine_?name|maschine|asset|asset_?id|equipment|equipment_?id|device|device_?id)$/;
const TAG = /^(tag|tag_?name|name|signal|signal_?name|variable|measurement|sensor|point|item|metric|_field|series)$/;
const VALUE = /^(value|val|wert|messwert|_value|reading|data|v)$/;

/** A name without what differs between exports: case, units in brackets, blanks and signs. */
export const normalised = (name: string): string =>
  name
    .replace(/\s*[[(][^\])]*[\])]\s*$/, "")
    .trim()
    .toLowerCase();
const bare = (name: string): string => normalised(name).replace(/[^\p{L}\p{N}]/gu, "");

/** Finds a signal by what a file calls it: name, path, last part of the path, or a tag whose last part is one of these. */
export function signalFinder({ signals }: Pick<RehearsalInput, "signals">): (name: string) => number | undefined {
  const keys: ((path: string, name: string) => string)[] = [
    (_, name) => normalised(name),
    (path) => normalised(path),
    (path) => normalised(path.split(".").at(-1) ?? ""),
    (_, name) => bare(name),
    (path) => bare(path),
  ];
  const find = (text: string): number | undefined => {
    for (const candidate of [normalised(text), bare(text)]) {
      for (const key of keys) {
        const matches = signals.flatMap(({ name, path }, index) => (key(path, name) === candidate ? [index] : []));
        if (matches.length === 1) return matches[0];
      }
    }
    return undefined;
  };
  const known = new Map<string, number | undefined>();
  return (text) => {
    if (!known.has(text)) {
      if (known.size > 10_000) known.clear();
      known.set(text, find(text) ?? find(text.split(/[./\\:|]/).at(-1) ?? ""));
    }
    return known.get(text);
  };
}

/** @throws DataError where no time or no signal is found; says which columns there are and what to write */
export function columnsOf(
  header: readonly string[],
  sample: readonly Row[],
  input: Pick<RehearsalInput, "signals" | "timePath" | "machineIdPath">,
  { columns: given = {} }: ColumnOptions,
): Columns {
  const listed = `the file's columns are ${header.map((name) => JSON.stringify(name)).join(", ")}`;
  const names = header.map(normalised);
  const place = (name: string): number => {
    const exact = header.indexOf(name);
    const index = exact === -1 ? names.indexOf(normalised(name)) : exact;
    if (index === -1) throw new DataError(`--columns names the column ${JSON.stringify(name)}; ${listed}`);
    return index;
  };
  const mapped = (name: string): number | undefined => (given[name] === undefined ? undefined : place(given[name]));
  const unknown = Object.keys(given).filter(
    (name) =>
      !["time", "machine", "tag", "value"].includes(name) && !input.signals.some((signal) => signal.name === name),
  );
  if (unknown.length > 0) {
    const allowed = [...input.signals.map(({ name }) => name), "time", "machine", "tag", "value"].join(", ");
    throw new DataError(`--columns maps ${unknown.join(", ")}; allowed: ${allowed}`);
  }
  const first = (test: (name: string) => boolean): number | undefined => {
    const index = names.findIndex(test);
    return index === -1 ? undefined : index;
  };
  const last = (path: string | undefined): string | undefined => path && normalised(path.split(".").at(-1) ?? "");

  const [dateColumn, clockColumn] = [first((name) => DATE.test(name)), first((name) => CLOCK.test(name))];
  const single =
    mapped("time") ??
    first((name) => name === normalised(input.timePath) || name === last(input.timePath)) ??
    (dateColumn !== undefined && clockColumn !== undefined ? undefined : first((name) => TIME.test(name)));
  const time = single === undefined ? [dateColumn, clockColumn].flatMap((index) => index ?? []) : [single];
  if (time.length === 0) throw new DataError(`no column is a time; ${listed}; name it: --columns time=COLUMN`);

  const machine =
    mapped("machine") ??
    first(
      (name) =>
        input.machineIdPath !== undefined &&
        (name === normalised(input.machineIdPath) || name === last(input.machineIdPath)),
    ) ??
    first((name) => MACHINE.test(name));
  const taken = new Set([...time, machine]);
  const find = signalFinder(input);
  const signals: (number | undefined)[] = input.signals.map(({ name }) => mapped(name));
  header.forEach((name, index) => {
    const signal = taken.has(index) ? undefined : find(name);
    if (signal !== undefined && given[input.signals[signal]?.name ?? ""] === undefined) signals[signal] ??= index;
  });

  const notes: string[] = [];
  const result = (tag?: number, value?: number): Columns => {
    const read = new Set([...time, machine, tag, value, ...(tag === undefined ? signals : [])]);
    return { header, time, machine, signals, tag, value, notes, unread: header.filter((_, index) => !read.has(index)) };
  };
  const tag = mapped("tag") ?? first((name) => TAG.test(name));
  const value = mapped("value") ?? first((name) => VALUE.test(name));
  const isLong =
    tag !== undefined &&
    value !== undefined &&
    !taken.has(tag) &&
    sample.some(({ fields }) => Array.isArray(fields) && find((fields as readonly string[])[tag] ?? "") !== undefined);
  if (isLong) return result(tag, value);
  if (signals.some((index) => index !== undefined)) return result();
  const others = header.flatMap((_, index) => (taken.has(index) ? [] : [index]));
  const [only] = value !== undefined && tag === undefined ? [value] : others;
  if (only !== undefined && (others.length === 1 || (value !== undefined && tag === undefined))) {
    const [signal] = input.signals;
    signals[0] = only;
    notes.push(
      `the column ${JSON.stringify(header[only])} is read as ${signal?.name ?? ""}, the environment's first signal; ` +
        `--columns SIGNAL=${header[only] ?? ""} decides otherwise`,
    );
    return result();
  }
  throw new DataError(
    `no column matches a signal of the environment (${input.signals.map(({ name }) => name).join(", ")}); ${listed}; ` +
      `map them: --columns ${input.signals[0]?.name ?? "SIGNAL"}=COLUMN`,
  );
}
