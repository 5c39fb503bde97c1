import fc from "fast-check";
import { createOrder, placeOf } from "../src/order";

const WINDOW_MS = 5000;

test("a message that is sent again is known, whatever its values, and one that differs in one of them is not", () => {
  const value = fc.option(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 64 }), value, fc.nat(), (values, other, place) => {
      const order = createOrder();
      expect(placeOf(order, 1000, values, WINDOW_MS).kind).toBe("inOrder");
      expect(placeOf(order, 1000, [...values], WINDOW_MS).kind).toBe("duplicate");
      const at = place % values.length;
      fc.pre(!Object.is(values[at], other));
      expect(placeOf(order, 1000, values.with(at, other), WINDOW_MS).kind).toBe("inOrder");
    }),
    { numRuns: 300 },
  );
});

test("values that differ in the last place at a time of today are not the same message", () => {
  const order = createOrder();
  const now = Date.parse("2026-01-05T08:00:00Z");
  expect(placeOf(order, now, [20, 1e-9], WINDOW_MS).kind).toBe("inOrder");
  expect(placeOf(order, now, [20, 1.0000000000000002e-9], WINDOW_MS).kind).toBe("inOrder");
  expect(placeOf(order, now - 1, [20, 1e-9], WINDOW_MS).kind).toBe("inOrder");
  expect(placeOf(order, now, [20, 1e-9], WINDOW_MS).kind).toBe("duplicate");
});

test("the last 32 messages are known again, within their window of time", () => {
  const order = createOrder();
  for (let i = 0; i < 40; i++) placeOf(order, 1000 + i, [i], WINDOW_MS);
  expect(placeOf(order, 1000 + 8, [8], WINDOW_MS).kind).toBe("duplicate");
  expect(placeOf(order, 1000 + 7, [7], WINDOW_MS).kind).toBe("inOrder");
  placeOf(order, 100_000, [1], WINDOW_MS);
  expect(placeOf(order, 2000, [2], WINDOW_MS).kind).toBe("older");
});
