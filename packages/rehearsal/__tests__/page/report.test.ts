import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import type { Browser } from "playwright-core";
import { describeWithChromium, launchChromium } from "../../../plan-review/__tests__/support/chromium";
import type { AlertEvent } from "../../src/events";
import { Collector } from "../../src/replay/collector";
import { replayFile } from "../../src/replay/run";
import { sensitivityOf } from "../../src/replay/sensitivity";
import { reportHtml } from "../../src/report/html";
import { liveReportHtml } from "../../src/report/live-html";
import { inputWith } from "../support/input";

const START = Date.UTC(2026, 0, 1);
const input = inputWith(95, {
  signals: [
    { name: "temperature", path: "machine.temperature", unit: "°C" },
    { name: "pressure", path: "machine.pressure" },
  ],
});

/** An episode of each severity, as the ML module reports them. */
const episodes = (["info", "warning", "critical"] as const).map((severity, index): AlertEvent => ({
  kind: "alert",
  time: START + index * 60_000,
  phase: "opened",
  source: "detector",
  episodeId: severity,
  machineId: "press",
  signal: "temperature",
  severity,
  message: "temperature was 26.9, 6 above the expected 20.7",
}));

describeWithChromium("the reports of a rehearsal in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  let browser: Browser;
  const reports: Record<string, string> = {};

  beforeAll(async () => {
    browser = await launchChromium();
    const data = join(folder, "data.csv");
    const rows = Array.from({ length: 200 }, (_, index) => {
      const value = index === 100 ? 29 : index % 2 === 0 ? 19 : 21;
      return `${new Date(START + index * 5000).toISOString()},${index === 7 ? "hot" : value},1,x`;
    });
    writeFileSync(data, ["time,temperature,pressure,comment", ...rows].join("\n"));
    const labels = [{ from: START + 95 * 5000, to: START + 105 * 5000 }];
    const replayed = await replayFile(data, input, { labels });
    const sensitivity = await sensitivityOf(data, input, { labels });
    const alerts = [...replayed.alerts, ...episodes];
    reports.replay = reportHtml({ ...replayed, alerts, summary: { ...replayed.summary, sensitivity } });

    const collector = new Collector(input, 5, {});
    for (let index = 0; index < 50; index += 1) {
      const signals = { temperature: 20 + (index % 2), pressure: 1 };
      const expected = { temperature: { low: 19, high: 22 } };
      collector.take({ kind: "reading", time: START + index * 5000, machineId: "press", signals, expected });
    }
    for (const episode of episodes) collector.take(episode);
    reports.live = liveReportHtml(
      {
        environment: "test",
        deviceId: "press",
        machines: ["press"],
        seconds: 60,
        timeFactor: 50,
        sent: 600,
        accepted: 600,
        messages: 1200,
        cloud: { messages: 600, bytes: 100_000, repeated: 0, byType: { telemetry: 597, anomaly: 3 } },
        alerts: { detector: { opened: 3, closed: 2 }, streamAnalytics: { opened: 1, closed: 0 } },
        spikes: { sent: 3, alerted: 3 },
        latencyMs: { count: 3, p50: 5, p99: 9, max: 9 },
        lost: { "no route": 0, "time to live": 0, "disk limit": 0, refused: 0 },
        waiting: { $upstream: 0 },
        notes: ["the ML module saves its state every second"],
      },
      collector.result(),
    );
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it.each(["replay", "live"].flatMap((name) => (["light", "dark"] as const).map((scheme) => [name, scheme] as const)))(
    "the one of a %s has nothing that axe finds wrong in %s colours, and fits a phone",
    async (name, colorScheme) => {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, reports[name] ?? "");
      for (const width of [1280, 360]) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
        const requests: string[] = [];
        page.on("request", (request) => requests.push(request.url()));
        await page.goto(pathToFileURL(file).href);
        await page.evaluate(axe);
        const found = await page.evaluate<readonly string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html.slice(0, 200)).join(" | ")))`,
        );
        expect(found).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(requests).toEqual([pathToFileURL(file).href]);
        await page.close();
      }
    },
  );

  it("names each signal's unit where it has one", async () => {
    const page = await browser.newPage();
    await page.setContent(reports.replay ?? "");
    expect(await page.locator("h3").allTextContents()).toEqual(["press: temperature (°C)", "press: pressure"]);
    await page.close();
  });
});
