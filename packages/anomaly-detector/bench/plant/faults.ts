/** A fault: what a sensor reads instead of a normal value. */
export interface Fault {
  readonly name: string;
  /** Readings that it lasts; the whole window when absent. */
  readonly readings?: number;
  /** Whether Must-show 1 asks for 95 of 100. */
  readonly asked: boolean;
  /** Whether it goes on, so that its episode should stay open. */
  readonly lasting: boolean;
  /** `sigma`: standard deviation of the normal signal; `age`: readings since onset; `hour`: readings in an hour, at least 60. */
  readonly apply: (value: number, context: FaultContext) => number | undefined;
}

export interface FaultContext {
  readonly sigma: number;
  readonly age: number;
  readonly hour: number;
  /** Mean of the normal signal. */
  readonly mean: number;
  readonly last: number;
  readonly normal: () => number;
}

const spike = (size: number, asked: boolean): Fault => ({
  name: `${size < 0 ? "dip" : "spike"} ${Math.abs(size)}σ`,
  readings: 1,
  asked,
  lasting: false,
  apply: (value, { sigma }) => value + size * sigma,
});

const step = (size: number, asked: boolean): Fault => ({
  name: `step ${size}σ`,
  asked,
  lasting: true,
  apply: (value, { sigma }) => value + size * sigma,
});

const drift = (size: number, asked: boolean): Fault => ({
  name: `drift ${size}σ an hour`,
  asked,
  lasting: true,
  apply: (value, { sigma, age, hour }) => value + (size * sigma * age) / hour,
});

/** Faults of one signal, in graded sizes. The second half of each pair of sizes is the one that is asked for. */
export const FAULTS: readonly Fault[] = [
  spike(5, false),
  spike(8, true),
  spike(-8, true),
  step(0.5, false),
  step(1, true),
  step(-1, true),
  step(3, true),
  drift(1, true),
  drift(3, false),
  {
    name: "variance doubled",
    asked: true,
    lasting: true,
    apply: (value, { sigma, normal }) => value + sigma * normal(),
  },
  { name: "stuck", asked: true, lasting: true, apply: (_, { last }) => last },
  { name: "sentinel -999", readings: 1, asked: false, lasting: false, apply: () => -999 },
  { name: "dropout", asked: false, lasting: true, apply: () => undefined },
  { name: "unit change (°C to °F)", asked: false, lasting: true, apply: (value) => 1.8 * value + 32 },
  {
    name: "oscillation 1.5σ",
    asked: false,
    lasting: true,
    apply: (value, { sigma, age }) => value + 1.5 * sigma * Math.sin((2 * Math.PI * age) / 20),
  },
];
