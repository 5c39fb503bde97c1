import type { Queue, QueueMessage } from "../../src/queue";

interface Stored {
  readonly id: string;
  readonly body: string;
  lockedUntil: number;
  deliveries: number;
}

const LOCK_MS = 300_000;

/** A queue as Service Bus keeps one: locks of five minutes, duplicates by message id, dead letters after many deliveries. */
export class Broker implements Queue {
  public readonly deadLetters: string[] = [];
  private readonly messages: Stored[] = [];
  private readonly seen = new Set<string>();

  public constructor(
    private readonly clock: () => number,
    private readonly maxDeliveries = 2000,
  ) {}

  public get waiting(): number {
    return this.messages.length;
  }

  public send(id: string, event: unknown): void {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.messages.push({ id, body: JSON.stringify(event), lockedUntil: 0, deliveries: 0 });
  }

  public receive(): Promise<QueueMessage | undefined> {
    const now = this.clock();
    const next = this.messages.find(({ lockedUntil }) => lockedUntil <= now);
    if (next === undefined) return Promise.resolve(undefined);
    next.deliveries += 1;
    if (next.deliveries > this.maxDeliveries) {
      this.messages.splice(this.messages.indexOf(next), 1);
      this.deadLetters.push(next.id);
      return this.receive();
    }
    next.lockedUntil = now + LOCK_MS;
    const mine = next.lockedUntil;
    return Promise.resolve({
      body: next.body,
      complete: () => {
        const index = this.messages.indexOf(next);
        if (index >= 0 && next.lockedUntil === mine) this.messages.splice(index, 1);
        return Promise.resolve();
      },
    });
  }
}
