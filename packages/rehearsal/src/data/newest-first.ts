import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RecordedReading } from "./order";

/** Readings that are sorted in memory at once. */
const RUN_READINGS = 50_000;
const BATCH = 1_000;

/** Whether rows come with the newest first: most steps between different times go back. */
export function isNewestFirst(rows: readonly { readonly timeMs: number; readonly machine: string }[]): boolean {
  const last = new Map<string, number>();
  let [back, forth] = [0, 0];
  for (const { timeMs, machine } of rows) {
    const before = last.get(machine);
    if (before !== undefined && timeMs < before) back += 1;
    if (before !== undefined && timeMs > before) forth += 1;
    last.set(machine, timeMs);
  }
  return back >= 2 && back > 4 * forth;
}

/**
 * Turns a file round that has its newest row first, in bounded memory: what is read at once is sorted and kept in a temporary
 * file, and the files are read again from the last one to the first. Rows that are out of place by more than one such run
 * stay so.
 */
export async function* oldestFirst(
  readings: AsyncIterable<readonly RecordedReading[]>,
  runReadings = RUN_READINGS,
): AsyncGenerator<readonly RecordedReading[]> {
  const folder = await mkdtemp(join(tmpdir(), "rehearsal-rows-"));
  try {
    const runs: string[] = [];
    let held: RecordedReading[] = [];
    for await (const batch of readings) {
      held.push(...batch);
      if (held.length < runReadings) continue;
      const file = join(folder, String(runs.length));
      runs.push(file);
      await write(file, sorted(held));
      held = [];
    }
    yield sorted(held);
    for (const file of runs.reverse()) yield* read(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sorted = (readings: RecordedReading[]): RecordedReading[] =>
  readings.sort((a, b) => a.timeMs - b.timeMs || a.line - b.line);

async function write(file: string, readings: readonly RecordedReading[]): Promise<void> {
  const stream = createWriteStream(file);
  for (let at = 0; at < readings.length; at += BATCH) {
    const lines = readings
      .slice(at, at + BATCH)
      .map(({ line, timeMs, machineId, values }) => JSON.stringify([line, timeMs, machineId ?? null, values]));
    if (!stream.write(`${lines.join("\n")}\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function* read(file: string): AsyncGenerator<readonly RecordedReading[]> {
  let batch: RecordedReading[] = [];
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const [line, timeMs, machineId, values] = JSON.parse(text) as [number, number, string | null, (number | null)[]];
    batch.push({ line, timeMs, machineId: machineId ?? undefined, values });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
