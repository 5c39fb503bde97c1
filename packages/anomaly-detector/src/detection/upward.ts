import { FIELDS, fill, learn, push, resetScale, sample, unlikelihood } from "./scale";

/** Readings in the windows of a series that only its high values are judged of. */
const WINDOWS: readonly number[] = [1, 16, 128];

export interface UpwardFinding {
  current: number;
  expected: number;
  high: number;
  ratio: number;
  unlikelihood: number;
  readings: number;
}

/**
 * A series of which only high values are anomalies, at several time scales: the distance of all signals together, or a
 * model's score of any sign and scale.
 */
export class Upward {
  public readonly state: Float64Array;
  /** Window of the anomaly that goes on, plus one; 0 for none. Saved at the state's end. */
  public constructor() {
    this.state = new Float64Array(WINDOWS.length * FIELDS + 1);
    for (let k = 0; k < WINDOWS.length; k++) resetScale(this.state, k * FIELDS);
  }

  public get held(): boolean {
    return this.state[WINDOWS.length * FIELDS]! > 0;
  }

  public release(): void {
    this.state[WINDOWS.length * FIELDS] = 0;
  }

  /** Judges a value, and learns from it where `learns`. Returns the finding when an anomaly begins. */
  public update(y: number, floor: number, p: number, strictness: number, learns: boolean): UpwardFinding | undefined {
    const a = this.state;
    const at = WINDOWS.length * FIELDS;
    let found: UpwardFinding | undefined;
    for (let k = 0; k < WINDOWS.length; k++) {
      const n = WINDOWS[k]!;
      const o = k * FIELDS;
      if (!push(a, o, n, y, floor, p * Math.max(1, n >> 1))) continue;
      const limit = sample.limit * strictness;
      const held = a[at]!;
      if (held > 0) {
        if (k === held - 1 && sample.z < 0.45 * (Number.isFinite(limit) ? limit : 6)) {
          a[at] = 0;
          for (let each = 1; each <= k; each++) fill(a, each * FIELDS, sample.predicted);
        }
        continue;
      }
      if (sample.z > limit && found === undefined) {
        a[at] = k + 1;
        found = {
          current: sample.current,
          expected: sample.predicted,
          high: sample.predicted + limit * sample.spread,
          ratio: sample.z / limit,
          unlikelihood: unlikelihood(a, o),
          readings: n,
        };
      } else if (learns) learn(a, o, n, k === 0 ? 2000 : 400);
    }
    return found;
  }
}
