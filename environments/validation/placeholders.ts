import type { Configuration } from "./check";

/** An example value that has to be replaced. */
export interface Placeholder {
  /** Whose it is: `organization`, `bootstrap` or an environment's name. */
  readonly owner: string;
  /** Where it is: `alerts.receivers.platform-team`. */
  readonly path: string;
  readonly value: string;
  /** What it is recognised by. */
  readonly because: string;
}

/**
 * What documentation uses in place of somebody's own: domains that RFC 2606 and RFC 6761 reserve, Microsoft's example company,
 * object ids that nobody draws.
 */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\bcontoso\b/i, "Microsoft's example company"],
  [
    /(^|[@./])example\.(com|org|net|edu)\b|\.(example|invalid|test|localhost)(?=$|[/:])/i,
    "a domain reserved for examples",
  ],
  [/^([0-9a-f])\1{7}-/i, "an id of one digit"],
  [/^(12345678-|01234567-|00000000-0000-)/, "an id that is not random"],
  [/\b(change[-_ ]?me|replace[-_ ]?me|todo|fixme)\b|^your[-_ ]|^<[^>]*>$/i, "text that says it must be replaced"],
];

/** Every placeholder of a configuration, in the order of its files. A placeholder is valid: it synthesizes, and deploys to nobody. */
export function placeholdersIn({ organization, environments, bootstrap }: Configuration): Placeholder[] {
  return [
    ...placeholdersOf("organization", organization),
    ...environments.flatMap((environment) => placeholdersOf(environment.name, environment)),
    ...placeholdersOf("bootstrap", bootstrap),
  ];
}

function placeholdersOf(owner: string, value: unknown, path = ""): Placeholder[] {
  if (typeof value === "string") {
    const sign = SIGNS.find(([pattern]) => pattern.test(value));
    return sign === undefined ? [] : [{ owner, path, value, because: sign[1] }];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    placeholdersOf(owner, inner, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
  );
}
