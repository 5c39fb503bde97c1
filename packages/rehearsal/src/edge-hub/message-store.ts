import { ClassicLevel } from "classic-level";
import { decodeMessage, encodeMessage, type QueuedMessage, withExpiry } from "./queued-message";
import { type Entry, Lane, positionKeyOf } from "./lane";

export interface StoreOptions {
  /** Folder of the database. */
  readonly folder: string;
  /** Bytes that waiting messages may take, keys and headers included. @default `DEFAULT_LIMIT_BYTES` */
  readonly limitBytes?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** A message's time to live is over. */
  readonly onExpired?: (endpoint: string, message: QueuedMessage) => void;
}

/** A message for one endpoint. */
export interface Appended {
  readonly endpoint: string;
  readonly priority: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly message: QueuedMessage;
}

const WRITE_BUFFER_BYTES = 32 * 1024 * 1024;
export const DEFAULT_LIMIT_BYTES = 512 * 1024 * 1024;

/** The store may not grow any more; nothing of what was to be appended is stored. */
export class StoreFullError extends Error {
  public constructor(limitBytes: number) {
    super(`waiting messages would take more than ${limitBytes} bytes on disk`);
    this.name = "StoreFullError";
  }
}

interface Operation {
  readonly type: "put";
  readonly key: string;
  readonly value: Buffer;
}

/** Milliseconds between two deletions of what readers have acknowledged. */
const DELETE_MS = 500;

/**
 * Messages that wait for their readers, on disk: a queue for each endpoint and priority. Messages that arrive at the same
 * time are written together. What `append` has resolved for survives a kill of the process, not of the machine: LevelDB
 * hands it to the operating system and does not wait for the disk.
 */
export class MessageStore {
  /** Bytes of all waiting messages. */
  public bytes = 0;
  private readonly lanes = new Map<string, Lane[]>();
  private sequence = 0;
  private operations: Operation[] = [];
  private waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  private isWriting = false;
  private readonly limitBytes: number;
  private readonly now: () => number;
  private readonly values = new Map<string, string>();
  /** Positions of queues as they were on disk when it was opened, by their keys. */
  private readonly positions = new Map<string, number>();
  private readonly deletion: NodeJS.Timeout;
  private deleting: Promise<void> | undefined;

  private constructor(
    private readonly db: ClassicLevel<string, Buffer>,
    private readonly options: StoreOptions,
  ) {
    this.limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
    this.now = options.now ?? Date.now;
    this.deletion = setInterval(() => void this.deleteRemoved(), DELETE_MS);
  }

  /** Opens the store with what is left in it. */
  public static async open(options: StoreOptions): Promise<MessageStore> {
    const db = new ClassicLevel<string, Buffer>(options.folder, {
      valueEncoding: "buffer",
      // Messages are read soon or seldom: most are gone again before a buffer of this size is full and sorted.
      writeBufferSize: WRITE_BUFFER_BYTES,
      compression: false,
    });
    await db.open();
    const store = new MessageStore(db, options);
    await store.recover();
    return store;
  }

  /** An id for a message, which no other one of this store has had. */
  public makeId(): string {
    return (++this.sequence).toString(36);
  }

  /** Stores messages, all or none; resolves when a kill of the process no longer loses them. @throws StoreFullError */
  public append(messages: readonly Appended[]): Promise<void> {
    let encoded: { readonly message: QueuedMessage; readonly value: Buffer } | undefined;
    const entries = messages.map(({ endpoint, priority, expiresAt, message }) => {
      // One message for several endpoints is encoded once.
      if (encoded?.message !== message) encoded = { message, value: encodeMessage(message, expiresAt) };
      const value = withExpiry(encoded.value, expiresAt);
      const lane = this.lane(endpoint, priority);
      const entry: Entry = { lane, sequence: ++this.sequence, expiresAt, bytes: value.length, message };
      return { entry, value };
    });
    const bytes = entries.reduce((sum, { entry }) => sum + entry.bytes, 0);
    if (this.bytes + bytes > this.limitBytes) {
      return Promise.reject(new StoreFullError(this.limitBytes));
    }
    if (entries.length === 0) {
      return Promise.resolve();
    }
    this.bytes += bytes;
    for (const { entry, value } of entries) {
      this.operations.push({ type: "put", key: entry.lane.keyOf(entry.sequence), value });
    }
    return this.commit().then(() => {
      for (const { entry } of entries) {
        entry.lane.add(entry);
      }
    });
  }

  /** Endpoints that have queues, and how many messages wait in each, those under way included. */
  public waitingMessages(): Record<string, number> {
    return Object.fromEntries(
      [...this.lanes].map(([endpoint, lanes]) => [endpoint, lanes.reduce((sum, { count }) => sum + count, 0)]),
    );
  }

  /**
   * The next message for an endpoint that is not under way: the highest priority first, the oldest of it. Undefined where
   * nothing waits, or where it is on disk alone: `load` it then.
   */
  public next(endpoint: string): Entry | undefined {
    for (const lane of this.lanes.get(endpoint) ?? []) {
      for (;;) {
        if (lane.needsPage) return undefined;
        const entry = lane.shift();
        if (entry === undefined) break;
        if (entry.expiresAt > this.now()) return entry;
        this.expire(endpoint, entry);
      }
    }
    return undefined;
  }

  /** Reads the heads of an endpoint's queues into memory. */
  public async load(endpoint: string): Promise<void> {
    for (const lane of this.lanes.get(endpoint) ?? []) {
      if (lane.needsPage) await lane.readPage(this.db);
    }
  }

  /** Whether something waits that is not under way. */
  public hasNext(endpoint: string): boolean {
    return (this.lanes.get(endpoint) ?? []).some(({ hasNext }) => hasNext);
  }

  /** The reader has taken a message. */
  public remove(entry: Entry): void {
    this.bytes -= entry.bytes;
    entry.lane.remove(entry);
    if (entry.lane.isMoved && !this.isWriting) void this.writeAll();
  }

  /** The reader is gone: what was under way is sent again, in order. */
  public rewind(endpoint: string): void {
    for (const lane of this.lanes.get(endpoint) ?? []) lane.rewind();
  }

  /** Removes messages at the heads of queues whose time to live is over, as the edge hub's cleanup does. */
  public async removeExpired(): Promise<void> {
    for (const [endpoint, lanes] of this.lanes) {
      for (const lane of lanes) {
        for (;;) {
          if (lane.needsPage) await lane.readPage(this.db);
          const head = lane.peek();
          if (head === undefined || head.expiresAt > this.now()) break;
          lane.shift();
          this.expire(endpoint, head);
        }
      }
    }
  }

  /** A small value that is kept beside the messages. */
  public read(name: string): string | undefined {
    return this.values.get(name);
  }

  public write(name: string, value: string): void {
    this.values.set(name, value);
    this.operations.push({ type: "put", key: `v!${name}`, value: Buffer.from(value) });
    void this.commit();
  }

  public async close(): Promise<void> {
    clearInterval(this.deletion);
    await this.commit();
    await this.deleteRemoved();
    await this.db.close();
  }

  private expire(endpoint: string, entry: Entry): void {
    this.remove(entry);
    this.options.onExpired?.(endpoint, entry.message);
  }

  private lane(endpoint: string, priority: number): Lane {
    const lanes = this.lanes.get(endpoint) ?? [];
    let lane = lanes.find((each) => each.priority === priority);
    if (lane === undefined) {
      lane = new Lane(endpoint, priority, decodeMessage, this.positions.get(positionKeyOf(endpoint, priority)));
      this.lanes.set(
        endpoint,
        [...lanes, lane].sort((a, b) => a.priority - b.priority),
      );
    }
    return lane;
  }

  /** Writes everything that has been put together so far, after what is being written. */
  private commit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    // Messages of the same read of a socket come one after another without a pause: let them join.
    await Promise.resolve();
    for (;;) {
      const { waiting } = this;
      const operations = [...this.operations, ...this.movedPositions()];
      if (waiting.length === 0 && operations.length === 0) break;
      this.operations = [];
      this.waiting = [];
      try {
        if (operations.length > 0) {
          await this.db.batch([...operations, { type: "put", key: "s!", value: Buffer.from(String(this.sequence)) }]);
        }
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.isWriting = false;
  }

  private movedPositions(): Operation[] {
    const moved = [...this.lanes.values()].flat().filter(({ isMoved }) => isMoved);
    return moved.map((lane) => ({ type: "put", key: lane.positionKey, value: Buffer.from(String(lane.saved())) }));
  }

  /** Deletes what is below the queues' positions, many messages at once. */
  private deleteRemoved(): Promise<void> {
    const ranges = [...this.lanes.values()].flat().flatMap((lane) => lane.takeRemovedKeys() ?? []);
    const before = this.deleting;
    this.deleting = (async () => {
      await before;
      for (const range of ranges) await this.db.clear(range);
    })();
    return this.deleting;
  }

  private async recover(): Promise<void> {
    // In the order of keys: positions come before the messages.
    for await (const [key, value] of this.db.iterator()) {
      const [kind, endpoint = "", priority = "", sequence = ""] = key.split("!");
      if (kind === "c") {
        this.positions.set(positionKeyOf(endpoint, priority), Number(value.toString()));
      } else if (kind === "m") {
        this.sequence = Math.max(this.sequence, Number(sequence));
        if (this.lane(endpoint, Number(priority)).found(Number(sequence))) this.bytes += value.length;
      } else if (kind === "s") {
        this.sequence = Math.max(this.sequence, Number(value.toString()));
      } else if (kind === "v") {
        this.values.set(key.slice(2), value.toString());
      }
    }
  }
}
