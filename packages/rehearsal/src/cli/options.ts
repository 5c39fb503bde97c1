import { DataError } from "../data/faults";
import type { DecimalMark } from "../data/numbers";
import type { ReplayOptions } from "../replay/run";

/** Options that say how data are read, for `parseArgs`. */
export const DATA_OPTIONS = {
  data: { type: "string" },
  columns: { type: "string", multiple: true },
  "time-zone": { type: "string" },
  "time-format": { type: "string" },
  decimal: { type: "string" },
  delimiter: { type: "string" },
  interval: { type: "string" },
  labels: { type: "string" },
  sensitivity: { type: "boolean" },
  speed: { type: "string" },
} as const;

export const DATA_HELP = `  --data FILE            CSV or NDJSON, also with gzip: one column a signal, or one row a signal (time, tag, value).
  --columns NAME=COLUMN  Column of a signal, of time, machine, tag or value; may be repeated. Default: by the header, which is
                         compared with names and message paths of the signals, in any case and without units in brackets.
  --time-zone ZONE       Zone of times that name none, such as Europe/Berlin. Default UTC.
  --time-format FORMAT   Such as "DD/MM/YYYY HH:mm:ss", where the order of day and month does not show.
  --decimal MARK         "," or "." where the data do not show it.      --delimiter SIGN  Field separator of CSV.
  --interval TIME        Time between two samples that the query's windows are made for: 5s. Default: the data's own.`;

export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** @throws DataError with all that is invalid */
export function replayOptions(values: Values): ReplayOptions {
  const text = (name: string): string | undefined => (typeof values[name] === "string" ? values[name] : undefined);
  const errors: string[] = [];
  const positive = (name: string): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (Number.isFinite(value) && value > 0) return value;
    errors.push(`--${name} is ${given}; allowed: a number above 0`);
    return undefined;
  };
  const columns: Record<string, string> = {};
  const given = values.columns;
  for (const pair of Array.isArray(given) ? (given as readonly string[]) : []) {
    const [, name, column] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (name === undefined || column === undefined) errors.push(`--columns is ${pair}; allowed: NAME=COLUMN`);
    else columns[name] = column;
  }
  const decimal = text("decimal");
  if (decimal !== undefined && decimal !== "," && decimal !== ".")
    errors.push(`--decimal is ${decimal}; allowed: "," or "."`);
  const delimiter = text("delimiter")?.replace(/^(\\t|tab)$/i, "\t");
  if (delimiter !== undefined && delimiter.length !== 1)
    errors.push(`--delimiter is ${delimiter}; allowed: one character, or tab`);
  const interval = intervalOf(text("interval"), errors);
  const speed = positive("speed");
  const [timeZone, timeFormat] = [text("time-zone"), text("time-format")];
  if (errors.length > 0) throw new DataError(errors.join("\n"));
  return {
    columns,
    ...(timeZone !== undefined && { timeZone }),
    ...(timeFormat !== undefined && { timeFormat }),
    ...(decimal !== undefined && { decimal: decimal as DecimalMark }),
    ...(delimiter !== undefined && { delimiter }),
    ...(interval !== undefined && { intervalSeconds: interval }),
    ...(speed !== undefined && { speed }),
  };
}

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 0.001, s: 1, m: 60, h: 3600 };

function intervalOf(text: string | undefined, errors: string[]): number | undefined {
  if (text === undefined) return undefined;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text) ?? [];
  const seconds = Number(amount) * (UNITS[unit] ?? NaN);
  if (seconds >= 0.01 && seconds <= 86_400) return seconds;
  errors.push(`--interval is ${text}; allowed: a number with ms, s, m or h, from 10ms to 24h`);
  return undefined;
}
