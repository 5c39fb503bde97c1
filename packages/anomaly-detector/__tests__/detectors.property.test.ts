import fc from "fast-check";
import { createChangePointState, updateChangePoint } from "../src/detectors/change-point";
import { createEnsembleState, updateEnsemble } from "../src/detectors/ensemble";
import { createMultivariateState, updateMultivariate } from "../src/detectors/multivariate";
import { createOnnxState, judgeOnnxScore, pushOnnxReading } from "../src/detectors/onnx";
import { createSeasonalState, updateSeasonal } from "../src/detectors/seasonal";
import { createSpikeAndDipState, updateSpikeAndDip } from "../src/detectors/spike-and-dip";

/** One detector with its parameters, over rows of a value and a time. */
interface Subject {
  readonly create: () => unknown;
  readonly update: (
    state: never,
    value: number,
    timeMs: number,
  ) => { readonly isAnomaly: boolean; readonly score: number };
}

function subject<S>(
  create: () => S,
  update: (state: S, value: number, timeMs: number) => { isAnomaly: boolean; score: number },
): Subject {
  return { create, update: update };
}

const SPIKE = { confidence: 95, historySize: 12, mode: "spikesanddips" } as const;
const CHANGE = { confidence: 80, historySize: 12 };
const SEASON = { seasonMs: 3_600_000, parts: 6, confidence: 99 };
const ENSEMBLE = { seasonMs: 3_600_000, confidence: 99 };
const JOINT = { dimensions: 3, confidence: 99 };
const ONNX = { window: 4, dimensions: 2, confidence: 99 };

const SUBJECTS: readonly (readonly [string, Subject])[] = [
  ["spike-and-dip", subject(createSpikeAndDipState, (state, value) => updateSpikeAndDip(state, SPIKE, value))],
  ["change-point", subject(createChangePointState, (state, value) => updateChangePoint(state, CHANGE, value))],
  [
    "seasonal",
    subject(
      () => createSeasonalState(SEASON),
      (state, value, timeMs) => updateSeasonal(state, SEASON, value, timeMs),
    ),
  ],
  [
    "ensemble",
    subject(
      () => createEnsembleState(ENSEMBLE),
      (state, value, timeMs) => updateEnsemble(state, ENSEMBLE, value, timeMs),
    ),
  ],
  [
    "multivariate",
    subject(
      () => createMultivariateState(JOINT),
      (state, value, timeMs) => updateMultivariate(state, JOINT, [value, -value, timeMs % 97]),
    ),
  ],
  [
    "onnx",
    subject(createOnnxState, (state, value) => {
      pushOnnxReading(state, ONNX, [value, 1]);
      return judgeOnnxScore(state, ONNX, value);
    }),
  ],
];

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e100, -1e100, 1e-300, Number.MAX_VALUE, Number.MIN_VALUE, 5),
);
/** Long enough to leave each warm-up: short series are repeated with another scale. */
const series = fc
  .tuple(fc.array(anyNumber, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 8 }))
  .map(([values, times]) => Array.from({ length: times }, (_, i) => values.map((value) => value * (1 + i / 3))).flat());

function allFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "object" && value !== null) return Object.values(value).every(allFinite);
  return true;
}

describe.each(SUBJECTS)("%s", (_name, { create, update }) => {
  test("takes any numbers: the state and the scores stay finite", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: -1e12, max: 1e13 }), (values, start) => {
        const state = create();
        values.forEach((value, i) => {
          const { score } = update(state as never, value, start + i * 60_000);
          expect(Number.isFinite(score)).toBe(true);
        });
        expect(allFinite(state)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("saved and restored at any point it goes on as if it had never stopped", () => {
    fc.assert(
      fc.property(series, fc.nat(), (values, where) => {
        const through = create();
        let restored = create();
        const stop = where % values.length;
        values.forEach((value, i) => {
          if (i === stop) restored = JSON.parse(JSON.stringify(restored)) as unknown;
          const expected = update(through as never, value, i * 60_000);
          expect(update(restored as never, value, i * 60_000)).toEqual(expected);
        });
        expect(JSON.stringify(restored)).toBe(JSON.stringify(through));
      }),
      { numRuns: 60 },
    );
  });

  test("learns nothing from what is no measurement", () => {
    for (const value of [NaN, Infinity, -Infinity, 1e200]) {
      const state = create();
      for (let i = 0; i < 150; i++) update(state as never, Math.sin(i), i * 60_000);
      const { isAnomaly } = update(state as never, value, 150 * 60_000);
      expect(isAnomaly).toBe(false);
    }
  });
});
