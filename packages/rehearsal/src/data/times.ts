import { DataError } from "./faults";
import { TimeZone, type ZonedTime } from "./zones";

export interface TimeOptions {
  /** IANA name of the zone of times that name none. @default - UTC, and the report says so */
  readonly timeZone?: string;
  /** `YYYY MM DD HH hh mm ss SSS A Z` with anything between. @default - recognised */
  readonly timeFormat?: string;
}

/** Reads the times of a file. */
export interface TimeReader {
  /** Undefined where it is no time. */
  read(cell: unknown): ZonedTime | undefined;
  /** What was recognised or assumed, for people. */
  readonly note: string;
}

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  /** Minutes east of UTC; undefined for local times. */
  offset?: number;
}

const CLOCK =
  "(?:[T ,]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?)?\\s*([AaPp][Mm])?\\s*(Z|[+-]\\d{2}:?\\d{2})?";
const ISO = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})${CLOCK}$`, "i");
const YEAR_FIRST = new RegExp(`^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})${CLOCK}$`, "i");
const DOTTED = new RegExp(`^(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})${CLOCK}$`, "i");
const SLASHED = new RegExp(`^(\\d{1,2})[/-](\\d{1,2})[/-](\\d{4})${CLOCK}$`, "i");
const NUMBER = /^\d{9,19}([.,]\d+)?$/;

/**
 * A reader for times that look like the samples.
 *
 * @throws DataError where the samples are ambiguous, as 03/04/2026 is, or no times
 */
export function timeReaderOf(samples: readonly string[], { timeZone, timeFormat }: TimeOptions): TimeReader {
  const zone = zoneOf(timeZone);
  const local =
    timeZone === undefined ? "times without a zone are read as UTC" : `times without a zone are of ${timeZone}`;
  if (timeFormat !== undefined) {
    const parse = compiled(timeFormat);
    return {
      read: (cell) => (typeof cell === "string" ? toTime(parse(cell.trim()), zone) : undefined),
      note: `times as ${timeFormat}; ${local}`,
    };
  }
  const slashed = samples.flatMap((sample) => {
    const match = SLASHED.exec(sample.trim());
    return match === null ? [] : [match];
  });
  const dayFirst = slashed.some(([, first]) => Number(first) > 12);
  const monthFirst =
    slashed.some(([, , second]) => Number(second) > 12) || slashed.some((match) => match[8] !== undefined);
  if (slashed.length > 0 && dayFirst === monthFirst) {
    throw new DataError(
      `times such as ${JSON.stringify(samples[0])} can be read with the day or the month first; ` +
        `say which: --time-format "DD/MM/YYYY HH:mm:ss" or --time-format "MM/DD/YYYY HH:mm:ss"`,
    );
  }
  let sawLocal = false;
  const read = (cell: unknown): ZonedTime | undefined => {
    if (typeof cell === "number") return fromEpoch(cell);
    if (typeof cell !== "string") return undefined;
    const text = cell.trim();
    const fields = fieldsOf(text, dayFirst);
    if (fields !== undefined) return toTime(fields, zone);
    return NUMBER.test(text) ? fromEpoch(Number(text.replace(",", "."))) : undefined;
  };
  for (const sample of samples) {
    const fields = fieldsOf(sample.trim(), dayFirst);
    sawLocal ||= fields !== undefined && fields.offset === undefined;
  }
  const order = slashed.length === 0 ? "" : `dates as ${dayFirst ? "DD/MM/YYYY" : "MM/DD/YYYY"}; `;
  return { read, note: sawLocal ? `${order}${local}` : order };
}

function zoneOf(name: string | undefined): TimeZone | undefined {
  try {
    return name === undefined || name === "UTC" ? undefined : new TimeZone(name);
  } catch {
    throw new DataError(`--time-zone ${name ?? ""}: no such time zone; write a name such as Europe/Berlin or UTC`);
  }
}

/** Seconds, milliseconds, microseconds or nanoseconds, by their size: 1973 to 5138 in each. */
function fromEpoch(value: number): ZonedTime | undefined {
  const scale = value < 1e11 ? 1000 : value < 1e14 ? 1 : value < 1e17 ? 1e-3 : 1e-6;
  return value >= 1e8 ? { timeMs: Math.round(value * scale) } : undefined;
}

function fieldsOf(text: string, dayFirst: boolean): Fields | undefined {
  const yearFirst = ISO.exec(text) ?? YEAR_FIRST.exec(text);
  if (yearFirst !== null) return fields(yearFirst, yearFirst[1], yearFirst[2], yearFirst[3]);
  const dotted = DOTTED.exec(text);
  if (dotted !== null) return fields(dotted, dotted[3], dotted[2], dotted[1]);
  const slashed = SLASHED.exec(text);
  if (slashed === null) return undefined;
  return dayFirst
    ? fields(slashed, slashed[3], slashed[2], slashed[1])
    : fields(slashed, slashed[3], slashed[1], slashed[2]);
}

function fields(match: RegExpExecArray, year = "", month = "", day = ""): Fields {
  const [hour = "0", minute = "0", second = "0", fraction = "", half, zone] = match.slice(4);
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === "pm" ? 12 : 0),
    minute: Number(minute),
    second: Number(second),
    millisecond: Math.floor(Number(`0.${fraction || "0"}`) * 1000),
    ...(zone !== undefined && { offset: offsetOf(zone) }),
  };
}

function offsetOf(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

function toTime(parts: Fields | undefined, zone: TimeZone | undefined): ZonedTime | undefined {
  if (parts === undefined) return undefined;
  const { year, month, day, hour, minute, second, millisecond, offset } = parts;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  // 31 April would be read as 1 May.
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined;
  if (offset !== undefined) return { timeMs: localMs - offset * 60_000 };
  return zone === undefined ? { timeMs: localMs } : zone.toUtc(localMs);
}

const TOKENS = {
  YYYY: ["(\\d{4})", "year"],
  MM: ["(\\d{1,2})", "month"],
  DD: ["(\\d{1,2})", "day"],
  HH: ["(\\d{1,2})", "hour"],
  hh: ["(\\d{1,2})", "hour"],
  mm: ["(\\d{1,2})", "minute"],
  ss: ["(\\d{1,2})", "second"],
  SSS: ["(\\d{1,9})", "fraction"],
  A: ["([AaPp][Mm])", "half"],
  Z: ["(Z|[+-]\\d{2}:?\\d{2})", "zone"],
} as const;

function compiled(format: string): (text: string) => Fields | undefined {
  const names: string[] = [];
  const pattern = format.replace(/YYYY|MM|DD|HH|hh|mm|ss|SSS|A|Z|[^A-Za-z]|T/g, (token) => {
    const known = Object.hasOwn(TOKENS, token) ? TOKENS[token as keyof typeof TOKENS] : undefined;
    if (known === undefined) return token.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    names.push(known[1]);
    return known[0];
  });
  if (
    !["year", "month", "day"].every((name) => names.includes(name)) ||
    /[A-Za-z]{2}/.test(pattern.replace(/\\d|AaPp|Mm/g, ""))
  ) {
    throw new DataError(
      `--time-format ${format}: write it with YYYY MM DD HH hh mm ss SSS A Z, for example "DD.MM.YYYY HH:mm:ss"`,
    );
  }
  const matcher = new RegExp(`^${pattern}$`);
  return (text) => {
    const match = matcher.exec(text);
    if (match === null) return undefined;
    const of = (name: string): string | undefined => match[names.indexOf(name) + 1];
    const has = (name: string): string | undefined => (names.includes(name) ? of(name) : undefined);
    const half = has("half");
    const hour = Number(has("hour") ?? 0);
    const zone = has("zone");
    return {
      year: Number(of("year")),
      month: Number(of("month")),
      day: Number(of("day")),
      hour: half === undefined ? hour : (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0),
      minute: Number(has("minute") ?? 0),
      second: Number(has("second") ?? 0),
      millisecond: Math.floor(Number(`0.${has("fraction") ?? "0"}`) * 1000),
      ...(zone !== undefined && { offset: offsetOf(zone) }),
    };
  };
}
