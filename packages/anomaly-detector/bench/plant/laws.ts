const TAU = 2 * Math.PI;

/** Gaussian noise: each reading has its own, or a level wanders by it. */
export interface Gaussian {
  readonly phi: (intervalSeconds: number) => number;
  /** Variance of the level, and of what each reading adds. */
  readonly level: number;
  readonly white: number;
}

export const gaussian = (deviation: number): Gaussian => ({ phi: () => 0, level: 0, white: deviation ** 2 });
export const correlated = (phi: number): Gaussian => ({ phi: () => phi, level: 1, white: 0 });
const outside = -60;

export const rounded =
  (step: number, deviation: number) =>
  (d: number): number =>
    Math.max(Math.log(normalBetween((d - step / 2) / deviation, (d + step / 2) / deviation)), outside);

function normalBetween(from: number, to: number): number {
  let sum = 0;
  const parts = 24;
  for (let i = 0; i < parts; i++) {
    const z = from + ((i + 0.5) * (to - from)) / parts;
    sum += Math.exp(-0.5 * z * z);
  }
  return (sum * (to - from)) / parts / Math.sqrt(TAU);
}

/** Poisson's law with the factorial's continuation: what leaves the whole numbers is no sign of a fault. */
export const counted =
  (mean: number) =>
  (d: number): number => {
    const k = d + mean;
    return k < 0 ? outside : k * Math.log(mean) - mean - logFactorial(k);
  };

function logFactorial(k: number): number {
  let shift = 0;
  let x = k + 1;
  for (; x < 8; x++) shift -= Math.log(x);
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(TAU) + 1 / (12 * x);
}

export const exponential = (d: number): number => (d < 0 ? outside : -d);

/** Student's t with 4 degrees of freedom and variance 1, but for a constant. */
export const student4 = (d: number): number => -2.5 * Math.log(1 + (d * d) / 2);
