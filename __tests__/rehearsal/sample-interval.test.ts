import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import { sampleIntervalOf, withSampleInterval } from "@edge-anomaly-detection/rehearsal";

test.each([0.25, 1, 5, 300, 1 / 3])(
  "the query for samples %d s apart is the one that an environment would have",
  (seconds) => {
    const generated = streamAnalyticsQuery({ sampleIntervalSeconds: seconds });
    expect(withSampleInterval(streamAnalyticsQuery({}), seconds)).toBe(generated);
    expect(sampleIntervalOf(generated)).toBeCloseTo(seconds, 2);
  },
);
