/** How a model wants its input, as its metadata declare it. */
export interface InputForm {
  /** Samples that the model sees at once. */
  readonly window: number;
  readonly signals: number;
  /** What is taken off each signal's values. @default - nothing */
  readonly mean?: readonly number[];
  /** What they are divided by then. @default 1 */
  readonly scale?: readonly number[];
  /** Length of a sample in milliseconds: the mean of the values in it. @default - each message is a sample */
  readonly sampleMs?: number;
}

/** Samples without a value that are bridged by the one before them; a longer gap starts the window anew. */
const BRIDGED = 3;

/** The last samples of one machine, oldest first. */
export class InputWindow {
  private readonly samples: Float32Array;
  private filled = 0;
  /** The sample that is being gathered: its number, and sums and counts of each signal. */
  private current = -1;
  private readonly sums: Float64Array;
  private readonly counts: Uint32Array;

  public constructor(private readonly form: InputForm) {
    this.samples = new Float32Array(form.window * form.signals);
    this.sums = new Float64Array(form.signals);
    this.counts = new Uint32Array(form.signals);
  }

  /** Takes a message; returns the model's input whenever a sample is complete and the window is full. */
  public push(values: readonly (number | undefined)[], timeMs: number): Float32Array | undefined {
    const { sampleMs } = this.form;
    if (sampleMs === undefined) {
      return values.every((value) => value !== undefined) ? this.add(values) : undefined;
    }
    const sample = Math.floor(timeMs / sampleMs);
    let input: Float32Array | undefined;
    if (sample !== this.current) {
      if (this.current >= 0) input = this.finish(sample - this.current);
      this.current = sample;
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      this.sums[i] = (this.sums[i] ?? 0) + value;
      this.counts[i] = (this.counts[i] ?? 0) + 1;
    }
    return input;
  }

  /** The samples for a state file. */
  public save(): string {
    const bytes = Buffer.from(this.samples.buffer);
    return `${this.filled}:${bytes.toString("base64")}`;
  }

  /** Takes saved samples; those of another size are left out. */
  public restore(saved: string): void {
    const colon = saved.indexOf(":");
    const filled = Number(saved.slice(0, colon));
    const bytes = Buffer.from(saved.slice(colon + 1), "base64");
    const isWhole = Number.isInteger(filled) && filled >= 0 && filled <= this.form.window;
    if (!isWhole || bytes.length !== this.samples.byteLength) return;
    const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    if (!samples.every(Number.isFinite)) return;
    this.samples.set(samples);
    this.filled = filled;
  }

  /** Ends the sample that is being gathered; the next one is `steps` later. */
  private finish(steps: number): Float32Array | undefined {
    const isWhole = this.counts.every((count) => count > 0);
    const means = Array.from(this.sums, (sum, i) => sum / Math.max(this.counts[i] ?? 1, 1));
    this.sums.fill(0);
    this.counts.fill(0);
    if (!isWhole) {
      // The samples before it would no longer be those before the next.
      this.filled = 0;
      return undefined;
    }
    const input = this.add(means);
    if (steps < 1 || steps > BRIDGED + 1) this.filled = 0;
    else for (let i = 1; i < steps; i++) this.add(means);
    return input;
  }

  private add(values: readonly number[]): Float32Array | undefined {
    const { window, signals, mean, scale } = this.form;
    this.samples.copyWithin(0, signals);
    const start = (window - 1) * signals;
    for (let i = 0; i < signals; i++) {
      this.samples[start + i] = ((values[i] ?? 0) - (mean?.[i] ?? 0)) / (scale?.[i] ?? 1);
    }
    if (this.filled < window) this.filled++;
    return this.filled === window ? this.samples.slice() : undefined;
  }
}
