import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { ARM_OPERATIONS, statefulTypes } from "@edge-anomaly-detection/azure-facts";
import { type FullSchema, replacingPaths, type Rules, slimProvider, type Wanted } from "./slim";
import { slimJsonSchema } from "./slim-json-schema";

const HELP = `Writes __tests__/provider-schemas: what the tests need of the providers' schemas and rules, and of IoT Edge's schemas;
and packages/azure-facts/src/provider-replacements.ts: the arguments that force a replacement.

  npm run record-schemas                        from ../shared
  npm run record-schemas -- --schemas FILE      schemas from what \`terraform providers schema -json\` printed
  npm run record-schemas -- --date 2026-11-25   another date than today
  npm run record-schemas -- --help              print this

\`terraform providers schema -json\` does not say which arguments force a replacement: that comes from ../shared/tfcheck/rules.`;

/** Providers by namespace and name, with the version that was read. */
const VERSIONS: Readonly<Record<string, string>> = {
  "hashicorp.azurerm": "4.55.0",
  "hashicorp.azuread": "3.7.0",
  "azure.azapi": "2.12.0",
  "mwalser.iothub": "1.1.0",
  "hashicorp.random": "3.7.2",
  "hashicorp.time": "0.13.1",
};

const SHARED = resolve("../shared");
const OUT = resolve("__tests__/provider-schemas");
const REPLACEMENTS = resolve("packages/azure-facts/src/provider-replacements.ts");
const SNAPSHOTS = resolve("__tests__/snapshots");

const unzip = (folder: string, name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(SHARED, "tfcheck", folder, `${name}.json.gz`))).toString());

/** Rules of a provider; none where nobody has read them. */
function rulesOf(name: string): Rules {
  return readdirSync(join(SHARED, "tfcheck", "rules")).includes(`${name}.json.gz`)
    ? (unzip("rules", name) as Rules)
    : {};
}

/** Types that stacks synthesize, and those that only the review's tables name. */
function wantedTypes(): Wanted {
  const snapshots = readdirSync(SNAPSHOTS).map(
    (file) => JSON.parse(readFileSync(join(SNAPSHOTS, file), "utf8")) as Record<string, object>,
  );
  const synthesized = snapshots.flatMap((snapshot) =>
    ["resource", "data", "ephemeral"].flatMap((kind) => Object.keys(snapshot[kind] ?? {})),
  );
  const named = [...statefulTypes().keys()].map((key) => key.split(":")[0] ?? "");
  return { synthesized: new Set([...synthesized, ...Object.keys(ARM_OPERATIONS)]), named: new Set(named) };
}

/** Fails where another version is at hand than the one that the files would name. */
function schemaIn(file: string, name: string): FullSchema {
  const all = JSON.parse(readFileSync(file, "utf8")) as { provider_schemas?: Record<string, FullSchema> };
  const source = `registry.terraform.io/${name.replace(".", "/")}`;
  const schema = all.provider_schemas?.[source];
  if (schema === undefined) {
    throw new Error(`${file} has no ${source}`);
  }
  return schema;
}

/** JSON with lists and small objects of plain values on one line. */
function text(value: unknown): string {
  const oneLine = (all: string): string => all.replaceAll(/\s*\n\s*/g, " ");
  const lists = JSON.stringify(value, undefined, 1).replaceAll(/\[[^[\]{}]*\]/g, oneLine);
  return `${lists.replaceAll(/(?<=: )\{[^{}\n]*\n[^{}\n]*\n[^{}\n]*\}/g, oneLine)}\n`;
}

/** The module of the review that tells which arguments force a replacement. */
function replacementsModule(
  types: readonly (readonly [type: string, paths: readonly string[]])[],
  date: string,
): string {
  const versions = Object.entries(VERSIONS).map(([name, version]) => `${name.replace(".", "/")} ${version}`);
  const lines = types
    .filter(([, paths]) => paths.length > 0)
    .map(([type, paths]) => `  ${type}: ${JSON.stringify(paths.join(" "))},`);
  return `/**
 * Arguments whose change replaces an object, by type: paths without indices, separated by spaces, as the schemas of these
 * providers say (ForceNew). For the types that a stack synthesizes or \`STATEFUL_TYPES\` names.
 *
 * Written by \`npm run record-schemas\` on ${date} from ${versions.slice(0, 3).join(", ")},
 * ${versions.slice(3).join(", ")}; a change by hand would be lost.
 */
export const PROVIDER_REPLACEMENTS: Readonly<Record<string, string>> = {
${lines.sort().join("\n")}
};
`;
}

function record(schemas: string | undefined, date: string): void {
  const wanted = wantedTypes();
  const replacing: [type: string, paths: readonly string[]][] = [];
  for (const [name, version] of Object.entries(VERSIONS)) {
    const schema = schemas === undefined ? (unzip("schemas", name) as FullSchema) : schemaIn(schemas, name);
    const head = { source: name.replace(".", "/"), version, recorded: date };
    const slim = { ...head, ...slimProvider(schema, rulesOf(name), wanted) };
    writeFileSync(join(OUT, `${name}.json`), text(slim));
    replacing.push(...replacingPaths(schema, rulesOf(name), wanted));
  }
  writeFileSync(REPLACEMENTS, replacementsModule(replacing, date));
  const edge = join(SHARED, "data", "edge-schemas");
  for (const file of readdirSync(edge).filter((entry) => entry.endsWith(".json"))) {
    const schema: unknown = JSON.parse(readFileSync(join(edge, file), "utf8"));
    writeFileSync(join(OUT, "iot-edge", file), text(slimJsonSchema(schema)));
  }
}

const { values } = parseArgs({
  options: { schemas: { type: "string" }, date: { type: "string" }, help: { type: "boolean", short: "h" } },
});
if (values.help === true) {
  process.stdout.write(`${HELP}\n`);
} else {
  record(values.schemas, values.date ?? new Date().toISOString().slice(0, 10));
}
