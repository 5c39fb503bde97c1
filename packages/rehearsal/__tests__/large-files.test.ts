import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import * as fc from "fast-check";
import { isNewestFirst, oldestFirst } from "../src/data/newest-first";
import type { RecordedReading } from "../src/data/order";
import { openRecording } from "../src/data/recording";
import { inputWith } from "./support/input";

const ROOT = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "large-"));
// Within the repository, where packages are found.
const programs = join(ROOT, "packages/rehearsal/dist");
mkdirSync(programs, { recursive: true });
const program = mkdtempSync(join(programs, "test-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(program, { recursive: true });
});

const START = Date.UTC(2026, 0, 1);
const at = (index: number): string => new Date(START + index * 5000).toISOString();

async function timesOf(file: string): Promise<{ readonly times: number[]; readonly kinds: string[] }> {
  const recording = await openRecording(file, inputWith(95));
  const times: number[] = [];
  for await (const batch of recording.readings) times.push(...batch.map(({ timeMs }) => (timeMs - START) / 5000));
  return { times, kinds: recording.faults.map(({ kind }) => kind) };
}

describe("a file with its newest row first", () => {
  test("is replayed from its oldest row on, whatever its length", async () => {
    const count = 60_000;
    const lines = Array.from({ length: count }, (_, index) => `${at(count - 1 - index)},20,1`);
    const file = join(folder, "newest-first.csv");
    writeFileSync(file, ["time,temperature,pressure", ...lines].join("\n"));
    const { times, kinds } = await timesOf(file);
    expect(times).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(kinds).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("rehearsal-rows-"))).toEqual([]);
  });

  test("keeps every reading, also those that are out of place", async () => {
    const reading = fc.record({ time: fc.integer({ min: 0, max: 200 }), machine: fc.constantFrom("a", undefined) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(reading, { maxLength: 9 })), async (batches) => {
        let line = 0;
        const given: RecordedReading[][] = batches.map((batch) =>
          batch.map(({ time, machine }) => ({ line: ++line, timeMs: time, machineId: machine, values: [time, null] })),
        );
        async function* all(): AsyncGenerator<RecordedReading[]> {
          for (const batch of given) yield await Promise.resolve(batch);
        }
        const taken: RecordedReading[] = [];
        for await (const batch of oldestFirst(all(), 5)) taken.push(...batch);
        const byLine = (a: RecordedReading, b: RecordedReading): number => a.line - b.line;
        expect([...taken].sort(byLine)).toEqual(given.flat());
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [[3, 2, 1], true],
    [[1, 2, 3], false],
    [[3, 3, 2, 2, 1, 1], true],
    [[1, 3, 2, 4, 3, 5], false],
    [[2, 1], false],
  ])("is recognised by its times: %j is %p", (times, expected) => {
    expect(isNewestFirst(times.map((timeMs) => ({ timeMs, machine: "" })))).toBe(expected);
  });
});

test("a file of twice the memory is read, and each fault named once with its count and first line", () => {
  const file = join(folder, "wide.csv");
  // 1 kB a row that no signal reads: 72 MB where the program has 32 MB.
  const rows = 72_000;
  const padding = "x".repeat(1000);
  const writer = join(program, "write.mjs");
  writeFileSync(
    writer,
    `import { closeSync, openSync, writeSync } from "node:fs";
const handle = openSync(${JSON.stringify(file)}, "w");
let lines = ["time,temperature,pressure,comment"];
for (let row = 0; row < ${rows}; row += 1) {
  const time = row % 24_000 === 7 ? "never" : new Date(${START} + row * 5000).toISOString();
  lines.push(time + "," + (row % 18_000 === 9 ? "hot" : 20 + row % 3) + ",1,${padding}");
  if (lines.length === 1000 || row === ${rows - 1}) { writeSync(handle, lines.join("\\n") + "\\n"); lines = []; }
}
closeSync(handle);`,
  );
  expect(spawnSync(process.execPath, [writer]).status).toBe(0);
  const entry = join(program, "read.ts");
  writeFileSync(
    entry,
    `import { replayFile } from ${JSON.stringify(join(ROOT, "packages/rehearsal/src/replay/run"))};
import { inputWith } from ${JSON.stringify(join(ROOT, "packages/rehearsal/__tests__/support/input"))};
replayFile(${JSON.stringify(file)}, inputWith(95)).then(({ summary: { data } }) => console.log(JSON.stringify(data)));`,
  );
  const outfile = join(program, "read.js");
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    conditions: ["source"],
    logLevel: "error",
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--max-old-space-size=32", outfile], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  const data = JSON.parse(stdout) as { rows: number; readings: number; faults: { kind: string }[] };
  expect(data.rows).toBe(rows);
  expect(data.readings).toBe(rows - 3);
  expect(data.faults).toEqual([
    expect.objectContaining({ kind: "badTime", count: 3, firstLine: 9, example: "never" }),
    expect.objectContaining({ kind: "notNumber", count: 4, firstLine: 11, example: "hot" }),
    expect.objectContaining({ kind: "unknownColumn", count: 1, firstLine: 1, example: "comment" }),
  ]);
}, 60_000);

test("a pipe is read as a file is", async () => {
  const pipe = join(folder, "pipe");
  expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
  const writer = spawn(process.execPath, [
    "-e",
    `const s = require("fs").createWriteStream(${JSON.stringify(pipe)}); s.end(${JSON.stringify(`time,temperature,pressure\n${at(0)},20,1\n${at(1)},21,1\n`)})`,
  ]);
  expect((await timesOf(pipe)).times).toEqual([0, 1]);
  await (writer.exitCode === null ? once(writer, "exit") : Promise.resolve());
});
