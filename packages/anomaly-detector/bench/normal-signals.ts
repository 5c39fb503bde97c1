import { normalRandom, seededRandom } from "./random";

/** A signal without anomalies: the value of each reading in turn. */
export type NormalSignal = (reading: number) => number;

/** Readings in a simulated day. */
export const READINGS_PER_DAY = 288;

/** The kinds of normal signal that the ensemble's probability is calibrated on. */
export const NORMAL_SIGNALS: Readonly<Record<string, (seed: number) => NormalSignal>> = {
  "white noise": (seed) => normalRandom(seededRandom(seed)),
  "autoregressive noise (0.9)": (seed) => {
    const normal = normalRandom(seededRandom(seed));
    let value = 0;
    return () => (value = 0.9 * value + normal());
  },
  "daily cycle with noise": (seed) => {
    const normal = normalRandom(seededRandom(seed));
    return (reading) => 5 * Math.sin((2 * Math.PI * reading) / READINGS_PER_DAY) + normal();
  },
  "skewed noise (exponential)": (seed) => {
    const random = seededRandom(seed);
    return () => -Math.log(1 - random());
  },
};
