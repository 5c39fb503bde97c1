const HOUR_MS = 3_600_000;

export interface ZonedTime {
  readonly timeMs: number;
  /** Where a clock that is set makes the local time one that is not there, or there twice. */
  readonly trouble?: "skippedHour" | "repeatedHour";
}

/** Turns local times of a zone into milliseconds since 1970. */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  /** @throws RangeError where the zone is none that the runtime knows */
  public constructor(public readonly name: string) {
    this.format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** `localMs` is the local time as if it were UTC. Of a time that is there twice, the first. */
  public toUtc(localMs: number): ZonedTime {
    const earlier = this.offsetAt(localMs - 24 * HOUR_MS);
    const later = this.offsetAt(localMs + 24 * HOUR_MS);
    const [first, second] = [localMs - earlier, localMs - later];
    if (earlier === later) return { timeMs: first };
    const fitsFirst = this.offsetAt(first) === earlier;
    const fitsSecond = this.offsetAt(second) === later;
    if (fitsFirst && fitsSecond) return { timeMs: Math.min(first, second), trouble: "repeatedHour" };
    if (fitsFirst) return { timeMs: first };
    if (fitsSecond) return { timeMs: second };
    return { timeMs: first, trouble: "skippedHour" };
  }

  /** Zones change at full quarters of an hour. */
  private offsetAt(utcMs: number): number {
    const quarter = Math.floor(utcMs / (HOUR_MS / 4));
    let offset = this.offsets.get(quarter);
    if (offset === undefined) {
      const at = (quarter * HOUR_MS) / 4;
      const parts = Object.fromEntries(this.format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
      if (this.offsets.size > 10_000) this.offsets.clear();
      this.offsets.set(quarter, offset);
    }
    return offset;
  }
}
