import { seededRandom } from "../bench/random";
import {
  createTailState,
  isTailReady,
  MAX_EVIDENCE,
  TAIL_WARM_UP,
  tailValueAt,
  updateTail,
} from "../src/detectors/tail";

function exponential(seed: number): () => number {
  const random = seededRandom(seed);
  return () => -Math.log(1 - random());
}

test("evidence is 0 while the tail warms up and ready after", () => {
  const state = createTailState();
  const next = exponential(1);
  for (let i = 0; i < TAIL_WARM_UP; i++) {
    expect(isTailReady(state)).toBe(false);
    expect(updateTail(state, 0.05, next())).toBe(0);
  }
  expect(isTailReady(state)).toBe(true);
  expect(state.warmUp).toEqual([]);
});

test("on an exponential series evidence is -log10 of the tail probability", () => {
  const state = createTailState();
  const next = exponential(2);
  const beyond = [0, 0, 0];
  const readings = 200_000;
  for (let i = 0; i < readings; i++) {
    const evidence = updateTail(state, 0.05, next());
    if (i < 10_000) continue;
    [1.5, 2, 3].forEach((limit, k) => {
      if (evidence >= limit) beyond[k] = (beyond[k] ?? 0) + 1;
    });
  }
  [1.5, 2, 3].forEach((limit, k) => {
    const share = (beyond[k] ?? 0) / (readings - 10_000);
    // The tail follows the series, so its scale wavers: within a factor of three.
    expect(Math.abs(Math.log10(share) + limit)).toBeLessThan(Math.log10(3));
  });
});

test("the value at an evidence has that evidence", () => {
  const state = createTailState();
  const next = exponential(3);
  for (let i = 0; i < 5000; i++) updateTail(state, 0.05, next());
  const value = tailValueAt(state, 0.05, 3);
  expect(updateTail(state, 0.05, value)).toBeCloseTo(3, 9);
});

test("no value has more than 16", () => {
  const state = createTailState();
  const next = exponential(4);
  for (let i = 0; i < 1000; i++) updateTail(state, 0.05, next());
  expect(updateTail(state, 0.05, 1e100)).toBe(MAX_EVIDENCE);
});

test("one outlier does not hide the next", () => {
  const state = createTailState();
  const next = exponential(5);
  for (let i = 0; i < 5000; i++) updateTail(state, 0.05, next());
  updateTail(state, 0.05, 1e9);
  expect(updateTail(state, 0.05, 100)).toBe(MAX_EVIDENCE);
});
