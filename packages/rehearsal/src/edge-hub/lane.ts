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

/** Messages of a queue that are kept in memory, beside the disk. */
const IN_MEMORY = 1000;
const PAGE = 500;

const digits = (value: number, count: number): string => String(value).padStart(count, "0");

/** A queue: the messages of one endpoint and priority. Only its head is in memory, so that a long one costs disk alone. */
export class Lane {
  /** Messages that are stored, those under way included. */
  public count = 0;
  private ready: Entry[] = [];
  private head = 0;
  /** The newest message that is or was in `ready`. */
  private loaded = 0;
  /** The newest message that is stored. */
  private newest = 0;
  /** Messages that are removed in memory and not yet on disk. */
  private readonly removed = new Set<number>();

  public constructor(
    private readonly endpoint: string,
    public readonly priority: number,
    private readonly decode: (value: Buffer) => { readonly expiresAt: number; readonly message: QueuedMessage },
  ) {}

  public keyOf(sequence: number): string {
    return `m!${this.endpoint}!${digits(this.priority, 10)}!${digits(sequence, 16)}`;
  }

  /** Takes a message that has been written. */
  public add(entry: Entry): void {
    this.count += 1;
    if (this.loaded >= this.newest && this.ready.length - this.head < IN_MEMORY) {
      this.ready.push(entry);
      this.loaded = entry.sequence;
    }
    this.newest = entry.sequence;
  }

  /** Counts a message that was in the store when it was opened. */
  public found(sequence: number): void {
    this.count += 1;
    this.newest = Math.max(this.newest, sequence);
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
    const range = { gt: this.keyOf(this.loaded), lte: this.keyOf(until), limit: PAGE };
    // A removal that reaches the disk while the page is read is in the page still.
    const removed = new Set(this.removed);
    const found = await db.iterator(range).all();
    // A message that was taken meanwhile, or a reader that went, would make this page an old one.
    if (!this.needsPage || range.gt !== this.keyOf(this.loaded)) return;
    for (const [key, value] of found) {
      const sequence = Number(key.slice(key.lastIndexOf("!") + 1));
      this.loaded = sequence;
      if (removed.has(sequence) || this.removed.has(sequence)) continue;
      this.ready.push({ lane: this, sequence, bytes: value.length, ...this.decode(value) });
    }
    if (found.length < PAGE) this.loaded = Math.max(this.loaded, until);
  }

  public peek(): Entry | undefined {
    return this.ready[this.head];
  }

  public shift(): Entry | undefined {
    const entry = this.ready[this.head];
    if (entry === undefined) return undefined;
    this.head += 1;
    if (this.head > IN_MEMORY || this.head === this.ready.length) {
      this.ready = this.ready.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  public remove({ sequence }: Entry): void {
    this.count -= 1;
    this.removed.add(sequence);
  }

  public forget({ sequence }: Entry): void {
    this.removed.delete(sequence);
  }

  public rewind(): void {
    this.ready = [];
    this.head = 0;
    this.loaded = 0;
    if (this.count === 0) this.loaded = this.newest;
  }
}
