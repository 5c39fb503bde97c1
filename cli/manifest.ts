import { readFileSync } from "node:fs";
import { loadConfiguration } from "../configuration/load";
import { deploymentsOf, type EdgeSettings, type EdgeSurroundings, softwareOf } from "../constructs/edge/edge-settings";
import { readManifest } from "../edge-manifests/check/read";
import { isObject, stableJson } from "../edge-manifests/json";
import { LAYERS, type LayerName, layersOf } from "../edge-manifests/layers";
import { checkDeployments, type ManifestFinding } from "../edge-manifests/manifest-checker";
import { edgeSurroundings } from "../stacks/edge-surroundings";
import { coloured, readArguments, runCommand } from "./terminal";

const HELP = `Checks and prints IoT Edge deployment manifests.

  npm run -s manifest -- check FILE... [--json]
      Checks deployments, layered deployments and deployment templates; "-" reads standard input. Files given together are
      taken for one device's where exactly one of them is a base; otherwise each is checked alone, and what a layer alone
      cannot show is a warning. --json prints the findings as JSON.
  npm run -s manifest -- print ENV LAYER [--ring NAME] [--whole]
      Prints what \`az iot edge deployment create --content\` takes. LAYER is one of ${LAYERS.join(", ")}.
      Without --ring the first ring's. --whole prints priority and target condition as well.
      What Azure fills in at apply is a sentence that says so.
  npm run -s manifest -- --help

Exit status: 0 no errors (warnings are none), 1 errors or an unreadable file, 2 unusable arguments.
NO_COLOR switches colours off; they are used on a terminal only.`;

interface FileReport {
  readonly file: string;
  readonly unreadable?: string;
  readonly findings: readonly ManifestFinding[];
}

/** Runs the command; returns its exit status. */
export function manifest(args: readonly string[]): number {
  const { words, flags, values, unknown } = readArguments(args, ["--json", "--whole", "--help", "-h"], ["--ring"]);
  const [command, ...rest] = words;
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (unknown !== undefined) {
    return unusable(`unknown argument ${unknown}`);
  }
  switch (command) {
    case "check":
      return rest.length === 0 ? unusable("name at least one file") : check(rest, flags.has("--json"));
    case "print":
      return print(rest, values.get("--ring"), flags.has("--whole"));
    default:
      return unusable(command === undefined ? "say check or print" : `unknown command ${command}`);
  }
}

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 2;
}

function check(files: readonly string[], asJson: boolean): number {
  const reports = checkFiles(files);
  const all = reports.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === "error").length;
  const unreadable = reports.filter((report) => report.unreadable !== undefined).length;
  if (asJson) {
    console.log(JSON.stringify(reports, undefined, 2));
  } else {
    for (const report of reports) {
      show(report);
    }
    const trouble = unreadable === 0 ? "" : `${unreadable} unreadable, `;
    console.log(
      `${reports.length} ${reports.length === 1 ? "file" : "files"}: ${trouble}${errors} errors, ${all.length - errors} warnings`,
    );
  }
  return errors + unreadable > 0 ? 1 : 0;
}

/** Reads and checks files, together where they are one device's. */
export function checkFiles(files: readonly string[]): FileReport[] {
  const read = files.map((file) => ({ file, ...readFile(file) }));
  const documents = read.flatMap((entry) => ("document" in entry ? [entry] : []));
  const bases = documents.filter(({ document }) => !isLayered(document));
  const found = new Map<unknown, readonly ManifestFinding[]>();
  if (bases.length === 1) {
    checkDeployments(documents.map(({ document }) => document)).forEach((findings, index) => {
      found.set(documents[index], findings);
    });
  } else {
    for (const entry of documents) {
      found.set(entry, checkDeployments([entry.document])[0] ?? []);
    }
  }
  return read.map((entry) => ({
    file: entry.file,
    ...("unreadable" in entry && { unreadable: entry.unreadable }),
    findings: found.get(entry) ?? [],
  }));
}

function readFile(file: string): ReturnType<typeof readManifest> {
  try {
    return readManifest(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "it may not be read",
    };
    return { unreadable: reasons[code ?? ""] ?? message };
  }
}

function isLayered(document: Readonly<Record<string, unknown>>): boolean {
  const inner = isObject(document.content) ? document.content : document;
  const content = isObject(inner.modulesContent) ? inner.modulesContent : inner;
  const parts = [content.$edgeAgent, content.$edgeHub].filter(isObject);
  return parts.length > 0 && !parts.some((part) => "properties.desired" in part);
}

function show({ file, unreadable, findings }: FileReport): void {
  if (unreadable !== undefined) {
    console.log(`${file}: ${coloured("error", "red", process.stdout)}: ${unreadable}`);
  }
  for (const { severity, pointer, problem, remedy, rule } of findings) {
    const word = coloured(severity, severity === "error" ? "red" : "yellow", process.stdout);
    console.log(
      `${file}: ${word} at ${pointer === "" ? "the document" : pointer}\n  ${problem}\n  do: ${remedy} [${rule}]`,
    );
  }
}

function print(words: readonly string[], ringName: string | undefined, whole: boolean): number {
  const [name, wanted, more] = words;
  const { organization, environments } = loadConfiguration();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined || more !== undefined) {
    return unusable(`name one of the environments ${environments.map((one) => one.name).join(", ")}, and a layer`);
  }
  // As it is written here or in a deployment's id: streamAnalytics, stream-analytics.
  const layer = LAYERS.find((one) => one.toLowerCase() === wanted?.replaceAll("-", "").toLowerCase());
  if (layer === undefined) {
    return unusable(`name one of the layers ${LAYERS.join(", ")}`);
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
    return unusable(`name one of the rings ${names.join(", ")}`);
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
