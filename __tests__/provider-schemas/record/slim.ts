/** Part of `terraform providers schema -json`: one provider. */
export interface FullSchema {
  readonly provider: { readonly block: FullBlock };
  readonly resource_schemas?: FullTypes;
  readonly data_source_schemas?: FullTypes;
  readonly ephemeral_resource_schemas?: FullTypes;
}

type FullTypes = Readonly<Record<string, { readonly block: FullBlock }>>;

interface FullBlock {
  readonly attributes?: Readonly<Record<string, FullAttribute>>;
  readonly block_types?: Readonly<Record<string, { readonly block: FullBlock; readonly min_items?: number }>>;
}

interface FullAttribute {
  readonly type?: unknown;
  readonly nested_type?: { readonly attributes: Readonly<Record<string, FullAttribute>> };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
  readonly deprecated?: boolean;
}

/** What a provider's own code says of an argument, by type and path. */
export type Rules = Readonly<Record<string, Readonly<Record<string, Rule>>>>;

interface Rule {
  readonly force_new?: boolean;
  readonly [check: string]: unknown;
}

/** Types of which more is kept than their hidden arguments. */
export interface Wanted {
  readonly synthesized: ReadonlySet<string>;
  /** Named in a table. */
  readonly named: ReadonlySet<string>;
}

/** Letters of what is said about an argument, in the order in which they are written. */
const FLAGS: readonly (readonly [letter: string, has: (attribute: FullAttribute) => boolean | undefined])[] = [
  ["r", ({ required }) => required],
  ["o", ({ optional }) => optional],
  ["c", ({ computed }) => computed],
  ["s", ({ sensitive }) => sensitive],
  ["w", ({ write_only: writeOnly }) => writeOnly],
  ["d", ({ deprecated }) => deprecated],
];

const flagsOf = (attribute: FullAttribute): string =>
  FLAGS.map(([letter, has]) => (has(attribute) === true ? letter : "")).join("");

/** Letters by path without indices; a block is written `b`, one that must be there `br`. */
function argumentsIn(block: FullBlock, prefix = ""): [path: string, flags: string][] {
  const attributes = Object.entries(block.attributes ?? {}).flatMap(([name, attribute]): [string, string][] => [
    [`${prefix}${name}`, flagsOf(attribute)],
    ...(attribute.nested_type === undefined ? [] : argumentsIn(attribute.nested_type, `${prefix}${name}.`)),
  ]);
  const blocks = Object.entries(block.block_types ?? {}).flatMap(([name, { block: inner, min_items: least }]) => [
    [`${prefix}${name}`, (least ?? 0) > 0 ? "br" : "b"] as [string, string],
    ...argumentsIn(inner, `${prefix}${name}.`),
  ]);
  return [...attributes, ...blocks];
}

const isSettable = (flags: string): boolean => /[rob]/.test(flags);
const isHidden = (flags: string): boolean => /[sw]/.test(flags);
const sortedUnique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** One type: its arguments with their letters (`f`: a change forces a replacement), and the other rules by path. */
function slimType(block: FullBlock, rules: Rules[string] = {}, isSynthesized = true): object {
  // Members of attributes that are lists of objects are in no schema, and yet a rule may name them.
  const inObjects = Object.keys(rules).filter(
    (path) => rules[path]?.force_new === true && !argumentsIn(block).some(([known]) => known === path),
  );
  const listed = [...argumentsIn(block), ...inObjects.map((path): [string, string] => [path, "o"])];
  const paths = listed.filter(
    ([path, flags]) =>
      path !== "id" &&
      !/^timeouts($|\.)/.test(path) &&
      isSettable(flags) &&
      (isSynthesized || !path.includes(".") || rules[path]?.force_new === true),
  );
  const checks = Object.entries(isSynthesized ? rules : {}).flatMap(([path, rule]): [string, object][] => {
    const others = Object.entries(rule).filter(([name]) => name !== "force_new");
    return others.length === 0 ? [] : [[path, Object.fromEntries(others)]];
  });
  return {
    arguments: Object.fromEntries(
      paths
        .map(([path, flags]) => [path, rules[path]?.force_new === true ? `${flags}f` : flags])
        .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    ),
    ...(checks.length > 0 && { rules: Object.fromEntries(checks) }),
  };
}

/** What forces a replacement of the wanted types; a block of which all arguments do is written once. */
export function replacingPaths(schema: FullSchema, rules: Rules, { synthesized, named }: Wanted): [string, string[]][] {
  return Object.entries(schema.resource_schemas ?? {})
    .filter(([type]) => synthesized.has(type) || named.has(type))
    .map(([type, { block }]) => {
      const forcing = Object.keys(rules[type] ?? {}).filter((path) => rules[type]?.[path]?.force_new === true);
      const settable = argumentsIn(block).flatMap(([path, flags]) => (isSettable(flags) ? [path] : []));
      const isWhole = (path: string): boolean =>
        settable.every((inner) => !inner.startsWith(`${path}.`) || forcing.includes(inner));
      const whole = forcing.filter((path) => isWhole(path) || !forcing.some((inner) => inner.startsWith(`${path}.`)));
      return [type, whole.filter((path) => !whole.some((outer) => path.startsWith(`${outer}.`))).sort()];
    });
}

/**
 * What the tests need of a provider: all of the types that are synthesized; of those that are only named the first level and
 * what forces a replacement; of all types the arguments that it hides, and the names of those that it does not.
 */
export function slimProvider(schema: FullSchema, rules: Rules, { synthesized, named }: Wanted): object {
  const kinds = {
    resources: schema.resource_schemas,
    dataSources: schema.data_source_schemas,
    ephemeralResources: schema.ephemeral_resource_schemas,
  };
  const types = [
    ["provider", schema.provider] as const,
    ...Object.values(kinds).flatMap((kind) => Object.entries(kind ?? {})),
  ];
  const all = types
    .flatMap(([type, { block }]) => argumentsIn(block).map(([path, flags]) => ({ type, path, flags })))
    .filter(({ flags }) => isSettable(flags));
  const slimmed = Object.entries(kinds).map(([kind, types]): [string, object] => [
    kind,
    Object.fromEntries(
      Object.entries(types ?? {})
        .filter(([type]) => synthesized.has(type) || named.has(type))
        .map(([type, { block }]) => [
          type,
          slimType(block, kind === "resources" ? rules[type] : undefined, synthesized.has(type)),
        ]),
    ),
  ]);
  const hidden = all.filter(({ flags }) => isHidden(flags)).map(({ type, path }) => `${type}.${path}`);
  const shown = all
    .filter(({ flags }) => !isHidden(flags) && !flags.includes("b"))
    .map(({ path }) => path.split(".").at(-1) ?? "");
  return {
    provider: slimType(schema.provider.block),
    ...Object.fromEntries(slimmed),
    hiddenEverywhere: sortedUnique(hidden),
    shownEverywhere: lines(sortedUnique(shown)),
  };
}

/** Names in lines of some 120 characters. */
function lines(names: readonly string[]): string[] {
  return names.reduce<string[]>((all, name) => {
    const last = all.at(-1);
    return last === undefined || last.length + name.length > 120
      ? [...all, name]
      : [...all.slice(0, -1), `${last} ${name}`];
  }, []);
}
