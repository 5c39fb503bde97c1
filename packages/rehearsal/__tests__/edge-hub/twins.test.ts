import { merge, MAX_TWIN_BYTES, type SavedTwin, TwinError, Twins } from "../../src/edge-hub/twins";

const saved = new Map<string, string>();
const open = (): Twins =>
  new Twins({
    read: (module) => {
      const text = saved.get(module);
      return text === undefined ? undefined : (JSON.parse(text) as SavedTwin);
    },
    write: (module, twin) => {
      saved.set(module, JSON.stringify(twin));
    },
  });

beforeEach(() => {
  saved.clear();
});

test("a patch merges objects, sets the rest whole, and null removes", () => {
  expect(merge({ a: { b: 1, c: 2 }, list: [1, 2], gone: 1 }, { a: { c: null, d: 3 }, list: [3], gone: null })).toEqual({
    a: { b: 1, d: 3 },
    list: [3],
  });
  expect(merge({ a: 1 }, { a: { b: null, c: 1 } })).toEqual({ a: { c: 1 } });
});

test("each part has a version of its own, which each patch raises", () => {
  const twins = open();
  expect(twins.get("m")).toEqual({ desired: { $version: 1 }, reported: { $version: 1 } });
  expect(twins.patchDesired("m", { a: 1, $version: 99 })).toEqual({ a: 1, $version: 2 });
  expect(twins.report("m", { b: 1 })).toBe(2);
  expect(twins.report("m", { b: null })).toBe(3);
  expect(twins.get("m")).toEqual({ desired: { a: 1, $version: 2 }, reported: { $version: 3 } });
});

test("a deployment sets desired properties whole; the patch removes what is gone and leaves out what is equal", () => {
  const twins = open();
  twins.deploy("m", { keep: { x: 1 }, old: { deep: 1 }, list: [1] });
  expect(twins.deploy("m", { keep: { x: 1, y: 2 }, list: [1, 2] })).toEqual({
    keep: { y: 2 },
    old: null,
    list: [1, 2],
    $version: 3,
  });
  expect(twins.deploy("m", { keep: { x: 1, y: 2 }, list: [1, 2] })).toBeUndefined();
});

test("twins outlive the hub; a deployment that says the same raises no version", () => {
  open().deploy("m", { a: 1 });
  open().report("m", { state: "ok" });
  const twins = open();
  expect(twins.deploy("m", { a: 1 })).toBeUndefined();
  expect(twins.get("m")).toEqual({ desired: { a: 1, $version: 2 }, reported: { state: "ok", $version: 2 } });
});

test("reported properties of more than 32 KiB are refused and change nothing", () => {
  const twins = open();
  expect(() => twins.report("m", { text: "x".repeat(MAX_TWIN_BYTES) })).toThrow(TwinError);
  expect(twins.get("m").reported).toEqual({ $version: 1 });
});
