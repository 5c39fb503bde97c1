import fc from "fast-check";
import { checkConfiguration, type Configuration } from "../src/configuration";
import { MAX_MESSAGE_BYTES, parseMessage } from "../src/message";

function configuration(desired: unknown = {}): Configuration {
  const checked = checkConfiguration(desired);
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

const ARRIVAL = { arrivedMs: 1_767_600_000_000, deviceId: "gateway" };
const DEFAULT = configuration();

function parse(message: unknown, with_ = DEFAULT): ReturnType<typeof parseMessage> {
  return parseMessage(typeof message === "string" ? message : JSON.stringify(message), with_, ARRIVAL);
}

test("the simulated temperature sensor's message", () => {
  const message = {
    machine: { temperature: 21.5, pressure: 1.02 },
    ambient: { temperature: 20.9, humidity: 25 },
    timeCreated: "2026-01-05T08:00:00.1234567Z",
  };
  expect(parse(message)).toEqual({
    ok: true,
    reading: { machineId: "gateway", timeMs: Date.parse("2026-01-05T08:00:00.123Z"), values: [21.5, 1.02, undefined] },
  });
});

test("bytes and text are the same", () => {
  const text = '{"machine":{"temperature":1}}';
  expect(parseMessage(Buffer.from(text), DEFAULT, ARRIVAL)).toEqual(parse(text));
});

test("the machine comes from its path where one is configured", () => {
  const named = configuration({ machineIdPath: "machine.id" });
  expect(parse({ machine: { id: "press-1", temperature: 1 } }, named)).toMatchObject({
    reading: { machineId: "press-1" },
  });
  for (const id of [undefined, 7, "", "x".repeat(129), "a\u0001backlog", "a\nb"]) {
    expect(parse({ machine: { id, temperature: 1 } }, named)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("machine id") as string,
    });
  }
});

test.each([
  ["milliseconds", 1_700_000_000_000, 1_700_000_000_000],
  ["an absent time", undefined, ARRIVAL.arrivedMs],
  ["null", null, ARRIVAL.arrivedMs],
])("%s as time", (_name, timeCreated, timeMs) => {
  expect(parse({ machine: { temperature: 1 }, timeCreated })).toMatchObject({ reading: { timeMs } });
});

test.each([
  ["no JSON", "{", "message is no JSON"],
  ["nothing", "", "message is no JSON"],
  ["NaN, which is no JSON", '{"machine":{"temperature":NaN}}', "message is no JSON"],
  ["a list", "[]", "message is an array; a JSON object is expected"],
  ["null", "null", "message is null; a JSON object is expected"],
  ["no signal", "{}", "message has none of the configured signals"],
  [
    "nothing but signals that cannot be used",
    '{"machine":{"temperature":"21","pressure":[],"vibration":1e999}}',
    "message has no usable signal: temperature is a string; a number is expected, " +
      "pressure is an array; a number is expected, vibration is beyond ±1e+100",
  ],
  ["a time that is none", '{"machine":{"temperature":1},"timeCreated":"Sensor 7"}', 'time "Sensor 7" is not ISO 8601'],
  ["a time without a zone", '{"machine":{"temperature":1},"timeCreated":"2026-01-05T08:00:00"}', "has no zone"],
  ["a time in seconds", '{"machine":{"temperature":1},"timeCreated":1767600000}', "set timeUnit to seconds"],
])("%s is refused with its reason", (_name, body, reason) => {
  expect(parse(body)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string });
});

test.each([
  ["a text", '"n/a"', "a string; a number is expected"],
  ["a list", "[1]", "an array; a number is expected"],
  ["infinity by overflow", "-1e999", "beyond ±1e+100"],
])("a signal that is %s leaves the others to be scored", (_name, value, reason) => {
  expect(parse(`{"machine":{"temperature":1,"pressure":${value}}}`)).toMatchObject({
    ok: true,
    reading: { values: [1, undefined, undefined], problems: [{ signal: 1, reason }] },
  });
});

test("a declared unit is that of times that are numbers", () => {
  const inSeconds = configuration({ timeUnit: "seconds" });
  expect(parse({ machine: { temperature: 1 }, timeCreated: 1_767_500_000.5 }, inSeconds)).toMatchObject({
    reading: { timeMs: 1_767_500_000_500 },
  });
});

test("a time ahead of its arrival by more than clocks differ is that of the arrival", () => {
  const ahead = (seconds: number): unknown => {
    const timeCreated = ARRIVAL.arrivedMs + seconds * 1000;
    const parsed = parse({ machine: { temperature: 1 }, timeCreated });
    return parsed.ok && (parsed.reading.timeMs - ARRIVAL.arrivedMs) / 1000;
  };
  expect([ahead(-1e6), ahead(300), ahead(301), ahead(1e9)]).toEqual([-1e6, 300, 0, 0]);
});

test("a recording's times are taken as they are", () => {
  const message = JSON.stringify({ machine: { temperature: 1 }, timeCreated: "2099-01-01 00:00:00" });
  expect(parseMessage(message, DEFAULT, { ...ARRIVAL, isRecording: true })).toMatchObject({
    reading: { timeMs: Date.UTC(2099, 0) },
  });
});

test("a message of 64 KB is taken and one byte more is not", () => {
  const body = '{"machine":{"temperature":1}}';
  expect(parse(body.padEnd(MAX_MESSAGE_BYTES)).ok).toBe(true);
  expect(parse(body.padEnd(MAX_MESSAGE_BYTES + 1))).toMatchObject({ ok: false });
});

test("a path finds what the message has and not what every object has", () => {
  const odd = configuration({ signals: { a: "__proto__.x", b: "constructor.length" } });
  expect(parse({ x: 1 }, odd).ok).toBe(false);
});

test("no message makes it throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      ),
      (body) => {
        expect(typeof parseMessage(body, DEFAULT, ARRIVAL).ok).toBe("boolean");
      },
    ),
    { numRuns: 500 },
  );
});
