import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../src/journal";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "journal-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function written(records: readonly unknown[]): Promise<string> {
  const journal = new Journal<unknown>(directory);
  await journal.open();
  await Promise.all(records.map((record) => journal.append(record)));
  await journal.close();
  const [name] = await readdir(directory);
  return join(directory, name ?? "");
}

async function read(from?: number): Promise<{ records: unknown[]; damaged: number }> {
  return new Journal<unknown>(directory).open(from);
}

test("what was appended is there again, in its order", async () => {
  await written([1, { a: "ü\n" }, [3]]);
  expect(await read()).toEqual({ records: [1, { a: "ü\n" }, [3]], damaged: 0 });
});

test("an append resolves when the record is in the file", async () => {
  const journal = new Journal<string>(directory);
  await journal.open();
  await journal.append("first");
  expect(await read()).toEqual({ records: ["first"], damaged: 0 });
  await journal.close();
});

test("a last line that was cut short is left out alone, and what follows in the next run is read", async () => {
  const file = await written(["a", "b"]);
  await writeFile(file, (await readFile(file, "utf8")).slice(0, -4));
  const journal = new Journal<string>(directory);
  await journal.open();
  await journal.append("c");
  await journal.close();
  expect(await read()).toEqual({ records: ["a", "c"], damaged: 0 });
});

test("a flipped bit in any byte is found, and costs one record or two", async () => {
  const file = await written([{ value: 1 }, { value: 2 }, { value: 3 }]);
  const whole = await readFile(file);
  for (let byte = 0; byte < whole.length; byte++) {
    const flipped = Buffer.from(whole);
    flipped[byte] = (flipped[byte] ?? 0) ^ (1 << ((byte * 5) % 8));
    await writeFile(file, flipped);
    const { records, damaged } = await read();
    // Without its end, the last line is taken for one that was cut short.
    expect(damaged > 0 || byte === whole.length - 1).toBe(true);
    expect(records.length).toBeGreaterThanOrEqual(1);
    for (const record of records) expect([{ value: 1 }, { value: 2 }, { value: 3 }]).toContainEqual(record);
  }
});

test("after a state was saved, what is older is not read and then gone", async () => {
  const journal = new Journal<string>(directory);
  await journal.open();
  await journal.append("old");
  const from = await journal.rotate();
  await journal.append("new");
  expect((await read(from)).records).toEqual(["new"]);
  expect((await read()).records).toEqual(["old", "new"]);
  await journal.prune(from);
  expect((await read()).records).toEqual(["new"]);
  await journal.close();
});

test("a disk that takes nothing is said, and it goes on when it does again", async () => {
  const folder = join(directory, "folder");
  await writeFile(folder, "");
  const journal = new Journal<string>(folder);
  await journal.open();
  await expect(journal.append("lost")).rejects.toThrow(/^journal not written: /);
  await rm(folder);
  await journal.append("kept");
  await journal.close();
  expect((await new Journal<string>(folder).open()).records).toEqual(["kept"]);
});

test("other files in the folder are left alone", async () => {
  await appendFile(join(directory, "journal.txt"), "x");
  await appendFile(join(directory, "state.ndjson"), "x");
  expect(await read()).toEqual({ records: [], damaged: 0 });
  const journal = new Journal<string>(directory);
  await journal.open();
  await journal.prune(99);
  expect((await readdir(directory)).sort()).toEqual(["journal.txt", "state.ndjson"]);
});
