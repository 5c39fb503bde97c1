import { type ArgumentRules, PROVIDERS, providerSchema, type TypeSchema } from "./schemas";
import type { Block, StackJson } from "./synth";

const SCHEMAS = PROVIDERS.map(providerSchema);
const RESOURCES = new Map(SCHEMAS.flatMap(({ resources }) => Object.entries(resources)));

/** Arguments of Terraform itself, and those that the recorded schemas leave out. */
const META = new Set([
  "//",
  "count",
  "depends_on",
  "dynamic",
  "for_each",
  "id",
  "lifecycle",
  "provider",
  "provisioner",
  "timeouts",
]);

/** Terraform fills it in: it may be anything, and may be nothing. */
const isUnknown = (value: unknown): boolean => typeof value === "string" && value.includes("${");
const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** Every value at a path, through lists of blocks; indices in the path are passed over. */
function valuesAt(value: unknown, path: string): unknown[] {
  const names = path.split(".").filter((name) => !/^\d+$/.test(name));
  return names.reduce<unknown[]>(
    (found, name) =>
      found.flatMap((inner) => {
        const next = (inner as Block | null)?.[name];
        return Array.isArray(next) ? (next as unknown[]) : [next];
      }),
    [value],
  );
}

/** What Terraform's core or a provider's own validation would refuse in a stack, a line each: address, path, reason. */
export function providerRefusals({ resource }: Pick<StackJson, "resource">): string[] {
  return Object.entries(resource).flatMap(([type, byId]) => {
    const schema = RESOURCES.get(type);
    return Object.entries(byId).flatMap(([id, block]) =>
      schema === undefined
        ? [`${type}.${id}: not in __tests__/provider-schemas; run npm run record-schemas`]
        : refusals(schema, block).map((reason) => `${type}.${id}: ${reason}`),
    );
  });
}

function refusals(schema: TypeSchema, block: Block): string[] {
  const names = Object.keys(block).filter((name) => !META.has(name) && isGiven(block[name]));
  const unknown = names.filter((name) => schema.arguments[name] === undefined).map((name) => `${name} is no argument`);
  // The next major version of a provider has them no more.
  const deprecated = names
    .filter((name) => schema.arguments[name]?.includes("d"))
    .map((name) => `${name} is deprecated`);
  const missing = Object.entries(schema.arguments)
    .filter(([path, flags]) => flags.includes("r") && !path.includes(".") && !isGiven(block[path]))
    .map(([path]) => `${path} is required`);
  const refused = Object.entries(schema.rules ?? {}).flatMap(([path, rules]) =>
    broken(block, path, rules).map((reason) => `${path} ${reason}`),
  );
  return [...unknown, ...deprecated, ...missing, ...refused];
}

function broken(block: Block, path: string, rules: ArgumentRules): string[] {
  const values = valuesAt(block, path).filter((value) => isGiven(value));
  const given = (other: string): boolean => valuesAt(block, other).some((value) => isGiven(value) && !isUnknown(value));
  const maybe = (other: string): boolean => valuesAt(block, other).some(isGiven);
  const known = values.filter((value) => !isUnknown(value));
  const same = (allowed: unknown, value: unknown): boolean =>
    rules.any_case === true ? String(allowed).toLowerCase() === String(value).toLowerCase() : allowed === value;
  // A rule inside a block holds only where the block is there.
  const parent = path.split(".").slice(0, -1).join(".");
  const applies = parent === "" || maybe(parent);
  const several = (rules.exactly_one_of ?? []).filter(given);
  const conflicts = (rules.conflicts_with ?? []).filter((other) => other !== path && given(path) && given(other));
  const absent = (rules.required_with ?? []).filter((other) => values.length > 0 && !maybe(other));
  return [
    ...known
      .filter((value) => rules.enum !== undefined && !rules.enum.some((allowed) => same(allowed, value)))
      .map((value) => `is ${JSON.stringify(value)}, none of ${JSON.stringify(rules.enum)}`),
    ...known
      .filter((value) => rules.forbidden?.includes(value))
      .map((value) => `is ${String(value)}, which is reserved`),
    ...known
      .filter(
        (value) =>
          typeof value === "number" &&
          (value < Number(rules.min ?? -Infinity) || value > Number(rules.max ?? Infinity)),
      )
      .map((value) => `is ${String(value)}, not ${rules.min ?? ""} to ${rules.max ?? ""}`),
    ...conflicts.map((other) => `cannot be given with ${other}`),
    ...(several.length > 1 && several[0] === path ? [`excludes ${several.slice(1).join(", ")}`] : []),
    ...(applies && rules.exactly_one_of !== undefined && !rules.exactly_one_of.some(maybe)
      ? [`or another of ${rules.exactly_one_of.join(", ")} must be given`]
      : []),
    ...(applies && rules.at_least_one_of !== undefined && !rules.at_least_one_of.some(maybe)
      ? [`or another of ${rules.at_least_one_of.join(", ")} must be given`]
      : []),
    ...absent.map((other) => `needs ${other}`),
  ];
}
