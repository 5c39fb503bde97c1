import fc from "fast-check";

/** A place in a value: names and indexes from the outside in. */
export type Place = readonly (string | number)[];

/** Every place in plain data, the whole included. */
export function placesIn(value: unknown, place: Place = []): Place[] {
  if (typeof value !== "object" || value === null) {
    return [place];
  }
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [place, ...entries.flatMap(([key, inner]) => placesIn(inner, [...place, key]))];
}

/** What is written in another's stead: of any type, and some that are no data at all. */
export const ANYTHING: readonly (readonly [name: string, make: () => unknown])[] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["text", () => "x"],
  ["empty text", () => ""],
  ["long text", () => "x".repeat(100_000)],
  ["an expression", () => "${var.x}"],
  ["text with control characters", () => "\u001b[31m\n\u2028"],
  ["a name of every object", () => "constructor"],
  ["another name of every object", () => "toString"],
  ["__proto__", () => "__proto__"],
  ["zero", () => 0],
  ["a negative number", () => -1],
  ["a fraction", () => 0.5],
  ["a huge number", () => 1e300],
  ["NaN", () => Number.NaN],
  ["infinity", () => Number.NEGATIVE_INFINITY],
  ["true", () => true],
  ["false", () => false],
  ["a bigint", () => 10n],
  ["a symbol", () => Symbol("x")],
  ["a function", () => () => "x"],
  ["a regular expression", () => /x/],
  ["a date", () => new Date(Number.NaN)],
  ["a map", () => new Map([["a", 1]])],
  ["an error", () => new Error("x")],
  ["an object without a prototype", () => Object.create(null) as unknown],
  ["an empty object", () => ({})],
  ["an object of something else", () => ({ kind: "other", a: [1, { b: null }] })],
  [
    "an object with names of every object",
    () => JSON.parse('{"constructor":1,"__proto__":{"a":1},"toString":"x"}') as unknown,
  ],
  ["an empty list", () => []],
  ["a list with holes", () => new Array<unknown>(3)],
  ["a list of everything", () => [undefined, null, 1, "x", {}, []]],
  [
    "an object that contains itself",
    () => {
      const value: Record<string, unknown> = { name: "x" };
      value.self = value;
      return value;
    },
  ],
  [
    "a getter that throws",
    () => ({
      get name(): string {
        throw new TypeError("not now");
      },
    }),
  ],
  [
    "a proxy that throws",
    () =>
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no keys");
          },
        },
      ),
  ],
  [
    "an object that throws where it is printed",
    () => ({
      toJSON: () => {
        throw new Error("no JSON");
      },
    }),
  ],
];

/** How a value is damaged: what is written where, removed, renamed or added. */
export interface Damage {
  readonly at: number;
  readonly how: "replace" | "remove" | "rename" | "add";
  readonly what: number;
  readonly name: string;
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("replace" as const, "replace" as const, "remove" as const, "rename" as const, "add" as const),
  what: fc.nat({ max: ANYTHING.length - 1 }),
  name: fc.constantFrom("constructor", "__proto__", "toString", "hasOwnProperty", "x", "unit", "a.b", "", "ü", "${x}"),
});

/** Plain data with damages done to it, one after the other; the original stays as it is. */
export function damaged(original: unknown, damages: readonly Damage[]): unknown {
  const places = placesIn(original);
  return damages.reduce((value, { at, how, what, name }) => {
    try {
      return changed(value, places[at % places.length] ?? [], how, ANYTHING[what]?.[1](), name);
    } catch {
      // The place is inside of something that was damaged before.
      return value;
    }
  }, original);
}

function changed(value: unknown, [key, ...rest]: Place, how: Damage["how"], by: unknown, name: string): unknown {
  if (key === undefined) {
    return how === "add" && typeof value === "object" && value !== null && !Array.isArray(value)
      ? withProperty(value, name, by)
      : by;
  }
  if (Array.isArray(value)) {
    const copy = [...(value as unknown[])];
    if (rest.length === 0 && how === "remove") {
      copy.splice(Number(key), 1);
    } else {
      copy[Number(key)] = changed(copy[Number(key)], rest, how, by, name);
    }
    return copy;
  }
  if (typeof value !== "object" || value === null) {
    return by;
  }
  const inner = (value as Record<string, unknown>)[key];
  const others = Object.fromEntries(Object.entries(value).filter(([one]) => one !== key));
  if (rest.length === 0 && (how === "remove" || how === "rename")) {
    return how === "remove" ? others : withProperty(others, name, inner);
  }
  return withProperty(value, String(key), changed(inner, rest, how, by, name));
}

/** Like writing the property into an object literal: `__proto__` becomes one of its own. */
function withProperty(value: object, name: string, inner: unknown): object {
  return Object.defineProperty({ ...value }, name, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
