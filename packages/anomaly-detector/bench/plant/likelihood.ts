import type { Gaussian } from "./laws";
import type { Truth } from "./normals";
import { hourReadings } from "./run";

/** A fault as the oracle knows it. */
export interface Hypothesis {
  readonly name: string;
  /** What the fault adds to a reading, by its age in readings, in standard deviations; and the variance that it adds. */
  readonly shift: (age: number, hour: number) => number;
  readonly variance: number;
  /** Readings that it lasts. */
  readonly readings: number;
  /** Whether it begins so gently that where it began has to be tried. */
  readonly creeps?: boolean;
}

/** A statistic that is high when the fault has begun. */
export interface Statistic {
  /** @param deviation The reading less the course. */
  step(deviation: number): number;
  copy(): Statistic;
}

interface Startable extends Statistic {
  /** Takes the next reading for the fault's first, whatever was likely before; and never another one. */
  start(): void;
  copy(): Startable;
}

/** Beginnings that are tried of a fault that creeps, in an hour; and hours for which each is followed. */
const STARTS_AN_HOUR = 10;
const FOLLOWED_HOURS = 3;

/** The highest of the statistics that began at different times. */
class Beginnings implements Statistic {
  private started: Startable[] = [];
  private readings = 0;

  public constructor(
    private readonly base: Startable,
    private readonly every: number,
  ) {}

  public step(deviation: number): number {
    if (this.readings++ % this.every === 0) {
      const next = this.base.copy();
      next.start();
      this.started.push(next);
      if (this.started.length > STARTS_AN_HOUR * FOLLOWED_HOURS) this.started.shift();
    }
    this.base.step(deviation);
    let highest = -Infinity;
    for (const each of this.started) highest = Math.max(highest, each.step(deviation));
    return highest;
  }

  public copy(): Beginnings {
    const copied = new Beginnings(this.base.copy(), this.every);
    copied.started = this.started.map((each) => each.copy());
    copied.readings = this.readings;
    return copied;
  }
}

/** Kalman's filter for both hypotheses: without the fault, and with it since the most likely reading. */
class GaussianRatio implements Startable {
  private mean = 0;
  private readonly predicted: number;
  private readonly all: number;
  private readonly gain: number;
  private readonly faultyWhite: number;
  // With the fault since `age` readings.
  private sinceMean = 0;
  private sincePredicted: number;
  private age = 0;
  private ratio = 0;
  private isStarted = false;

  public constructor(
    private readonly law: { readonly phi: number; readonly noise: number; readonly white: number },
    private readonly hypothesis: Hypothesis,
    private readonly sigma: number,
    private readonly hour: number,
  ) {
    let predicted = law.noise;
    for (let i = 0; i < 20_000; i++) predicted = this.next(predicted, law.white);
    this.predicted = this.sincePredicted = predicted;
    this.all = predicted + law.white;
    this.gain = predicted / this.all;
    this.faultyWhite = law.white + hypothesis.variance * sigma * sigma;
  }

  public start(): void {
    this.isStarted = true;
    this.sinceMean = this.mean;
    this.sincePredicted = this.predicted;
    this.age = 0;
    this.ratio = 0;
  }

  private next(predicted: number, white: number): number {
    const all = predicted + white;
    return this.law.phi ** 2 * (all > 0 ? (predicted * white) / all : 0) + this.law.noise;
  }

  public step(x: number): number {
    const { law, all, hypothesis, sigma, hour, age } = this;
    const isWider = hypothesis.variance > 0;
    const error = x - this.mean;
    const without = (error * error) / all;
    const goesOn = x - this.sinceMean - sigma * hypothesis.shift(age, hour);
    const begins = error - sigma * hypothesis.shift(0, hour);
    const goesOnAll = isWider ? this.sincePredicted + this.faultyWhite : all;
    const beginsAll = isWider ? this.predicted + this.faultyWhite : all;
    const wider = (each: number): number => (isWider ? Math.log(each / all) : 0);
    const fresh = 0.5 * (without - (begins * begins) / beginsAll - wider(beginsAll));
    const best = this.ratio + 0.5 * (without - (goesOn * goesOn) / goesOnAll - wider(goesOnAll));
    const isAnew = !this.isStarted && (this.ratio <= 0 || age >= hypothesis.readings || fresh > best);
    const from = isAnew ? this.mean : this.sinceMean;
    const predicted = isAnew ? this.predicted : this.sincePredicted;
    const faultyAll = isAnew ? beginsAll : goesOnAll;
    this.sinceMean = law.phi * (from + (predicted / faultyAll) * (isAnew ? begins : goesOn));
    if (isWider) this.sincePredicted = this.next(predicted, this.faultyWhite);
    this.ratio = isAnew ? fresh : best;
    this.age = isAnew ? 1 : age + 1;
    this.mean = law.phi * (this.mean + this.gain * error);
    return this.ratio;
  }

  public copy(): GaussianRatio {
    return Object.assign(Object.create(GaussianRatio.prototype) as GaussianRatio, this);
  }
}

/** Independent readings of any law. */
class IndependentRatio implements Startable {
  private ratio = 0;
  private age = 0;
  private isStarted = false;

  public constructor(
    private readonly density: (deviation: number) => number,
    private readonly wider: (deviation: number) => number,
    private readonly hypothesis: Hypothesis,
    private readonly sigma: number,
    private readonly hour: number,
  ) {}

  public step(x: number): number {
    const without = this.density(x);
    const fresh = this.faulty(x, 0) - without;
    const best = this.ratio + this.faulty(x, this.age) - without;
    const isOver = this.age >= this.hypothesis.readings || this.ratio <= 0 || fresh > best;
    const isAnew = isOver && !this.isStarted;
    this.ratio = isAnew ? fresh : best;
    this.age = isAnew ? 1 : this.age + 1;
    return this.ratio;
  }

  public start(): void {
    this.isStarted = true;
    this.age = 0;
    this.ratio = 0;
  }

  private faulty(x: number, age: number): number {
    const { hypothesis, sigma, hour } = this;
    return hypothesis.variance > 0 ? this.wider(x) : this.density(x - sigma * hypothesis.shift(age, hour));
  }

  public copy(): IndependentRatio {
    return Object.assign(Object.create(IndependentRatio.prototype) as IndependentRatio, this);
  }
}

/** Difference of neighbouring log densities that only the edge of what is possible has. */
const EDGE = 20;

type Density = (deviation: number) => number;
const tables = new WeakMap<Density, { readonly sigma: number; readonly made: readonly [Density, Density] }>();

/** A law's log density, and that of the law with Gaussian noise of the deviation `sigma` added, from tables. */
function tablesOf(density: Density, sigma: number): readonly [Density, Density] {
  const known = tables.get(density);
  if (known?.sigma === sigma) return known.made;
  const grain = sigma / 40;
  const half = 200;
  const size = 1200 + 1200;
  const middle = size / 2;
  const kernel = Array.from({ length: 2 * half + 1 }, (_, i) => Math.exp(-0.5 * (((i - half) * grain) / sigma) ** 2));
  const weight = kernel.reduce((sum, each) => sum + each, 0);
  const logs = Float64Array.from({ length: size + 2 * half }, (_, i) => density((i - half - middle) * grain));
  const plain = logs.map(Math.exp);
  const wide = Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < kernel.length; j++) sum += kernel[j]! * plain[i + j]!;
    return Math.log(sum / weight + 1e-30);
  });
  const read =
    (values: Float64Array, from: number): Density =>
    (d) => {
      const at = Math.min(Math.max(d / grain + middle + from, 0), values.length - 1.001);
      const low = Math.floor(at);
      const [first, second] = [values[low]!, values[low + 1]!];
      // At the edge of a law the reading belongs to the side where it is possible.
      if (Math.abs(first - second) > EDGE) return Math.max(first, second);
      return first + (at - low) * (second - first);
    };
  const made = [read(logs, half), read(wide, 0)] as const;
  tables.set(density, { sigma, made });
  return made;
}

/** The log likelihood ratio of a fault that began at some time, for a kind whose truth is known. */
export function statisticOf(truth: Truth, hypothesis: Hypothesis, sigma: number, interval: number): Statistic {
  const base = ratioOf(truth, hypothesis, sigma, interval);
  const every = Math.max(1, Math.round(hourReadings(interval) / STARTS_AN_HOUR));
  return hypothesis.creeps === true ? new Beginnings(base, every) : base;
}

function ratioOf({ noise }: Truth, hypothesis: Hypothesis, sigma: number, interval: number): Startable {
  const hour = hourReadings(interval);
  if (typeof noise !== "function") return new GaussianRatio(lawOf(noise, interval), hypothesis, sigma, hour);
  const [plain, wider] = tablesOf(noise, sigma);
  return new IndependentRatio(plain, wider, hypothesis, sigma, hour);
}

function lawOf({ phi, level, white }: Gaussian, interval: number): { phi: number; noise: number; white: number } {
  const follows = phi(interval);
  return { phi: follows, noise: level * (1 - follows * follows), white };
}
