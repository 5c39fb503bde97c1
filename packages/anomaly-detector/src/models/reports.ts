/** Milliseconds between two looks at what the models are like: a twin is no log. */
const EVERY_MS = 3_600_000;

/** Decides when the twin is to report the models' drift and agreement: hourly, and only what has changed. */
export class ModelReports {
  private reported: string | undefined;
  private lookedAt = -Infinity;

  public constructor(private readonly look: () => unknown) {}

  /** Properties to be reported now, if any. */
  public due(nowMs: number): { readonly modelWatch: unknown } | undefined {
    if (nowMs - this.lookedAt < EVERY_MS) return undefined;
    this.lookedAt = nowMs;
    // Null takes away what an earlier model has left.
    const modelWatch = this.look() ?? null;
    const text = JSON.stringify(modelWatch);
    if (text === (this.reported ?? "null")) return undefined;
    this.reported = text;
    return { modelWatch };
  }
}
