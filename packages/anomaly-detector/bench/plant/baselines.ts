import { upperTailPValue } from "../../src/detectors/kernel-density";
import { seededRandom } from "../random";

/** A detector of one signal that gives each reading a score; higher is more anomalous. It can be copied while it runs. */
export interface Scorer {
  score(value: number): number;
  copy(): Scorer;
}

/** Copies the fields of a scorer, arrays and typed arrays included. */
abstract class Copyable implements Scorer {
  public abstract score(value: number): number;
  public copy(): Scorer {
    const twin = Object.create(Object.getPrototypeOf(this) as object) as Record<string, unknown>;
    for (const [key, value] of Object.entries(this)) {
      twin[key] = typeof value === "function" ? value : structuredClone(value);
    }
    return twin as unknown as Scorer;
  }
}

const FLOOR = 1e-9;

/** The last 120 readings' mean and standard deviation. */
class RollingSigma extends Copyable {
  private readonly ring = new Float64Array(120);
  private n = 0;
  private sum = 0;
  private squares = 0;
  public score(x: number): number {
    const size = this.ring.length;
    const filled = Math.min(this.n, size);
    let z = 0;
    if (filled >= 30) {
      const mean = this.sum / filled;
      z = Math.abs(x - mean) / Math.sqrt(Math.max(this.squares / filled - mean * mean, FLOOR));
    }
    const at = this.n++ % size;
    const old = this.ring[at]!;
    this.ring[at] = x;
    this.sum += x - (filled === size ? old : 0);
    this.squares += x * x - (filled === size ? old * old : 0);
    return z;
  }
}

/** Roberts' chart: the mean of about the last 20 readings against that of the last 2,000. */
class Ewma extends Copyable {
  private n = 0;
  private fast = 0;
  private mean = 0;
  private variance = 0;
  public score(x: number): number {
    this.n++;
    const w = Math.max(1 / 2000, 1 / this.n);
    const d = x - this.mean;
    this.mean += w * d;
    this.variance += w * (d * d - this.variance);
    this.fast += Math.max(0.1, 1 / this.n) * (x - this.fast);
    return this.n < 100 ? 0 : Math.abs(this.fast - this.mean) / Math.sqrt((this.variance * 0.1) / 1.9 + FLOOR);
  }
}

/** The last 200 readings' median and median absolute deviation, taken anew every twenty readings. */
class RobustZ extends Copyable {
  private readonly ring = new Float64Array(200);
  private n = 0;
  private middle = 0;
  private deviation = 0;
  public score(x: number): number {
    const z = this.n < 60 ? 0 : Math.abs(x - this.middle) / (this.deviation + FLOOR);
    this.ring[this.n++ % this.ring.length] = x;
    if (this.n >= 60 && this.n % 20 === 0) {
      const sorted = this.ring.slice(0, Math.min(this.n, this.ring.length)).sort();
      this.middle = sorted[sorted.length >> 1]!;
      const middle = this.middle;
      const away = sorted.map((value) => Math.abs(value - middle)).sort();
      this.deviation = 1.4826 * away[away.length >> 1]!;
    }
    return z;
  }
}

/** Hotelling's statistic with the moments of the first 1,000 readings: for one signal the squared distance. */
class Frozen extends Copyable {
  private n = 0;
  private mean = 0;
  private m2 = 0;
  public score(x: number): number {
    if (this.n < 1000) {
      this.n++;
      const d = x - this.mean;
      this.mean += d / this.n;
      this.m2 += d * (x - this.mean);
      return 0;
    }
    return Math.abs(x - this.mean) / Math.sqrt(this.m2 / 999 + FLOOR);
  }
}

/** The error of an autoregression of order 3, fitted by normalised least mean squares, in its own spreads. */
class AutoregressiveResidual extends Copyable {
  private readonly w = [0, 0, 0, 0];
  private readonly past = [0, 0, 0];
  private mean = 0;
  private variance = 0;
  private n = 0;
  public score(value: number): number {
    this.n++;
    this.mean += (value - this.mean) * Math.max(1 / 2000, 1 / this.n);
    const x = value - this.mean;
    const { w, past } = this;
    const predicted = w[0]! + w[1]! * past[0]! + w[2]! * past[1]! + w[3]! * past[2]!;
    const e = x - predicted;
    const z = this.n < 100 ? 0 : Math.abs(e) / Math.sqrt(this.variance + FLOOR);
    this.variance += (e * e - this.variance) * Math.max(1 / 1000, 1 / this.n);
    const power = 1e-9 + past[0]! ** 2 + past[1]! ** 2 + past[2]! ** 2;
    const rate = (0.02 * e) / power;
    for (let i = 0; i < 3; i++) w[i + 1]! += rate * past[i]!;
    past.unshift(x);
    past.pop();
    return z;
  }
}

/** Stream Analytics' spike-and-dip form with its defaults' history: -log10 of the p-value. */
class SpikeAndDip extends Copyable {
  private readonly values: number[] = [];
  private next = 0;
  public score(x: number): number {
    const { values } = this;
    const p = upperTailPValue(values, x);
    if (values.length < 120) values.push(x);
    else {
      values[this.next] = x;
      this.next = (this.next + 1) % 120;
    }
    return values.length < 120 ? 0 : -Math.log10(Math.max(Math.min(p, 1 - p), 1e-8));
  }
}

interface Node {
  readonly low: number[];
  readonly high: number[];
  readonly size: number;
  readonly cut: number;
  readonly at: number;
  readonly left: Node | undefined;
  readonly right: Node | undefined;
}

/**
 * Random cut forest (Guha and others, ICML 2016): the expected displacement of a point on insertion, over 30 trees of 128
 * points of shingles of four readings. Trees are built anew from a reservoir in turn, one every 32 readings.
 */
class RandomCutForest extends Copyable {
  private readonly reservoir: number[][] = [];
  private readonly trees: (Node | undefined)[] = new Array<Node | undefined>(30).fill(undefined);
  private shingle: number[] = [];
  private n = 0;
  private seed = 1;
  public score(x: number): number {
    this.shingle = [...this.shingle.slice(-3), x];
    if (this.shingle.length < 4) return 0;
    const point = this.shingle;
    this.n++;
    const random = seededRandom(this.seed++);
    let sum = 0;
    let trees = 0;
    for (const tree of this.trees) {
      if (!tree) continue;
      sum += displacement(tree, point);
      trees++;
    }
    if (this.reservoir.length < 256) this.reservoir.push(point);
    else this.reservoir[Math.floor(random() * 256)] = point;
    if (this.n % 32 === 0 && this.reservoir.length >= 64) {
      const sample = Array.from({ length: 128 }, () => this.reservoir[Math.floor(random() * this.reservoir.length)]!);
      this.trees[(this.n / 32) % this.trees.length] = grow(sample, random, 0);
    }
    return trees === 0 ? 0 : sum / trees;
  }
}

function grow(points: readonly number[][], random: () => number, depth: number): Node {
  const low = [...points[0]!];
  const high = [...points[0]!];
  for (const point of points) {
    for (let d = 0; d < 4; d++) {
      low[d] = Math.min(low[d]!, point[d]!);
      high[d] = Math.max(high[d]!, point[d]!);
    }
  }
  const spans = low.map((value, d) => high[d]! - value);
  const total = spans.reduce((a, b) => a + b, 0);
  const leaf = { low, high, size: points.length, cut: 0, at: 0, left: undefined, right: undefined };
  if (points.length < 2 || total === 0 || depth > 12) return leaf;
  let at = random() * total;
  let cut = 0;
  while (cut < 3 && at > spans[cut]!) at -= spans[cut++]!;
  const value = low[cut]! + Math.min(at, spans[cut]!);
  const left = points.filter((point) => point[cut]! <= value);
  const right = points.filter((point) => point[cut]! > value);
  if (left.length === 0 || right.length === 0) return leaf;
  return { ...leaf, cut, at: value, left: grow(left, random, depth + 1), right: grow(right, random, depth + 1) };
}

/** Expected number of points that a new one displaces, over the random cuts that would separate it on its way down. */
function displacement(tree: Node, point: readonly number[]): number {
  let reach = 1;
  let expected = 0;
  let node: Node | undefined = tree;
  while (node) {
    let inside = 0;
    let outside = 0;
    for (let d = 0; d < 4; d++) {
      inside += node.high[d]! - node.low[d]!;
      outside += Math.max(0, node.low[d]! - point[d]!, point[d]! - node.high[d]!);
    }
    const separated = outside === 0 ? 0 : outside / (inside + outside);
    expected += reach * separated * node.size;
    reach *= 1 - separated;
    node = point[node.cut]! <= node.at ? node.left : node.right;
  }
  return expected;
}

export interface Baseline {
  readonly name: string;
  readonly create: () => Scorer;
  /** Where a reading costs too much for a message a second over days. */
  readonly slow?: boolean;
}

export const BASELINES: readonly Baseline[] = [
  { name: "3σ rolling", create: () => new RollingSigma() },
  { name: "EWMA chart", create: () => new Ewma() },
  { name: "robust z (median, MAD)", create: () => new RobustZ() },
  { name: "frozen T²", create: () => new Frozen() },
  { name: "autoregressive residual", create: () => new AutoregressiveResidual() },
  { name: "random cut forest", create: () => new RandomCutForest(), slow: true },
  { name: "spike-and-dip form", create: () => new SpikeAndDip(), slow: true },
];
