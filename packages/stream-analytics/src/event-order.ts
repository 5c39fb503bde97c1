/** What a job does with events whose time is not what it should be (learn.microsoft.com, event ordering policies). */
export interface EventOrder {
  /** Events that are up to so many seconds older than the newest one are put in order, 0 to 599. @default 0 */
  readonly outOfOrderSeconds?: number;
  /** Events may arrive so many seconds after their time, 0 to 1,814,399; -1 is for ever. @default 5 */
  readonly lateArrivalSeconds?: number;
  /** What happens to events beyond: their time is set to the bound, or they are dropped. @default "adjust" */
  readonly policy?: "adjust" | "drop";
}

/** Events whose time is further ahead of their arrival are dropped (learn.microsoft.com, early arrivals). */
const EARLY_ARRIVAL_MS = 300_000;

export interface TimedEvent<T> {
  readonly time: number;
  readonly value: T;
}

export interface OrderCounts {
  adjusted: number;
  droppedLate: number;
  droppedEarly: number;
}

/** Puts the events of one input in order, within what the job tolerates. */
export class EventSequence<T> {
  readonly counts: OrderCounts = { adjusted: 0, droppedLate: 0, droppedEarly: 0 };
  private waiting: TimedEvent<T>[] = [];
  private newest = -Infinity;
  private released = -Infinity;
  private readonly reorderMs: number;
  private readonly lateMs: number;
  private readonly drops: boolean;

  constructor({ outOfOrderSeconds = 0, lateArrivalSeconds = 5, policy = "adjust" }: EventOrder) {
    this.reorderMs = outOfOrderSeconds * 1000;
    this.lateMs = lateArrivalSeconds < 0 ? Infinity : lateArrivalSeconds * 1000;
    this.drops = policy === "drop";
  }

  /** Takes an event and returns those that are in order now. */
  push(value: T, eventTime: number, arrival: number): TimedEvent<T>[] {
    if (eventTime > arrival + EARLY_ARRIVAL_MS) {
      this.counts.droppedEarly++;
      return [];
    }
    const bound = Math.max(arrival - this.lateMs, this.newest - this.reorderMs, this.released);
    if (eventTime < bound) {
      if (this.drops) {
        this.counts.droppedLate++;
        return [];
      }
      this.counts.adjusted++;
    }
    const time = Math.max(eventTime, bound);
    this.newest = Math.max(this.newest, time);
    const after = this.waiting.findIndex((event) => event.time > time);
    this.waiting.splice(after === -1 ? this.waiting.length : after, 0, { time, value });
    return this.release(this.newest - this.reorderMs);
  }

  /** Events that no later one can come before, at this arrival time. */
  advance(arrival: number): TimedEvent<T>[] {
    return this.release(Math.max(this.newest - this.reorderMs, arrival - this.lateMs));
  }

  /** The time before which no event comes any more. */
  get watermark(): number {
    return this.released;
  }

  private release(until: number): TimedEvent<T>[] {
    if (until === -Infinity) return [];
    const count = this.waiting.findIndex((event) => event.time > until);
    const ready = this.waiting.splice(0, count === -1 ? this.waiting.length : count);
    this.released = Math.max(this.released, until);
    return ready;
  }
}
