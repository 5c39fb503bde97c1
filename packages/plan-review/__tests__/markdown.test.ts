import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { generatedPlan } from "../bench/generated-plan";
import { DEFAULT_LIMIT, MIN_LIMIT, renderMarkdown } from "../src/render/markdown/markdown";
import { code, escapeText } from "../src/render/markdown/escape";
import type { Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";

const folder = mkdtempSync(join(tmpdir(), "markdown-"));
const file = join(folder, "plan.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function reviewGenerated(changes: number): Promise<Report> {
  writeFileSync(file, [...generatedPlan({ changes })].join(""));
  return reviewPlans([file]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe("a plan of 4,000 changes", () => {
  let report: Report;

  beforeAll(async () => {
    report = await reviewGenerated(4_000);
  });

  test("is counted whole", () => {
    expect(report.counts).toEqual({
      create: 1_200,
      update: 2_000,
      delete: 200,
      replace: 400,
      forget: 200,
      import: 0,
      move: 0,
      invoke: 0,
    });
    expect(report.changes.length + sum(report.left.map(({ count }) => count))).toBe(4_000);
  });

  test("fits into a comment, the dangers first, and says what was cut", () => {
    const text = renderMarkdown(report);
    expect(text.length).toBeLessThanOrEqual(65_000);
    expect(text.length).toBeGreaterThan(60_000);
    expect(text.split("\n").slice(0, 6).join("\n")).toContain("[!CAUTION]");
    expect(text).toMatch(/This is cut at 65000 characters, the least important left out\. Not shown: .*2000 updated/);
  });

  test("is told or counted as cut, each change once", () => {
    const text = renderMarkdown(report);
    const told = new Set([...text.matchAll(/(?:key-)(\d+)(?="\])/g)].map(([, index]) => index));
    const words = /Not shown: ([^.]*)\./.exec(text)?.[1] ?? "";
    const cut = words.split(", ").filter((part) => !part.endsWith("details"));
    expect(told.size + sum(cut.map((part) => Number.parseInt(part, 10)))).toBe(4_000);
  });

  test.each([MIN_LIMIT, 1_234, 5_000, DEFAULT_LIMIT, 300_000])("stays within %d characters", (limit) => {
    const text = renderMarkdown(report, { limit, title: "T".repeat(1_000) });
    expect(text.length).toBeLessThanOrEqual(limit);
    expect(text.startsWith("## T")).toBe(true);
    expect(openDetails(text)).toBe(0);
  });
});

/** Foldable parts that are not closed. */
const openDetails = (text: string): number => text.split("<details>").length - text.split("</details>").length;

test("every limit is kept, whatever is in the report", async () => {
  const report = await reviewGenerated(300);
  fc.assert(
    fc.property(fc.integer({ min: MIN_LIMIT, max: 100_000 }), (limit) => {
      const text = renderMarkdown(report, { limit });
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(openDetails(text)).toBe(0);
    }),
  );
});

test("a report that fits is not cut", async () => {
  expect(renderMarkdown(await reviewGenerated(20))).not.toContain("[!WARNING]");
});

describe("what is the same on many objects", () => {
  const tagged = (count: number, more: object = {}): Promise<string> => {
    const resource_changes = Array.from({ length: count }, (_, index) => ({
      address: `azurerm_iothub.Hub${index}`,
      mode: "managed",
      type: "azurerm_iothub",
      change: { actions: ["update"], before: { tags: { owner: "a" } }, after: { tags: { owner: "b" } } },
      ...more,
    }));
    writeFileSync(file, JSON.stringify({ format_version: "1.2", terraform_version: "1.11.4", resource_changes }));
    return reviewPlans([file]).then((report) => renderMarkdown(report));
  };

  test("is told once, with the addresses folded", async () => {
    const text = await tagged(5);
    expect(text.split('`"a" → "b"`').length - 1).toBe(1);
    expect(text).toContain('- 5 objects are updated: `tags.owner` `"a" → "b"`\n  <details><summary>which</summary>');
    expect(text.match(/`azurerm_iothub\.Hub\d`/g)).toHaveLength(5);
  });

  test("is told of each where they are moved as well", async () => {
    expect((await tagged(5, { previous_address: "azurerm_iothub.Old" })).split("moved from").length - 1).toBe(5);
  });

  test("is told of each where they are few", async () => {
    expect((await tagged(4)).split('`"a" → "b"`').length - 1).toBe(4);
  });
});

describe("text of a plan has no meaning to Markdown", () => {
  const EVIL =
    "a|b`c``d<img src=x onerror=alert(1)>@everyone #1 [x](http://evil)\n# head\r\n</details>\u202E\u001b[31m![i](x)";

  async function markdownOf(address: string, value: string, reason: string): Promise<string> {
    const change = {
      actions: ["delete", "create"],
      before: { a: "x", t: "x\ny" },
      after: { a: value, t: `x\n${value}` },
    };
    const plan = {
      format_version: "1.2",
      resource_changes: [{ address, mode: "managed", type: "azurerm_iothub", action_reason: reason, change }],
      output_changes: { [address]: { actions: ["create"], before: null, after: value } },
      resource_drift: [{ address, mode: "managed", type: "t", change: { ...change, actions: ["update"] } }],
    };
    writeFileSync(file, JSON.stringify(plan));
    return renderMarkdown(await reviewPlans([file]), { title: value });
  }

  test("in addresses, values, reasons, titles, outputs and drift", async () => {
    const text = await markdownOf(EVIL, EVIL, EVIL);
    const outside = withoutCode(text);
    expect(outside).not.toMatch(/<(?!\/?(details|summary|br)\b|!-- plan-review)/);
    expect(outside).not.toMatch(/@everyone|http:\/\/|(?<!\\)\]\(|^# |(?<!\\)!\[/m);
    expect(openDetails(outside)).toBe(0);
    expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  });

  test("whatever it is", async () => {
    const sign = fc.constantFrom(
      "`",
      "``",
      "|",
      "<",
      ">",
      "@a",
      "*",
      "_",
      "[",
      "](x)",
      "\n",
      "\r",
      "```",
      "</details>",
      "\\",
      "#",
      " ",
      "a",
      "\u2028",
      "é",
      "💥",
    );
    const evil = fc.array(sign, { maxLength: 12 }).map((signs) => signs.join(""));
    await fc.assert(
      fc.asyncProperty(evil, evil, async (address, value) => {
        const outside = withoutCode(await markdownOf(`t.${address}`, value, value));
        expect(outside).not.toMatch(/<(?!\/?(details|summary|br)\b|!-- plan-review)/);
        expect(openDetails(outside)).toBe(0);
        expect(outside).not.toContain("@a");
      }),
      { numRuns: 60 },
    );
  });
});

/** What neither HTML nor Markdown takes for code, read as CommonMark reads it: blocks by their fences, then spans by theirs. */
function withoutCode(text: string): string {
  const lines: string[] = [];
  let fence = "";
  for (const line of text.split("\n")) {
    const run = /^ {0,3}(`{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && run !== "" && !line.slice(line.indexOf(run) + run.length).includes("`")) {
      fence = run;
    } else if (fence !== "" && run.length >= fence.length && line.trim() === run) {
      fence = "";
    } else if (fence === "") {
      lines.push(line);
    }
  }
  expect(fence).toBe("");
  return lines
    .map((line) => line.replaceAll(/<code>[^<]*<\/code>/g, "").replaceAll(/(?<![`\\])(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, ""))
    .join("\n");
}

test.each([
  ["a", "`a`"],
  ["a|b", "`a|b`"],
  ["a`b", "``a`b``"],
  ["`a", "`` `a ``"],
  ["", "`  `"],
  ["a\nb", "`a b`"],
])("%j in a code span is %s", (text, span) => {
  expect(code(text)).toBe(span);
});

test("escaped text shows every sign as it is", () => {
  expect(escapeText("a*b_c`d`<e>|f@g [h](https://i) #j www.k")).toBe(
    "a\\*b\\_c\\`d\\`&lt;e&gt;\\|f&#64;&#8203;g \\[h\\](https&#58;//i) \\#&#8203;j www&#46;k",
  );
});
