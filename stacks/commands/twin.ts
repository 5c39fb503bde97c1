import { assertValid, readArguments, runCommand, visible } from "@edge-anomaly-detection/common";
import { graphProblems, type Plant, plantProblems, type PlantTwin, twinOf } from "@edge-anomaly-detection/twin";
import { plantOf } from "../../constructs/digital-twins/plant";
import { type NameParts, storageAccountName } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { loadConfiguration } from "../../environments/validation/load";
import { nameParts } from "../../environments/validation/name-parts";
import { countsOf, twinFiles, writeTwinFiles } from "./twin/files";

const HELP = `The plant of an environment as a twin: sites, lines, machines, signals and detectors, from its list of devices.

  npm run -s twin -- ENV [--out FOLDER] [--json]

  --out FOLDER   write models/*.json (DTDL v3), graph.ndjson (Import Jobs API of Azure Digital Twins),
                 3DScenesConfiguration.json (3D Scenes Studio) and graph.svg. Default: count and check only
  --json         the counts as JSON

Needs no Azure. What is in the files, and how sites and lines are named: docs/twin.md.
Exit status: 0 done; 1 invalid arguments or configuration.`;

/** What the command reads; tests put their own in its place. */
export interface Configuration {
  readonly organization: OrganizationConfig;
  readonly environments: readonly EnvironmentConfig[];
}

/** Runs the command; returns its exit status. */
export function twin(args: readonly string[], given?: Configuration): number {
  const { words, flags, values, invalid } = readArguments(args, ["--json", "--help", "-h"], ["--out"]);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const mistake = invalid ?? (words.length === 1 ? undefined : "name one environment");
  if (mistake !== undefined) {
    return unusable(mistake);
  }
  const { organization, environments } = given ?? loadConfiguration();
  const environment = environments.find(({ name }) => name === words[0]);
  if (environment === undefined) {
    const known = environments.map(({ name }) => name).join(", ");
    return unusable(`there is no environment ${visible(words[0] ?? "")}: name one of ${known}`);
  }
  const plant = plantOf(environment);
  const result = checkedTwin(plant);
  const folder = values.get("--out");
  const files = twinFiles(plant, result, (site) => ({ asset: sceneAsset(nameParts(organization, environment), site) }));
  if (folder !== undefined) {
    writeTwinFiles(folder, files);
  }
  const counts = countsOf(result);
  if (flags.has("--json")) {
    console.log(JSON.stringify({ ...counts, files: folder === undefined ? [] : [...files.keys()] }, undefined, 2));
    return 0;
  }
  const twins = Object.entries(counts.twins).map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`);
  console.log(`${plant.name}: ${counts.models} models, ${twins.join(", ")}, ${counts.relationships} relationships`);
  if (folder !== undefined) {
    console.log([...files.keys()].map((path) => `  ${folder}/${path}`).join("\n"));
  }
  return 0;
}

/** Address of the 3D asset of a site. */
const sceneAsset = (parts: NameParts, site: string): string =>
  `https://${storageAccountName(parts, "twin")}.blob.core.windows.net/scenes/${encodeURIComponent(site)}.glb`;

/**
 * Models and graph of a plant.
 *
 * @throws ValidationError with everything that is wrong with it
 */
export function checkedTwin(plant: Plant): PlantTwin {
  assertValid(`the twin of ${plant.name}`, plantProblems(plant));
  const result = twinOf(plant);
  assertValid(`the twin of ${plant.name}`, graphProblems(result));
  return result;
}

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 1;
}

if (require.main === module) {
  runCommand(() => twin(process.argv.slice(2)));
}
