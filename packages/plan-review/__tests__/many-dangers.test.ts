import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { review } from "../src/command";
import { renderHtml } from "../src/render/html/html";
import { renderJson } from "../src/render/json";
import { renderMarkdown } from "../src/render/markdown/markdown";
import type { Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";

describe("21,000 dangerous changes, 1,000 more than are kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "dangers-"));
  const file = join(folder, "plan.json");
  let report: Report;

  beforeAll(async () => {
    const changes = Array.from({ length: 21_000 }, (_none, index) => ({
      address: `azurerm_iothub.Hub[${index}]`,
      mode: "managed",
      type: "azurerm_iothub",
      change: { actions: ["delete"], before: { name: `hub-${index}` }, after: null },
    }));
    const update = { ...changes[0], change: { actions: ["update"], before: { name: "a" }, after: { name: "b" } } };
    writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes: [update, ...changes] }));
    report = await reviewPlans([file]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("are counted whole in the headline and the table, and what is cut is called dangerous", () => {
    const text = renderMarkdown(report);
    expect(text).toContain("## Plan review: 21000 dangerous changes of 21001: 21000 destroy data or identities");
    expect(text).toContain("**20990 more dangerous changes, below as far as there is room.**");
    expect(text).toContain("| `plan` | 21000 |  | 1 |  | 21000 | 0 |");
    const told = new Set([...text.matchAll(/Hub\[(\d+)\]/g)].map(([, index]) => index));
    const cut = /(\d+) deleted \(dangerous\)/.exec(text)?.[1];
    expect(told.size + Number(cut)).toBe(21_000);
  });

  test("are counted whole on the page, which says how many it does not list", () => {
    const page = renderHtml(report);
    expect(page).toContain("21,001 objects in 1 stack: 21,000 dangers, 1 other change.");
    expect(page).toContain('<td class="danger">21,000</td>');
    expect(page).toContain('<h2 id="dangers-title">Dangers <span class="number">21,000</span></h2>');
    const listed = page.split('<li data-entry="danger ').length - 1;
    expect(page).toContain(`${(21_000 - listed).toLocaleString("en-US")} more are counted in <a href="#left">`);
    expect(page).toContain("<td>danger</td><td>delete</td>");
  });

  test("are counted whole in the JSON, by stack and of what is left out", () => {
    const json = JSON.parse(renderJson(report)) as Report;
    expect(json.verdict).toBe("dangerous");
    expect(json.levels).toEqual({ danger: 21_000, caution: 0, change: 1 });
    expect(json.sources[0]?.levels).toEqual(json.levels);
    expect(json.left).toEqual([
      { level: "danger", action: "delete", type: "azurerm_iothub", count: 1_000 },
      { level: "change", action: "update", type: "azurerm_iothub", count: 1 },
    ]);
  });

  test("are an exit status of 3", async () => {
    expect(await review([file, "--out", join(folder, "out.md")])).toBe(3);
  });

  test("are not said to be in a table that has no room", () => {
    const text = renderMarkdown(report, { limit: 1_000 });
    expect(text).toContain("21000 dangerous changes");
    expect(text.includes("| stack |")).toBe(text.includes("The table counts everything"));
  });
});
