import { type AnomalyModels, type OutputRow, StreamAnalyticsJob } from "@edge-anomaly-detection/stream-analytics";
import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";

const T0 = Date.UTC(2026, 0, 1);

/** Scored messages of machines, five seconds apart: a capital letter for one that the ML module calls anomalous. */
function rowsOf(scored: string, ids?: readonly string[]): string[] {
  const query = streamAnalyticsQuery({
    modelScores: true,
    ...(ids !== undefined && { machines: { path: "machine.id", ids } }),
  });
  const models: AnomalyModels = () => ({ update: () => ({ IsAnomaly: 0, Score: 1 }), forget: () => undefined });
  const job = new StreamAnalyticsJob({ query, models });
  return Array.from(scored).flatMap((letter, index): string[] => {
    if (letter === " ") return [];
    const time = T0 + index * 5000;
    const event = {
      eventTime: new Date(time).toISOString(),
      machineId: letter.toLowerCase(),
      isAnomaly: letter === letter.toUpperCase(),
      signals: { temperature: { value: index, score: 1 } },
    };
    const rows: OutputRow[] = job.push("scoreInput", event, time);
    return rows.map(({ body }) =>
      Object.values({ ...body, eventTime: "", score: "" })
        .map(String)
        .join(" ")
        .trim(),
    );
  });
}

test("an anomaly that lasts is one row, and the next one another", () => {
  expect(rowsOf("aaAAAAaaAa", ["a"])).toEqual(["a temperature model 2", "a temperature model 8"]);
});

test("machines are told apart, also where the configuration does not name them", () => {
  expect(rowsOf("aBABABab", ["a", "b"])).toEqual(["b temperature model 1", "a temperature model 2"]);
  // More rows than anomalies, where unnamed machines take turns, and none without one.
  const unnamed = rowsOf("aBABabaA");
  expect(unnamed).toEqual(["temperature model 1", "temperature model 2", "temperature model 3", "temperature model 7"]);
});

test("an anomaly that lasts beyond a pause is reported again", () => {
  expect(rowsOf(`aA${" ".repeat(120)}A`, ["a"])).toEqual(["a temperature model 1", "a temperature model 122"]);
});
