import { normalRandom, seededRandom } from "../random";
import { correlated, counted, exponential, type Gaussian, gaussian, rounded, student4 } from "./laws";

const DAY = 86_400;
const TAU = 2 * Math.PI;

/** Which half of the suite: parameters were chosen on one and are reported on the other. */
export type Half = "choose" | "report";

/** A kind of normal operation: values at times in seconds, one after the other. */
export interface Normal {
  readonly name: string;
  readonly half: Half;
  /** Rates in seconds between messages that the kind makes sense at; all when absent. */
  readonly make: (seed: number, intervalSeconds: number) => (timeSeconds: number) => number;
  /** Seconds until the next message, for kinds with gaps or jitter. */
  readonly steps?: (seed: number, intervalSeconds: number) => () => number;
  /** What there is to know of the kind, for the oracle; absent where its noise changes with its level. */
  readonly truth?: Truth;
}

/** What a kind is made of: a course that is known at each time, and noise about it whose law is known. */
export interface Truth {
  /** The course without its noise; a constant when absent. */
  readonly course?: Normal["make"] | number;
  /**
   * Gaussian noise: a level that follows the one before by `phi` with variance `level`, and `white` noise of its own on
   * each reading; or, for independent readings of another law, their log density about the course.
   */
  readonly noise: Gaussian | ((deviation: number) => number);
}

type Make = Normal["make"];

const noise = (seed: number): (() => number) => normalRandom(seededRandom(seed));

const white =
  (mean: number, deviation: number): Make =>
  (seed) => {
    const normal = noise(seed);
    return () => mean + deviation * normal();
  };

/** Autoregressive noise with a correlation for each message. */
const autoregressive =
  (phi: number, mean: number): Make =>
  (seed) => {
    const normal = noise(seed);
    let value = normal();
    const rest = Math.sqrt(1 - phi * phi);
    return () => {
      value = phi * value + rest * normal();
      return mean + value;
    };
  };

/** A daily and a weekly cycle below noise. */
const cycle =
  (daily: number, weekly: number, noisy: number): Make =>
  (seed) => {
    const normal = noise(seed);
    const phase = seededRandom(seed + 77)() * DAY;
    return (t) =>
      50 + daily * Math.sin((TAU * (t + phase)) / DAY) + weekly * Math.sin((TAU * t) / (7 * DAY)) + noisy * normal();
  };

/** Levels that are held for a while, chosen at random among a few. */
const operatingPoints =
  (levels: readonly number[], meanHoldSeconds: number, noisy: number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const normal = noise(seed + 1);
    let level = levels[0]!;
    let until = 0;
    return (t) => {
      if (t >= until) {
        level = levels[Math.floor(random() * levels.length)]!;
        until = t + meanHoldSeconds * (0.5 + random());
      }
      return level + noisy * normal();
    };
  };

/** The same course again and again, with a pause of varying length between: ramp up, hold, ramp down. */
const batches =
  (runSeconds: number, pauseSeconds: number, height: number, noisy: number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const normal = noise(seed + 1);
    let start = pauseSeconds * random();
    let pause = pauseSeconds;
    return (t) => {
      if (t > start + runSeconds + pause) {
        start = t;
        pause = pauseSeconds * (0.5 + random());
      }
      const at = (t - start) / runSeconds;
      const shape = at < 0 || at > 1 ? 0 : Math.min(1, at / 0.2, (1 - at) / 0.2);
      return 20 + height * shape + noisy * normal();
    };
  };

/** On and off by a duty cycle with some play. */
const onOff =
  (onSeconds: number, offSeconds: number, play: number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const normal = noise(seed + 1);
    let on = false;
    let until = 0;
    return (t) => {
      if (t >= until) {
        on = !on;
        until = t + (on ? onSeconds : offSeconds) * (1 + play * (2 * random() - 1));
      }
      return on ? 10 + 0.2 * normal() : 0.02 * normal();
    };
  };

/** Two shifts on weekdays, rest at night and at the weekend. */
const shifts =
  (noisy: number): Make =>
  (seed) => {
    const normal = noise(seed);
    return (t) => {
      const day = Math.floor(t / DAY) % 7;
      const hour = (t % DAY) / 3600;
      const works = day < 5 && hour >= 6 && hour < 22;
      return (works ? (hour < 14 ? 10 : 9) : 4) + noisy * normal();
    };
  };

const slowDrift =
  (perDay: number, noisy: number): Make =>
  (seed) => {
    const normal = noise(seed);
    return (t) => 100 + (perDay * t) / DAY + noisy * normal();
  };

/** A level that wanders within hours, as by an Ornstein-Uhlenbeck process, below noise. */
const wandering =
  (hours: number, wander: number): Make =>
  (seed, interval) => {
    const normal = noise(seed);
    const phi = Math.exp(-interval / (3600 * hours));
    const rest = Math.sqrt(1 - phi * phi);
    let level = normal();
    return () => {
      level = phi * level + rest * normal();
      return 30 + wander * level + normal();
    };
  };

const quantised =
  (step: number, make: Make): Make =>
  (seed, interval) => {
    const inner = make(seed, interval);
    return (t) => Math.round(inner(t) / step) * step;
  };

const heavy =
  (draw: (random: () => number, normal: () => number) => number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const normal = noise(seed + 1);
    return () => draw(random, normal);
  };

/** A counter that starts anew each time it is full. */
const counter =
  (full: number, perSecond: number): Make =>
  () =>
  (t) =>
    Math.floor((t * perSecond) % full);

const poisson =
  (mean: number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const stop = Math.exp(-mean);
    return () => {
      let k = 0;
      for (let product = random(); product > stop; product *= random()) k++;
      return k;
    };
  };

const gaps = (seed: number, interval: number): (() => number) => {
  const random = seededRandom(seed + 5);
  return () => (random() < 0.002 ? interval * (20 + 200 * random()) : interval);
};

const jitter = (seed: number, interval: number): (() => number) => {
  const random = seededRandom(seed + 5);
  return () => interval * (0.6 + 0.8 * random());
};

/** Every kind is in one half only, with parameters of its own. */
export const NORMALS: readonly Normal[] = [
  { name: "white noise", half: "choose", make: white(21, 1), truth: { course: 21, noise: gaussian(1) } },
  {
    name: "autoregressive 0.9",
    half: "choose",
    make: autoregressive(0.9, 5),
    truth: { course: 5, noise: correlated(0.9) },
  },
  { name: "daily cycle", half: "choose", make: cycle(5, 0, 1), truth: { course: cycle(5, 0, 0), noise: gaussian(1) } },
  {
    name: "operating points, 3 of 2 h",
    half: "choose",
    make: operatingPoints([20, 30, 45], 7200, 1),
    truth: { course: operatingPoints([20, 30, 45], 7200, 0), noise: gaussian(1) },
  },
  {
    name: "batches of 40 min",
    half: "choose",
    make: batches(2400, 1200, 60, 1),
    truth: { course: batches(2400, 1200, 60, 0), noise: gaussian(1) },
  },
  { name: "on and off, 20 min", half: "choose", make: onOff(1200, 1200, 0.1) },
  {
    name: "slow drift, 1σ a day",
    half: "choose",
    make: slowDrift(1, 1),
    truth: { course: slowDrift(1, 0), noise: gaussian(1) },
  },
  {
    name: "quantised, 0.5σ",
    half: "choose",
    make: quantised(0.5, white(20, 1)),
    truth: { course: 20, noise: rounded(0.5, 1) },
  },
  {
    name: "exponential tail",
    half: "choose",
    make: heavy((random) => -Math.log(1 - random())),
    truth: { course: 0, noise: exponential },
  },
  { name: "gaps", half: "choose", make: white(7, 1), steps: gaps, truth: { course: 7, noise: gaussian(1) } },
  { name: "counter", half: "choose", make: counter(1000, 0.05) },

  {
    name: "white noise, other scale",
    half: "report",
    make: white(-0.004, 0.0003),
    truth: { course: -0.004, noise: gaussian(0.0003) },
  },
  {
    name: "autoregressive 0.97",
    half: "report",
    make: autoregressive(0.97, 800),
    truth: { course: 800, noise: correlated(0.97) },
  },
  {
    name: "daily and weekly cycle",
    half: "report",
    make: cycle(3, 2, 0.5),
    truth: { course: cycle(3, 2, 0), noise: gaussian(0.5) },
  },
  {
    name: "operating points, 4 of 5 h",
    half: "report",
    make: operatingPoints([100, 140, 155, 210], 18_000, 2),
    truth: { course: operatingPoints([100, 140, 155, 210], 18_000, 0), noise: gaussian(2) },
  },
  {
    name: "batches of 100 min",
    half: "report",
    make: batches(6000, 2400, 25, 0.4),
    truth: { course: batches(6000, 2400, 25, 0), noise: gaussian(0.4) },
  },
  { name: "on and off, 7 and 50 min", half: "report", make: onOff(420, 3000, 0.3) },
  {
    name: "two shifts on weekdays",
    half: "report",
    make: shifts(0.5),
    truth: { course: shifts(0), noise: gaussian(0.5) },
  },
  {
    name: "wandering within 6 h",
    half: "report",
    make: wandering(6, 1.5),
    truth: { course: 30, noise: { phi: (interval) => Math.exp(-interval / 21_600), level: 2.25, white: 1 } },
  },
  {
    name: "quantised, 2σ",
    half: "report",
    make: quantised(0.1, white(20.03, 0.05)),
    truth: { course: 20.03, noise: rounded(0.1, 0.05) },
  },
  {
    name: "Student's t, 4 degrees",
    half: "report",
    make: heavy((_, normal) => {
      const chi = normal() ** 2 + normal() ** 2 + normal() ** 2 + normal() ** 2;
      return normal() / Math.sqrt(chi / 4) / Math.SQRT2;
    }),
    truth: { course: 0, noise: student4 },
  },
  { name: "jitter", half: "report", make: white(3, 1), steps: jitter, truth: { course: 3, noise: gaussian(1) } },
  { name: "counts", half: "report", make: poisson(4), truth: { course: 4, noise: counted(4) } },
];
