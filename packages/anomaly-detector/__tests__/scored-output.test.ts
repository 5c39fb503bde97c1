import { checkConfiguration, type Configuration } from "../src/configuration";
import type { ScoredMessage } from "../src/pipeline";
import { ScoredOutput } from "../src/scored-output";

function configuration(scoredOutput: Record<string, unknown>): Configuration {
  const checked = checkConfiguration({ scoredOutput });
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

function scored(i: number, value = i, isAnomaly = false, machineId = "m"): ScoredMessage {
  return {
    eventTime: new Date(Date.UTC(2026, 0) + i * 1000).toISOString(),
    machineId,
    warmingUp: false,
    isAnomaly,
    score: isAnomaly ? 0.9999 : 0.5,
    signals: { a: { value, score: isAnomaly ? 0.9999 : 0.5 } },
    detectors: {},
  };
}

test("all scores leave, or none", () => {
  const message = scored(0);
  expect(new ScoredOutput(configuration({ mode: "all" })).take(message)).toBe(message);
  const off = new ScoredOutput(configuration({ mode: "off" }));
  expect(off.take(message)).toBeUndefined();
  expect(off.flush()).toEqual([]);
});

test("sampled, one in so many of each machine leaves, and each with which an anomaly begins or ends", () => {
  const output = new ScoredOutput(configuration({ mode: "sampled", every: 10 }));
  const left: number[] = [];
  for (let i = 0; i < 40; i++) if (output.take(scored(i, i, i >= 14 && i < 17))) left.push(i);
  expect(left).toEqual([0, 10, 14, 17, 20, 30]);
  expect(output.take(scored(0, 0, false, "other"))).toBeDefined();
});

test("aggregated, a summary of each machine leaves, under the keys of a score", () => {
  const output = new ScoredOutput(configuration({ mode: "aggregated" }));
  for (let i = 0; i < 10; i++) expect(output.take(scored(i, i, i === 3))).toBeUndefined();
  output.take(scored(4, 7, false, "other"));
  expect(output.flush()).toEqual([
    {
      machineId: "m",
      startTime: "2026-01-01T00:00:00.000Z",
      eventTime: "2026-01-01T00:00:09.000Z",
      messages: 10,
      anomalousMessages: 1,
      isAnomaly: true,
      score: 0.9999,
      signals: { a: { value: 4.5, min: 0, max: 9, score: 0.9999 } },
    },
    expect.objectContaining({ machineId: "other", messages: 1, isAnomaly: false }),
  ]);
  expect(output.flush()).toEqual([]);
});

test("what was gathered leaves when scores are no longer aggregated", () => {
  const output = new ScoredOutput(configuration({ mode: "aggregated" }));
  output.take(scored(0));
  expect(output.configure(configuration({ mode: "aggregated", seconds: 5 }))).toEqual([]);
  expect(output.configure(configuration({ mode: "all" }))).toMatchObject([{ messages: 1 }]);
});
