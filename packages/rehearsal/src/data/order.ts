import type { FaultLog } from "./faults";

/** One measurement of one machine. */
export interface RecordedReading {
  readonly line: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Undefined where the file names no machine. */
  readonly machineId: string | undefined;
  /** One for each signal of the environment; null where the row has none. */
  readonly values: readonly (number | null)[];
}

/** Readings that are held to put rows in order. */
export const HELD_READINGS = 10_000;

/**
 * Puts readings in order of time within what it holds, and leaves out repeated ones. Rows of one machine and time that
 * have different signals, as long files do, become one reading.
 */
export class ReadingOrder {
  private readonly heap: RecordedReading[] = [];
  private newest = -Infinity;
  private released = -Infinity;
  private readonly current = new Map<string, RecordedReading>();

  public constructor(
    private readonly faults: FaultLog,
    private readonly held = HELD_READINGS,
  ) {}

  /** Takes a reading and returns those that are certain now. */
  public push(reading: RecordedReading): readonly RecordedReading[] {
    const { timeMs, line } = reading;
    if (timeMs < this.released) {
      this.faults.add("tooLate", line);
      return [];
    }
    if (timeMs < this.newest) this.faults.add("outOfOrder", line);
    else this.newest = timeMs;
    this.insert(reading);
    return this.heap.length > this.held ? this.take() : [];
  }

  /** The rest, at the end of the file. */
  public finish(): readonly RecordedReading[] {
    const rest: RecordedReading[] = [];
    while (this.heap.length > 0) rest.push(...this.take());
    return [...rest, ...this.flush()];
  }

  private take(): readonly RecordedReading[] {
    const next = this.remove();
    if (next === undefined) return [];
    const ended = next.timeMs > this.released ? this.flush() : [];
    this.released = next.timeMs;
    this.merge(next);
    return ended;
  }

  private flush(): readonly RecordedReading[] {
    const ended = [...this.current.values()];
    this.current.clear();
    return ended;
  }

  private merge(reading: RecordedReading): void {
    const key = reading.machineId ?? "";
    const known = this.current.get(key);
    if (known === undefined) {
      this.current.set(key, reading);
      return;
    }
    let [repeats, contradicts] = [false, false];
    const values = known.values.map((value, index) => {
      const other = reading.values[index] ?? null;
      if (value === null) return other;
      if (other === value) repeats = true;
      else if (other !== null) contradicts = true;
      return value;
    });
    if (contradicts) this.faults.add("conflict", reading.line);
    else if (repeats) this.faults.add("duplicate", reading.line);
    this.current.set(key, { ...known, values });
  }

  private isBefore(a: RecordedReading, b: RecordedReading): boolean {
    return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.line < b.line);
  }

  private insert(reading: RecordedReading): void {
    const { heap } = this;
    let index = heap.push(reading) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !this.isBefore(reading, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = reading;
  }

  private remove(): RecordedReading | undefined {
    const { heap } = this;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && this.isBefore(right, below))
        [child, below] = [child + 1, right];
      if (below === undefined || !this.isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}
