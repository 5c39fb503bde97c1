import { join } from "node:path";
import { Journal } from "./journal";
import { type Log, messageOf } from "./log";
import type { Alert } from "./alerts";
import { OpenEpisodes } from "./open-episodes";
import { Outbox, type OutboxMessage } from "./outbox";
import type { MachineSnapshot } from "./pipeline";
import { type NumberedMessage, type SavedHeader, type SavedState, StateStore } from "./state-store";

/** What is written ahead: alerts with the machine that raised them, and alerts that the hub has taken. */
type JournalRecord =
  | {
      readonly kind: "alerts";
      readonly alerts: readonly NumberedMessage[];
      readonly machineId?: string;
      readonly machine?: MachineSnapshot;
    }
  | { readonly kind: "sent"; readonly sequence: number };

/** What a start goes on from. */
export interface Recovered {
  readonly state?: SavedState;
  /** Alerts that the hub may not have, oldest first. */
  readonly alerts: readonly OutboxMessage[];
  /** Machines that were journaled after the state was saved. */
  readonly machines: ReadonlyMap<string, MachineSnapshot>;
  /** What was wrong with the files. */
  readonly problem?: string;
}

export type HeaderToSave = Omit<SavedHeader, "alerts" | "openEpisodes" | "sequence" | "savedAt" | "journal">;

/** Machines between two saves of the state: 8 MB. After a kill in a storm of alerts, other machines' episodes are closed. */
const MAX_MACHINES = 1000;
/** Milliseconds for which a start from damaged files is told. */
const PROBLEM_MS = 24 * 3_600_000;

/**
 * Sees to it that what was accepted is not lost: alerts are in the journal, with the state of their machine, before
 * their message is acknowledged, and stay there until the hub has them. The state is saved from time to time; the
 * journal bridges the time between.
 */
export class Persistence {
  public journalProblem: string | undefined;
  public stateProblem: string | undefined;
  private readonly journal: Journal<JournalRecord>;
  private readonly states: StateStore;
  private sequence = 0;
  /** Alerts that the hub does not have, by their numbers; in their order. */
  private readonly pending = new Map<number, OutboxMessage>();
  private readonly openEpisodes = new OpenEpisodes();
  /** Messages that are on their way to the journal; the outbox gets them then. */
  private journaling = 0;
  /** Resolves when the journal has taken or refused the newest record of alerts. */
  private newest: Promise<unknown> = Promise.resolve();
  /** Records of alerts that the journal refused. */
  private notJournaled = 0;
  private recovery: { readonly problem: string; readonly at: number } | undefined;
  /** First file of the journal that the state before the next one needs. */
  private previousJournal = 0;
  private saving: Promise<void> = Promise.resolve();
  /** Machines that were journaled since the state was saved. */
  private journaledMachines = 0;

  public constructor(
    directory: string,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {
    this.journal = new Journal(directory);
    this.states = new StateStore(join(directory, "state.ndjson"));
  }

  /** What is wrong with files, for the health check. */
  public problems(): string[] {
    const { recovery } = this;
    const told = recovery && performance.now() - recovery.at < PROBLEM_MS ? `restored: ${recovery.problem}` : undefined;
    const state = this.stateProblem === undefined ? undefined : `not saved: ${this.stateProblem}`;
    return [told, state, this.journalProblem].flatMap((problem) =>
      problem === undefined ? [] : [`state: ${problem}`],
    );
  }

  /** Reads what the last run left. Never throws. */
  public async recover(): Promise<Recovered> {
    const problems: string[] = [];
    const { state, problem } = await this.states
      .load()
      .catch((error: unknown) => ({ state: undefined, problem: messageOf(error) }));
    if (problem !== undefined) problems.push(problem);
    const machines = new Map<string, MachineSnapshot>();
    for (const { sequence, message } of state?.header.alerts ?? []) this.pending.set(sequence, message);
    this.openEpisodes.restore(state?.header.openEpisodes ?? []);
    this.sequence = state?.header.sequence ?? 0;
    try {
      const { records, damaged } = await this.journal.open(state?.header.journal);
      this.previousJournal = state?.header.journal ?? 0;
      if (damaged > 0) problems.push(`${damaged} lines of the journal are damaged and were left out`);
      for (const record of records) this.replay(record, machines);
    } catch (error) {
      problems.push(`journal not read: ${messageOf(error)}`);
    }
    const alerts = [...this.pending].sort(([a], [b]) => a - b);
    this.pending.clear();
    for (const [sequence, message] of alerts) {
      this.pending.set(sequence, message);
      this.outbox.push(message, (taken) => {
        this.settled(sequence, taken);
      });
    }
    if (problems.length > 0) {
      this.recovery = { problem: problems.join("; "), at: performance.now() };
      this.log("error", "state damaged", { reason: this.recovery.problem });
    }
    return {
      ...(state && { state }),
      alerts: alerts.map(([, message]) => message),
      machines,
      ...(problems.length > 0 && { problem: problems.join("; ") }),
    };
  }

  /**
   * Writes alerts to the journal together with their machine, then gives them to the hub: what the hub was told of is
   * known after a kill. Resolves when they cannot be lost any more: they are on the disk or, where that takes nothing,
   * the hub has them.
   */
  public async keep(messages: readonly OutboxMessage[], machineId?: string, machine?: MachineSnapshot): Promise<void> {
    const alerts = messages.map((message) => ({ sequence: this.sequence++, message }));
    for (const { sequence, message } of alerts) {
      this.pending.set(sequence, message);
      this.openEpisodes.note(message);
    }
    this.journaling += alerts.length;
    // Records are appended and fail in the order in which they were given, so that the outbox gets them in that order.
    const journaled = this.append({
      kind: "alerts",
      alerts,
      ...(machineId !== undefined && machine && ++this.journaledMachines <= MAX_MACHINES && { machineId, machine }),
    }).then(
      () => true,
      () => {
        this.notJournaled++;
        return false;
      },
    );
    this.newest = journaled;
    const isJournaled = await journaled;
    this.journaling -= alerts.length;
    const taken = alerts.map(
      ({ sequence, message }) =>
        new Promise<void>((resolve) => {
          this.outbox.push(message, (isTaken) => {
            this.settled(sequence, isTaken);
            resolve();
          });
        }),
    );
    if (!isJournaled) await Promise.all(taken);
  }

  /** Messages that the hub does not have yet. */
  public get unsent(): number {
    return this.journaling + this.outbox.pending;
  }

  /** Resolves when what was given to {@link keep} so far is on the disk, or the disk has refused it, and in the outbox. */
  public async journaled(): Promise<void> {
    await this.newest;
  }

  /** Ends of the episodes that the last run told of and that are not among `known`. */
  public forgotten(known: ReadonlySet<string>): Alert[] {
    return this.openEpisodes.ends(known, new Date());
  }

  /** Saves the state. Never throws: a full disk is logged and told, and scoring goes on. Returns whether it is saved. */
  public async save(
    header: () => HeaderToSave,
    machines: () => Iterable<readonly [string, MachineSnapshot]>,
  ): Promise<boolean> {
    const saving = this.saving.then(() => this.saveNow(header, machines));
    this.saving = saving.then(() => undefined);
    return saving;
  }

  public async close(): Promise<void> {
    await this.journal.close().catch(() => undefined);
  }

  private async saveNow(
    header: () => HeaderToSave,
    machines: () => Iterable<readonly [string, MachineSnapshot]>,
  ): Promise<boolean> {
    try {
      // What is journaled from here on is newer than the state, or as new: it is replayed over it.
      const journal = await this.journal.rotate();
      this.journaledMachines = 0;
      const alerts = [...this.pending].map(([sequence, message]) => ({ sequence, message }));
      const whole = {
        ...header(),
        savedAt: new Date().toISOString(),
        alerts,
        openEpisodes: this.openEpisodes.list(),
        sequence: this.sequence,
        journal,
      };
      const { notJournaled } = this;
      // Machines are written while messages are scored: their alerts have to be on the disk before the state counts, or
      // a kill leaves machines that have an episode open whose alert is nowhere.
      const settle = async (): Promise<void> => {
        await this.journaled();
        if (this.notJournaled !== notJournaled) throw new Error("alerts of the machines in it could not be journaled");
      };
      await this.states.save({ header: whole, machines: machines(), settle });
      await this.journal.prune(this.previousJournal);
      this.previousJournal = journal;
      this.stateProblem = undefined;
      return true;
    } catch (error) {
      this.stateProblem = messageOf(error);
      this.log("error", "state not saved", { reason: this.stateProblem });
      return false;
    }
  }

  private replay(record: JournalRecord, machines: Map<string, MachineSnapshot>): void {
    if (record.kind === "sent") {
      this.pending.delete(record.sequence);
      return;
    }
    for (const { sequence, message } of record.alerts) {
      this.pending.set(sequence, message);
      this.openEpisodes.note(message);
      this.sequence = Math.max(this.sequence, sequence + 1);
    }
    if (record.machineId !== undefined && record.machine) machines.set(record.machineId, record.machine);
  }

  private settled(sequence: number, taken: boolean): void {
    this.pending.delete(sequence);
    // Not waited for: without it the hub gets the alert once more after a crash.
    if (taken) void this.append({ kind: "sent", sequence }).catch(() => undefined);
  }

  private async append(record: JournalRecord): Promise<void> {
    try {
      await this.journal.append(record);
      this.journalProblem = undefined;
    } catch (error) {
      if (this.journalProblem === undefined) this.log("error", "journal not written", { reason: messageOf(error) });
      this.journalProblem = `${messageOf(error)}; messages with alerts are acknowledged when the hub has the alert`;
      throw error;
    }
  }
}
