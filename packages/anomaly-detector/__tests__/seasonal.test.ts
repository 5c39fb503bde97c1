import { normalRandom, seededRandom } from "../bench/random";
import { createSeasonalState, type SeasonalVerdict, updateSeasonal } from "../src/detectors/seasonal";

const DAY = 86_400_000;
const STEP = 300_000;
const PARAMETERS = { seasonMs: DAY, parts: 24, confidence: 99.9 };

/** A daily cycle of ±10 with little noise; `change` may replace a reading. */
function run(days: number, change: (i: number, normal: number) => number, seed = 1): SeasonalVerdict[] {
  const state = createSeasonalState(PARAMETERS);
  const noise = normalRandom(seededRandom(seed));
  return Array.from({ length: (days * DAY) / STEP }, (_, i) => {
    const normal = 10 * Math.sin((2 * Math.PI * i * STEP) / DAY) + 0.2 * noise();
    return updateSeasonal(state, PARAMETERS, change(i, normal), i * STEP);
  });
}

test("a value that is normal at noon is an anomaly at midnight", () => {
  const midnight = 20 * 288;
  const quarter = midnight + 72;
  const usual = run(21, (_, normal) => normal);
  const unusual = run(21, (i, normal) => (i === midnight ? 10 : normal));
  // 10 is reached every day a quarter of a day later.
  expect(usual[quarter]?.isAnomaly).toBe(false);
  expect(unusual[midnight]).toMatchObject({ isAnomaly: true, ready: true });
});

test("the expected range follows the season", () => {
  const verdicts = run(21, (_, normal) => normal);
  const middle = (i: number): number => {
    const { low = NaN, high = NaN } = verdicts[i]?.expected ?? {};
    return (low + high) / 2;
  };
  expect(middle(20 * 288 + 75)).toBeGreaterThan(8);
  expect(middle(20 * 288 + 219)).toBeLessThan(-8);
});

test("a small deviation that lasts has more evidence of lasting than each reading has of its own", () => {
  const from = 20 * 288;
  const verdicts = run(21, (i, normal) => (i >= from ? normal + 3 : normal));
  const last = verdicts[from + 40];
  expect(last?.drift).toBeGreaterThan(last?.point ?? Infinity);
});

test("a part of the season forgets as fast whether it has one reading or a thousand", () => {
  const means = [1000, 60_000].map((step) => {
    const state = createSeasonalState({ ...PARAMETERS, parts: 1 });
    const seasonMs = 3_600_000;
    const parameters = { seasonMs, parts: 1, confidence: 99 };
    for (let i = 0; i * step < 10 * seasonMs; i++) updateSeasonal(state, parameters, 0, i * step);
    for (let i = 0; i * step < 3 * seasonMs; i++) updateSeasonal(state, parameters, 1, 10 * seasonMs + i * step);
    return state.means[0] ?? 0;
  });
  expect(means[0]).toBeGreaterThan(0.5);
  expect(means[1]).toBeCloseTo(means[0] ?? 0, 1);
});

test("a constant series has no anomaly, and the first other value is one", () => {
  const state = createSeasonalState(PARAMETERS);
  for (let i = 0; i < 1000; i++) expect(updateSeasonal(state, PARAMETERS, 5, i * STEP).score).toBe(0);
  expect(updateSeasonal(state, PARAMETERS, 5 + 1e-9, 1000 * STEP).isAnomaly).toBe(false);
  expect(updateSeasonal(state, PARAMETERS, 6, 1001 * STEP).isAnomaly).toBe(true);
});

test("a time before 1970 has a part of the season too", () => {
  const state = createSeasonalState(PARAMETERS);
  updateSeasonal(state, PARAMETERS, 5, -1);
  expect(state.counts[23]).toBe(1);
});
