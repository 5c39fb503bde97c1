import { Lazy } from "cdktf";
import { allDifferent, collect, under, ValidationError } from "../src/validation";
import { hasForm, inRange, oneOf } from "../src/rules";

const days = { min: 7, max: 90, unit: "days" };

describe("inRange", () => {
  test.each([7, 8, 89, 90, undefined])("takes %p", (value) => {
    expect(inRange("x", value, days, "mend it")).toBeUndefined();
  });

  test.each([6, 91, 7.5, Number.NaN, Number.POSITIVE_INFINITY, -1])("refuses %p", (value) => {
    expect(inRange("x", value, days, "mend it")).toEqual({
      path: "x",
      value,
      allowed: "a whole number of days from 7 to 90",
      remedy: "mend it",
    });
  });

  test("takes a fraction where fractions are allowed", () => {
    expect(inRange("x", 7.5, { ...days, whole: false }, "mend it")).toBeUndefined();
  });

  test("leaves a value that Terraform fills in alone", () => {
    expect(inRange("x", Lazy.numberValue({ produce: () => 3 }), days, "mend it")).toBeUndefined();
  });
});

describe("oneOf", () => {
  test("takes a member and nothing at all", () => {
    expect(oneOf("x", "S1", ["F1", "S1"], "mend it")).toBeUndefined();
    expect(oneOf("x", undefined, ["F1", "S1"], "mend it")).toBeUndefined();
  });

  test("names all members when it refuses", () => {
    expect(oneOf<string>("x", "B1", ["F1", "S1"], "mend it")).toMatchObject({ value: "B1", allowed: "F1, S1" });
  });

  test("leaves a value that Terraform fills in alone", () => {
    expect(oneOf<string>("x", Lazy.stringValue({ produce: () => "B1" }), ["F1"], "mend it")).toBeUndefined();
  });
});

test("hasForm leaves a value that Terraform fills in alone", () => {
  expect(hasForm("x", Lazy.stringValue({ produce: () => "1" }), /^[a-z]+$/, "letters", "mend it")).toBeUndefined();
});

test("allDifferent names each later one of a pair and what it repeats, without regard to case", () => {
  const values = ["a", "b", "A", "b"].map((value, index) => ({ path: `[${index}]`, value }));
  expect(collect(allDifferent(values, "mend it")).map(({ path, allowed }) => `${path} ${allowed}`)).toEqual([
    "[2] a value that [0] does not have",
    "[3] a value that [1] does not have",
  ]);
});

test("under joins names with dots and indexes without", () => {
  const problem = { value: 1, allowed: "", remedy: "" };
  const problems = [
    { path: "sku", ...problem },
    { path: "[0].name", ...problem },
    { path: "", ...problem },
  ];
  expect(under("hub", problems).map(({ path }) => path)).toEqual(["hub.sku", "hub[0].name", "hub"]);
});

describe("ValidationError", () => {
  test("says for every problem where, what, what is allowed and what to do", () => {
    const error = new ValidationError("dev", [
      { path: "hub.sku", value: "B1", allowed: "F1, S1", remedy: "choose S1" },
      { path: "hub.units", value: Number.NaN, allowed: "a number", remedy: "write one" },
    ]);
    expect(error.message).toBe(
      [
        "dev: 2 validation errors",
        '  hub.sku is "B1"',
        "    allowed: F1, S1",
        "    do:      choose S1",
        '  hub.units is "NaN"',
        "    allowed: a number",
        "    do:      write one",
      ].join("\n"),
    );
  });

  test("cuts a long value and names a missing one", () => {
    const { message } = new ValidationError("dev", [
      { path: "a", value: "x".repeat(1000), allowed: "", remedy: "" },
      { path: "b", value: undefined, allowed: "", remedy: "" },
    ]);
    expect(message.split("\n")[1]?.length).toBeLessThan(140);
    expect(message).toContain("b is missing");
  });
});
