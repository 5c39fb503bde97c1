import fc from "fast-check";
import type { AnomalyQuery } from "../../edge-manifests/anomaly-query";

const detectors = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom("spikeAndDip" as const, "changePoint" as const),
    confidence: fc.double({ min: 1, max: 100, noNaN: true }),
    historySize: fc.integer({ min: 10, max: 5_000 }),
  }),
  { minLength: 1, maxLength: 2, selector: ({ kind }) => kind },
);

/** Queries that the rules take. */
export const validQuery: fc.Arbitrary<AnomalyQuery> = fc.record(
  {
    signals: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{3}[A-Za-z0-9_]{0,8}$/),
        path: fc.stringMatching(/^v[a-z]{3,8}(\.w[a-z]{3,8})?$/),
        detectors,
      }),
      { minLength: 1, maxLength: 6, selector: ({ name, path }) => `${name.toLowerCase()} ${path.split(".")[0] ?? ""}` },
    ),
    sampleIntervalSeconds: fc.double({ min: 0.01, max: 60, noNaN: true }),
    machines: fc.record({
      path: fc.constant("machine.id"),
      ids: fc.uniqueArray(fc.stringMatching(/^m[a-z]{1,20}$/), { minLength: 1, maxLength: 5 }),
    }),
    modelScores: fc.boolean(),
  },
  { requiredKeys: [] },
);
