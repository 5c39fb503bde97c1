import type { DetectorOutput } from "@edge-anomaly-detection/detector-contract";

/** A message for one of the module's outputs. */
export interface OutboxMessage {
  readonly output: DetectorOutput;
  readonly body: string;
}

/** Hands a message to the hub; resolves when the hub has it. */
export type Send = (message: OutboxMessage) => Promise<void>;

export interface OutboxOptions {
  /** Alerts and feedback kept while the hub does not take them. */
  readonly maxAlerts: number;
  /** Scores and dead letters kept while the hub does not take them. */
  readonly maxOthers: number;
  /** Messages under way at once, besides the alert that is. */
  readonly concurrency: number;
  /** Milliseconds before the first new attempt; doubled with each further one up to 30 s. */
  readonly retryMs: number;
}

export const OUTBOX_DEFAULTS: OutboxOptions = { maxAlerts: 10_000, maxOthers: 1000, concurrency: 16, retryMs: 500 };

const MAX_RETRY_MS = 30_000;

interface Entry {
  readonly message: OutboxMessage;
  /** Place in the order of all messages. */
  readonly sequence: number;
  readonly onSettled: ((taken: boolean) => void) | undefined;
}

interface Lane {
  /** By sequence, lowest first. */
  readonly waiting: Entry[];
  readonly underWay: Set<Entry>;
  readonly limit: number;
  readonly concurrency: number;
}

/** Whether a message is kept on the disk and sent before all others: alerts, and what operators said of them. */
export function isKept({ output }: OutboxMessage): boolean {
  return output === "anomalyOutput" || output === "feedbackOutput";
}

/**
 * Keeps messages until the hub has taken them. Alerts go one at a time, before anything else; what fails is sent again
 * in its old place, so that the order is kept. When a lane is full its oldest message goes, and is counted. A message
 * may reach the hub twice when the connection breaks before the hub's answer arrives: alerts carry an id.
 */
export class Outbox {
  /** Messages that were dropped because their lane was full. */
  public readonly dropped = { alerts: 0, others: 0 };
  /** Messages that the hub has taken. */
  public sent = 0;
  private readonly alerts: Lane;
  private readonly others: Lane;
  private failures = 0;
  private sequence = 0;
  private retry: NodeJS.Timeout | undefined;
  private idle: (() => void)[] = [];
  private closed = false;

  public constructor(
    private readonly send: Send,
    private readonly onFailure: (error: unknown, failures: number) => void,
    private readonly options: OutboxOptions = OUTBOX_DEFAULTS,
  ) {
    this.alerts = { waiting: [], underWay: new Set(), limit: options.maxAlerts, concurrency: 1 };
    this.others = { waiting: [], underWay: new Set(), limit: options.maxOthers, concurrency: options.concurrency };
  }

  /** Messages that the hub does not have yet. */
  public get pending(): number {
    return [this.alerts, this.others].reduce((sum, { waiting, underWay }) => sum + waiting.length + underWay.size, 0);
  }

  /** Alerts and feedback that the hub does not have yet, oldest first: what a saved state has to carry. */
  public pendingAlerts(): readonly OutboxMessage[] {
    return [...this.alerts.underWay, ...this.alerts.waiting].map(({ message }) => message);
  }

  /** Takes a message. `onSettled` is told whether the hub has it (true) or it was dropped (false). */
  public push(message: OutboxMessage, onSettled?: (taken: boolean) => void): void {
    const lane = isKept(message) ? this.alerts : this.others;
    if (lane.waiting.length >= lane.limit) {
      const oldest = lane.waiting.shift();
      this.dropped[lane === this.alerts ? "alerts" : "others"]++;
      oldest?.onSettled?.(false);
    }
    lane.waiting.push({ message, sequence: this.sequence++, onSettled });
    this.pump();
  }

  /** Tries at once what waits for its next attempt, for when the connection is back. */
  public nudge(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.failures = 0;
    this.pump();
  }

  /** Resolves when nothing is pending, or after `timeoutMs`. Returns whether nothing is. */
  public async drain(timeoutMs: number): Promise<boolean> {
    if (this.pending === 0) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.pending === 0;
  }

  /** Sends nothing further; what is pending stays for the saved state. */
  public close(): void {
    this.closed = true;
    clearTimeout(this.retry);
  }

  private pump(): void {
    if (this.closed || this.retry !== undefined) return;
    for (const lane of [this.alerts, this.others]) {
      while (lane.underWay.size < lane.concurrency) {
        const entry = lane.waiting.shift();
        if (entry === undefined) break;
        lane.underWay.add(entry);
        void this.attempt(lane, entry);
      }
    }
  }

  private async attempt(lane: Lane, entry: Entry): Promise<void> {
    try {
      await this.send(entry.message);
      lane.underWay.delete(entry);
      this.sent++;
      this.failures = 0;
      entry.onSettled?.(true);
    } catch (error) {
      lane.underWay.delete(entry);
      putBack(lane.waiting, entry);
      this.onFailure(error, ++this.failures);
      this.retry ??= setTimeout(
        () => {
          this.retry = undefined;
          this.pump();
        },
        Math.min(this.options.retryMs * 2 ** Math.min(this.failures - 1, 16), MAX_RETRY_MS),
      );
    }
    this.pump();
    if (this.pending === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}

/** Puts an entry back into its place: those under way with it may have failed before it, and wait already. */
function putBack(waiting: Entry[], entry: Entry): void {
  const place = waiting.findIndex(({ sequence }) => sequence > entry.sequence);
  if (place < 0) waiting.push(entry);
  else waiting.splice(place, 0, entry);
}
