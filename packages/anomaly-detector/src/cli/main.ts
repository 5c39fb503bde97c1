import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkConfiguration, type Configuration, describeMistakes } from "../configuration";
import { messageOf } from "../log";
import { detect } from "./detect";
import { plot } from "./plot";

const USAGE = `Scores messages without IoT Edge, one JSON document a line, and draws what came of it.

  npm run -s detect -- [--config FILE] [--models FOLDER] < messages.ndjson > verdicts.ndjson
      FILE holds desired properties as in the module's twin; FOLDER keeps fetched models.
  npm run -s detect -- plot VERDICTS.ndjson --out CHART.svg [--machine ID]
  npm run -s detect -- --help

Exit status: 0 done, 2 unusable arguments, configuration or file.
`;

/** Something the caller has to mend: one message, no stack. */
class UsageError extends Error {}

function readConfiguration(file: string | undefined): Configuration {
  let desired: unknown = {};
  if (file !== undefined) {
    try {
      desired = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      throw new UsageError(`${file}: ${messageOf(error)}`);
    }
  }
  const checked = checkConfiguration(desired);
  if (!checked.ok) throw new UsageError(describeMistakes(checked.mistakes).join("\n"));
  return checked.configuration;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: "string" },
      models: { type: "string" },
      out: { type: "string" },
      machine: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const [command, file, ...rest] = positionals;
  if (command === "plot" && file !== undefined && rest.length === 0 && values.out !== undefined) {
    const { svg, skipped } = plot(readFileSync(file, "utf8").split("\n"), values.machine);
    writeFileSync(values.out, svg);
    if (skipped > 0) process.stderr.write(`${skipped} lines are no verdicts and were left out\n`);
    return;
  }
  if (command !== undefined) throw new UsageError(USAGE);
  await detect(process.stdin, process.stdout, readConfiguration(values.config), values.models);
}

// A reader that has seen enough (`| head`) ends the program, quietly.
process.stdout.on("error", () => process.exit(0));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof UsageError ? error.message : messageOf(error)}\n`);
  process.exit(2);
});
