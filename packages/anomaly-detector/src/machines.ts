import { createOrder, type OrderState } from "./order";
import type { AgreementState, DriftState } from "./models/watch";
import type { InputWindow } from "./models/window";

/** What is known of one machine besides what the engine has learnt of it. */
export interface MachineRecord {
  readonly order: OrderState;
  /** Messages that were scored. */
  messages: number;
  /** Module clock at the newest message. */
  clockMs: number;
  /** Whether its silence has been told. */
  isSilent: boolean;
  /** Windows of the model in use and of the shadow model. */
  windows: Partial<Record<ModelRole, InputWindow>>;
  /** Judges the shadow model's scores; plain data. */
  shadowJudge?: unknown;
  /** How its readings and scores lie beside those of training. */
  drift?: DriftState;
  /** How often the two models said the same. */
  agreement?: AgreementState;
  /** A backlog that is delivered beside live data. */
  backlog?: Backlog;
}

export interface Backlog {
  readonly order: OrderState;
  clockMs: number;
  /** Messages since the last live one. */
  run: number;
  /** Module clock at the last live message. */
  liveClockMs: number;
}

/** The model whose scores count, and the one that is tried beside it. */
export type ModelRole = "model" | "shadowModel";

/** Messages after which a machine keeps its place against newcomers. */
const ESTABLISHED = 100;
/** Newcomers that are compared for the place of one. */
const COMPARED = 32;
/** Milliseconds of silence after which an established machine gives up its place. */
export const FORGET_MS = 7 * 86_400_000;

/**
 * The machines that have a state, at most so many. A newcomer takes the place of the newcomer with the fewest messages
 * that has been silent longest; one with a hundred messages is established and keeps its place until it has been silent
 * for a week. So a flood of ids, of a sensor that counts them up say, replaces itself and no machine that was learnt.
 */
export class Machines {
  /** Newcomers that had to go for others. */
  public evicted = 0;
  private readonly known = new Map<string, MachineRecord>();
  /** Least recently seen first. */
  private readonly newcomers = new Set<string>();

  public get size(): number {
    return this.known.size;
  }

  public get(machineId: string): MachineRecord | undefined {
    return this.known.get(machineId);
  }

  public records(): IterableIterator<MachineRecord> {
    return this.known.values();
  }

  public entries(): IterableIterator<[string, MachineRecord]> {
    return this.known.entries();
  }

  /**
   * The record of a machine, made where there is none. `victim` is a machine that had to go for it and has to be
   * forgotten; without a record there was no place.
   */
  public enter(machineId: string, limit: number, clockMs: number): { record?: MachineRecord; victim?: string } {
    const known = this.known.get(machineId);
    if (known) return { record: known };
    let victim: string | undefined;
    if (this.known.size >= limit) {
      victim = this.leastEstablished() ?? this.longSilent(clockMs);
      if (victim === undefined) return {};
      this.remove(victim);
      this.evicted++;
    }
    const record: MachineRecord = { order: createOrder(), messages: 0, clockMs, isSilent: false, windows: {} };
    this.put(machineId, record);
    return victim === undefined ? { record } : { record, victim };
  }

  public put(machineId: string, record: MachineRecord): void {
    this.known.set(machineId, record);
    if (record.messages < ESTABLISHED) this.newcomers.add(machineId);
  }

  /** Notes that a machine has sent a message that is scored. */
  public seen(machineId: string, record: MachineRecord, clockMs: number): void {
    record.messages++;
    record.clockMs = clockMs;
    record.isSilent = false;
    if (record.messages > ESTABLISHED) return;
    this.newcomers.delete(machineId);
    if (record.messages < ESTABLISHED) this.newcomers.add(machineId);
  }

  public remove(machineId: string): void {
    this.known.delete(machineId);
    this.newcomers.delete(machineId);
  }

  private leastEstablished(): string | undefined {
    let least: string | undefined;
    let fewest = Infinity;
    let compared = 0;
    for (const id of this.newcomers) {
      const messages = this.known.get(id)?.messages ?? 0;
      if (messages < fewest) [least, fewest] = [id, messages];
      if (++compared === COMPARED) break;
    }
    return least;
  }

  private longSilent(clockMs: number): string | undefined {
    for (const [id, record] of this.known) if (clockMs - record.clockMs > FORGET_MS) return id;
    return undefined;
  }
}
