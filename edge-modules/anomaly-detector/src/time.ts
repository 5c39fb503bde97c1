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

function parseText(text: string, assumeUtc: boolean): ParsedTime {
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
