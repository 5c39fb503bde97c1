import { readArguments } from "../src/terminal";
import { visible, visibleJson, visibleLines } from "../src/visible";

const read = (...args: readonly string[]): ReturnType<typeof readArguments> =>
  readArguments(args, ["--json", "--help", "-h"], ["--out"]);

test("words, options that stand alone and options with a value, in any order", () => {
  const { words, flags, values, invalid } = read("check", "--out", "a.json", "--json", "-", "b", "-h");
  expect(invalid).toBeUndefined();
  expect(words).toEqual(["check", "-", "b"]);
  expect([...flags]).toEqual(["--json", "-h"]);
  expect([...values]).toEqual([["--out", "a.json"]]);
});

test.each([
  ["another option is no value", ["--out", "--json"], "--out needs a value"],
  ["no value at the end", ["--out"], "--out needs a value"],
  ["an option that nobody knows", ["--xml"], "unknown argument --xml"],
  ["a short option that nobody knows", ["-x"], "unknown argument -x"],
  ["a value that is not taken", ["--json=yes"], "--json takes no value"],
  ["a name with a character that nobody sees", ["--a\u202eb"], "unknown argument --a⟨U+202E⟩b"],
])("%s", (_what, args, expected) => {
  expect(read(...args).invalid).toBe(expected);
});

test("a value may begin with a hyphen where it is joined to its option", () => {
  expect(read("--out=--json").values.get("--out")).toBe("--json");
});

test("what stands behind -- is a word", () => {
  expect(read("--", "--json").words).toEqual(["--json"]);
});

test("characters that nobody sees are shown by their numbers, in JSON as escapes", () => {
  expect(visible("a\u200bb\n")).toBe("a⟨U+200B⟩b⟨U+000A⟩");
  expect(visibleLines("a\u200bb\n")).toBe("a⟨U+200B⟩b\n");
  const value = { text: "a\u200b\u00a0b", emoji: "\u{1f600}", tag: "\u{e0041}" };
  const json = visibleJson(JSON.stringify(value, undefined, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toContain("a\\u200b\\u00a0b");
  expect(json).toContain("\u{1f600}");
  expect(json).toContain("\\udb40\\udc41");
});
