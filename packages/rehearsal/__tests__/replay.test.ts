import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "parse5";
import { compareInputs, hasChanges } from "../src/compare/comparison";
import { compareAlerts } from "../src/compare/match";
import { comparisonMarkdown, comparisonText, MAX_COMMENT } from "../src/compare/render";
import { logAlert, metricAlert } from "../src/downstream/alert-rules";
import { DownstreamMeter } from "../src/downstream/downstream";
import type { AlertEvent } from "../src/events";
import type { RehearsalInput } from "../src/input";
import { replayFile } from "../src/replay/run";
import { reportHtml } from "../src/report/html";
import { Series } from "../src/report/series";
import { inputWith } from "./support/input";

const folder = mkdtempSync(join(tmpdir(), "replay-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const START = Date.UTC(2026, 0, 1);
const file = (name: string, rows: readonly (readonly [number, number])[], seconds = 5): string => {
  const path = join(folder, name);
  const lines = rows.map(
    ([temperature, pressure], index) =>
      `${new Date(START + index * seconds * 1000).toISOString()},${temperature},${pressure}`,
  );
  writeFileSync(path, ["time,temperature,pressure", ...lines].join("\n"));
  return path;
};
/** Ten values that alternate by 1 about 20 have a deviation of 1: a reading of 20 + z has p = 1 - Phi(z / sqrt 2). */
const wave = (index: number): number => (index % 2 === 0 ? 19 : 21);
/** z = 2.6 (p = 0.033) at 30, z = 5 (p = 0.0002) at 60; pressure z = 6 at 45. */
const rows = Array.from({ length: 80 }, (_, index): [number, number] => [
  index === 30 ? 22.6 : index === 60 ? 25 : wave(index),
  index === 45 ? 26 : wave(index),
]);
const data = file("steps.csv", rows);
const at = (index: number, seconds = 5): number => START + index * seconds * 1000;
const alertsOf = async (input: RehearsalInput, from = data): Promise<(readonly [string | undefined, number])[]> =>
  (await replayFile(from, input)).alerts.map(({ signal, time }) => [signal, time] as const);

test("a confidence in the query decides what is alerted, and comparing names just what differs", async () => {
  const all = [
    ["temperature", at(30)],
    ["pressure", at(45)],
    ["temperature", at(60)],
  ];
  expect(await alertsOf(inputWith(95))).toEqual(all);
  expect(await alertsOf(inputWith(99))).toEqual(all.slice(1));

  const [comparison] = await compareInputs([inputWith(99)], [inputWith(95)], data, {});
  expect(comparison?.changes.map(({ kind, alert }) => [kind, alert.machineId, alert.signal, alert.time])).toEqual([
    ["new", "press", "temperature", at(30)],
  ]);
  expect(comparison?.same).toBe(2);
  const whole = {
    version: 1,
    base: "main",
    head: "HEAD",
    data: "steps.csv",
    environments: comparison ? [comparison] : [],
  } as const;
  expect(hasChanges(whole)).toBe(true);
  expect(comparisonText(whole)).toContain("new: press temperature by Stream Analytics spikeAndDip: 2026-01-01 00:02");
  expect(comparisonText(whole)).not.toContain("pressure");

  const [same] = await compareInputs([inputWith(95)], [inputWith(95)], data, {});
  expect(same).toMatchObject({ state: "unchanged", changes: [] });
});

test("at another sample interval the query's windows hold as many samples, as the generator writes them", async () => {
  const slow = file("slow.csv", rows, 300);
  expect(await alertsOf(inputWith(95), slow)).toEqual([
    ["temperature", at(30, 300)],
    ["pressure", at(45, 300)],
    ["temperature", at(60, 300)],
  ]);
  const { summary } = await replayFile(slow, inputWith(95));
  expect(summary.data.intervalSeconds).toBe(300);
  expect(summary.notes.join()).toContain("a sample each 300 s");
  // Left as they are, windows of 50 s hold one sample and judge nothing.
  expect((await replayFile(slow, inputWith(95), { intervalSeconds: 5 })).alerts).toEqual([]);
});

test("the ML module's pipeline finds a step that stays, and its alerts go where routes lead", async () => {
  const noise = (index: number): number => Math.sin(index * 12.9898) * 0.5 + Math.sin(index * 78.233) * 0.5;
  const step = file(
    "step.csv",
    Array.from({ length: 1500 }, (_, index) => [
      20 + noise(index) + (index >= 1200 ? 15 : 0),
      1 + noise(index + 7) / 10,
    ]),
  );
  const detector = {
    module: "detector",
    sensorInput: "sensorInput",
    alertOutput: "anomalyOutput",
    scoreOutput: "scoredOutput",
    desired: { signals: { temperature: "machine.temperature", pressure: "machine.pressure" }, timePath: "timeCreated" },
  };
  const result = await replayFile(
    step,
    { ...inputWith(99.9), detector },
    { labels: [{ from: at(1200), to: at(1300) }] },
  );
  const opened = result.alerts.filter(({ source }) => source === "detector");
  expect(opened[0]).toMatchObject({ machineId: "press", signal: "temperature", phase: "opened" });
  expect((opened[0]?.time ?? 0) - at(1200)).toBeLessThan(20 * 5000);
  expect(opened[0]?.time).toBeGreaterThanOrEqual(at(1200));
  // No route reads the scores, and nothing is missing for it.
  expect(result.summary.notDelivered).toEqual({ noRoute: 0, refused: {} });
  expect(result.summary.labels?.bySource.detector?.found).toBe(1);
  expect(result.summary.downstream.bytes.anomalies).toBe(result.summary.downstream.bytes.toCloud);
  expect(result.summary.downstream.workflowRuns).toBeGreaterThan(0);

  const html = reportHtml(result);
  expect(html).not.toMatch(/<script|https?:|src=|href=/);
  expect(JSON.stringify(parse(html), (key, value: unknown) => (key === "parentNode" ? undefined : value))).toContain(
    "polyline",
  );
  expect(html).toContain('class="expected"');
});

test("a report has no markup of the data's own", async () => {
  const path = join(folder, "markup.csv");
  writeFileSync(path, "time,machine,temperature,<img src=x>\n2026-01-01T00:00:00Z,<b>m</b>,1,2\n");
  const html = reportHtml(
    await replayFile(path, inputWith(95, { sensor: { source: "leafDevices", intervalSeconds: 5 } })),
  );
  expect(html).not.toMatch(/<img|<b>/);
});

test("what no route takes and what cannot be replayed is said", async () => {
  const lost = await replayFile(
    data,
    inputWith(95, { sensor: { source: { module: "other", output: "out" }, intervalSeconds: 5 } }),
  );
  expect(lost.summary.notDelivered.noRoute).toBe(80);
  const bad = join(folder, "bad.csv");
  writeFileSync(bad, "time,temperature\n2026-01-01,x\n2026-01-02,y\n");
  await expect(replayFile(bad, inputWith(95))).rejects.toThrow("2 × values that are not numbers");
});

describe("downstream", () => {
  const bins = (...counts: readonly number[]): Map<number, number> =>
    new Map(counts.map((count, index) => [index, count]));
  const MINUTE = 60_000;

  test("a metric alert looks back an hour and is resolved after three healthy evaluations", () => {
    // One anomaly in the first five minutes: in windows that end at 5 to 60 minutes; healthy at 65, 70, 75.
    expect(metricAlert(bins(1), 5 * MINUTE, 12, 0)).toEqual([{ from: 5 * MINUTE, to: 75 * MINUTE }]);
    expect(metricAlert(bins(1), 5 * MINUTE, 12, 1)).toEqual([]);
    expect(metricAlert(bins(1, 1), 5 * MINUTE, 12, 1)).toEqual([{ from: 10 * MINUTE, to: 75 * MINUTE }]);
    expect(
      metricAlert(
        new Map([
          [0, 1],
          [100, 1],
        ]),
        5 * MINUTE,
        12,
        0,
      ),
    ).toHaveLength(2);
  });

  test("a log alert is evaluated each quarter of an hour and resolved after two healthy ones", () => {
    expect(logAlert(bins(1), 5 * MINUTE, 0)).toEqual([{ from: 15 * MINUTE, to: 90 * MINUTE }]);
  });

  test.each([
    ["S1", 4096, 1],
    ["S1", 4097, 2],
    ["F1", 4096, 8],
    ["F1", 0, 1],
  ])("%s counts a message of %i bytes as %i", (sku, size, metered) => {
    const meter = new DownstreamMeter({ ...inputWith(95), hub: { sku, units: 1, dailyMessages: 8, devices: 2 } });
    meter.add({ timeMs: START, type: "telemetry", bytes: size, machines: [] });
    const { messages, rules } = meter.summary(size, START, START + 86_400_000);
    expect(messages).toMatchObject({ metered, busiestDay: metered, quotaAMonth: 243, shareAMonth: 122 });
    expect(rules.find(({ rule }) => rule === "message-quota-used")?.fired).toBe(metered > 6 ? 1 : 0);
  });

  test("each receiver gets a mail when an alert fires and one when it is resolved, for each rule and machine", () => {
    const meter = new DownstreamMeter({ ...inputWith(95), receivers: { a: "a@example.com", b: "b@example.com" } });
    for (const machine of ["m1", "m2"]) meter.add({ timeMs: START, type: "anomaly", bytes: 100, machines: [machine] });
    const { mailsADay, workflowRuns, bytes } = meter.summary(4000, START, START + 86_400_000);
    expect(mailsADay).toEqual({ a: 6, b: 6 });
    expect(workflowRuns).toBe(2);
    expect(bytes.savedByAnomaliesOnly).toBeCloseTo(0.95);
    const silent = new DownstreamMeter(
      inputWith(95, { alertRules: { ...inputWith(95).alertRules, anomalyFeed: false, toleratedAnomaliesPerHour: 2 } }),
    );
    for (const machine of ["m1", "m2"]) silent.add({ timeMs: START, type: "anomaly", bytes: 100, machines: [machine] });
    expect(silent.summary(4000, START, START + 86_400_000)).toMatchObject({ mailsADay: { team: 0 }, workflowRuns: 0 });
  });
});

describe("comparison", () => {
  const alert = (seconds: number, machineId = "m"): AlertEvent => ({
    kind: "alert",
    time: START + seconds * 1000,
    phase: "opened",
    source: "detector",
    episodeId: "e",
    machineId,
    signal: "temperature",
    message: "",
  });
  const kinds = (base: AlertEvent[], head: AlertEvent[]): unknown[] =>
    compareAlerts(base, head, 60_000).changes.map(({ kind, alert: { time, machineId } }) => [
      kind,
      machineId,
      (time - START) / 1000,
    ]);

  test("new, gone, earlier and later, each within its machine", () => {
    expect(kinds([alert(0), alert(500), alert(900)], [alert(0), alert(460), alert(930)])).toEqual([
      ["earlier", "m", 460],
      ["later", "m", 930],
    ]);
    expect(kinds([alert(0, "a")], [alert(0, "b")])).toEqual([
      ["gone", "a", 0],
      ["new", "b", 0],
    ]);
    expect(kinds([alert(0)], [alert(61)])).toEqual([
      ["gone", "m", 0],
      ["new", "m", 61],
    ]);
    expect(kinds([alert(0), alert(0)], [alert(0)])).toEqual([["gone", "m", 0]]);
  });

  test("Markdown fits a comment, counts what does not, and takes names for text", () => {
    const head = Array.from({ length: 5000 }, (_, index) => alert(index * 7200, `@team <b>|${index % 9}`));
    const { changes, same } = compareAlerts([], head, 0);
    const environments = [{ environment: "dev", state: "compared", changes, same, notCompared: 0 }] as const;
    const text = comparisonMarkdown({ version: 1, base: "a", head: "b", data: "d", environments });
    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT);
    expect(text.length).toBeGreaterThan(MAX_COMMENT - 1000);
    expect(text).toMatch(/[\d,]+ more lines do not fit/);
    expect(text.replace(/```[^]*?```/g, "")).not.toMatch(/@team|<b>/);
  });
});

test("a picture keeps every extreme in the same memory, however long the recording", () => {
  const series = new Series(1);
  for (let index = 0; index < 100_000; index += 1) series.add(index * 1000, index === 77_777 ? 1e6 : index % 10);
  expect(series.buckets.size).toBeLessThanOrEqual(1200);
  const values = [...series.buckets.values()];
  expect(Math.max(...values.map(({ max }) => max))).toBe(1e6);
  expect(Math.min(...values.map(({ min }) => min))).toBe(0);
});
