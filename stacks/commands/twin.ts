import { assertValid, readArguments, RemoteError, runCommand, visible } from "@edge-anomaly-detection/common";
import { signIn } from "@edge-anomaly-detection/doctor";
import {
  graphProblems,
  Instance,
  type Plant,
  plantProblems,
  type PlantTwin,
  type StorageOptions,
  twinOf,
} from "@edge-anomaly-detection/twin";
import { SCENE_CONTAINER } from "../../constructs/digital-twins/digital-twins";
import { plantOf } from "../../constructs/digital-twins/plant";
import { storageAccountName } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { loadConfiguration } from "../../environments/validation/load";
import { nameParts } from "../../environments/validation/name-parts";
import { countsOf, twinFiles, writeTwinFiles } from "./twin/files";
import { followEpisodes, type LiveTwin, load } from "./twin/live";

const HELP = `The plant of an environment as a twin: sites, lines, machines, signals and detectors, from its list of devices.

  npm run -s twin -- ENV [--out FOLDER] [--json]
      Counts and checks; needs no Azure. --out writes models/*.json (DTDL v3), graph.ndjson (Import Jobs API of Azure Digital
      Twins), 3DScenesConfiguration.json (3D Scenes Studio) and graph.svg to FOLDER.
  npm run -s twin -- plan ENV --instance URL [--json]
      Prints what an apply would do in the instance of Azure Digital Twins.
  npm run -s twin -- apply ENV --instance URL [--remove] [--without-import] [--json]
      Loads models and graph: the first time by an import job, later twin by twin. States stay as they are. --remove removes twins
      that the configuration no longer has. --without-import writes the first load twin by twin too, where the instance does not
      reach the environment's storage account.
  npm run -s twin -- follow ENV --instance URL [--json]
      Writes what waits in the queue of episodes to twins, until it is empty; start it every minute.

  --instance URL   the stack's output digital_twins_address; the account of imports and queue is that of ENV
  --json           for programs

Signs in as Azure's tools do. What is in the files, what writes states and what identities need: docs/twin.md.
Exit status: 0 done; 1 invalid arguments or configuration; 2 something is away or refused, run it again.`;

/** What the command stands on; tests put their own in its place. */
export interface TwinSurroundings {
  readonly organization: OrganizationConfig;
  readonly environments: readonly EnvironmentConfig[];
  /** @default - signs in as Azure's tools do */
  readonly storage?: StorageOptions;
  /** Addresses of an account's blobs and queues. @default - those of Azure's public cloud */
  readonly accountAt?: (name: string, service: "blob" | "queue") => string;
}

const ACTIONS = ["plan", "apply", "follow"] as const;

/** Runs the command; returns its exit status. */
export async function twin(args: readonly string[], given?: TwinSurroundings): Promise<number> {
  const { words, flags, values, invalid } = readArguments(
    args,
    ["--json", "--remove", "--without-import", "--help", "-h"],
    ["--out", "--instance"],
  );
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const action = words.length > 1 ? ACTIONS.find((one) => one === words[0]) : undefined;
  const [name = "", ...others] = action === undefined ? words : words.slice(1);
  const instance = values.get("--instance");
  const mistake =
    invalid ??
    (name !== "" && others.length === 0 ? undefined : "name one environment") ??
    (action === undefined ? onlyWith(action, flags, values) : addressMistake(instance)) ??
    onlyWith(action, flags, values);
  if (mistake !== undefined) {
    return unusable(mistake);
  }
  const around = given ?? loadConfiguration();
  const environment = around.environments.find((one) => one.name === name);
  if (environment === undefined) {
    const known = around.environments.map((one) => one.name).join(", ");
    return unusable(`there is no environment ${visible(name)}: name one of ${known}`);
  }
  const result = checkedTwin(plantOf(environment));
  if (action === undefined) {
    return writeFiles(around, environment, result, values.get("--out"), flags.has("--json"));
  }
  const live = liveTwin(around, environment, instance ?? "", flags.has("--json"));
  try {
    return action === "follow"
      ? await followEpisodes(live)
      : await load(live, result, {
          apply: action === "apply",
          remove: flags.has("--remove"),
          withoutImport: flags.has("--without-import"),
        });
  } catch (error) {
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    console.error(error.message);
    return 2;
  }
}

/** Options that an action does not take. */
function onlyWith(
  action: (typeof ACTIONS)[number] | undefined,
  flags: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
): string | undefined {
  const taken: Readonly<Record<string, readonly (string | undefined)[]>> = {
    "--out": [undefined],
    "--instance": ACTIONS,
    "--remove": ["apply"],
    "--without-import": ["apply"],
  };
  const wrong = [...flags, ...values.keys()].find((option) => taken[option]?.includes(action) === false);
  return wrong === undefined
    ? undefined
    : `${wrong} goes with ${taken[wrong]?.map((one) => one ?? "files").join(", ") ?? ""}`;
}

const addressMistake = (instance: string | undefined): string | undefined =>
  instance !== undefined && /^(https:\/\/[\w.-]+|http:\/\/127\.0\.0\.1:\d+)$/.test(instance)
    ? undefined
    : "--instance is https://HOST, as the stack's output digital_twins_address has it";

function liveTwin(
  { organization, storage, accountAt = publicCloud }: TwinSurroundings,
  environment: EnvironmentConfig,
  address: string,
  json: boolean,
): LiveTwin {
  const account = storageAccountName(nameParts(organization, environment), "twin");
  const options = storage ?? { tokenFor: signIn() };
  return {
    environment: environment.name,
    instance: new Instance({ ...options, address }),
    blobs: accountAt(account, "blob"),
    queues: accountAt(account, "queue"),
    storage: options,
    json,
  };
}

const publicCloud = (account: string, service: string): string => `https://${account}.${service}.core.windows.net`;

function writeFiles(
  { organization }: TwinSurroundings,
  environment: EnvironmentConfig,
  result: PlantTwin,
  folder: string | undefined,
  json: boolean,
): number {
  const account = storageAccountName(nameParts(organization, environment), "twin");
  const files = twinFiles(plantOf(environment), result, (site) => ({
    asset: `${publicCloud(account, "blob")}/${SCENE_CONTAINER}/${encodeURIComponent(site)}.glb`,
  }));
  if (folder !== undefined) {
    writeTwinFiles(folder, files);
  }
  const counts = countsOf(result);
  if (json) {
    console.log(JSON.stringify({ ...counts, files: folder === undefined ? [] : [...files.keys()] }, undefined, 2));
    return 0;
  }
  const twins = Object.entries(counts.twins).map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`);
  console.log(
    `${environment.name}: ${counts.models} models, ${twins.join(", ")}, ${counts.relationships} relationships`,
  );
  if (folder !== undefined) {
    console.log([...files.keys()].map((path) => `  ${folder}/${path}`).join("\n"));
  }
  return 0;
}

/**
 * Models and graph of a plant.
 *
 * @throws ValidationError with everything that is wrong with it
 */
function checkedTwin(plant: Plant): PlantTwin {
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
