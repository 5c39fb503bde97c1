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
}

interface SchemaBlock {
  readonly attributes?: Record<string, SchemaAttribute>;
  readonly block_types?: Record<string, { readonly block: SchemaBlock }>;
}

interface ProviderSchema {
  readonly provider: { readonly block: SchemaBlock };
  readonly resource_schemas: Record<string, { readonly block: SchemaBlock }>;
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
