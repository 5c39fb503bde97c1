import { normalRandom, seededRandom } from "../bench/random";
import { createChangePointState, updateChangePoint } from "../src/detectors/change-point";
import { createEnsembleState, updateEnsemble } from "../src/detectors/ensemble";
import { createMultivariateState, updateMultivariate } from "../src/detectors/multivariate";
import { createSeasonalState, updateSeasonal } from "../src/detectors/seasonal";
import { createSpikeAndDipState, updateSpikeAndDip } from "../src/detectors/spike-and-dip";

const PARAMETERS = { dimensions: 3, confidence: 99.9 };

/** Temperature, pressure and vibration that follow one load, each with a little noise of its own. */
function machine(seed: number): () => [number, number, number] {
  const normal = normalRandom(seededRandom(seed));
  return () => {
    const load = normal();
    return [21 + load + 0.1 * normal(), 1 + 0.1 * (load + 0.1 * normal()), 0.5 + 0.05 * (load + 0.1 * normal())];
  };
}

/** 1.5 standard deviations of each signal: a normal value of each, and no normal combination. */
const BROKEN: readonly [number, number, number] = [22.5, 0.85, 0.575];

test("readings that are each normal and together are not are found by the multivariate detector", () => {
  const state = createMultivariateState(PARAMETERS);
  const next = machine(1);
  for (let i = 0; i < 3000; i++) updateMultivariate(state, PARAMETERS, next());
  const verdict = updateMultivariate(state, PARAMETERS, BROKEN);
  expect(verdict).toMatchObject({ isAnomaly: true, ready: true });
  expect(verdict.score).toBeGreaterThan(10);
});

test("no univariate detector finds anything in them", () => {
  const DAY = 86_400_000;
  const next = machine(1);
  const rows = Array.from({ length: 3000 }, next);
  BROKEN.forEach((broken, signal) => {
    const spike = createSpikeAndDipState();
    const change = createChangePointState();
    const seasonal = createSeasonalState({ seasonMs: DAY, parts: 24, confidence: 99 });
    const ensemble = createEnsembleState({ seasonMs: DAY, confidence: 99 });
    const judge = (value: number, i: number): boolean[] => [
      updateSpikeAndDip(spike, { confidence: 95, historySize: 120, mode: "spikesanddips" }, value).isAnomaly,
      updateChangePoint(change, { confidence: 80, historySize: 20 }, value).isAnomaly,
      updateSeasonal(seasonal, { seasonMs: DAY, parts: 24, confidence: 99 }, value, i * 5000).isAnomaly,
      updateEnsemble(ensemble, { seasonMs: DAY, confidence: 99 }, value, i * 5000).isAnomaly,
    ];
    rows.forEach((row, i) => judge(row[signal] ?? 0, i));
    expect(judge(broken, rows.length)).toEqual([false, false, false, false]);
  });
});

test("the distance is Mahalanobis's: independent signals of variance 1 give the length of the vector", () => {
  const state = createMultivariateState({ dimensions: 2 });
  state.seen = 1000;
  state.covariance = [1, 0, 1];
  const { score } = updateMultivariate(state, { dimensions: 2, confidence: 99 }, [3, 4]);
  expect(score).toBeCloseTo(5, 2);
});

test("the distance knows the correlation", () => {
  // Variances 1, correlation 0.8: for (1, -1) it is sqrt(2 / (1 - 0.8)).
  const state = createMultivariateState({ dimensions: 2 });
  state.seen = 1000;
  state.covariance = [1, 0.8, 1];
  const { score } = updateMultivariate(state, { dimensions: 2, confidence: 99 }, [1, -1]);
  expect(score).toBeCloseTo(Math.sqrt(10), 2);
});

test("normal readings exceed the confidence about as often as they should", () => {
  const state = createMultivariateState(PARAMETERS);
  const next = machine(2);
  let anomalies = 0;
  for (let i = 0; i < 60_000; i++) if (updateMultivariate(state, PARAMETERS, next()).isAnomaly && i > 2000) anomalies++;
  expect(anomalies / 58_000).toBeLessThan(0.004);
});

test("signals that never move give a finite score when one moves", () => {
  const state = createMultivariateState(PARAMETERS);
  for (let i = 0; i < 500; i++) updateMultivariate(state, PARAMETERS, [0, 1, 2]);
  const { score } = updateMultivariate(state, PARAMETERS, [1, 1, 2]);
  expect(Number.isFinite(score)).toBe(true);
  expect(score).toBeGreaterThan(100);
});

test("a vector of another length is not judged", () => {
  const state = createMultivariateState(PARAMETERS);
  expect(updateMultivariate(state, PARAMETERS, [1, 2])).toMatchObject({ ready: false, isAnomaly: false });
  expect(state.seen).toBe(0);
});
