/**
 * Times of a rehearsal: events are as far apart as the environment says, and are sent sooner than that, so that windows
 * and seasons keep their meaning while a person watches. They start in the past and never pass the real clock, because
 * detectors take a time in the future for a mistake.
 */
export class TimeLapse {
  private readonly startedAt: number;
  private readonly startMs: number;

  /**
   * @param factor how much faster than the clock, 1 or more
   * @param now real milliseconds since 1970
   */
  public constructor(
    private readonly factor: number,
    private readonly now: () => number = Date.now,
  ) {
    this.startedAt = now();
    this.startMs = factor > 1 ? this.startedAt - HEAD_START_MS : this.startedAt;
  }

  /** The rehearsal's time now, milliseconds since 1970; where it has caught up with the clock, the clock's. */
  public time(): number {
    const real = this.now();
    return Math.min(real, this.startMs + (real - this.startedAt) * this.factor);
  }
}

/** Thirty days: at fifty times the clock's speed enough for fourteen hours. */
const HEAD_START_MS = 30 * 86_400_000;
