import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadConfiguration } from "../../environments/validation/load";
import type { EnvironmentConfig } from "../../environments/environment-config";
import {
  COMPARE_OPTIONS,
  compareCommand,
  DATA_HELP,
  DATA_OPTIONS,
  DEFAULT_INTERVAL_SECONDS,
  DEFAULT_PORT,
  replayCommand,
  type Terminal,
  type Values,
} from "@edge-anomaly-detection/rehearsal";
import { NoRehearsal, rehearsalInput } from "./rehearsal-input";
import { type LiveChoice, runLive } from "./rehearse-live";
import { runCommand } from "@edge-anomaly-detection/common";

const HELP = `Runs what a device runs, on this machine: edge hub, ML module, Stream Analytics job, simulated sensors.
Nothing leaves this machine; no Azure, no containers.

  npm run -s rehearse -- [ENV [DEVICE]] [options]
      ENV is an environment (default: the first), DEVICE one of its edge devices (default: the first).

  --for TIME         Ends by itself: 90s, 5m, 1h. A spike is sent at half time, so that there is an alert.
  --out DIR          Writes report.html, summary.json, verdicts.ndjson (alerts), cloud.ndjson (what the cloud received) and
                     the ML module's log there.
  --interval TIME    Time between two messages of a machine: 100ms, 1s. Default ${DEFAULT_INTERVAL_SECONDS * 1000}ms, which is
                     faster than the environment's; times in the messages keep the environment's interval.
  --machines N       Simulated machines, 1 to 50.
  --port N           Port of the page on 127.0.0.1, 0 for any. Default ${DEFAULT_PORT}; the next free one if it is in use.
  --json             Prints the summary as JSON.
  --help

  npm run -s rehearse -- [ENV [DEVICE]] --data FILE [options]
      Replays recorded data as fast as they are read, through the same routes, query and detectors.

${DATA_HELP}
  --labels FILE          Known failures, [["start", "end"], ...]: says which were found. Default: FILE-labels.json beside the data.
  --sensitivity          Also replays with other settings of each detector: failures found against alerts a day.
  --speed N              N times as fast as recorded. Default: as fast as it goes.
  --out DIR              Writes report.html, summary.json and verdicts.ndjson there.

  npm run -s rehearse -- compare BASE HEAD [ENV [DEVICE]] --data FILE [--tolerance SECONDS] [--json | --markdown [--limit N]] [--out FILE]
      Lists the alerts that are new, gone, earlier or later between two versions of the configuration: git revisions, folders
      with the repository, or folders that stand for environments/. Without ENV all environments that have devices.
      Exit status: 0 no change, 2 changes, 1 error.

  npm run -s rehearse -- input [ENV [DEVICE]]
      Prints the input of the environments' rehearsals as JSON.

Exit status: 0 every message arrived and every spike was alerted, 1 error or loss, 2 invalid arguments.
NO_COLOR switches colors off.`;

interface Choice extends LiveChoice {
  readonly words: readonly string[];
  readonly machines?: number;
  /** Options of a replay; with `data` the rest of the command is one. */
  readonly values: Values;
}

const TERMINAL: Terminal = {
  out: (text) => {
    console.log(text);
  },
  error: (text) => {
    console.error(text);
  },
};

/** Runs the command; returns its exit status. */
export async function rehearse(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "compare") return compare(rest);
  let choice: Choice | undefined;
  try {
    choice = readChoice(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (choice === undefined) {
    console.log(HELP);
    return 0;
  }
  if (command === "input") return printInputs(rest);
  const { organization, environments } = loadConfiguration();
  const [name, deviceId] = choice.words;
  const environment = name === undefined ? environments[0] : environments.find((each) => each.name === name);
  if (environment === undefined) {
    console.error(
      `there is no environment ${name ?? ""}; environments: ${environments.map((each) => each.name).join(", ")}`,
    );
    return 2;
  }
  try {
    const { machines } = choice;
    const input = rehearsalInput(organization, environment, {
      ...(deviceId !== undefined && { deviceId }),
      ...(machines !== undefined && { machines }),
    });
    return await (choice.values.data === undefined
      ? runLive(input, choice)
      : replayCommand(input, choice.values, TERMINAL));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof NoRehearsal ? 2 : 1;
  }
}

/** What `compare` asks another version of this repository for. */
function printInputs([name, deviceId]: readonly string[]): number {
  const { organization, environments } = loadConfiguration();
  const chosen = environments.filter((each) => (name === undefined ? hasDevices(each) : each.name === name));
  try {
    const inputs = chosen.map((each) => rehearsalInput(organization, each, deviceId === undefined ? {} : { deviceId }));
    console.log(JSON.stringify(inputs));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

const hasDevices = ({ edge }: EnvironmentConfig): boolean =>
  (edge?.devices ?? []).some((device) => device.edge !== false);

async function compare(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...DATA_OPTIONS, ...COMPARE_OPTIONS },
    });
    return await compareCommand(positionals, values, resolve(__dirname, "..", "..", ".."), TERMINAL);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 1;
  }
}

function readChoice(args: readonly string[]): Choice | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...DATA_OPTIONS,
      for: { type: "string" },
      out: { type: "string" },
      interval: { type: "string" },
      machines: { type: "string" },
      port: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return undefined;
  if (positionals.length > 2) throw new Error(`unexpected argument ${positionals[2] ?? ""}`);
  const machines = values.machines === undefined ? undefined : Number(values.machines);
  if (machines !== undefined && !(Number.isInteger(machines) && machines >= 1 && machines <= 50)) {
    throw new Error(`--machines is ${values.machines ?? ""}; allowed: 1 to 50`);
  }
  const forMs = values.for === undefined ? undefined : duration("--for", values.for, 1000, 7 * 86_400_000);
  const interval =
    values.interval === undefined || values.data !== undefined
      ? undefined
      : duration("--interval", values.interval, 1, 86_400_000);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new Error(`--port is ${values.port ?? ""}; allowed: 0 to 65535`);
  }
  return {
    words: positionals,
    isJson: values.json ?? false,
    values,
    ...(forMs !== undefined && { forMs }),
    ...(values.out !== undefined && { out: resolve(values.out) }),
    ...(interval !== undefined && { intervalSeconds: interval / 1000 }),
    ...(machines !== undefined && { machines }),
    ...(port !== undefined && { port }),
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as 90s. */
function duration(option: string, text: string, least: number, most: number): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? NaN);
  if (!(milliseconds >= least && milliseconds <= most)) {
    throw new Error(`${option} is ${text}; allowed: a number with ms, s, m or h, from ${least} ms to ${most} ms`);
  }
  return milliseconds;
}

if (require.main === module) {
  runCommand(() => rehearse(process.argv.slice(2)));
}
