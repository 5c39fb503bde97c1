import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { renderHtml } from "../src/render/html/html";
import { describeWithChromium, launchChromium } from "./support/chromium";
import { sampleReport } from "./sample-report";

// Starts Chromium.
jest.setTimeout(60_000);

/** A page that is open, with what it asked for and complained about. */
interface Opened {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

describeWithChromium("the page of a review in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "review-"));
  const address = pathToFileURL(join(folder, "review.html")).href;
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(join(folder, "review.html"), renderHtml(await sampleReport()));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function open(options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 1000 }, offline: true, ...options });
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(address);
    return { page, requests, complaints };
  }

  const rows = (page: Page): Promise<number> => page.locator("li[data-entry]:visible").count();
  const focused = async (page: Page): Promise<string> => (await page.locator(":focus").textContent()) ?? "";

  it("asks for nothing but itself and complains of nothing", async () => {
    const { page, requests, complaints } = await open();
    await page.locator("#expand").click();
    await page.locator("#filter").fill("iothub");
    await page.locator("#count", { hasText: "found" }).waitFor();
    expect(requests).toEqual([address]);
    expect(complaints).toEqual([]);
  });

  it("runs no script but its own", async () => {
    const { page, complaints } = await open();
    await page.evaluate(
      `const script = document.createElement("script"); script.textContent = "window.ran = true"; document.body.append(script);`,
    );
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(complaints.join()).toContain("Content Security Policy");
  });

  it("shows the hub's replacement first, above the fold", async () => {
    const { page } = await open();
    const first = page.locator("li[data-entry]").first();
    expect(await first.textContent()).toContain("Hub_C5CB2B3F");
    const box = await first.boundingBox();
    // What it is and what it means stand above the fold; its differences may go on below.
    expect(box?.y ?? Infinity).toBeLessThan(800);
  });

  it("folds and unfolds by the pointer and by both buttons", async () => {
    const { page } = await open();
    const query = page.getByText("body.properties.query", { exact: true });
    expect(await query.isVisible()).toBe(false);
    await page.locator("summary", { hasText: "EdgeJob_Transformation" }).click();
    expect(await query.isVisible()).toBe(true);
    await page.locator("#collapse").click();
    expect(await page.locator("details[open]").count()).toBe(0);
    expect(await page.getByText("Every device identity").isVisible()).toBe(true);
    await page.locator("#expand").click();
    expect(await page.locator("details:not([open])").count()).toBe(0);
  });

  it("works by keyboard: skip link, Tab, Enter, Space, j and k", async () => {
    const { page } = await open();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the changes");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(page.locator(":focus").getAttribute("id")).resolves.toBe("filter");
    for (const expected of ["Expand all", "Collapse all", "1 difference"]) {
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe(expected);
    }
    const danger = page.locator(".cards details");
    await page.keyboard.press("Enter");
    expect(await danger.getAttribute("open")).toBeNull();
    await page.keyboard.press("Space");
    expect(await danger.getAttribute("open")).toBe("");
    await page.keyboard.press("j");
    expect(await focused(page)).toContain("AnomalyFeed_Topic_451B1B0A");
    await page.keyboard.press("k");
    expect(await focused(page)).toBe("1 difference");
  });

  it("filters by address, type, level, action and stack, says how many, and Escape shows all again", async () => {
    const { page } = await open();
    const before = await rows(page);
    const count = page.locator("#count");
    for (const [words, told] of [
      ["press-00", "3 of 24 found"],
      ["azurerm_iothub_endpoint", "2 of 24 found"],
      ["caution hub-replaced", "7 of 24 found"],
      ["replace NOTHING", "0 of 24 found"],
      ["create", "3 of 24 found"],
      ["<script>", "0 of 24 found"],
    ] as const) {
      await page.locator("#filter").fill(words);
      await count.filter({ hasText: told }).waitFor();
      expect(await rows(page)).toBe(Number(told.split(" ")[0]));
    }
    await page.keyboard.press("Escape");
    expect(await count.textContent()).toBe("");
    expect(await rows(page)).toBe(before);
  });

  it("shows everything on paper and without scripts", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const query = page.getByText("body.properties.query", { exact: true });
    expect(await page.locator("#tools").isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect((await query.boundingBox())?.height).toBeGreaterThan(0);
  });

  it.each(["light", "dark"] as const)(
    "has nothing that axe finds wrong in %s colours, wide and narrow",
    async (colorScheme) => {
      for (const width of [1200, 390]) {
        const { page } = await open({ colorScheme, viewport: { width, height: 900 } });
        await page.locator("#expand").click();
        await page.evaluate(axe);
        const found = await page.evaluate<readonly string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html.slice(0, 200)).join(" | ")))`,
        );
        expect(found).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      }
    },
    60_000,
  );

  it("can be pictured for the docs", async () => {
    const { page } = await open({ colorScheme: "light", viewport: { width: 1120, height: 1310 } });
    const picture = await page.screenshot();
    expect(picture.length).toBeLessThan(250_000);
    const path = process.env.SCREENSHOT;
    if (path !== undefined) {
      writeFileSync(path, picture);
    }
  });
});
