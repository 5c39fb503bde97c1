import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import {
  functionSettingsOf,
  sampleIntervalOf,
  withFunctionSettings,
  withSampleInterval,
} from "@edge-anomaly-detection/rehearsal";

test.each([0.25, 1, 5, 300, 1 / 3])(
  "the query for samples %d s apart is the one that an environment would have",
  (seconds) => {
    const generated = streamAnalyticsQuery({ sampleIntervalSeconds: seconds });
    expect(withSampleInterval(streamAnalyticsQuery({}), seconds)).toBe(generated);
    expect(sampleIntervalOf(generated)).toBeCloseTo(seconds, 2);
  },
);

test("the query with other settings of a function is the one that an environment with them would have", () => {
  const query = (confidence: number, historySize: number, spikeConfidence = 99.5): string =>
    streamAnalyticsQuery({
      signals: ["a", "b"].map((name) => ({
        name,
        path: name,
        detectors: [
          { kind: "spikeAndDip", confidence: spikeConfidence, historySize: 60 },
          { kind: "changePoint", confidence, historySize },
        ],
      })),
    });
  expect(functionSettingsOf(query(80, 120), "changePoint")).toEqual({ confidence: 80, historySize: 120 });
  expect(functionSettingsOf(query(80, 120), "spikeAndDip")).toEqual({ confidence: 99.5, historySize: 60 });
  expect(withFunctionSettings(query(80, 120), "changePoint", { confidence: 90.5, historySize: 600 })).toBe(
    query(90.5, 600),
  );
  expect(withFunctionSettings(query(80, 120), "spikeAndDip", { confidence: 95, historySize: 60 })).toBe(
    query(80, 120, 95),
  );
});
