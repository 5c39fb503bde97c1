import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MachineSnapshot } from "../src/pipeline";
import { type SavedHeader, StateStore } from "../src/state-store";

let directory: string;
let file: string;
let store: StateStore;

const header: SavedHeader = {
  engine: { detectorVersion: "2" } as unknown as SavedHeader["engine"],
  savedAt: "2026-11-25T12:00:00.000Z",
  clockMs: 1,
  desired: { signals: { a: "a" } },
  previousModels: {},
  alerts: [{ sequence: 4, message: { output: "anomalyOutput", body: "{}" } }],
  sequence: 5,
  journal: 2,
};

function machine(clockMs: number): MachineSnapshot {
  return {
    engine: { mean: 0.1 },
    order: { newestMs: 1, recent: [1, 2], next: 1 },
    messages: 3,
    clockMs,
    isSilent: false,
  };
}

async function save(clockMs: number): Promise<void> {
  await store.save({
    header: { ...header, clockMs },
    machines: [
      ["press-1", machine(clockMs)],
      ["press-2", machine(clockMs)],
    ],
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "state-"));
  file = join(directory, "state.ndjson");
  store = new StateStore(file);
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("what was saved is loaded", async () => {
  await save(7);
  expect(await store.load()).toEqual({
    state: {
      header: { format: "anomaly-detector-state/2", ...header, clockMs: 7 },
      machines: [
        ["press-1", machine(7)],
        ["press-2", machine(7)],
      ],
    },
  });
});

test("there is none before the first", async () => {
  expect(await store.load()).toEqual({});
});

test("a flipped bit in any byte is found, and the state before it is loaded instead", async () => {
  await save(1);
  await save(2);
  const [newest, previous] = [await readFile(file), await readFile(`${file}.previous`)];
  for (let byte = 0; byte < newest.length; byte++) {
    const flipped = Buffer.from(newest);
    flipped[byte] = (flipped[byte] ?? 0) ^ (1 << ((byte * 5) % 8));
    await writeFile(file, flipped);
    const { state, problem } = await store.load();
    expect([byte, state?.header.clockMs, state?.machines.length]).toEqual([byte, 1, 2]);
    expect(problem).toMatch(/^state.ndjson is damaged: .*; went on from the state of 2026-11-25T12:00:00.000Z$/);
  }
  expect(await readdir(directory)).toContain("state.ndjson.damaged");
  expect(await readFile(`${file}.previous`)).toEqual(previous);
});

test("with both damaged, learning starts anew and it is said", async () => {
  await save(1);
  await save(2);
  for (const name of [file, `${file}.previous`]) await writeFile(name, "x");
  const { state, problem } = await store.load();
  expect(state).toBeUndefined();
  expect(problem).toMatch(/state.ndjson is damaged: .*; state.ndjson.previous is damaged: .*; learning starts anew$/);
});

test("a crash between writing and renaming loses nothing", async () => {
  await save(1);
  await save(2);
  await rename(file, `${file}.new`);
  expect((await store.load()).state?.header.clockMs).toBe(2);
});

test("a crash in the midst of writing leaves the last state, and is no damage", async () => {
  await save(1);
  await rename(file, `${file}.previous`);
  await writeFile(`${file}.new`, "0123");
  expect(await store.load()).toMatchObject({ state: { header: { clockMs: 1 } } });
  expect((await store.load()).problem).toBeUndefined();
});

test("of a state of format 1, configuration and alerts are taken over", async () => {
  const old = {
    format: "anomaly-detector-state/1",
    detectorVersion: "1.0.0",
    shape: {},
    desired: { $version: 3 },
    alerts: [{ output: "anomalyOutput", body: "{}" }],
  };
  await writeFile(file, `${JSON.stringify(old)}\n${JSON.stringify(["press-1", {}])}\n{"machines":1}\n`);
  expect(await store.load()).toMatchObject({
    state: {
      header: {
        desired: { $version: 3 },
        alerts: [{ sequence: 0, message: { output: "anomalyOutput" } }],
        sequence: 1,
      },
      machines: [],
    },
  });
});

test("a state of an unknown format is put aside", async () => {
  await writeFile(file, '{"format":"anomaly-detector-state/9"}\n');
  expect((await store.load()).problem).toMatch(/no known format/);
});
