import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { FaultLog } from "../src/data/faults";
import { decimalMarkOf, readNumber } from "../src/data/numbers";
import { ReadingOrder, type RecordedReading } from "../src/data/order";
import { openRecording, type RecordingOptions } from "../src/data/recording";
import { timeReaderOf } from "../src/data/times";
import { inputWith } from "./support/input";

const folder = mkdtempSync(join(tmpdir(), "recording-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Read {
  /** `[ISO time, temperature, pressure, machine]`. */
  readonly readings: readonly (readonly unknown[])[];
  readonly faults: Readonly<Record<string, readonly [count: number, firstLine: number]>>;
  readonly notes: readonly string[];
  readonly intervalSeconds: number | undefined;
}

async function read(content: string | Buffer, options: RecordingOptions = {}): Promise<Read> {
  const file = join(folder, "data");
  writeFileSync(file, content);
  const recording = await openRecording(file, inputWith(95), options);
  const readings: RecordedReading[] = [];
  for await (const batch of recording.readings) readings.push(...batch);
  return {
    readings: readings.map(({ timeMs, values, machineId }) => [
      new Date(timeMs).toISOString(),
      ...values,
      ...(machineId === undefined ? [] : [machineId]),
    ]),
    faults: Object.fromEntries(recording.faults.map(({ kind, count, firstLine }) => [kind, [count, firstLine]])),
    notes: recording.notes,
    intervalSeconds: recording.intervalSeconds,
  };
}
const T = "2026-03-04T05:06:07.000Z";

describe("formats", () => {
  const plain = "time;Temperature [°C];PRESSURE (bar)\n2026-03-04 05:06:07;21,5;1,25\n";
  test.each<[string, string | Buffer, RecordingOptions]>([
    ["semicolons and decimal commas", plain, {}],
    ["a byte order mark", `\uFEFF${plain}`, {}],
    ["UTF-16, little end first", Buffer.from(`\uFEFF${plain}`, "utf16le"), {}],
    ["UTF-16 without a mark", Buffer.from(plain, "utf16le"), {}],
    ["UTF-16, big end first", Buffer.from(`\uFEFF${plain}`, "utf16le").swap16(), {}],
    ["Windows' own encoding", Buffer.from(plain, "latin1"), {}],
    ["gzip", gzipSync(plain), {}],
    ["line ends of Windows", plain.replaceAll("\n", "\r\n"), {}],
    ["no line end at the end", plain.trimEnd(), {}],
    ["tabs", plain.replaceAll(";", "\t"), {}],
    ["commas and quotes", '"time","temperature","pressure"\n"2026-03-04T05:06:07Z","21.5","1.25"\n', {}],
    ["quoted decimal commas", 'time,temperature,pressure\n2026-03-04T05:06:07Z,"21,5","1,25"\n', {}],
    [
      "message paths as columns",
      "timeCreated,machine.temperature,machine.pressure\n2026-03-04T05:06:07Z,21.5,1.25\n",
      {},
    ],
    ["date and clock in two columns", "Date,Time,temperature,pressure\n04.03.2026,05:06:07,21.5,1.25\n", {}],
    [
      "mapped columns",
      "when,a,b\n1772600767,21.5,1.25\n",
      { columns: { time: "when", temperature: "a", pressure: "b" } },
    ],
    ["NDJSON with messages", `{"timeCreated":"${T}","machine":{"temperature":21.5,"pressure":1.25}}\n`, {}],
    ["NDJSON that is flat", `{"time":1772600767000,"temperature":21.5,"pressure":"1.25"}\n`, {}],
    [
      "long rows",
      "timestamp,tag,value\n2026-03-04T05:06:07Z,Line1.Temperature,21.5\n2026-03-04T05:06:07Z,Line1.Pressure,1.25\n",
      {},
    ],
  ])("%s", async (_, content, options) => {
    const { readings, faults } = await read(content, options);
    expect(readings).toEqual([[T, 21.5, 1.25]]);
    expect(faults).toEqual({});
  });

  test.each<[string, string, string]>([
    ["an empty file", "", "empty"],
    ["a header alone", "time,temperature\n", "no rows"],
    ["no header", "2026-03-04,21.5\n2026-03-05,21.6\n", "no header"],
    ["no time", "a,temperature\n1,2\n", "--columns time=COLUMN"],
    ["no signal", "time,a,b\n2026-01-01,2,3\n", "--columns temperature=COLUMN"],
    ["days or months first", "time,temperature\n03/04/2026 10:00,2\n", "--time-format"],
    ["both decimal marks", "time;temperature\n2026-01-01;1,5\n2026-01-02;1.5\n", "--decimal"],
  ])("%s is refused and says what to do", async (_, content, words) => {
    await expect(read(content)).rejects.toThrow(words);
  });

  test("a signal that appears after the sample is read, and a lone value column is the first signal", async () => {
    const late = Array.from({ length: 3000 }, (_each, index) =>
      JSON.stringify({ time: 1772600767 + index, temperature: 1, ...(index === 2999 && { machine: { pressure: 7 } }) }),
    );
    expect((await read(late.join("\n"))).readings.at(-1)).toEqual([
      new Date((1772600767 + 2999) * 1000).toISOString(),
      1,
      7,
    ]);
    const { notes, readings } = await read(`timestamp,value\n${T},3\n`);
    expect(readings).toEqual([[T, 3, null]]);
    expect(notes.join()).toContain('"value" is read as temperature');
  });
});

test("each kind of fault is told once, with its count and first line, and the rest is read", async () => {
  const rows = [
    "time,temperature,pressure,colour",
    "2026-03-04T05:06:00Z,1,1,red", // 2
    "2026-03-04T05:06:05Z,hot,1,red",
    "2026-03-04T05:06:10Z,hot,1,red",
    "later,1,1,red", // 5
    ",1,1,red",
    "2026-03-04T05:06:15Z,,,red",
    "2026-03-04T05:06:20Z,1",
    "2026-03-04T05:06:20Z,1,,red", // 9 repeats
    "2026-03-04T05:06:20Z,2,,red", // 10 contradicts
    "2026-03-04T05:06:12Z,9,9,red", // 11 is older
    "2026-03-04T06:06:20Z,3,3,red", // 12 after a gap
    "2026-02-30T06:06:20Z,3,3,red",
  ];
  const { readings, faults } = await read(rows.join("\n"));
  expect(readings.map(([time, ...values]) => [String(time).slice(14, 19), ...values])).toEqual([
    ["06:00", 1, 1],
    ["06:05", null, 1],
    ["06:10", null, 1],
    ["06:12", 9, 9],
    ["06:20", 1, null],
    ["06:20", 3, 3],
  ]);
  expect(faults).toEqual({
    notNumber: [2, 3],
    badTime: [2, 5],
    missingTime: [1, 6],
    noValue: [1, 7],
    columnCount: [1, 8],
    duplicate: [1, 9],
    conflict: [1, 10],
    outOfOrder: [1, 11],
    gap: [1, 12],
    unknownColumn: [1, 1],
  });
});

test("lines that are no JSON and tags that are no signals are counted", async () => {
  const { faults } = await read(`{"time":1772600767,"temperature":1}\n{"time":\n[1]\n"x"\n`);
  expect(faults).toEqual({ notJson: [3, 2] });
  const long = await read("time,tag,value\n2026-01-01T00:00:00Z,temperature,1\n2026-01-01T00:00:01Z,colour,1\n");
  expect(long.faults).toEqual({ unknownTag: [1, 3] });
});

describe("times", () => {
  const timeOf = (text: string, options = {}, samples = [text]): string | undefined => {
    const time = timeReaderOf(samples, options).read(text);
    return time && new Date(time.timeMs).toISOString() + (time.trouble ?? "");
  };
  test.each<[string, object, string | undefined]>([
    ["2026-07-01T12:00:00+02:00", {}, "2026-07-01T10:00:00.000Z"],
    ["2026-07-01 12:00:00,250", {}, "2026-07-01T12:00:00.250Z"],
    ["2026/07/01 12:00", {}, "2026-07-01T12:00:00.000Z"],
    ["01.07.2026 12:00:00", { timeZone: "Europe/Berlin" }, "2026-07-01T10:00:00.000Z"],
    ["01.01.2026 12:00:00", { timeZone: "Europe/Berlin" }, "2026-01-01T11:00:00.000Z"],
    ["31/01/2026 12:00", {}, "2026-01-31T12:00:00.000Z"],
    ["1/31/2026 1:05:06 PM", {}, "2026-01-31T13:05:06.000Z"],
    ["12/31/2026 12:00:00 AM", {}, "2026-12-31T00:00:00.000Z"],
    ["1772600767", {}, T],
    ["1772600767000", {}, T],
    ["04/03/2026 05.06.07", { timeFormat: "DD/MM/YYYY HH.mm.ss" }, T],
    ["31.04.2026", {}, undefined],
    ["2026-13-01", {}, undefined],
    ["12", {}, undefined],
    // Clocks go forward at 2:00 and back at 3:00 in Berlin.
    ["2026-03-29 02:30:00", { timeZone: "Europe/Berlin" }, "2026-03-29T01:30:00.000ZskippedHour"],
    ["2026-10-25 02:30:00", { timeZone: "Europe/Berlin" }, "2026-10-25T00:30:00.000ZrepeatedHour"],
  ])("%s %j", (text, options, expected) => {
    expect(timeOf(text, options)).toBe(expected);
  });
  test("one date that can only be read one way decides for all, two that contradict are refused", () => {
    expect(timeOf("03/04/2026", {}, ["03/04/2026", "13/04/2026"])).toBe("2026-04-03T00:00:00.000Z");
    expect(() => timeReaderOf(["13/04/2026", "04/13/2026"], {})).toThrow("--time-format");
    expect(() => timeReaderOf(["2026-01-01"], { timeZone: "Mars" })).toThrow("--time-zone");
    expect(() => timeReaderOf([""], { timeFormat: "yesterday" })).toThrow("--time-format");
  });
});

test("numbers in any common form, and nothing that only looks like one", () => {
  const points = ["1.5", "-1e3", "1,234.5", "+.5", " 7 "].map((text) => readNumber(text, "."));
  expect(points).toEqual([1.5, -1000, 1234.5, 0.5, 7]);
  const commas = ["1,5", "1.234,5", "1 234,5", "7"].map((text) => readNumber(text, ","));
  expect(commas).toEqual([1.5, 1234.5, 1234.5, 7]);
  for (const text of ["", "NaN", "null", "n/a"]) expect(readNumber(text, ".")).toBeNull();
  for (const text of ["1.5.1", "0x10", "Bad", "1,5", "--1", "1e999"]) expect(readNumber(text, ".")).toBeUndefined();
  expect(decimalMarkOf(["1,234"], ";")?.mark).toBe(",");
  expect(decimalMarkOf(["1,234"], ",")?.mark).toBe(".");
});

test("readings within reach are put in order; each is given once or counted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      (times, held) => {
        const faults = new FaultLog();
        const order = new ReadingOrder(faults, held);
        const given = times.flatMap((timeMs, index) =>
          order.push({ line: index + 2, timeMs, machineId: undefined, values: [index] }),
        );
        const all = [...given, ...order.finish()].map(({ timeMs }) => timeMs);
        expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
        expect(all.length + faults.count("conflict") + faults.count("duplicate") + faults.count("tooLate")).toBe(
          times.length,
        );
      },
    ),
  );
});
