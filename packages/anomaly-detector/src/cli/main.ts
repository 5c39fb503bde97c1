import { execFile } from "node:child_process";
import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import { checkConfiguration, type Configuration, describeMistakes } from "../configuration";
import { messageOf } from "../log";
import { describe, detect } from "./detect";
import { plot } from "./plot";
import type { Format } from "./records";

const USAGE = `Scores recorded messages without IoT Edge, and draws what came of it.

  npm run -s detect -- [OPTIONS] [FILE] > verdicts.ndjson
      FILE, or standard input, has one JSON document a line, or is CSV with a header. A column a.b is the key b in a.
      --config FILE    desired properties as in the module's twin
      --env ENV        the desired properties that the environment ENV gives its devices (in the repository)
      --format FORMAT  ndjson or csv, where the first characters do not say so
      --models FOLDER  has models as SHA256/model.onnx, as training writes them, and keeps fetched ones; models where absent
      --quiet          no summary on standard error
      Without --config and --env the columns of a CSV file say what is measured: those that hold numbers are signals.
      Times without a zone are taken as UTC.
  npm run -s detect -- plot VERDICTS --out CHART.svg [--machine ID]
      Draws one machine's readings, expected ranges, episodes and alerts.
  npm run -s detect -- --help

Exit status: 0 done, 2 invalid arguments, configuration or file.
`;

/** Something the caller has to correct: one message, no stack. */
class UsageError extends Error {}

function checked(desired: unknown, source: string): Configuration {
  const result = checkConfiguration(desired, { memoryBytes: Infinity });
  if (!result.ok) throw new UsageError(`${source}:\n${describeMistakes(result.mistakes).join("\n")}`);
  return result.configuration;
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new UsageError(`${source}: ${messageOf(error)}`);
  }
}

function readConfiguration(file: string): Configuration {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: ${messageOf(error)}`);
  }
  return checked(parsed(text, file), file);
}

const DESIRED = "properties.desired.";

/**
 * What an environment gives its devices, as the repository's own command prints it: this package knows no environments.
 */
async function environmentConfiguration(environment: string): Promise<Configuration> {
  if (!/^[a-z0-9-]+$/.test(environment)) throw new UsageError(`--env ${environment}: no name of an environment`);
  let printed: string;
  try {
    const args = ["run", "--silent", "manifest", "--", "print", environment, "detector"];
    ({ stdout: printed } = await promisify(execFile)("npm", args, { maxBuffer: 16 * 1024 * 1024 }));
  } catch (error) {
    const { stderr = "" } = error as { readonly stderr?: string };
    const said = stderr.trim() === "" ? messageOf(error) : stderr.trim();
    throw new UsageError(`--env ${environment}: ${said}`);
  }
  const manifest = parsed(printed, `--env ${environment}`) as {
    readonly modulesContent?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const modules = Object.entries(manifest.modulesContent ?? {}).filter(([name]) => !name.startsWith("$"));
  const desired: Record<string, unknown> = {};
  for (const [path, value] of modules.flatMap(([, module]) => Object.entries(module))) {
    if (path === "properties.desired") Object.assign(desired, value);
    else if (path.startsWith(DESIRED)) desired[path.slice(DESIRED.length)] = value;
  }
  return checked(desired, `--env ${environment}`);
}

function formatOf(given: string | undefined): Format | undefined {
  if (given === undefined || given === "ndjson" || given === "csv") return given;
  throw new UsageError(`--format ${given}: ndjson or csv is expected`);
}

function drawChart(file: string | undefined, rest: readonly string[], out: string | undefined, machine?: string): void {
  if (file === undefined || rest.length > 0 || out === undefined) {
    throw new UsageError(`plot takes one file of verdicts, and --out CHART.svg\n\n${USAGE}`);
  }
  const chart = plot(readFileSync(file, "utf8").split("\n"), machine);
  if (!chart.ok) throw new UsageError(`${file}: ${chart.reason}`);
  writeFileSync(out, chart.svg);
  if (chart.skipped > 0) process.stderr.write(`${chart.skipped} lines are no verdicts and were left out\n`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: "string" },
      env: { type: "string" },
      format: { type: "string" },
      models: { type: "string" },
      quiet: { type: "boolean" },
      out: { type: "string" },
      machine: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const [first, ...rest] = positionals;
  if (first === "plot") {
    drawChart(rest[0], rest.slice(1), values.out, values.machine);
    return;
  }
  if (rest.length > 0) throw new UsageError(`one file at most is expected\n\n${USAGE}`);
  if (values.config !== undefined && values.env !== undefined) throw new UsageError("either --config or --env");
  const format = formatOf(values.format);
  const configuration =
    values.config !== undefined
      ? readConfiguration(values.config)
      : values.env !== undefined
        ? await environmentConfiguration(values.env)
        : undefined;
  const isQuiet = values.quiet === true;
  const input = first === undefined || first === "-" ? process.stdin : createReadStream(first);
  const summary = await detect(input, process.stdout, {
    ...(values.models !== undefined && { models: values.models }),
    ...(format && { format }),
    ...(configuration && { configuration }),
    onNote: (note) => isQuiet || process.stderr.write(`${note}\n`),
  });
  if (!isQuiet) process.stderr.write(describe(summary));
}

// A reader that has seen enough (`| head`) ends the program, quietly.
process.stdout.on("error", () => process.exit(0));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof UsageError ? error.message : messageOf(error)}\n`);
  process.exit(2);
});
