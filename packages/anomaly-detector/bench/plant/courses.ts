import { normalRandom, seededRandom } from "../random";

const DAY = 86_400;
const TAU = 2 * Math.PI;

/** Makes a series: values at times in seconds, one after the other, for messages so many seconds apart. */
export type Make = (seed: number, intervalSeconds: number) => (timeSeconds: number) => number;

const noise = (seed: number): (() => number) => normalRandom(seededRandom(seed));

export const white =
  (mean: number, deviation: number): Make =>
  (seed) => {
    const normal = noise(seed);
    return () => mean + deviation * normal();
  };

/** Autoregressive noise with a correlation for each message. */
export const autoregressive =
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
export const cycle =
  (daily: number, weekly: number, noisy: number): Make =>
  (seed) => {
    const normal = noise(seed);
    const phase = seededRandom(seed + 77)() * DAY;
    return (t) =>
      50 + daily * Math.sin((TAU * (t + phase)) / DAY) + weekly * Math.sin((TAU * t) / (7 * DAY)) + noisy * normal();
  };

/** Levels that are held for a while, chosen at random among a few. */
export const operatingPoints =
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
export const batches =
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
export const onOff =
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
export const shifts =
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

export const slowDrift =
  (perDay: number, noisy: number): Make =>
  (seed) => {
    const normal = noise(seed);
    return (t) => 100 + (perDay * t) / DAY + noisy * normal();
  };

/** A level that wanders within hours, as by an Ornstein-Uhlenbeck process, below noise. */
export const wandering =
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

export const quantised =
  (step: number, make: Make): Make =>
  (seed, interval) => {
    const inner = make(seed, interval);
    return (t) => Math.round(inner(t) / step) * step;
  };

export const heavy =
  (draw: (random: () => number, normal: () => number) => number): Make =>
  (seed) => {
    const random = seededRandom(seed);
    const normal = noise(seed + 1);
    return () => draw(random, normal);
  };

/** A counter that starts anew each time it is full. */
export const counter =
  (full: number, perSecond: number): Make =>
  () =>
  (t) =>
    Math.floor((t * perSecond) % full);

export const poisson =
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

export const gaps = (seed: number, interval: number): (() => number) => {
  const random = seededRandom(seed + 5);
  return () => (random() < 0.002 ? interval * (20 + 200 * random()) : interval);
};

export const jitter = (seed: number, interval: number): (() => number) => {
  const random = seededRandom(seed + 5);
  return () => interval * (0.6 + 0.8 * random());
};
