import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ModelConfiguration } from "./configuration";
import type { StateHeader } from "./machine-state";
import { digestOf, syncFolder } from "./journal";
import { readLines } from "./lines";
import { messageOf } from "./log";
import type { ModelRole } from "./machines";
import type { OpenEpisode } from "./open-episodes";
import type { OutboxMessage } from "./outbox";
import type { MachineSnapshot } from "./pipeline";

/** A message that the hub has not taken, with its number in the order of all. */
export interface NumberedMessage {
  readonly sequence: number;
  readonly message: OutboxMessage;
}

/** What a state file holds besides the machines. */
export interface SavedHeader {
  readonly engine: StateHeader;
  /** When it was saved, by the device's clock. */
  readonly savedAt: string;
  /** The module's own clock, which goes on from there: the time between does not count as silence. */
  readonly clockMs: number;
  /** The desired properties that were in force. */
  readonly desired: unknown;
  /** Models to fall back to. */
  readonly previousModels: Partial<Readonly<Record<ModelRole, ModelConfiguration>>>;
  readonly alerts: readonly NumberedMessage[];
  /** Episodes that the hub was told of and was not told the end of; absent in states of older versions. */
  readonly openEpisodes?: readonly OpenEpisode[];
  /** Number of the next alert. */
  readonly sequence: number;
  /** First file of the journal that is newer than this state. */
  readonly journal: number;
}

export interface SavedState {
  readonly header: SavedHeader;
  readonly machines: readonly (readonly [string, MachineSnapshot])[];
}

/** A state on its way to the disk; the machines are read one by one. */
export interface StateToSave {
  readonly header: SavedHeader;
  readonly machines: Iterable<readonly [string, MachineSnapshot]>;
  /** Resolves when all that the machines' states follow from is on the disk; called before the state counts. */
  readonly settle?: () => Promise<void>;
}

export interface Loaded {
  /** Absent where there is none, or none that is whole. */
  readonly state?: SavedState;
  /** What was wrong with newer files. */
  readonly problem?: string;
}

export const STATE_FORMAT = "anomaly-detector-state/2";

/** Machines written before other work gets its turn: about 2 ms. */
const MACHINES_AT_ONCE = 20;
/** A machine has kilobytes, a header up to ten thousand alerts. */
const MAX_LINE = 64 * 1024 * 1024;

/** Keeps the state in files that are always whole, and the one before it. */
export class StateStore {
  private saving: Promise<void> | undefined;

  public constructor(private readonly file: string) {}

  /** Writes a state; when one is being written already, waits for it and writes anew. */
  public async save(state: StateToSave): Promise<void> {
    while (this.saving) await this.saving.catch(() => undefined);
    this.saving = this.write(state);
    try {
      await this.saving;
    } finally {
      this.saving = undefined;
    }
  }

  /**
   * Reads the newest state that is whole: the file, the next one where a crash came between writing and renaming it, or
   * the one before. A damaged file is put aside, so that it can be looked at and does not stop the next start.
   */
  public async load(): Promise<Loaded> {
    const problems: string[] = [];
    for (const name of [this.file, `${this.file}.new`, `${this.file}.previous`]) {
      try {
        const state = await read(name);
        const problem = problems.join("; ");
        return {
          state,
          ...(problem !== "" && { problem: `${problem}; went on from the state of ${state.header.savedAt}` }),
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
        // A file that was being written when the module ended is no damage.
        if (name.endsWith(".new")) continue;
        problems.push(`${name.slice(dirname(name).length + 1)} is damaged: ${messageOf(error)}`);
        await rename(name, `${name}.damaged`).catch(() => undefined);
      }
    }
    return problems.length > 0 ? { problem: `${problems.join("; ")}; learning starts anew` } : {};
  }

  private async write({ header, machines, settle }: StateToSave): Promise<void> {
    const temporary = `${this.file}.new`;
    await mkdir(dirname(this.file), { recursive: true });
    const file = await open(temporary, "w", 0o600);
    try {
      await file.write(toLine({ format: STATE_FORMAT, ...header }));
      let count = 0;
      let batch = "";
      for (const entry of machines) {
        batch += toLine(entry);
        if (++count % MACHINES_AT_ONCE > 0) continue;
        await file.write(batch);
        batch = "";
        await new Promise((resolve) => setImmediate(resolve));
      }
      await file.write(`${batch}${toLine({ machines: count })}`);
      await file.sync();
      await settle?.();
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await file.close();
    await rename(this.file, `${this.file}.previous`).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    });
    await rename(temporary, this.file);
    await syncFolder(dirname(this.file));
  }
}

function toLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${digestOf(json)} ${json}\n`;
}

/** Reads a file; throws when it is not there, not whole, or one bit of it is another. */
async function read(path: string): Promise<SavedState> {
  let header: (SavedHeader & { readonly format: string }) | undefined;
  const machines: [string, MachineSnapshot][] = [];
  let count: number | undefined;
  for await (const line of readLines(createReadStream(path), MAX_LINE)) {
    if (!line.ok) throw new Error(`line ${line.number} is too long`);
    if (line.number === 1 && line.text.startsWith("{")) return migrate(line.text);
    const value = fromLine(line.text, line.number);
    if (count !== undefined) throw new Error(`line ${line.number} follows the last one`);
    if (header === undefined) {
      header = value as SavedHeader & { format: string };
      if (header.format !== STATE_FORMAT) throw new Error(`format is ${header.format}, not ${STATE_FORMAT}`);
    } else if (Array.isArray(value)) machines.push(value as [string, MachineSnapshot]);
    else count = (value as { readonly machines: number }).machines;
  }
  if (!header || count !== machines.length) throw new Error("it ends before its last line");
  return { header, machines };
}

function fromLine(line: string, number: number): unknown {
  const separator = line.indexOf(" ");
  const json = line.slice(separator + 1);
  if (line.slice(0, separator) !== digestOf(json)) throw new Error(`line ${number} is not what was written`);
  return JSON.parse(json);
}

/**
 * Takes over what still means the same of a state of format 1, which had no digests: the configuration and the alerts
 * that the hub had not taken. What its detectors had learnt is not what this one's learn.
 */
function migrate(firstLine: string): SavedState {
  const old = JSON.parse(firstLine) as {
    readonly format?: string;
    readonly detectorVersion?: string;
    readonly desired?: unknown;
    readonly alerts?: readonly OutboxMessage[];
  };
  if (old.format !== "anomaly-detector-state/1" || !Array.isArray(old.alerts))
    throw new Error("it has no known format");
  const alerts = (old.alerts as readonly OutboxMessage[]).map((message, sequence) => ({ sequence, message }));
  const engine = { detectorVersion: old.detectorVersion ?? "", shape: null } as unknown as StateHeader;
  return {
    header: {
      engine,
      savedAt: "format 1",
      clockMs: 0,
      desired: old.desired ?? {},
      previousModels: {},
      alerts,
      sequence: alerts.length,
      journal: 0,
    },
    machines: [],
  };
}
