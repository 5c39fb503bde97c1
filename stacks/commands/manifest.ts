import { loadConfiguration } from "../../environments/validation/load";
import {
  deploymentsOf,
  type EdgeSettings,
  type EdgeSurroundings,
  softwareOf,
} from "../../constructs/edge/edge-settings";
import { checkManifests } from "@edge-anomaly-detection/edge-manifest-tools";
import { readArguments, runCommand, stableJson, visible } from "@edge-anomaly-detection/common";
import { LAYERS, type LayerName, layersOf } from "../../edge-manifests/layers";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";

const HELP = `Checks and prints IoT Edge deployment manifests.

  npm run -s manifest -- check PATH... [--json | --sarif]
      Checks deployments, layered deployments and deployment templates. PATH is a file, a folder (every manifest in it, and
      in its folders) or "-" for standard input. Files given together are taken for one device's where exactly one of them
      is a base; otherwise each is checked alone, and what a layer alone cannot show is a warning.
      --json prints the findings as JSON, --sarif as SARIF 2.1.0 for code scanning.
  npm run -s manifest -- print ENV LAYER [--ring NAME] [--whole]
      Prints what \`az iot edge deployment create --content\` takes. LAYER is one of ${LAYERS.join(", ")}.
      Without --ring the first ring's. --whole prints priority and target condition as well.
      What Azure fills in at apply is a sentence that says so.
  npm run -s manifest -- --help

Exit status: 0 no errors (warnings are none), 1 errors or an unreadable file, 2 invalid arguments.
NO_COLOR switches colours off; they are used on a terminal only.`;

/** Runs the command; returns its exit status. */
export function manifest(args: readonly string[]): number {
  const { words, flags, values, invalid } = readArguments(
    args,
    ["--json", "--sarif", "--whole", "--help", "-h"],
    ["--ring"],
  );
  const [command, ...rest] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (invalid !== undefined) {
    return invalidArguments(invalid);
  }
  switch (command) {
    case "check":
      if (rest.length === 0) {
        return invalidArguments("name at least one file or folder");
      }
      return flags.has("--json") && flags.has("--sarif")
        ? invalidArguments("use --json or --sarif")
        : checkManifests(rest, flags);
    case "print":
      return print(rest, values.get("--ring"), flags.has("--whole"));
    default:
      return invalidArguments(
        command === undefined ? "missing subcommand: check or print" : `unknown subcommand ${visible(command)}`,
      );
  }
}

function invalidArguments(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

function print(words: readonly string[], ringName: string | undefined, whole: boolean): number {
  const [name, wanted, more] = words;
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined || more !== undefined) {
    return invalidArguments(
      `name one of the environments ${environments.map((one) => one.name).join(", ")}, and a layer`,
    );
  }
  // As it is written here or in a deployment's id: streamAnalytics, stream-analytics.
  const layer = LAYERS.find((one) => one.toLowerCase() === wanted?.replaceAll("-", "").toLowerCase());
  if (layer === undefined) {
    return invalidArguments(`name one of the layers ${LAYERS.join(", ")}`);
  }
  return environment.edge === undefined
    ? absent(`${environment.name} has no devices`)
    : printLayer(environment.edge, edgeSurroundings(organization, environment), layer, ringName, whole);
}

function printLayer(
  edge: EdgeSettings,
  surroundings: EdgeSurroundings,
  layer: LayerName,
  ringName: string | undefined,
  whole: boolean,
): number {
  const names = Object.keys(edge.rings);
  const ring =
    names.includes(ringName ?? "") || ringName === undefined ? edge.rings[ringName ?? names[0] ?? ""] : undefined;
  if (ring === undefined) {
    return invalidArguments(`name one of the rings ${names.join(", ")}`);
  }
  const modulesContent = layersOf(softwareOf(edge, ring, surroundings))[layer];
  if (modulesContent === undefined) {
    return absent(`${surroundings.environment} has no layer ${layer}`);
  }
  console.log(stableJson(whole ? deploymentsOf(edge, ring, surroundings)[layer] : { modulesContent }, 2));
  return 0;
}

function absent(reason: string): number {
  console.error(reason);
  return 1;
}

if (require.main === module) {
  runCommand(() => manifest(process.argv.slice(2)));
}
