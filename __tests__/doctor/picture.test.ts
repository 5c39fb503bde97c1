import { writeFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { examine, type Report, renderMarkdown, renderReport } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { describeWithChromium, launchChromium } from "../../packages/plan-review/__tests__/support/chromium";
import { expectationsFor } from "./environment";

const HOUR = 3_600_000;
/** Standard output as it is on a terminal, or not. */
const output = (isTTY: boolean): NodeJS.WriteStream =>
  Object.create(process.stdout, { isTTY: { value: isTTY } }) as NodeJS.WriteStream;
const TERMINAL = output(true);
const PIPE = output(false);

/** An examination of a plant in which four things are wrong. */
async function report(): Promise<Report> {
  const expected = expectationsFor();
  const azure = new AzureStandIn(expected);
  const { plant } = azure;
  const endpoints = await azure.start();
  const ago = (hours: number): string => new Date(plant.now.getTime() - hours * HOUR).toISOString();
  for (const device of plant.devices) {
    if (device.deviceId === "essen-mill-01")
      Object.assign(device, { connectionState: "Disconnected", lastActivityTime: ago(26) });
  }
  for (const one of plant.hub.health) {
    if (one.endpointId === "lake-telemetry")
      Object.assign(one, {
        healthStatus: "unhealthy",
        lastKnownError: "This request is not authorized",
        lastSuccessfulSendAttemptTime: ago(5),
      });
  }
  for (const token of plant.tokens) token.expiries = [ago(-9 * 24)];
  for (const receiver of plant.actionGroup.receivers) receiver.status = "Disabled";
  const found = await examine({ expected, tokenFor, endpoints, now: plant.now });
  await azure.stop();
  return { ...found, seconds: 0.2 };
}

const COLOURS: Readonly<Record<string, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341" };

/** A terminal's text as a page that looks like one. */
function asPage(text: string): string {
  const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const coloured = plain.replaceAll(
    /\u001b\[(3[123])m(.*?)\u001b\[39m/g,
    (_all, code: string, inner: string) => `<b style="color:${COLOURS[code] ?? ""}">${inner}</b>`,
  );
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#0d1117;color:#e6edf3"><pre style="font:15px/1.45 'DejaVu Sans Mono',monospace;margin:0;padding:20px;white-space:pre-wrap">$ npm run -s doctor -- prod
${coloured}</pre>`;
}

it("is coloured on a terminal only", async () => {
  const found = await report();
  expect(renderReport(found, PIPE)).not.toContain("\u001b");
  const before = process.env.NO_COLOR;
  delete process.env.NO_COLOR;
  expect(renderReport(found, TERMINAL)).toContain("\u001b[31mbroken\u001b[39m device-silent: essen-mill-01");
  process.env.NO_COLOR = "1";
  expect(renderReport(found, TERMINAL)).toBe(renderReport(found, PIPE));
  if (before === undefined) delete process.env.NO_COLOR;
  else process.env.NO_COLOR = before;
});

it("is a table in a pipeline's summary, whatever stands in it", async () => {
  const found = await report();
  const hostile = "x | <img src=y> `code` [a](b) \u202e";
  const [first] = found.findings;
  const text = renderMarkdown({ ...found, findings: first === undefined ? [] : [{ ...first, subject: hostile }] });
  expect(text.split("\n").filter((line) => line.startsWith("| broken"))).toHaveLength(1);
  expect(text).not.toMatch(/<img|\]\(|\u202e|`/);
});

describeWithChromium("the picture of a report", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
  });

  it("shows a real run against the stand-in", async () => {
    const before = process.env.NO_COLOR;
    delete process.env.NO_COLOR;
    const text = renderReport(await report(), TERMINAL);
    if (before !== undefined) process.env.NO_COLOR = before;
    const page = await browser.newPage({ viewport: { width: 1120, height: 400 } });
    await page.setContent(asPage(text));
    expect(await page.locator("b").allTextContents()).toEqual(["broken", "broken", "broken", "broken", "finding"]);
    const picture = await page.screenshot({ fullPage: true });
    expect(picture.length).toBeLessThan(250_000);
    const path = process.env.SCREENSHOT;
    if (path !== undefined) {
      writeFileSync(path, picture);
    }
  });
});
