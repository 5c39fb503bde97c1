/** Values of one signal in one stretch of time. */
export interface Bucket {
  min: number;
  max: number;
  /** Lowest and highest of the expected range; absent while nothing is expected. */
  low?: number;
  high?: number;
}

const MAX_BUCKETS = 1_200;

/**
 * A signal as it is drawn: extremes in stretches of equal length, so that no spike is lost. The stretches double as the
 * recording goes on, so the memory is the same for an hour and for ten years.
 */
export class Series {
  public bucketMs: number;
  public readonly buckets = new Map<number, Bucket>();

  public constructor(intervalSeconds: number) {
    this.bucketMs = Math.max(1, Math.round(intervalSeconds * 1000));
  }

  public add(timeMs: number, value: number, expected?: { readonly low: number; readonly high: number }): void {
    const key = Math.floor(timeMs / this.bucketMs);
    const bucket = this.buckets.get(key);
    const { low, high } = expected ?? {};
    if (bucket === undefined) {
      this.buckets.set(key, {
        min: value,
        max: value,
        ...(low !== undefined && { low }),
        ...(high !== undefined && { high }),
      });
      if (this.buckets.size > MAX_BUCKETS) this.halve();
      return;
    }
    bucket.min = Math.min(bucket.min, value);
    bucket.max = Math.max(bucket.max, value);
    if (low !== undefined) bucket.low = Math.min(bucket.low ?? low, low);
    if (high !== undefined) bucket.high = Math.max(bucket.high ?? high, high);
  }

  private halve(): void {
    this.bucketMs *= 2;
    const old = [...this.buckets];
    this.buckets.clear();
    for (const [key, bucket] of old) {
      const half = Math.floor(key / 2);
      const into = this.buckets.get(half);
      if (into === undefined) {
        this.buckets.set(half, bucket);
        continue;
      }
      into.min = Math.min(into.min, bucket.min);
      into.max = Math.max(into.max, bucket.max);
      if (bucket.low !== undefined) into.low = Math.min(into.low ?? bucket.low, bucket.low);
      if (bucket.high !== undefined) into.high = Math.max(into.high ?? bucket.high, bucket.high);
    }
  }
}
