import { createHash } from "node:crypto";
import fc from "fast-check";
import { defaultTreeAdapter as tree, type DefaultTreeAdapterTypes, parse } from "parse5";
import { renderHtml } from "../src/render/html/html";
import type { Action, Change, Detail, Level, Report, RiskKind } from "../src/report/report";
import { together } from "../src/report/tally";
import { sampleReport } from "./sample-report";

type Element = DefaultTreeAdapterTypes.Element;

/** All elements of a page in the order in which they are written. */
function elements(page: string): Element[] {
  const found: Element[] = [];
  const collect = (node: DefaultTreeAdapterTypes.ParentNode): void => {
    for (const child of node.childNodes.filter((one) => tree.isElementNode(one))) {
      found.push(child);
      collect(child);
    }
  };
  collect(parse(page));
  return found;
}

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((one) => one.name === name)?.value;

function text(node: DefaultTreeAdapterTypes.ChildNode): string {
  return tree.isTextNode(node) ? node.value : "childNodes" in node ? node.childNodes.map(text).join("") : "";
}

const named = (page: string, tag: string): Element[] => elements(page).filter(({ tagName }) => tagName === tag);
const classed = (page: string, name: string): Element[] =>
  elements(page).filter((one) => attribute(one, "class")?.split(" ").includes(name));

const none = together([]);

const empty: Report = {
  from: "plan",
  verdict: "nothing",
  sources: [{ name: "prod", path: "prod.json", ...none, unchanged: 3 }],
  ...none,
  deferred: 0,
  checks: [],
  unknownParts: [],
  incomplete: 0,
  changes: [],
  left: [],
  drift: [],
  notes: [],
};

const change: Change = {
  source: "prod",
  address: "azurerm_iothub.Hub",
  type: "azurerm_iothub",
  action: "update",
  level: "change",
  risks: [],
  forcedBy: [],
  details: [],
  folded: [],
};

/** A report of one change. */
const of = (parts: Partial<Change>): Report => ({ ...empty, verdict: "changes", changes: [{ ...change, ...parts }] });

// `fc.string({ unit: "binary" })` builds tables for shrinking that cost more than all that is drawn from it.
const word = fc
  .array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength: 30 })
  .map((codePoints) => String.fromCodePoint(...codePoints));
const hostile = fc.oneof(
  word,
  fc.constantFrom(
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '" onfocus="alert(1)" autofocus="',
    "</title></style></pre></details></dl></li><b>",
    "<!-- ",
    "]]>",
    "&lt;&amp;&#60;",
    "\u202Etxt.exe\u2066",
    "\0\uD800",
  ),
);
const anyLevel = fc.constantFrom<Level>("danger", "caution", "change");
const anyChange: fc.Arbitrary<Change> = fc.record(
  {
    source: hostile,
    address: hostile,
    type: hostile,
    action: fc.constantFrom<Action>("create", "update", "delete", "replace", "forget", "import", "move", "invoke"),
    level: anyLevel,
    consequence: hostile,
    risks: fc.array(
      fc.record({
        kind: fc.constantFrom<RiskKind>("destruction", "access", "protection", "invocation"),
        level: fc.constantFrom<"danger" | "caution">("danger", "caution"),
        text: hostile,
      }),
      { maxLength: 2 },
    ),
    unjudged: fc.record({ type: fc.boolean(), paths: fc.array(hostile, { maxLength: 2 }) }),
    deferred: hostile,
    forcedBy: fc.array(hostile, { maxLength: 2 }),
    reason: hostile,
    createsFirst: fc.boolean(),
    previousAddress: hostile,
    importId: hostile,
    details: fc.array(
      fc.record(
        {
          kind: fc.constantFrom<Detail["kind"]>("set", "added", "changed", "items", "lines", "sensitive", "structure"),
          path: hostile,
          before: hostile,
          after: hostile,
          lines: fc.array(hostile, { maxLength: 3 }),
          forcesReplacement: fc.boolean(),
        },
        { requiredKeys: ["kind", "path", "forcesReplacement"] },
      ),
      { maxLength: 3 },
    ),
    folded: fc.array(hostile, { maxLength: 2 }),
  },
  { requiredKeys: ["source", "address", "type", "action", "level", "risks", "forcedBy", "details", "folded"] },
);
const anyReport: fc.Arbitrary<Report> = fc.record({
  from: fc.constantFrom("plan", "synth"),
  verdict: fc.constantFrom("nothing", "changes", "dangerous"),
  sources: fc.array(
    fc.record(
      {
        name: hostile,
        path: hostile,
        terraformVersion: hostile,
        counts: fc.constant(none.counts),
        levels: fc.constant(none.levels),
        dangers: fc.constant(none.dangers),
        unjudged: fc.constant(none.unjudged),
        unchanged: fc.nat(),
      },
      { requiredKeys: ["name", "path", "counts", "levels", "dangers", "unjudged", "unchanged"] },
    ),
    { maxLength: 2 },
  ),
  counts: fc.constant(none.counts),
  levels: fc.constant(none.levels),
  dangers: fc.constant(none.dangers),
  unjudged: fc.constant({ unknown: 1, unchecked: 1 }),
  deferred: fc.nat(),
  incomplete: fc.nat(),
  checks: fc.array(
    fc.record({ source: hostile, address: hostile, status: hostile, problems: fc.array(hostile, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
  unknownParts: fc.array(fc.record({ source: hostile, name: hostile, count: fc.nat() }), { maxLength: 2 }),
  changes: fc.array(anyChange, { maxLength: 4 }),
  left: fc.array(
    fc.record({ level: anyLevel, action: fc.constant<Action>("create"), type: hostile, count: fc.nat() }),
    {
      maxLength: 2,
    },
  ),
  drift: fc.array(anyChange, { maxLength: 2 }),
  notes: fc.array(hostile, { maxLength: 2 }),
});

/** The elements and attributes of a page without its texts and values. */
const skeleton = (page: string): string[] =>
  elements(page).map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(" "));

describe("renderHtml", () => {
  let sample: Report;

  beforeAll(async () => {
    sample = await sampleReport();
  });

  it("shows dangers first, then what needs caution, then changes, drift and notes", () => {
    const [drifted] = sample.changes;
    const drift = drifted === undefined ? [] : [drifted];
    const page = renderHtml({
      ...sample,
      drift,
      notes: ["A note."],
      left: [{ level: "change", action: "create", type: "null_resource", count: 7 }],
    });
    expect(named(page, "section").map((one) => attribute(one, "id"))).toEqual([
      "dangers",
      "cautions",
      "changes",
      "drift",
      "notes",
      "left",
    ]);
  });

  it("says in words that a change is dangerous, what is lost and what forces it, outside of what folds", () => {
    const [danger] = classed(renderHtml(sample), "cards");
    const folded = named(renderHtml(sample), "details").map(text);
    const said = danger === undefined ? "" : text(danger);
    for (const part of [
      "DANGER",
      "replace",
      "Every device identity, twin and deployment in the hub is lost",
      "Forced by",
    ]) {
      expect(said).toContain(part);
      expect(folded.some((one) => one.includes("Every device identity"))).toBe(false);
    }
  });

  it("says the verdict before anything else, and in the title of the page", () => {
    const page = renderHtml(sample, { title: "Release 7" });
    expect(named(page, "title").map(text)).toEqual(["Dangerous changes – Release 7"]);
    expect(classed(page, "word").map(text)).toEqual(["! Dangerous changes"]);
    expect(named(page, "h1").map(text)).toEqual(["Release 7"]);
  });

  it("counts by source and together", () => {
    const rows = named(renderHtml(sample), "tr").map((row) => row.childNodes.map(text).filter((cell) => cell !== "\n"));
    expect(rows).toEqual([
      ["Stack", "Danger", "Caution", "delete", "replace", "update", "create", "unchanged", "Terraform"],
      ["changed-query plans/changed-query.json", "0", "2", "0", "2", "1", "0", "100", "1.11.4"],
      ["changed-module-image plans/changed-module-image.json", "0", "0", "0", "1", "0", "0", "102", "1.11.4"],
      ["device-added plans/device-added.json", "0", "0", "0", "0", "0", "3", "103", "1.11.4"],
      ["hub-replaced plans/hub-replaced.json", "1", "7", "0", "8", "8", "0", "87", "1.11.4"],
      ["All", "1", "9", "0", "11", "9", "3", "392", ""],
    ]);
  });

  it("has no sections where nothing changes", () => {
    const page = renderHtml(empty);
    expect(named(page, "section")).toEqual([]);
    expect(classed(page, "word").map(text)).toEqual(["Nothing changes"]);
  });

  it("does not call values that are only not known yet differences", () => {
    const page = renderHtml(of({ level: "danger", action: "replace", folded: ["id", "hostname"] }));
    expect(named(page, "summary").map(text)).toEqual(["2 values not known before"]);
  });

  it("marks lines that are added, removed and changed", () => {
    const lines = ["+ a", "- b", "~ c", "  d"];
    const page = renderHtml(of({ details: [{ kind: "lines", path: "query", lines, forcesReplacement: false }] }));
    const [block] = classed(page, "lines");
    const spans = (block?.childNodes ?? []).filter((child) => tree.isElementNode(child));
    expect(spans.map((one) => [attribute(one, "class"), text(one)])).toEqual([
      ["added", "+ a"],
      ["removed", "- b"],
      ["other", "~ c"],
      [undefined, "  d"],
    ]);
  });

  it("shows markup in an address as text", () => {
    const address = 'null_resource.a["<script>alert(1)</script>"]';
    const page = renderHtml(of({ address, type: "null_resource" }));
    expect(classed(page, "address").map(text)).toEqual([address]);
    expect(named(page, "script")).toHaveLength(1);
  });

  it("makes characters visible that would hide or move others", () => {
    const [address] = classed(renderHtml(of({ address: "a.\u202Eb\u200B\0\uD800c", type: "a" })), "address");
    expect(address && text(address)).toBe("a.⟨U+202E⟩b⟨U+200B⟩⟨U+0000⟩⟨U+D800⟩c");
  });

  it("loads nothing, and lets its own style and script run and no other", () => {
    const page = renderHtml(sample);
    const hash = (tag: string): string =>
      `'sha256-${createHash("sha256").update(named(page, tag).map(text).join("")).digest("base64")}'`;
    const policy = named(page, "meta").find((one) => attribute(one, "http-equiv") === "Content-Security-Policy");
    expect(policy && attribute(policy, "content")).toBe(
      `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
    );
    const loading = elements(page).flatMap(({ attrs }) =>
      attrs.filter(
        ({ name, value }) => /^(src|srcset|data|action|poster|style|on.*)$/.test(name) || value.includes("://"),
      ),
    );
    expect(loading).toEqual([]);
    expect(named(page, "a").map((one) => attribute(one, "href")?.[0])).not.toContain(undefined);
    expect(named(page, "a").every((one) => attribute(one, "href")?.startsWith("#"))).toBe(true);
    expect(named(page, "style").map(text).join()).not.toMatch(/url\(|@import/);
  });

  it("has no elements and attributes but its own, whatever a report says", () => {
    const own = elements(
      renderHtml({ ...sample, left: [{ level: "change", action: "create", type: "null_resource", count: 7 }] }),
    );
    const tags = new Set(own.map(({ tagName }) => tagName));
    const attributes = new Set(own.flatMap(({ attrs }) => attrs.map(({ name }) => name)));
    fc.assert(
      fc.property(anyReport, (report) => {
        const all = elements(renderHtml(report));
        expect(all.filter(({ tagName }) => tagName === "script")).toHaveLength(1);
        expect(all.filter(({ tagName }) => !tags.has(tagName)).map(({ tagName }) => tagName)).toEqual([]);
        expect(all.flatMap(({ attrs }) => attrs.filter(({ name }) => !attributes.has(name)))).toEqual([]);
        const entries = report.changes.length + report.drift.length;
        expect(all.filter((one) => attribute(one, "data-entry") !== undefined)).toHaveLength(entries);
      }),
      { numRuns: 30 },
    );
  });

  it("has the same shape whether a text is markup or not", () => {
    // Texts that decide nothing about the shape: no arrow, no sign before a line, no address.
    const shape = (said: string): string[] =>
      skeleton(renderHtml({ ...of({ reason: `r${said}`, importId: said, consequence: said }), notes: [said] }));
    const plain = shape("x");
    fc.assert(
      fc.property(hostile, (value) => {
        expect(shape(value)).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });

  it("stays within 21 MB and counts what it leaves out", () => {
    const details = [{ kind: "set" as const, path: "tags", after: "x".repeat(3_000), forcesReplacement: false }];
    const changes = Array.from({ length: 60_000 }, (_, index) => ({
      ...change,
      address: `azurerm_iothub.Hub_${index}`,
      details,
    }));
    const page = renderHtml({ ...empty, verdict: "changes", changes });
    expect(Buffer.byteLength(page)).toBeLessThan(21_000_000);
    const listed = page.split("<li data-entry=").length - 1;
    const [left] = /id="left"[^]*$/.exec(page) ?? [""];
    expect(left).toContain(`<td>${(60_000 - listed).toLocaleString("en-US")}</td>`);
    expect(listed).toBeGreaterThan(10_000);
  });
});
