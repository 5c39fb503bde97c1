import { normalRandom, seededRandom } from "../bench/random";
import { changePointThreshold, createChangePointState, updateChangePoint } from "../src/detectors/change-point";

const PARAMETERS = { confidence: 95, historySize: 20 };

function noise(seed: number): () => number {
  return normalRandom(seededRandom(seed));
}

test("the threshold is what historySize p-values of 1 - confidence reach", () => {
  // ln 0.1 - 0.9 ln 0.05 = 0.3935737..., twice.
  expect(changePointThreshold({ confidence: 95, historySize: 2 })).toBeCloseTo(0.7871475, 6);
});

test("the first reading has p-value 0.5, and its bet fills the window", () => {
  const state = createChangePointState();
  updateChangePoint(state, PARAMETERS, 7);
  expect(state.bets.values).toHaveLength(20);
  for (const bet of state.bets.values) expect(bet).toBeCloseTo(Math.log(0.1) - 0.9 * Math.log(0.5), 12);
});

test("the score is the sum of the window's log bets", () => {
  const state = createChangePointState();
  const next = noise(1);
  let score = 0;
  for (let i = 0; i < 100; i++) score = updateChangePoint(state, PARAMETERS, next()).score;
  expect(state.bets.values).toHaveLength(20);
  expect(score).toBeCloseTo(
    state.bets.values.reduce((sum, bet) => sum + bet, 0),
    9,
  );
});

test("a series that changes its level is reported once, then silent for a window", () => {
  const state = createChangePointState();
  const next = noise(2);
  const verdicts = Array.from({ length: 300 }, (_, i) =>
    updateChangePoint(state, { confidence: 92, historySize: 20 }, next() + (i < 200 ? 0 : 40)),
  );
  // The first p-values of all are those of very short histories, and may look like a change.
  const reported = verdicts.flatMap(({ isAnomaly }, i) => (isAnomaly && i >= 40 ? [i] : []));
  expect(reported[0]).toBeGreaterThanOrEqual(200);
  expect(reported[0]).toBeLessThan(220);
  for (let i = 1; i < reported.length; i++)
    expect((reported[i] ?? 0) - (reported[i - 1] ?? 0)).toBeGreaterThanOrEqual(20);
});

test("one spike is no change of level", () => {
  const state = createChangePointState();
  const next = noise(3);
  for (let i = 0; i < 400; i++) {
    expect(updateChangePoint(state, PARAMETERS, i === 200 ? 50 : next()).isAnomaly).toBe(false);
  }
});

test("there is no verdict before the window is full", () => {
  const state = createChangePointState();
  const ready = [1, 2, 3, 4].map((value) => updateChangePoint(state, { confidence: 95, historySize: 3 }, value).ready);
  expect(ready).toEqual([false, false, true, true]);
});
