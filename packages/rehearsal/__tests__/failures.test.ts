import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlertEvent } from "../src/events";
import { FoundFailures } from "../src/replay/found-failures";
import { type Label, labelsFileOf } from "../src/replay/labels";
import { sensitivityOf } from "../src/replay/sensitivity";
import { inputWith } from "./support/input";

const HOUR = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "failures-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const event = (
  hours: number,
  phase: AlertEvent["phase"],
  source: AlertEvent["source"] = "detector",
  episodeId = "1",
): AlertEvent => ({ kind: "alert", time: hours * HOUR, phase, source, episodeId, machineId: "m", message: "" });

const failures = [
  { from: 10 * HOUR, to: 12 * HOUR },
  { from: 20 * HOUR, to: 22 * HOUR },
];

test("an alert in a failure, and an episode that is open when it begins, have found it", () => {
  const found = new FoundFailures(failures);
  found.take(event(8, "opened"));
  found.take(event(10, "closed"));
  found.take(event(21, "opened", "detector", "2"));
  found.take(event(23, "closed", "detector", "2"));
  expect(found.firstAlerts).toEqual([8 * HOUR, 21 * HOUR]);
  expect(found.count).toBe(2);
});

test("an episode that is over before a failure, or opens after it, has not", () => {
  const found = new FoundFailures(failures);
  found.take(event(8, "opened"));
  found.take(event(9.9, "closed"));
  found.take(event(12.1, "opened", "detector", "2"));
  found.take(event(19.9, "closed", "detector", "2"));
  expect(found.count).toBe(0);
  expect(found).toMatchObject({ alerts: 2, outside: 2 });
  // Two in ten days that last (1.9 + 7.8) / 2 h: each failure of 2 h is met with 1 - exp(-2 / 240 * 6.85).
  expect(found.byChance(10)).toBeCloseTo(2 * (1 - Math.exp((-2 / 240) * 6.85)), 6);
});

test("rows of Stream Analytics are moments", () => {
  const found = new FoundFailures(failures);
  for (const hour of [5, 10.5, 11, 30]) found.take(event(hour, "opened", "streamAnalytics", String(hour)));
  expect(found.firstAlerts).toEqual([10.5 * HOUR, undefined]);
  expect(found.byChance(10)).toBeCloseTo(2 * (1 - Math.exp((-2 / 240) * 2)), 6);
});

test("known failures are found beside the data, and in the layout of the Numenta Anomaly Benchmark", () => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const data = write("month.csv", "");
  expect(labelsFileOf(data)).toBeUndefined();
  const own = write("month-labels.json", "[]");
  expect(labelsFileOf(data)).toBe(own);
  const series = write("nab/data/real/machine.csv", "");
  const other = write("nab/data/real/other.csv", "");
  const labels = write("nab/labels/combined_windows.json", '{"real/machine.csv": []}');
  expect(labelsFileOf(series)).toBe(labels);
  expect(labelsFileOf(other)).toBeUndefined();
});

test("other settings find more or fewer of the known failures", async () => {
  // Ten values that alternate by 1 have a deviation of 1: 22.6 is p = 0.033, found at 95 and not at 99.
  const start = Date.UTC(2026, 0, 1);
  const values = Array.from({ length: 80 }, (_, index) =>
    index === 30 ? 22.6 : index === 60 ? 29 : index % 2 === 0 ? 19 : 21,
  );
  const data = join(folder, "wave.csv");
  const lines = values.map((value, index) => `${new Date(start + index * 5000).toISOString()},${value},1`);
  writeFileSync(data, ["time,temperature,pressure", ...lines].join("\n"));
  const around = (index: number): Label => ({ from: start + (index - 1) * 5000, to: start + (index + 1) * 5000 });
  const rows = await sensitivityOf(data, inputWith(95), { labels: [around(30), around(60)] });
  const byConfidence = Object.fromEntries(
    rows.filter(({ setting }) => setting.endsWith("historySize 10")).map((row) => [row.setting, row]),
  );
  expect(byConfidence["spikeAndDip confidence 95, historySize 10"]).toMatchObject({ found: 2, isConfigured: true });
  expect(byConfidence["spikeAndDip confidence 99, historySize 10"]).toMatchObject({ found: 1, isConfigured: false });
});
