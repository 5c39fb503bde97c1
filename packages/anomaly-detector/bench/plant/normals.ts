import {
  autoregressive,
  batches,
  counter,
  cycle,
  gaps,
  heavy,
  jitter,
  type Make,
  onOff,
  operatingPoints,
  poisson,
  quantised,
  shifts,
  slowDrift,
  wandering,
  white,
} from "./courses";
import { correlated, counted, exponential, type Gaussian, gaussian, rounded, student4 } from "./laws";

/** Which half of the suite: parameters were chosen on one and are reported on the other. */
export type Half = "choose" | "report";

/** A kind of normal operation: values at times in seconds, one after the other. */
export interface Normal {
  readonly name: string;
  readonly half: Half;
  /** Rates in seconds between messages that the kind makes sense at; all when absent. */
  readonly make: Make;
  /** Seconds until the next message, for kinds with gaps or jitter. */
  readonly steps?: (seed: number, intervalSeconds: number) => () => number;
  /** What there is to know of the kind, for the oracle; absent where its noise changes with its level. */
  readonly truth?: Truth;
}

/** What a kind is made of: a course that is known at each time, and noise about it whose law is known. */
export interface Truth {
  /** The course without its noise; a constant when absent. */
  readonly course?: Make | number;
  /**
   * Gaussian noise: a level that follows the one before by `phi` with variance `level`, and `white` noise of its own on
   * each reading; or, for independent readings of another law, their log density about the course.
   */
  readonly noise: Gaussian | ((deviation: number) => number);
}

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
