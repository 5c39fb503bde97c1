import type { ReadingEvent } from "../../src/events";

/** Points kept for a machine. */
const LIMIT = 20_000;

/** A pause of this many usual intervals is drawn as a gap, not as a line. */
const GAP_INTERVALS = 8;
const SHORTEST_GAP_SECONDS = 2;

type Column = (number | null)[];

/** Readings of one machine as columns, in the order of their time, as the charts draw them. */
export class Series {
  /** Seconds since 1970. */
  readonly times: number[] = [];
  private readonly columns = new Map<string, { value: Column; low: Column; high: Column }>();
  private interval: number | undefined;
  latest: ReadingEvent | undefined;

  add(reading: ReadingEvent): void {
    const time = reading.time / 1000;
    const last = this.times.at(-1);
    if (last !== undefined && time > last) {
      const pause = time - last;
      if (this.interval !== undefined && pause > Math.max(SHORTEST_GAP_SECONDS, GAP_INTERVALS * this.interval)) {
        this.insert(this.times.length, last + this.interval, undefined);
      } else {
        this.interval = this.interval === undefined ? pause : 0.9 * this.interval + 0.1 * pause;
      }
    }
    this.insert(this.position(time), time, reading);
    if (this.latest === undefined || reading.time >= this.latest.time) {
      this.latest = reading;
    }
    if (this.times.length > LIMIT) {
      this.drop(LIMIT / 4);
    }
  }

  /** Times, lower limits, upper limits, values of a signal from the last point before a time on. */
  view(signal: string, from: number): [number[], Column, Column, Column] {
    const start = Math.max(0, this.position(from) - 1);
    const { low, high, value } = this.column(signal);
    return [this.times.slice(start), low.slice(start), high.slice(start), value.slice(start)];
  }

  private insert(at: number, time: number, reading: ReadingEvent | undefined): void {
    for (const signal of Object.keys(reading?.signals ?? {})) {
      this.column(signal);
    }
    this.times.splice(at, 0, time);
    for (const [signal, { value, low, high }] of this.columns) {
      value.splice(at, 0, reading?.signals[signal] ?? null);
      low.splice(at, 0, reading?.expected?.[signal]?.low ?? null);
      high.splice(at, 0, reading?.expected?.[signal]?.high ?? null);
    }
  }

  private column(signal: string): { value: Column; low: Column; high: Column } {
    const found = this.columns.get(signal);
    if (found !== undefined) {
      return found;
    }
    const empty = (): Column => this.times.map(() => null);
    const made = { value: empty(), low: empty(), high: empty() };
    this.columns.set(signal, made);
    return made;
  }

  /** Index of the first point later than a time. Most readings belong at the end. */
  private position(time: number): number {
    if (time >= (this.times.at(-1) ?? -Infinity)) {
      return this.times.length;
    }
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] ?? 0) <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private drop(amount: number): void {
    this.times.splice(0, amount);
    for (const { value, low, high } of this.columns.values()) {
      value.splice(0, amount);
      low.splice(0, amount);
      high.splice(0, amount);
    }
  }
}
