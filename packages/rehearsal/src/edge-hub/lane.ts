import type { ClassicLevel } from "classic-level";
import type { QueuedMessage } from "./queued-message";

/** A message in a queue. */
export interface Entry {
  readonly lane: Lane;
  /** Order of arrival at the hub. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Bytes of its value in the store. */
  readonly bytes: number;
  readonly message: QueuedMessage;
}

/** Bytes of a queue's messages that are kept in memory, beside the disk. */
const IN_MEMORY_BYTES = 8 * 1024 * 1024;
/** Messages that are read from disk at once. */
const PAGE = 500;
/** Delivered messages after which the array that held them is made shorter. */
const SHORTEN_AFTER = 1000;

const digits = (value: number, count: number): string => String(value).padStart(count, "0");

/**
 * A queue: the messages of one endpoint and priority. Only its head is in memory, so that a long one costs disk alone.
 *
 * Readers acknowledge in about the order of delivery. So that an acknowledgement costs no write of its own, the queue keeps a
 * position, below which all messages are acknowledged; those above it that are acknowledged already are known in memory
 * alone and come again after a kill of the process.
 */
export class Lane {
  /** Messages that are stored, those under way included. */
  public count = 0;
  /** Whether the position has moved since `saved` was called. */
  public isMoved = false;
  private ready: Entry[] = [];
  private head = 0;
  private readyBytes = 0;
  /** The newest message that is or was in `ready`. */
  private loaded = 0;
  /** The newest message that is stored. */
  private newest = 0;
  /** Messages that were handed out and not removed yet, oldest first. */
  private readonly underWay = new Set<number>();
  /** Messages at or above the position that are removed. */
  private readonly removed = new Set<number>();
  private cleared = 0;

  public constructor(
    private readonly endpoint: string,
    public readonly priority: number,
    private readonly decode: (value: Buffer) => { readonly expiresAt: number; readonly message: QueuedMessage },
    /** The position that was saved. */
    private position = 0,
  ) {}

  public keyOf(sequence: number): string {
    return `m!${this.endpoint}!${digits(this.priority, 10)}!${digits(sequence, 16)}`;
  }

  public get positionKey(): string {
    return positionKeyOf(this.endpoint, this.priority);
  }

  /** All messages below it are removed. */
  public saved(): number {
    this.isMoved = false;
    return this.position;
  }

  /** Keys of removed messages that may still be on disk; undefined where there are none. They must be deleted then. */
  public takeRemovedKeys(): { readonly gte: string; readonly lt: string } | undefined {
    if (this.position <= this.cleared) return undefined;
    const range = { gte: this.keyOf(this.cleared), lt: this.keyOf(this.position) };
    this.cleared = this.position;
    return range;
  }

  /** Takes a message that has been written. */
  public add(entry: Entry): void {
    this.count += 1;
    if (this.loaded >= this.newest && this.readyBytes < IN_MEMORY_BYTES) {
      this.ready.push(entry);
      this.readyBytes += entry.bytes;
      this.loaded = entry.sequence;
    }
    this.newest = entry.sequence;
  }

  /** Counts a message that was in the store when it was opened; false where it was removed before that. */
  public found(sequence: number): boolean {
    if (sequence < this.position) return false;
    this.count += 1;
    this.newest = Math.max(this.newest, sequence);
    return true;
  }

  public get hasNext(): boolean {
    return this.head < this.ready.length || this.loaded < this.newest;
  }

  /** Whether the next message is on disk alone. */
  public get needsPage(): boolean {
    return this.head >= this.ready.length && this.loaded < this.newest;
  }

  public async readPage(db: ClassicLevel<string, Buffer>): Promise<void> {
    const until = this.newest;
    const from = this.loaded;
    const found = await db.iterator({ gt: this.keyOf(from), lte: this.keyOf(until), limit: PAGE }).all();
    // A message that was taken meanwhile, or a reader that went, would make this page an old one.
    if (!this.needsPage || from !== this.loaded) return;
    for (const [key, value] of found) {
      const sequence = Number(key.slice(key.lastIndexOf("!") + 1));
      this.loaded = sequence;
      if (sequence < this.position || this.removed.has(sequence)) continue;
      this.ready.push({ lane: this, sequence, bytes: value.length, ...this.decode(value) });
      this.readyBytes += value.length;
    }
    if (found.length < PAGE) this.loaded = Math.max(this.loaded, until);
  }

  public peek(): Entry | undefined {
    return this.ready[this.head];
  }

  /** Hands out the next message. */
  public shift(): Entry | undefined {
    const entry = this.ready[this.head];
    if (entry === undefined) return undefined;
    this.head += 1;
    this.readyBytes -= entry.bytes;
    this.underWay.add(entry.sequence);
    if (this.head > SHORTEN_AFTER || this.head === this.ready.length) {
      this.ready = this.ready.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  /** Forgets a message that was handed out. */
  public remove({ sequence }: Entry): void {
    this.count -= 1;
    this.underWay.delete(sequence);
    this.removed.add(sequence);
    const position = this.oldest();
    if (position <= this.position) return;
    this.position = position;
    this.isMoved = true;
    for (const each of this.removed) if (each < position) this.removed.delete(each);
  }

  /** The oldest message that is not removed, or where the next one will be at the earliest. */
  private oldest(): number {
    const [underWay] = this.underWay;
    return underWay ?? this.peek()?.sequence ?? this.loaded + 1;
  }

  public rewind(): void {
    this.ready = [];
    this.head = 0;
    this.readyBytes = 0;
    this.underWay.clear();
    this.loaded = this.count === 0 ? this.newest : Math.max(0, this.position - 1);
  }
}

export const positionKeyOf = (endpoint: string, priority: number | string): string =>
  `c!${endpoint}!${typeof priority === "number" ? digits(priority, 10) : priority}`;
