import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { OutboxMessage } from "./outbox";
import type { MachineState, StateHeader } from "./pipeline";

/** What a state file holds: one line each for the header, each machine and the end. */
export interface SavedState {
  readonly header: StateHeader;
  /** The desired properties that were in force. */
  readonly desired: unknown;
  readonly alerts: readonly OutboxMessage[];
  readonly machines: readonly (readonly [string, MachineState])[];
}

/** A state on its way to the disk; the machines are read one by one. */
export interface StateToSave extends Omit<SavedState, "machines"> {
  readonly machines: Iterable<readonly [string, MachineState]>;
}

interface HeaderLine extends StateHeader {
  readonly format: string;
  readonly desired: unknown;
  readonly alerts: readonly OutboxMessage[];
}

const FORMAT = "anomaly-detector-state/1";

/** Machines written before other work gets its turn: about 2 ms. */
const MACHINES_AT_ONCE = 20;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Keeps the state in one file, which is always whole: a new one is written beside it, flushed to the disk and put in
 * its place. A crash or a full disk leaves the old one.
 */
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

  /** Reads the state; undefined where there is none. Throws on a file that is damaged. */
  public async load(): Promise<SavedState | undefined> {
    let header: HeaderLine | undefined;
    const machines: [string, MachineState][] = [];
    let complete = false;
    const lines = createInterface({ input: createReadStream(this.file, "utf8"), crlfDelay: Infinity });
    try {
      for await (const line of lines) {
        const parsed = JSON.parse(line) as HeaderLine | [string, MachineState] | { readonly machines: number };
        if (header === undefined) {
          header = parsed as HeaderLine;
          if (header.format !== FORMAT) throw new Error(`format is ${header.format}, not ${FORMAT}`);
        } else if (Array.isArray(parsed)) machines.push(parsed);
        else complete = (parsed as { readonly machines: number }).machines === machines.length;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    if (!header || !complete) throw new Error("the file ends before its last line");
    const { alerts, desired, detectorVersion, stateVersion, shape } = header;
    return { header: { detectorVersion, stateVersion, shape }, desired, alerts, machines };
  }

  /** Puts a damaged file aside, so that it can be looked at and does not stop the next start. */
  public async putAside(): Promise<void> {
    await rename(this.file, `${this.file}.damaged`);
  }

  private async write({ header, desired, alerts, machines }: StateToSave): Promise<void> {
    const temporary = `${this.file}.new`;
    await mkdir(dirname(this.file), { recursive: true });
    const file = await open(temporary, "w", 0o600);
    try {
      const first: HeaderLine = { format: FORMAT, ...header, desired, alerts };
      await file.write(`${JSON.stringify(first)}\n`);
      let count = 0;
      let batch = "";
      for (const entry of machines) {
        batch += `${JSON.stringify(entry)}\n`;
        if (++count % MACHINES_AT_ONCE > 0) continue;
        await file.write(batch);
        batch = "";
        await nextTurn();
      }
      await file.write(`${batch}${JSON.stringify({ machines: count })}\n`);
      await file.sync();
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await file.close();
    await rename(temporary, this.file);
  }
}
