import * as fc from "fast-check";
import { differencesOf, type Sides } from "../src/diff/differences";
import { detailInWords } from "../src/report/wording";

const asIs = (text: string): string => text;

/** Differences as `path: text`. */
function said(before: unknown, after: unknown, rest: Partial<Sides> = {}, forcedBy: readonly string[] = []): string[] {
  const { details } = differencesOf({ before, after, ...rest }, { clean: asIs, forcedBy });
  return details.map((detail) => `${detail.path}: ${detailInWords(detail)}${detail.forcesReplacement ? " !" : ""}`);
}

const folded = (before: unknown, after: unknown, rest: Partial<Sides> = {}): readonly string[] =>
  differencesOf({ before, after, ...rest }, { clean: asIs }).folded;

describe("values", () => {
  test.each([
    [{ capacity: 1 }, { capacity: 2 }, "capacity: 1 → 2"],
    [{ on: true }, { on: false }, "on: true → false"],
    [{ on: null }, { on: false }, "on: added false"],
    [{ n: 0 }, { n: null }, "n: removed 0"],
    [{ name: "a" }, { name: "b" }, 'name: "a" → "b"'],
    [{ name: "a" }, { name: "" }, 'name: "a" → ""'],
    [{ name: "a" }, {}, 'name: removed "a"'],
    [{}, { name: "b" }, 'name: added "b"'],
    [{ a: "1" }, { a: 1 }, 'a: "1" → 1'],
    [{ a: "x" }, { a: { b: 1 } }, "a: changes its form"],
    [{ a: { b: 1 } }, { a: [1] }, "a: changes its form"],
    [{ tags: { owner: "a" } }, { tags: { owner: "b" } }, 'tags.owner: "a" → "b"'],
    [{ tags: { "cost center": "a" } }, { tags: { "cost center": "b" } }, 'tags["cost center"]: "a" → "b"'],
    [{ tags: null }, { tags: { owner: "a" } }, 'tags.owner: added "a"'],
    [{ sku: [{ name: "S1", capacity: 1 }] }, { sku: [{ name: "S1", capacity: 2 }] }, 'sku["S1"].capacity: 1 → 2'],
    [{ sku: [{ size: 1 }] }, { sku: [{ size: 2 }] }, "sku[0].size: 1 → 2"],
    [{ ip: ["a", "b"] }, { ip: ["b", "c"] }, 'ip: "a" → "c"'],
    [{ ip: ["a"] }, { ip: ["a", "b", "c"] }, 'ip: added "b", "c"'],
    [{ ip: ["a", "b"] }, { ip: ["d", "e", "f"] }, 'ip: added "d", "e", "f"; removed "a", "b"'],
    [{ ip: ["a", "a"] }, { ip: ["a"] }, 'ip: removed "a"'],
  ])("%j → %j", (before, after, text) => {
    expect(said(before, after)).toEqual([text]);
  });

  test("a long value is cut, with its length", () => {
    const [text = ""] = said({ a: "x".repeat(1000) }, { a: "y" });
    expect(text).toContain("… (1000 characters)");
    expect(text.length).toBeLessThan(220);
  });

  test("control, bidirectional and colour characters are written out", () => {
    expect(said({ a: "x" }, { a: "\u202Egnp.exe\u001b[31m" })).toEqual(['a: "x" → "⟨U+202E⟩gnp.exe⟨U+001B⟩[31m"']);
  });

  test("more differences than anybody reads are counted", () => {
    const values = (value: number): object =>
      Object.fromEntries(Array.from({ length: 150 }, (_none, i) => [`a${i}`, value]));
    const all = said(values(1), values(2));
    expect(all).toHaveLength(101);
    expect(all.at(-1)).toBe(": 50 more differences");
  });
});

describe("folded", () => {
  test.each([
    ["lists of texts in another order", { a: ["x", "y"] }, { a: ["y", "x"] }],
    ["blocks in another order", { a: [{ k: 1 }, { k: 2 }] }, { a: [{ k: 2 }, { k: 1 }] }],
    ["nothing for an empty text", { a: null }, { a: "" }],
    ["nothing for an empty list", { a: null }, { a: [] }],
    ["JSON in another form", { a: '{"b":1,"c":2}' }, { a: '{ "c": 2, "b": 1 }' }],
  ])("%s", (_name, before, after) => {
    expect(said(before, after)).toEqual([]);
    expect(folded(before, after)).toEqual(["a"]);
  });

  test("values known after apply, wherever they are", () => {
    const unknown = { id: true, identity: [{ principal_id: true }] };
    const before = { id: "1", identity: [{ type: "S", principal_id: "p" }] };
    const after = { identity: [{ type: "S" }] };
    expect(said(before, after, { unknown })).toEqual([]);
    expect(folded(before, after, { unknown })).toEqual(["id", "identity[0].principal_id"]);
  });

  test("a list whose one item is known after apply", () => {
    expect(folded({ scopes: ["/a"] }, { scopes: [null] }, { unknown: { scopes: [true] } })).toEqual(["scopes"]);
    expect(said({ scopes: ["/a"] }, { scopes: ["/b", null] }, { unknown: { scopes: [false, true] } })).toEqual([
      'scopes: added "/b"; removed "/a"; 1 known after apply',
    ]);
  });

  test("but not what forces a replacement", () => {
    expect(said({ id: "1", parent: "a" }, {}, { unknown: { id: true, parent: true } }, ["parent"])).toEqual([
      "parent: known after apply !",
    ]);
  });
});

describe("blocks", () => {
  test("are the same by name, wherever they stand", () => {
    const before = {
      route: [
        { name: "a", enabled: true },
        { name: "b", enabled: true },
      ],
    };
    const after = {
      route: [
        { name: "b", enabled: false },
        { name: "c", enabled: true },
        { name: "a", enabled: true },
      ],
    };
    expect(said(before, after)).toEqual(['route["b"].enabled: true → false', 'route["c"]: added']);
  });

  test("are told with what is in them when they come and go", () => {
    const { details } = differencesOf(
      { before: { rule: [] }, after: { rule: [{ port: 443, tags: { a: "b" }, empty: null }] } },
      { clean: asIs },
    );
    expect(details).toEqual([
      {
        kind: "added",
        path: "rule[0]",
        details: [
          { kind: "set", path: "port", after: 443, forcesReplacement: false },
          { kind: "set", path: "tags.a", after: "b", forcesReplacement: false },
        ],
        forcesReplacement: false,
      },
    ]);
  });

  test("without names go together where they are equal, the others in order", () => {
    const before = { rule: [{ port: 1 }, { port: 2 }, { port: 3 }] };
    const after = { rule: [{ port: 3 }, { port: 1 }, { port: 4 }] };
    expect(said(before, after)).toEqual(["rule[2].port: 2 → 4"]);
  });
});

describe("what forces a replacement", () => {
  test("comes first and says so, below the path and above it", () => {
    const before = { a: 1, name: "x", sku: [{ size: 1 }] };
    const after = { a: 2, name: "y", sku: [{ size: 2 }] };
    expect(said(before, after, {}, ["name", "sku"])).toEqual(['name: "x" → "y" !', "sku[0].size: 1 → 2 !", "a: 1 → 2"]);
    expect(said(before, after, {}, ["sku[0].size"])[0]).toBe("sku[0].size: 1 → 2 !");
  });

  test("is not what has the same beginning", () => {
    expect(said({ name: "x", name_prefix: "x" }, { name: "y", name_prefix: "y" }, {}, ["name"])).toEqual([
      'name: "x" → "y" !',
      'name_prefix: "x" → "y"',
    ]);
  });
});

describe("texts", () => {
  test("of several lines are compared line by line", () => {
    const query = (seconds: number): string => `SELECT a\nFROM b\nWHERE seconds > ${seconds}\n`;
    const { details } = differencesOf({ before: { query: query(1) }, after: { query: query(2) } }, { clean: asIs });
    expect(details).toEqual([
      {
        kind: "lines",
        path: "query",
        linesAdded: 1,
        linesRemoved: 1,
        lines: ["- WHERE seconds > 1", "+ WHERE seconds > 2"],
        forcesReplacement: false,
      },
    ]);
  });

  test("too different to compare are said to be so", () => {
    const lines = (word: string): string =>
      Array.from({ length: 5_000 }, (_none, index) => `${word} ${index}`).join("\n");
    expect(said({ a: lines("x") }, { a: lines("y") })).toEqual(["a: changes in too many lines to compare"]);
  });

  test("behind base64 are compared as what they are", () => {
    const encoded = (text: string): string => Buffer.from(text).toString("base64");
    const [detail] = differencesOf(
      {
        before: { user_data: encoded("#cloud-config\na: 1\n") },
        after: { user_data: encoded("#cloud-config\na: 2\n") },
      },
      { clean: asIs },
    ).details;
    expect(detail?.lines).toEqual(["- a: 1", "+ a: 2"]);
  });

  test("of JSON are compared by path", () => {
    const before = { data_json: JSON.stringify({ items: [{ name: "x", size: 1 }] }) };
    const after = { data_json: JSON.stringify({ items: [{ name: "x", size: 2 }] }) };
    expect(said(before, after)).toEqual(['data_json.items["x"].size: 1 → 2']);
  });
});

describe("any values", () => {
  const value = fc.jsonValue({ maxDepth: 4 });

  test("are compared without a failure, and only equal ones have no difference", () => {
    fc.assert(
      fc.property(value, value, value, value, (before, after, unknown, mark) => {
        const { details, folded: paths } = differencesOf(
          { before, after, unknown, beforeMark: mark, afterMark: mark },
          { clean: asIs },
        );
        expect(details.every((detail) => detailInWords(detail) !== "")).toBe(true);
        expect(Array.isArray(paths)).toBe(true);
      }),
    );
  });

  test("that differ are either told or folded", () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        fc.pre(JSON.stringify(before) !== JSON.stringify(after));
        const sorted = differencesOf({ before: [before], after: [after] }, { clean: asIs });
        const isSame = Object.is(before, after) || sameButOrder(before, after);
        expect(sorted.details.length + sorted.folded.length > 0 || isSame).toBe(true);
      }),
    );
  });

  test("that are the same have no difference", () => {
    fc.assert(
      fc.property(value, (same) => {
        expect(differencesOf({ before: same, after: structuredClone(same) }, { clean: asIs })).toEqual({
          details: [],
          folded: [],
        });
      }),
    );
  });
});

/** JSON that says the same with its properties in another order, or 0 for -0. */
function sameButOrder(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([x], [y]) => (x < y ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
