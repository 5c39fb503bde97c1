/** Messages that the means follow. */
const MEAN_MEMORY = 300;

const learntNumbers = (n: number): number => n + (n * (n + 1)) / 2;

/** Scratch of {@link Joint.judge} and {@link Joint.learn}; what it holds is of the last machine that was judged. */
let relations = new Float64Array(64);
let deviations = new Float64Array(64);

/** Signals that a message has a value for. */
export function countPresent(values: readonly (number | undefined)[], count: number): number {
  let present = 0;
  for (let i = 0; i < count; i++) if (values[i] !== undefined) present++;
  return present;
}

/**
 * What the signals of a machine say of each other: robust means and covariance, and for each signal the value that the
 * others make likely. State: one flat array of means, spreads' floor and the covariance's lower triangle.
 */
export class Joint {
  public seen = 0;
  /** Means, the lower triangle of the covariance row by row, then the inverse of the correlation and scales. */
  private readonly data: Float64Array;
  private age = Infinity;
  /** Mean squared distance of the last vector from the usual, by signals; its expectation is 1. */
  public distance = NaN;

  /** `members`: indexes of the signals that are judged together. */
  public constructor(public readonly members: readonly number[]) {
    const n = members.length;
    this.data = new Float64Array(learntNumbers(n) + n * n + n);
  }

  public get signals(): number {
    return this.members.length;
  }

  /** What is learnt: the part that is saved. */
  public get state(): Float64Array {
    return this.data.subarray(0, learntNumbers(this.members.length));
  }

  public get readyAfter(): number {
    return 150 + 4 * this.signals;
  }

  /** Whether a message of `count` signals has a value for just those that are judged together. */
  public covers(values: readonly (number | undefined)[], count: number): boolean {
    if (countPresent(values, count) !== this.members.length) return false;
    for (const i of this.members) if (values[i] === undefined) return false;
    return true;
  }

  /** Judges a complete vector; {@link relationOf} and {@link distance} tell what was found. */
  public judge(values: readonly (number | undefined)[]): void {
    const n = this.signals;
    if (n > deviations.length) {
      relations = new Float64Array(2 * n);
      deviations = new Float64Array(2 * n);
    }
    const { data, members } = this;
    const toInverse = learntNumbers(n);
    const toScales = toInverse + n * n;
    if (this.seen < this.readyAfter) {
      relations.fill(NaN, 0, n);
      this.distance = NaN;
      return;
    }
    if (this.age >= (this.seen < 1000 ? 16 : 128)) this.refresh();
    this.age++;
    for (let i = 0; i < n; i++) deviations[i] = (values[members[i]!]! - data[i]!) / data[toScales + i]!;
    let squared = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      const row = toInverse + i * n;
      for (let j = 0; j < n; j++) sum += data[row + j]! * deviations[j]!;
      squared += sum * deviations[i]!;
      const own = data[row + i]!;
      // A signal that the others explain by less than a third is judged alone.
      relations[i] = own > 1.5 ? sum / Math.sqrt(own) : NaN;
    }
    this.distance = Math.max(squared, 0) / n;
  }

  /** Each signal's part in the distance of the last vector, not below 0. */
  public shares(count: number): number[] {
    const shares = new Array<number>(count).fill(0);
    const n = this.signals;
    const toInverse = learntNumbers(n);
    this.members.forEach((signal, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += this.data[toInverse + i * n + j]! * deviations[j]!;
      shares[signal] = Math.max(sum * deviations[i]!, 0);
    });
    return shares;
  }

  public learn(values: readonly (number | undefined)[]): void {
    const n = this.signals;
    const { data: state, members } = this;
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
    return i < 0 ? NaN : relations[i]!;
  }

  /** Takes a new mean at once, for a level that was accepted. */
  public move(signal: number, value: number): void {
    const i = this.members.indexOf(signal);
    if (i >= 0) this.data[i] = value;
  }

  /** Inverts the correlation matrix, with a small ridge so that signals that move as one have an inverse. */
  private refresh(): void {
    const n = this.signals;
    const state = this.data;
    const toInverse = learntNumbers(n);
    const toScales = toInverse + n * n;
    const at = (i: number, j: number): number => state[n + (i * (i + 1)) / 2 + j]!;
    for (let i = 0; i < n; i++) {
      state[toScales + i] = Math.sqrt(at(i, i) + 1e-18 * state[i]! * state[i]! + 1e-300);
    }
    const ridge = 1e-3 + 2 / this.seen;
    const m: number[][] = [];
    for (let i = 0; i < n; i++) {
      const row: number[] = [];
      for (let j = 0; j < n; j++) {
        const c = i >= j ? at(i, j) : at(j, i);
        row.push(i === j ? 1 + ridge : c / (state[toScales + i]! * state[toScales + j]!));
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
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) state[toInverse + i * n + j] = m[i]![n + j]!;
    this.age = 0;
  }
}
