import fc from "fast-check";
import { parseTime } from "../src/time";

const MILLISECONDS = { unit: "milliseconds" } as const;
const SECONDS = { unit: "seconds" } as const;

test.each([
  ["2026-01-05T08:00:00Z", "2026-01-05T08:00:00.000Z"],
  ["2026-01-05T08:00:00.1234567Z", "2026-01-05T08:00:00.123Z"],
  ["2026-01-05T08:00:00,5Z", "2026-01-05T08:00:00.500Z"],
  ["2026-01-05T08:00Z", "2026-01-05T08:00:00.000Z"],
  ["2026-01-05 08:00:00z", "2026-01-05T08:00:00.000Z"],
  ["2026-01-05T08:00:00+02:00", "2026-01-05T06:00:00.000Z"],
  ["2026-01-05T08:00:00-0330", "2026-01-05T11:30:00.000Z"],
  ["2026-01-05T24:00:00Z", "2026-01-06T00:00:00.000Z"],
  ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
])("%s is a time", (text, iso) => {
  expect(parseTime(text, MILLISECONDS)).toEqual({ ok: true, timeMs: Date.parse(iso) });
});

test.each([
  ["Sensor 7", "is not ISO 8601"],
  ["soon", "is not ISO 8601"],
  ["", "is not ISO 8601"],
  ["2026", "is not ISO 8601"],
  ["2026-01-05", "is not ISO 8601"],
  ["Mon, 05 Jan 2026 08:00:00 GMT", "is not ISO 8601"],
  ["1767600000000", "is not ISO 8601"],
  ["2026-01-05T08:00:00", "has no zone"],
  ["2026-02-30T08:00:00Z", "no moment of the calendar"],
  ["2025-02-29T08:00:00Z", "no moment of the calendar"],
  ["2026-13-01T08:00:00Z", "no moment of the calendar"],
  ["2026-01-05T25:00:00Z", "no moment of the calendar"],
  ["2026-01-05T08:61:00Z", "no moment of the calendar"],
  ["2026-01-05T08:00:00+19:00", "no moment of the calendar"],
  ["1969-12-31T23:59:59Z", "not between 1970 and 2286"],
  ["0050-01-01T00:00:00Z", "not between 1970 and 2286"],
  ["9999-01-01T00:00:00Z", "not between 1970 and 2286"],
  [true, "is a boolean"],
  [[], "is an array"],
  [{}, "is an object"],
])("%p is none", (value, reason) => {
  expect(parseTime(value, MILLISECONDS)).toEqual({ ok: false, reason: expect.stringContaining(reason) as string });
});

test("a number is taken in the declared unit only, and the other one is named", () => {
  expect(parseTime(1_767_600_000_000, MILLISECONDS)).toEqual({ ok: true, timeMs: 1_767_600_000_000 });
  expect(parseTime(1_767_600_000.25, SECONDS)).toEqual({ ok: true, timeMs: 1_767_600_000_250 });
  expect(parseTime(1_767_600_000, MILLISECONDS)).toMatchObject({
    reason: expect.stringMatching(/set timeUnit to seconds$/) as string,
  });
  expect(parseTime(1_767_600_000_000, SECONDS)).toMatchObject({
    reason: expect.stringMatching(/set timeUnit to milliseconds$/) as string,
  });
  for (const value of [-1, 7, 1e13, NaN, Infinity]) expect(parseTime(value, MILLISECONDS).ok).toBe(false);
  for (const value of [-1, 1e10, NaN, Infinity]) expect(parseTime(value, SECONDS).ok).toBe(false);
});

test("a recording's time without a zone is UTC", () => {
  expect(parseTime("2014-04-01 00:05:00", { ...MILLISECONDS, assumeUtc: true })).toEqual({
    ok: true,
    timeMs: Date.UTC(2014, 3, 1, 0, 5),
  });
});

test("what JavaScript writes is read to the millisecond", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(9_999_999_999_999), noInvalidDate: true }), (date) => {
      expect(parseTime(date.toISOString(), MILLISECONDS)).toEqual({ ok: true, timeMs: date.getTime() });
    }),
  );
});
