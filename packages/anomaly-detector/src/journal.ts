import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readLines } from "./lines";
import { messageOf } from "./log";

/**
 * A write-ahead journal: records are on the disk before what caused them is acknowledged. Each line is the first 16
 * digits of a SHA-256 and the record as JSON, so that a line cut short by a crash, or a bit that flipped, is found and
 * left out alone.
 *
 * A journal is a row of files with growing numbers. A snapshot of the state makes all files before it superfluous
 * ({@link rotate}, {@link prune}).
 */
export class Journal<T> {
  private file: FileHandle | undefined;
  private number = 0;
  private waiting: { readonly line: string; readonly done: () => void; readonly failed: (error: unknown) => void }[] =
    [];
  private writing: Promise<void> | undefined;

  public constructor(
    private readonly directory: string,
    private readonly name = "journal",
  ) {}

  /**
   * Reads the records of the files from number `from` on, oldest first, and how many lines were damaged. A new file takes
   * what is appended from now on.
   */
  public async open(from = 0): Promise<{ readonly records: T[]; readonly damaged: number }> {
    const records: T[] = [];
    let damaged = 0;
    this.number = from;
    for (const number of await this.numbers()) {
      this.number = Math.max(this.number, number);
      if (number < from) continue;
      for await (const line of readLines(createReadStream(this.pathOf(number)), MAX_LINE)) {
        const record = line.ok ? parse(line.text) : undefined;
        if (record !== undefined) records.push(record.value as T);
        // The last line of a run that was killed may be cut short: it was not acknowledged, and is no damage.
        else if (!line.ok || line.isEnded) damaged++;
      }
    }
    return { records, damaged };
  }

  /**
   * Appends a record; resolves when it is on the disk. Records that are appended while others are being written go to
   * the disk together, with one flush.
   */
  public append(record: T): Promise<void> {
    const json = JSON.stringify(record);
    const line = `${digestOf(json)} ${json}\n`;
    return new Promise<void>((done, failed) => {
      this.waiting.push({ line, done, failed });
      this.writing ??= this.writeWaiting().finally(() => (this.writing = undefined));
    });
  }

  /** Goes on in a new file and returns its number: what was appended before is in files with lower ones. */
  public async rotate(): Promise<number> {
    while (this.writing) await this.writing;
    const { file } = this;
    this.file = undefined;
    const number = ++this.number;
    await file?.close();
    return number;
  }

  /** Removes all files with numbers below `from`. */
  public async prune(from: number): Promise<void> {
    for (const number of await this.numbers()) if (number < from) await rm(this.pathOf(number), { force: true });
  }

  public async close(): Promise<void> {
    await this.writing;
    await this.file?.close();
    this.file = undefined;
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        const file = await this.fileToWrite();
        await file.appendFile(batch.map(({ line }) => line).join(""));
        await file.datasync();
        for (const { done } of batch) done();
      } catch (error) {
        // Part of a line may be on the disk: the next record must not be joined to it.
        await this.file?.close().catch(() => undefined);
        this.file = undefined;
        this.number++;
        for (const { failed } of batch) failed(new Error(`journal not written: ${messageOf(error)}`));
      }
    }
  }

  private async fileToWrite(): Promise<FileHandle> {
    if (this.file) return this.file;
    await mkdir(this.directory, { recursive: true });
    // Never the file of the run before: its last line may be cut short.
    if ((await this.numbers()).includes(this.number)) this.number++;
    this.file = await open(this.pathOf(this.number), "ax", 0o600);
    await syncFolder(this.directory);
    return this.file;
  }

  private async numbers(): Promise<number[]> {
    const names = await readdir(this.directory).catch(() => [] as string[]);
    return names
      .filter((name) => name.startsWith(`${this.name}.`) && /^\d+$/.test(name.slice(this.name.length + 1)))
      .map((name) => Number(name.slice(this.name.length + 1)))
      .sort((a, b) => a - b);
  }

  private pathOf(number: number): string {
    return join(this.directory, `${this.name}.${number}`);
  }
}

/** Puts a folder's list of names on the disk: without, a new file may be gone after a power failure. */
export async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A record holds an alert and what is known of one machine. */
const MAX_LINE = 4 * 1024 * 1024;
const DIGITS = 16;

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, DIGITS);
}

function parse(line: string): { readonly value: unknown } | undefined {
  const json = line.slice(DIGITS + 1);
  if (line[DIGITS] !== " " || line.slice(0, DIGITS) !== digestOf(json)) return undefined;
  try {
    return { value: JSON.parse(json) };
  } catch {
    return undefined;
  }
}
