import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const FOLDER = join(__dirname, "..", "..", "..", "shared", "tfcheck", "schemas");

/** An argument or a nested block of a Terraform type. */
export interface SchemaAttribute {
  readonly type?: unknown;
  readonly nested_type?: { readonly attributes: Record<string, SchemaAttribute> };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly deprecated?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}

interface SchemaBlock {
  readonly attributes?: Record<string, SchemaAttribute>;
  readonly block_types?: Record<string, { readonly block: SchemaBlock }>;
}

interface ProviderSchema {
  readonly provider: { readonly block: SchemaBlock };
  readonly resource_schemas: Record<string, { readonly block: SchemaBlock }>;
  readonly data_source_schemas?: Record<string, { readonly block: SchemaBlock }>;
  readonly ephemeral_resource_schemas?: Record<string, { readonly block: SchemaBlock }>;
}

/** Runs tests that need the providers' schemas, and says so where they are not. */
export function describeWithSchemas(title: string, tests: () => void): void {
  if (existsSync(FOLDER)) {
    describe(title, tests);
  } else {
    test.skip(`${title} (../shared/tfcheck/schemas is not here)`, () => undefined);
  }
}

/** The schema of a provider, `namespace.name`. */
export function providerSchema(name: string): ProviderSchema {
  return JSON.parse(gunzipSync(readFileSync(join(FOLDER, `${name}.json.gz`))).toString()) as ProviderSchema;
}

/** Arguments that somebody may set, blocks included. */
export function settable(block: SchemaBlock): Map<string, SchemaAttribute> {
  const attributes = Object.entries(block.attributes ?? {}).filter(
    ([, a]) => a.required === true || a.optional === true,
  );
  const blocks = Object.keys(block.block_types ?? {}).map((name): [string, SchemaAttribute] => [
    name,
    { optional: true },
  ]);
  return new Map([...attributes, ...blocks]);
}

/** Every provider whose schema is there. */
export const PROVIDERS = [
  "hashicorp.azurerm",
  "hashicorp.azuread",
  "azure.azapi",
  "mwalser.iothub",
  "hashicorp.random",
  "hashicorp.time",
] as const;

/** An argument of a type, however deep. */
export interface Argument {
  /** Terraform's type; `provider` for the provider's own arguments. */
  readonly type: string;
  /** Path without indices, `identity.type`. */
  readonly path: string;
  /** The provider calls it sensitive or write-only. */
  readonly hidden: boolean;
}

/** Arguments that somebody may set in resources, data sources, ephemeral resources and the provider's own block. */
export function settableArguments(provider: string): Argument[] {
  const schema = providerSchema(provider);
  const types = [
    ...Object.entries(schema.resource_schemas),
    ...Object.entries(schema.data_source_schemas ?? {}),
    ...Object.entries(schema.ephemeral_resource_schemas ?? {}),
  ];
  return [
    ...argumentsIn("provider", schema.provider.block),
    ...types.flatMap(([type, { block }]) => argumentsIn(type, block)),
  ];
}

function argumentsIn(type: string, block: SchemaBlock, prefix = ""): Argument[] {
  const attributes = Object.entries(block.attributes ?? {})
    .filter(([, { required, optional }]) => required === true || optional === true)
    .flatMap(([name, attribute]): Argument[] => [
      { type, path: `${prefix}${name}`, hidden: attribute.sensitive === true || attribute.write_only === true },
      ...(attribute.nested_type === undefined ? [] : argumentsIn(type, attribute.nested_type, `${prefix}${name}.`)),
    ]);
  const blocks = Object.entries(block.block_types ?? {}).flatMap(([name, inner]) =>
    argumentsIn(type, inner.block, `${prefix}${name}.`),
  );
  return [...attributes, ...blocks];
}
