import { statisticOf } from "../bench/plant/likelihood";
import { NORMALS, type Truth } from "../bench/plant/normals";
import { normalRandom, seededRandom } from "../bench/random";

const step = { name: "step", shift: () => 1, variance: 0, readings: Infinity };
const truthOf = (name: string): Truth => {
  const truth = NORMALS.find((each) => each.name === name)?.truth;
  if (!truth) throw new Error(`${name} has no truth`);
  return truth;
};

/** What the statistic is after so many readings of white noise about `level`. */
function after(truth: Truth, readings: number, level: number): number {
  const normal = normalRandom(seededRandom(9));
  const statistic = statisticOf(truth, step, 1, 60);
  let value = 0;
  for (let i = 0; i < readings; i++) value = statistic.step(normal() + level);
  return value;
}

test("a step of one deviation adds half a unit of log likelihood a reading, and no step takes as much away", () => {
  const truth = truthOf("white noise");
  expect(after(truth, 4000, 1) / 4000).toBeCloseTo(0.5, 1);
  expect(after(truth, 4000, 0)).toBeLessThan(12);
});

test("of a signal whose neighbours resemble each other the same step says less, by (1 - phi) / (1 + phi)", () => {
  const phi = 0.9;
  const normal = normalRandom(seededRandom(9));
  const statistic = statisticOf(truthOf("autoregressive 0.9"), step, 1, 60);
  let wander = 0;
  let value = 0;
  for (let i = 0; i < 20_000; i++) {
    wander = phi * wander + Math.sqrt(1 - phi * phi) * normal();
    value = statistic.step(wander + 1);
  }
  expect(value / 20_000).toBeCloseTo((0.5 * (1 - phi)) / (1 + phi), 2);
});

test("readings that a law does not allow are no sign of a fault's absence at its edge", () => {
  const statistic = statisticOf(truthOf("counts"), { ...step, shift: () => 0, variance: 1 }, 1.97, 60);
  // Counts of 0 are usual; they lie at the edge of what is possible.
  expect(statistic.step(-4)).toBeLessThan(2);
  expect(statistic.step(-7)).toBeGreaterThan(10);
});
