import { source as axe } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { describeWithChromium, launchChromium } from "../../../plan-review/__tests__/support/chromium";
import { type PageServer, startServer } from "../../src/server";
import { compilePage } from "../server/compiled-page";
import { DESCRIPTION, ScriptedSource } from "../server/scripted-source";

interface Opened {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

describeWithChromium("the page of a rehearsal in Chromium, on scripted events", () => {
  const compiled = compilePage();
  let browser: Browser;
  let source: ScriptedSource;
  let server: PageServer;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    source = new ScriptedSource();
    server = await startServer({
      source,
      description: DESCRIPTION,
      pageFolder: compiled.folder,
      port: 0,
      limits: { frameMs: 50 },
    });
    source.start(50);
  });
  afterEach(async () => {
    source.stop();
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.close();
  });
  afterAll(async () => {
    await browser.close();
    compiled.remove();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.locator(".chart .value", { hasText: "°C" }).waitFor();
    return { page, requests, complaints };
  }

  const button = (page: Page, name: string): ReturnType<Page["locator"]> =>
    page.locator("#controls button", { hasText: name });
  const figure = async (page: Page, term: string): Promise<number> => {
    const text = await page.locator("#numbers > div", { hasText: term }).locator(".figure").textContent();
    return Number(text?.replaceAll(",", ""));
  };

  it("tells the story: spike, alert, cloud cut, alerts wait, cloud back, they arrive, none lost", async () => {
    const { page } = await open();
    await button(page, "Spike").click();
    const detector = page.locator('.alert[data-source="detector"]');
    await detector.filter({ hasText: "temperature was 2" }).filter({ hasText: "In the cloud" }).first().waitFor();
    await page.locator('.alert[data-source="streamAnalytics"]', { hasText: "In the cloud" }).waitFor();
    const before = await page.locator(".alert").count();

    await button(page, "Cut cloud").click();
    await page.locator("#health li", { hasText: "Cloud cut off" }).waitFor();
    await button(page, "Spike").click();
    await page.locator('.alert[data-delivery="waiting"]').nth(1).waitFor();
    expect(await page.locator('.alert[data-delivery="waiting"]').first().textContent()).toContain(
      "Waits on the device",
    );
    const reached = await figure(page, "Reached the cloud");
    await page.locator('.box[data-id="$upstream"]', { hasText: /[1-9]\d* waiting/ }).waitFor();
    expect(await page.locator(".edge.cut").count()).toBe(3);
    expect(await figure(page, "Waiting")).toBeGreaterThan(0);
    expect(await figure(page, "Reached the cloud")).toBe(reached);

    await button(page, "Connect cloud").click();
    await page.locator('.alert[data-delivery="waiting"]').first().waitFor({ state: "detached" });
    expect(await page.locator(".alert").count()).toBeGreaterThan(before);
    expect(await page.locator('.alert[data-delivery="cloud"]').count()).toBe(await page.locator(".alert").count());
    await page.locator("#numbers > div", { hasText: "Waiting" }).locator(".figure", { hasText: /^0$/ }).waitFor();
    expect(await figure(page, "Reached the cloud")).toBeGreaterThan(reached);
    expect(await figure(page, "Lost")).toBe(0);
    expect(source.actions.map(({ action }) => action)).toEqual(["spike", "cutCloud", "spike", "connectCloud"]);
  });

  it("asks for nothing but its own, complains of nothing and runs no script but its own", async () => {
    const { page, requests, complaints } = await open();
    await button(page, "Drift").click();
    await page.locator(".alert").first().waitFor();
    expect(requests.every((url) => url.startsWith(server.url))).toBe(true);
    expect(complaints).toEqual([]);
    await page.evaluate(
      `const script = document.createElement("script"); script.textContent = "window.ran = true"; document.body.append(script);`,
    );
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(complaints.join()).toContain("Content Security Policy");
  });

  it("shows what arrives as text, whatever it holds", async () => {
    const { page, complaints } = await open();
    const hostile = '<img src="x" onerror="window.ran = true">';
    source.emit({
      kind: "alert",
      time: Date.now(),
      phase: "opened",
      source: "detector",
      episodeId: hostile,
      machineId: hostile,
      message: hostile,
    });
    await page.locator(".alert .sentence", { hasText: hostile }).waitFor();
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it("works by keyboard, but not while shortcuts are off or a list has the focus", async () => {
    const { page } = await open();
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip to the alerts");
    for (const key of ["s", "d", "t", "n", "o", "o", "c", "c", "k"]) {
      const before = source.actions.length;
      await page.keyboard.press(key);
      await until(() => source.actions.length > before);
      await page.waitForTimeout(150);
    }
    expect(source.actions.map(({ action }) => action)).toEqual([
      "spike",
      "drift",
      "stuck",
      "normal",
      "stopSensor",
      "startSensor",
      "cutCloud",
      "connectCloud",
      "killDetector",
    ]);
    expect(source.actions[0]).toEqual({ action: "spike", machineId: "press-01" });
    const { length } = source.actions;
    await page.locator("#window").focus();
    await page.keyboard.press("s");
    await page.locator("#shortcuts").uncheck();
    await page.keyboard.press("s");
    await page.keyboard.press("Control+d");
    await page.waitForTimeout(200);
    expect(source.actions.length).toBe(length);
  });

  it("acts on the machine that is selected, and shows its readings", async () => {
    const { page } = await open();
    await page.locator("#machine").selectOption("press-02");
    await button(page, "Spike").click();
    await page.locator("#outcome", { hasText: "on press-02" }).waitFor();
    expect(source.actions).toEqual([{ action: "spike", machineId: "press-02" }]);
    await page.locator(".chip", { hasText: /Alert open|Above range/ }).waitFor();
  });

  it("says why an action failed", async () => {
    const { page } = await open();
    await button(page, "Kill hub").click();
    await page.locator("#outcome.bad", { hasText: "the hub of this script cannot be killed" }).waitFor();
  });

  it("reads out new alerts, many of them as one sentence", async () => {
    const { page } = await open();
    await page.evaluate(
      `window.spoken = []; new MutationObserver(() => window.spoken.push(document.querySelector("#announcer").textContent)).observe(document.querySelector("#announcer"), { childList: true })`,
    );
    for (let index = 0; index < 200; index++) {
      source.emit({
        kind: "alert",
        time: Date.now(),
        phase: "opened",
        source: "detector",
        episodeId: `many-${index}`,
        machineId: "press-02",
        message: "Too hot.",
      });
    }
    await page
      .locator("#announcer", { hasText: "200 new alerts, the first on press-02: Too hot." })
      .waitFor({ state: "attached" });
    expect(await page.evaluate("window.spoken.length")).toBe(1);
    expect(await page.locator(".alert").count()).toBe(60);
    expect(await page.locator("#alerts-count").textContent()).toContain("200 alerts, the latest 60 here");
  });

  it("shows a page that joins late what happened before, without reading it out", async () => {
    source.act("spike", "press-01");
    source.step(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { page } = await open();
    await page.locator(".alert").nth(1).waitFor();
    await page.waitForTimeout(600);
    expect(await page.locator("#announcer").textContent()).toBe("");
  });

  it("says that the rehearsal has ended", async () => {
    const { page } = await open();
    await server.close();
    await page.locator("#notice", { hasText: "has ended" }).waitFor();
  });

  it("moves nothing by itself where people prefer that", async () => {
    const { page } = await open({ reducedMotion: "reduce" });
    await page.locator(".edge.flows").first().waitFor();
    expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    const moving = await open();
    await moving.page.locator(".edge.flows").first().waitFor();
    expect(await moving.page.evaluate("document.getAnimations().length")).toBeGreaterThan(0);
  });

  it.each(["light", "dark"] as const)(
    "has nothing that axe finds wrong in %s colours, wide and narrow",
    async (colorScheme) => {
      source.act("drift", "press-01");
      source.act("cutCloud");
      for (const width of [1280, 360]) {
        const { page } = await open({ colorScheme, viewport: { width, height: 900 } });
        await page.locator("summary").click();
        await page.locator('.alert[data-open="true"]').first().waitFor();
        await page.evaluate(axe);
        const found = await page.evaluate<readonly string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html.slice(0, 200)).join(" | ")))`,
        );
        expect(found).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      }
    },
  );
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isTrue(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
