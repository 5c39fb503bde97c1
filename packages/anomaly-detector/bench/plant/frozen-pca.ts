/** Principal components of the first messages, then frozen: T² of the main ones, Q of the rest, each with a limit. */
export class FrozenPca {
  private readonly rows: number[][] = [];
  private mean: number[] = [];
  private scale: number[] = [];
  private vectors: number[][] = [];
  private values: number[] = [];
  private limits: readonly [number, number] | undefined;

  public constructor(private readonly messages: number) {}

  /** Whether a message is beyond a limit; never while the model is not made yet. */
  public over(values: readonly number[]): boolean {
    if (!this.limits) {
      this.rows.push([...values]);
      if (this.rows.length >= this.messages) this.fit();
      return false;
    }
    const [t2, q] = this.statistics(values);
    return t2 > this.limits[0] || q > this.limits[1];
  }

  private statistics(values: readonly number[]): [number, number] {
    const x = values.map((value, i) => (value - this.mean[i]!) / this.scale[i]!);
    let t2 = 0;
    let rest = x.reduce((sum, value) => sum + value * value, 0);
    this.vectors.forEach((vector, k) => {
      const score = vector.reduce((sum, weight, i) => sum + weight * x[i]!, 0);
      t2 += (score * score) / this.values[k]!;
      rest -= score * score;
    });
    return [t2, rest];
  }

  private fit(): void {
    const { rows } = this;
    const n = rows[0]!.length;
    this.mean = Array.from({ length: n }, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
    this.scale = this.mean.map((mean, i) =>
      Math.sqrt(rows.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0) / rows.length + 1e-12),
    );
    const standard = rows.map((row) => row.map((value, i) => (value - this.mean[i]!) / this.scale[i]!));
    const covariance = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (__, j) => standard.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length),
    );
    let explained = 0;
    // Power iteration with deflation, until nine tenths of the variance are explained.
    while (explained < 0.9 * n && this.vectors.length < n - 1) {
      let vector = Array.from({ length: n }, (_, i) => 1 + i / n);
      let value = 0;
      for (let round = 0; round < 200; round++) {
        const next = covariance.map((row) => row.reduce((sum, c, j) => sum + c * vector[j]!, 0));
        value = Math.sqrt(next.reduce((sum, each) => sum + each * each, 0));
        vector = next.map((each) => each / value);
      }
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) covariance[i]![j]! -= value * vector[i]! * vector[j]!;
      this.vectors.push(vector);
      this.values.push(value);
      explained += value;
    }
    const all = rows.map((row) => this.statistics(row));
    const limit = (k: 0 | 1): number =>
      all.map((each) => each[k]).sort((a, b) => a - b)[Math.floor(0.999 * all.length)]!;
    this.limits = [limit(0), limit(1)];
    rows.length = 0;
  }
}
