import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Written by `npm run record-schemas`; its README says what is in them. */
const FOLDER = join(__dirname, "..", "provider-schemas");

/** What a provider's own validation says of an argument. */
export interface ArgumentRules {
  readonly enum?: readonly unknown[];
  /** `enum` whatever the letters' case. */
  readonly any_case?: boolean;
  /** Numbers are written as text. */
  readonly min?: string;
  readonly max?: string;
  /** Reserved values. */
  readonly forbidden?: readonly unknown[];
  /** Paths with indices, `identity.0.type`. */
  readonly conflicts_with?: readonly string[];
  readonly exactly_one_of?: readonly string[];
  readonly at_least_one_of?: readonly string[];
  readonly required_with?: readonly string[];
}

/** A resource, a data source, an ephemeral resource or a provider's own block. */
export interface TypeSchema {
  /** Letters by path without indices: required, optional, computed, sensitive, write-only, deprecated, forces a replacement, block. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly rules?: Readonly<Record<string, ArgumentRules>>;
}

/** What is kept of a provider. */
export interface ProviderSchema {
  readonly source: string;
  readonly version: string;
  readonly recorded: string;
  readonly provider: TypeSchema;
  readonly resources: Readonly<Record<string, TypeSchema>>;
  readonly dataSources: Readonly<Record<string, TypeSchema>>;
  readonly ephemeralResources: Readonly<Record<string, TypeSchema>>;
  /** `type.path` of every argument of every type that the provider calls sensitive or write-only. */
  readonly hiddenEverywhere: readonly string[];
  /** Lines of names of every other argument of every type, without what is around it. */
  readonly shownEverywhere: readonly string[];
}

/** Every provider of which there is a file, `namespace.name`. */
export const PROVIDERS: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(".json", ""));

/** What is kept of a provider, `namespace.name`. */
export function providerSchema(name: string): ProviderSchema {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as ProviderSchema;
}

/** A public JSON schema of IoT Edge. */
export function edgeSchema(file: string): object {
  return JSON.parse(readFileSync(join(FOLDER, "iot-edge", file), "utf8")) as object;
}

/** Names of the arguments and blocks in a type, or in an argument of it, sorted. */
export function argumentNames(type: TypeSchema | undefined, inside = ""): string[] {
  const prefix = inside === "" ? "" : `${inside}.`;
  return Object.keys(type?.arguments ?? {})
    .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("."))
    .map((path) => path.slice(prefix.length))
    .sort();
}

/** An argument of a type, however deep. */
export interface Argument {
  /** Terraform's type; `provider` for the provider's own arguments. */
  readonly type: string;
  /** Path without indices, `identity.type`. */
  readonly path: string;
  /** The provider calls it sensitive or write-only. */
  readonly hidden: boolean;
}

/** Arguments of resources, data sources, ephemeral resources and the provider's own block, without blocks. */
export function settableArguments(provider: string): Argument[] {
  const { provider: own, resources, dataSources, ephemeralResources } = providerSchema(provider);
  const types: [string, TypeSchema][] = [
    ["provider", own],
    ...[resources, dataSources, ephemeralResources].flatMap((kind) => Object.entries(kind)),
  ];
  return types.flatMap(([type, schema]) =>
    Object.entries(schema.arguments)
      .filter(([, flags]) => !flags.includes("b"))
      .map(([path, flags]) => ({ type, path, hidden: /[sw]/.test(flags) })),
  );
}
