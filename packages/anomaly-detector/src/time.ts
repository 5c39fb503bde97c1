/** In what a message's time is counted where it is a number. */
export type TimeUnit = "milliseconds" | "seconds";

/** A number below this is no time in milliseconds: it would be before March 1973, and is a time in seconds until 5138. */
const LEAST_MILLISECONDS = 1e11;
/** 2286-11-20: a later time is a clock that is wrong, or a unit that is (microseconds, say). */
const MOST_MILLISECONDS = 1e13;

/** `YYYY-MM-DDTHH:MM[:SS[.fraction]]` and a zone; a blank may stand for the T (RFC 3339). */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?$/;

export type ParsedTime =
  { readonly ok: true; readonly timeMs: number } | { readonly ok: false; readonly reason: string };

function refuse(reason: string): ParsedTime {
  return { ok: false, reason };
}

export interface TimeOptions {
  /** Unit of times that are numbers. */
  readonly unit: TimeUnit;
  /** Take a text without a zone for UTC: recordings are often written so, messages must say. */
  readonly assumeUtc?: boolean;
}

/**
 * Reads a time as sensors write it: ISO 8601 with a zone, or a number in the declared unit since 1970. Nothing is
 * guessed: `Date.parse` takes "Sensor 7" for a day of 2001, and a text without a zone for the device's own.
 */
export function parseTime(value: unknown, options: TimeOptions): ParsedTime {
  if (typeof value === "string") return parseText(value, options.assumeUtc === true);
  if (typeof value !== "number") return refuse(`time is ${nameOf(value)}; ISO 8601 or a number is expected`);
  if (options.unit === "seconds") {
    const timeMs = value * 1000;
    if (timeMs >= 0 && timeMs < MOST_MILLISECONDS) return { ok: true, timeMs: Math.round(timeMs) };
    const inMilliseconds = value >= LEAST_MILLISECONDS && value < MOST_MILLISECONDS;
    const advice = inMilliseconds ? "; it looks like milliseconds: set timeUnit to milliseconds" : "";
    return refuse(`time ${value} is not between 1970 and 2286 in seconds${advice}`);
  }
  if (value >= LEAST_MILLISECONDS && value < MOST_MILLISECONDS) return { ok: true, timeMs: value };
  const advice = value >= 1e8 && value < LEAST_MILLISECONDS ? "; it looks like seconds: set timeUnit to seconds" : "";
  return refuse(`time ${value} is not between 1973 and 2286 in milliseconds${advice}`);
}

/** The form that nearly every message has, in UTC. */
const COMMON = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

/** The time of a text of the common form that is a usual moment; all else takes the longer way. */
function parseCommon(text: string): number | undefined {
  if ((text.length !== 24 && text.length !== 20) || !COMMON.test(text)) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  if (year < 1970 || year > 2285 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const milliseconds = text.length === 20 ? 0 : (text.charCodeAt(20) - 48) * 100 + twoDigits(text, 21);
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

function parseText(text: string, assumeUtc: boolean): ParsedTime {
  const common = parseCommon(text);
  if (common !== undefined) return { ok: true, timeMs: common };
  const parts = ISO.exec(text);
  if (!parts) return refuse(`time ${quote(text)} is not ISO 8601, for example 2026-01-05T08:00:00Z`);
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, zoneHour, zoneMinute] = parts;
  if (zulu === undefined && sign === undefined && !assumeUtc) {
    return refuse(`time ${quote(text)} has no zone; write it with Z or an offset such as +02:00`);
  }
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second ?? "0"].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetMinutes = sign === undefined ? 0 : Number(zoneHour) * 60 + Number(zoneMinute);
  // 24:00 is the end of a day and 60 a leap second in ISO 8601; both are read as the next moment.
  const isMoment = h < 24 || (h === 24 && mi === 0 && s === 0);
  const isDay = mo >= 1 && mo <= 12 && d >= 1 && d <= daysIn(y, mo);
  if (!isDay || !isMoment || mi > 59 || s > 60 || offsetMinutes > 18 * 60 || Number(zoneMinute ?? 0) > 59) {
    return refuse(`time ${quote(text)} is no moment of the calendar`);
  }
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6);
  const timeMs = Date.UTC(y, mo - 1, d, h, mi, s, milliseconds) - (sign === "-" ? -1 : 1) * offsetMinutes * 60_000;
  // Date.UTC takes years 0 to 99 for those of the last century.
  if (y < 100 || timeMs < 0 || timeMs >= MOST_MILLISECONDS) {
    return refuse(`time ${quote(text)} is not between 1970 and 2286`);
  }
  return { ok: true, timeMs };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
