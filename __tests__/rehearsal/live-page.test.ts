import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { describeWithChromium, launchChromium } from "../../packages/plan-review/__tests__/support/chromium";
import { rehearsalInput } from "../../stacks/commands/rehearsal-input";
import { loadConfiguration } from "../../environments/validation/load";
import { type Live, openPage, type PageServer, startLive } from "@edge-anomaly-detection/rehearsal";
import { buildPrograms, type Programs } from "../../packages/rehearsal/__tests__/helpers/programs";
import { compilePage } from "../../packages/rehearsal/__tests__/server/compiled-page";

// A live rehearsal with every program of it, in real time.
jest.setTimeout(120_000);

/** Readings from which query and detector have learnt what is usual: 120 take a quarter of a minute here. */
const LEARNT = 150;

/** Bytes that a picture in the README may have. */
const PICTURE_BYTES = 200_000;

describeWithChromium("the page of a rehearsal in Chromium, on the device of dev", () => {
  const compiled = compilePage();
  let programs: Programs;
  let live: Live;
  let server: PageServer;
  let browser: Browser;

  beforeAll(async () => {
    programs = buildPrograms();
    const { organization, environments } = loadConfiguration();
    const dev = environments.find(({ name }) => name === "dev");
    if (dev === undefined) {
      throw new Error("there is no environment dev");
    }
    const input = rehearsalInput(organization, dev);
    live = await startLive({ input, programs, seed: 7 });
    server = await openPage(live, input, {
      pageFolder: compiled.folder,
      port: 0,
      speed: live.summary().timeFactor,
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await live.stop();
    compiled.remove();
    programs.remove();
  });

  const press = async (page: Page, name: string): Promise<void> => {
    await page.locator("#controls button", { hasText: name }).click();
  };
  const figure = async (page: Page, term: string): Promise<number> => {
    const text = await page.locator("#numbers > div", { hasText: term }).locator(".figure").textContent();
    return Number(text?.replaceAll(",", ""));
  };

  it("tells the story: spike, alert, cloud cut, alerts wait, cloud back, they arrive, none lost", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme: "light" });
    page.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.url);
    const until = Date.now() + 90_000;
    while (live.summary().accepted < LEARNT && Date.now() < until) {
      await page.waitForTimeout(200);
    }

    await press(page, "Spike");
    await page.locator('.alert[data-source="detector"][data-delivery="cloud"]').first().waitFor();
    await picture(page);
    await page.locator('.alert[data-source="streamAnalytics"][data-delivery="cloud"]').first().waitFor();
    const lostBefore = await figure(page, "Lost");

    // What waits below was raised by the second spike.
    await page.locator('.alert[data-open="true"]').first().waitFor({ state: "detached" });
    await press(page, "Cut cloud");
    await page.locator("#health li", { hasText: "Cloud cut off" }).waitFor();
    await press(page, "Spike");
    await page.locator('.alert[data-delivery="waiting"]', { hasText: "Waits on the device" }).first().waitFor();
    await page.locator('.box[data-id="$upstream"]', { hasText: /[1-9]\d* waiting/ }).waitFor();

    await press(page, "Connect cloud");
    await page.locator('.alert[data-delivery="waiting"]').first().waitFor({ state: "detached" });
    expect(await page.locator('.alert[data-delivery="lost"]').count()).toBe(0);
    expect(await figure(page, "Lost")).toBe(0);
    expect(lostBefore).toBe(0);

    expect(await live.drain(20_000)).toBe(true);
    const summary = live.summary();
    expect(summary.lost).toEqual({ "no route": 0, "time to live": 0, "disk limit": 0, refused: 0 });
    expect(summary.accepted).toBe(summary.sent);
    expect(summary.spikes).toEqual({ sent: 2, alerted: 2 });
    expect(complaints).toEqual([]);
  });
});

/** Takes the picture of the README where one is asked for. */
async function picture(page: Page): Promise<void> {
  const path = process.env.SCREENSHOT;
  if (path === undefined) {
    return;
  }
  // With the latency, and while the detector's episode is still open.
  await page.locator("#numbers .figure", { hasText: " ms" }).waitFor();
  const bytes = await page.screenshot({ fullPage: true });
  expect(bytes.length).toBeLessThan(PICTURE_BYTES);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
