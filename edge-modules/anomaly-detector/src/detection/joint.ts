/** Messages that the means follow. */
const MEAN_MEMORY = 300;

/**
 * What the signals of a machine say of each other: robust means and covariance, and for each signal the value that the
 * others make likely. State: one flat array of means, spreads' floor and the covariance's lower triangle.
 */
export class Joint {
  public readonly signals: number;
  public seen = 0;
  /** Means, then the lower triangle of the covariance, row by row. */
  public readonly state: Float64Array;
  /** Inverse of the correlation matrix, full, refreshed now and then; not part of the state. */
  private readonly inverse: Float64Array;
  private readonly deviations: Float64Array;
  private readonly scales: Float64Array;
  private age = Infinity;
  /** For each signal the error of what the others make likely, in its usual spreads; NaN where they say too little. */
  public readonly relations: Float64Array;
  /** Squared distance from the usual, by signals; its expectation is 1. */
  public distance = NaN;

  /** `members`: indexes of the signals that are judged together. */
  public constructor(public readonly members: readonly number[]) {
    const n = members.length;
    this.signals = n;
    this.state = new Float64Array(n + (n * (n + 1)) / 2);
    this.inverse = new Float64Array(n * n);
    this.deviations = new Float64Array(n);
    this.scales = new Float64Array(n);
    this.relations = new Float64Array(n).fill(NaN);
  }

  public get readyAfter(): number {
    return 150 + 4 * this.signals;
  }

  /** Judges a complete vector; {@link relations} and {@link distance} hold what was found. */
  public judge(values: readonly (number | undefined)[]): void {
    const n = this.signals;
    const { relations, inverse, deviations, scales, state, members } = this;
    if (this.seen < this.readyAfter) {
      relations.fill(NaN);
      this.distance = NaN;
      return;
    }
    if (this.age >= (this.seen < 1000 ? 16 : 128)) this.refresh();
    this.age++;
    for (let i = 0; i < n; i++) deviations[i] = (values[members[i]!]! - state[i]!) / scales[i]!;
    let squared = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      const row = i * n;
      for (let j = 0; j < n; j++) sum += inverse[row + j]! * deviations[j]!;
      squared += sum * deviations[i]!;
      const own = inverse[row + i]!;
      // A signal that the others explain by less than a third is judged alone.
      relations[i] = own > 1.5 ? sum / Math.sqrt(own) : NaN;
    }
    this.distance = Math.max(squared, 0) / n;
  }

  /** Each signal's part in the distance of the last vector, not below 0. */
  public shares(count: number): number[] {
    const shares = new Array<number>(count).fill(0);
    this.members.forEach((signal, i) => {
      let sum = 0;
      for (let j = 0; j < this.signals; j++) sum += this.inverse[i * this.signals + j]! * this.deviations[j]!;
      shares[signal] = Math.max(sum * this.deviations[i]!, 0);
    });
    return shares;
  }

  public learn(values: readonly (number | undefined)[]): void {
    const n = this.signals;
    const { state, deviations, members } = this;
    this.seen++;
    const weight = Math.max(1 / 3000, 1 / this.seen);
    const squared = this.distance === this.distance ? this.distance : 1;
    // Bounded influence: a vector counts less the farther it is.
    const trust = this.seen > this.readyAfter ? Math.min(1, 4 / Math.max(squared, 1e-9)) : 1;
    const w = weight * trust;
    for (let i = 0; i < n; i++) deviations[i] = values[members[i]!]! - state[i]!;
    let k = n;
    for (let i = 0; i < n; i++) {
      const di = w * deviations[i]!;
      for (let j = 0; j <= i; j++, k++) state[k] = (1 - w) * (state[k]! + di * deviations[j]!);
    }
    // Means follow faster than the covariance: what is judged is how signals move together, not where they wander.
    const toMean = trust * Math.max(1 / MEAN_MEMORY, 1 / this.seen);
    for (let i = 0; i < n; i++) state[i]! += toMean * deviations[i]!;
  }

  /** What the others say of a signal, by its index among all; NaN where they say too little. */
  public relationOf(signal: number): number {
    const i = this.members.indexOf(signal);
    return i < 0 ? NaN : this.relations[i]!;
  }

  /** Takes a new mean at once, for a level that was accepted. */
  public move(signal: number, value: number): void {
    const i = this.members.indexOf(signal);
    if (i >= 0) this.state[i] = value;
  }

  /** Inverts the correlation matrix, with a small ridge so that signals that move as one have an inverse. */
  private refresh(): void {
    const n = this.signals;
    const { state, scales, inverse } = this;
    const at = (i: number, j: number): number => state[n + (i * (i + 1)) / 2 + j]!;
    for (let i = 0; i < n; i++) {
      scales[i] = Math.sqrt(at(i, i) + 1e-18 * state[i]! * state[i]! + 1e-300);
    }
    const ridge = 1e-3 + 2 / this.seen;
    const m: number[][] = [];
    for (let i = 0; i < n; i++) {
      const row: number[] = [];
      for (let j = 0; j < n; j++) {
        const c = i >= j ? at(i, j) : at(j, i);
        row.push(i === j ? 1 + ridge : c / (scales[i]! * scales[j]!));
      }
      for (let j = 0; j < n; j++) row.push(i === j ? 1 : 0);
      m.push(row);
    }
    for (let i = 0; i < n; i++) {
      const pivot = Math.max(m[i]![i]!, 1e-9);
      for (let c = 0; c < 2 * n; c++) m[i]![c]! /= pivot;
      for (let r = 0; r < n; r++) {
        if (r === i) continue;
        const f = m[r]![i]!;
        if (f === 0) continue;
        for (let c = i; c < 2 * n; c++) m[r]![c]! -= f * m[i]![c]!;
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) inverse[i * n + j] = m[i]![n + j]!;
    this.age = 0;
  }
}
