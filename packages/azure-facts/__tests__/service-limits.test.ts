import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  DPS_LIMITS,
  HUB_TIERS,
  type HubRate,
  type HubTierName,
  HUBS_OF_SUBSCRIPTION,
  rateOf,
  type ServiceLimit,
  TIER_COLUMNS,
} from "../index";

/** Numbers in a text, without the commas between thousands. */
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/\d[\d,]*(?:\.\d+)?/g)].map(([number]) => Number(number.replaceAll(",", "")));

const TIERS = Object.keys(HUB_TIERS) as HubTierName[];
const isLimit = (value: unknown): value is ServiceLimit =>
  typeof value === "object" && value !== null && "source" in value;
const LIMITS = [
  ["hubs of a subscription", HUBS_OF_SUBSCRIPTION],
  ...Object.entries(DPS_LIMITS),
  ...TIERS.flatMap((tier) =>
    Object.entries(HUB_TIERS[tier]).flatMap(([name, value]: [string, unknown]) =>
      isLimit(value) ? [[`${tier} ${name}`, value] as const] : [],
    ),
  ),
] as const;

test.each(LIMITS)("%s is what its page says", (name, limit) => {
  const row = limit.quote.split(" | ");
  const column = TIER_COLUMNS.indexOf(name.split(" ")[0] as (typeof TIER_COLUMNS)[number]);
  // A row with one cell for each tier, or a sentence with this one number in it.
  const said = row.length === TIER_COLUMNS.length + 1 ? numbersIn(row[column + 1] ?? "") : numbersIn(limit.quote);
  // "X.509" is a name.
  expect(said.filter((number) => number !== 0.509 && number !== 509)).toEqual([limit.value]);
  expect(limit.source.url).toMatch(/^https:\/\/(learn|azure)\.microsoft\.com\//);
  expect(limit.source.dated).toMatch(/^20\d\d-\d\d/);
});

/** Of a cell like `Higher of 100/sec or 12/sec/unit` or `1.67/sec/unit (100/min/unit)`, in the unit of time that is asked for. */
function parseRate(quote: string, per: "sec" | "min"): { perUnit: number; atLeast: number } {
  const found = [...quote.matchAll(/([\d,.]+)[a-z -]*\/(sec|min)(\/unit)?/g)]
    .filter(([, , time]) => time === per)
    .map(([, number, , unit]) => ({ number: numbersIn(number ?? "")[0] ?? Number.NaN, isPerUnit: unit !== undefined }));
  return {
    perUnit: found.find(({ isPerUnit }) => isPerUnit)?.number ?? 0,
    atLeast: found.find(({ isPerUnit }) => !isPerUnit)?.number ?? 0,
  };
}

const RATES = [
  ["identityOperations", "min"],
  ["connections", "sec"],
  ["sends", "sec"],
  ["twinUpdates", "sec"],
  ["deploymentOperations", "min"],
] as const;

test.each(TIERS.flatMap((tier) => RATES.map(([name, per]) => [tier, name, per] as const)))(
  "the rate of %s for %s is what its page says",
  (tier, name, per) => {
    const { quote, ...rate }: HubRate = HUB_TIERS[tier][name];
    expect(rate).toEqual(parseRate(quote, per));
  },
);

test("a rate is at least what a hub has without units", () => {
  expect([1, 2, 9].map((units) => rateOf(HUB_TIERS.S1.connections, units))).toEqual([100, 100, 108]);
  expect(rateOf(HUB_TIERS.S1.twinUpdates, 200)).toBe(50);
  expect(rateOf(HUB_TIERS.S3.twinUpdates, 2)).toBe(500);
});

test("no other source states a number of messages or registrations that a service takes", () => {
  const root = resolve(__dirname, "../../..");
  const files = ["constructs", "environments", "stacks"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((file) => join(root, folder, file))
      .filter((file) => file.endsWith(".ts") && statSync(file).isFile()),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(
    files.filter((file) => /(?<![\d_])(400_000|6_000_000|300_000_000|8_000)(?![\d_])/.test(readFileSync(file, "utf8"))),
  ).toEqual([]);
});
