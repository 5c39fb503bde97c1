import * as fc from "fast-check";
import { contains, isPrivateRange, overlap, parseRange } from "@edge-anomaly-detection/common";

const text = (first: number, length: number): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${length}`;
const range = fc
  .tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => ({ first: address - (address % 2 ** (32 - length)), length }));

test("reads what it wrote", () => {
  fc.assert(
    fc.property(range, (one) => {
      expect(parseRange(text(one.first, one.length))).toEqual(one);
    }),
  );
});

test("ranges overlap exactly where they share an address", () => {
  fc.assert(
    fc.property(range, range, (a, b) => {
      const end = ({ first, length }: typeof a): number => first + 2 ** (32 - length);
      const shares = Math.max(a.first, b.first) < Math.min(end(a), end(b));
      expect(overlap(a, b)).toBe(shares);
      expect(contains(a, b)).toBe(shares && a.length <= b.length);
    }),
  );
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/33",
  "256.0.0.0/8",
  "10.0.0.1/24",
  "::/0",
  "10.0.0.0/24 ",
  "a.b.c.d/8",
  "1.2.3/8",
])("%j is no range", (value) => {
  expect(parseRange(value)).toBeUndefined();
});

test.each([
  ["10.0.0.0/8", true],
  ["172.16.0.0/12", true],
  ["172.31.255.0/24", true],
  ["172.32.0.0/24", false],
  ["192.168.0.0/16", true],
  ["192.0.0.0/8", false],
  ["0.0.0.0/0", false],
  ["203.0.113.0/24", false],
])("%s is private: %s", (value, isPrivate) => {
  const parsed = parseRange(value);
  expect(parsed && isPrivateRange(parsed)).toBe(isPrivate);
});
