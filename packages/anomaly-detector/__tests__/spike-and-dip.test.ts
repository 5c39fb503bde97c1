import { normalQuantile } from "../src/detectors/math";
import {
  createSpikeAndDipState,
  type SpikeAndDipMode,
  type SpikeAndDipParameters,
  updateSpikeAndDip,
} from "../src/detectors/spike-and-dip";
import type { Verdict } from "../src/detectors/detector";

const SIZE = 1000;
/** A history that is Gaussian to the eye of the density: one value in the middle of each of 999 equal shares. */
const GAUSSIAN = Array.from({ length: SIZE - 1 }, (_, i) => normalQuantile((i + 0.5) / (SIZE - 1)));
const DEVIATION = Math.sqrt(GAUSSIAN.reduce((sum, x) => sum + x * x, 0) / GAUSSIAN.length);

function judge(history: readonly number[], value: number, parameters: SpikeAndDipParameters): Verdict {
  const state = createSpikeAndDipState();
  for (const past of history) updateSpikeAndDip(state, parameters, past);
  return updateSpikeAndDip(state, parameters, value);
}

function parameters(
  confidence: number,
  mode: SpikeAndDipMode = "spikesanddips",
  historySize = SIZE,
): SpikeAndDipParameters {
  return { confidence, historySize, mode };
}

describe("on a Gaussian history the limit is sqrt(2) * Phi^-1(confidence) standard deviations", () => {
  test.each([
    [90, 1.8124],
    [95, 2.3262],
    [99, 3.29],
    [99.9, 4.3702],
  ])("at confidence %p it is %p", (confidence, limit) => {
    expect(Math.SQRT2 * normalQuantile(confidence / 100)).toBeCloseTo(limit, 3);
    for (const side of [1, -1]) {
      expect(judge(GAUSSIAN, side * limit * DEVIATION * 0.995, parameters(confidence)).isAnomaly).toBe(false);
      expect(judge(GAUSSIAN, side * limit * DEVIATION * 1.005, parameters(confidence)).isAnomaly).toBe(true);
    }
  });

  test("and the expected range ends there", () => {
    const { expected } = judge(GAUSSIAN, 0, parameters(99));
    expect(expected?.high).toBeCloseTo(3.29 * DEVIATION, 2);
    expect(expected?.low).toBeCloseTo(-3.29 * DEVIATION, 2);
  });
});

test("the score is the p-value that the formula gives by hand", () => {
  // History 0 and 2: deviation 1, bandwidth sqrt(2); p = 0.5 - (erf(3 / sqrt 2) + erf(1 / sqrt 2)) / 4.
  const { score } = judge([0, 2], 3, parameters(95, "spikes", 3));
  expect(score).toBeCloseTo(0.5 - (0.9973002039 + 0.6826894921) / 4, 6);
});

test.each([
  ["spikes", 9, true],
  ["spikes", -9, false],
  ["dips", 9, false],
  ["dips", -9, true],
  ["spikesanddips", 9, true],
  ["spikesanddips", -9, true],
] as const)("mode %s, %p standard deviations: %p", (mode, value, isAnomaly) => {
  expect(judge(GAUSSIAN, value, parameters(99, mode)).isAnomaly).toBe(isAnomaly);
});

test("the first verdict is that of reading number historySize", () => {
  const state = createSpikeAndDipState();
  const ready = [1, 2, 3, 4, 5].map((value) => updateSpikeAndDip(state, parameters(95, "spikes", 4), value).ready);
  expect(ready).toEqual([false, false, false, true, true]);
});

test("the history holds the last readings only", () => {
  const state = createSpikeAndDipState();
  const narrow = parameters(99, "spikesanddips", 10);
  for (let i = 0; i < 50; i++) updateSpikeAndDip(state, narrow, 1000 + (i % 2));
  for (let i = 0; i < 10; i++) updateSpikeAndDip(state, narrow, i % 2);
  expect(updateSpikeAndDip(state, narrow, 0.5)).toMatchObject({ isAnomaly: false, ready: true });
  expect(state.values).toHaveLength(10);
});

test("a constant series is normal and any other value then is not", () => {
  const constant = new Array<number>(20).fill(5);
  const wide = parameters(99, "spikesanddips", 20);
  expect(judge(constant, 5, wide)).toMatchObject({ isAnomaly: false, score: expect.closeTo(0.5, 6) as number });
  expect(judge(constant, 5.001, wide).isAnomaly).toBe(true);
});

test.each([NaN, Infinity, -Infinity, 1e101])("%p is not judged and changes nothing", (value) => {
  const state = createSpikeAndDipState();
  updateSpikeAndDip(state, parameters(95), 1);
  const before = JSON.stringify(state);
  expect(updateSpikeAndDip(state, parameters(95), value)).toMatchObject({ isAnomaly: false, ready: false });
  expect(JSON.stringify(state)).toBe(before);
});
