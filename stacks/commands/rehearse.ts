import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
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
  type Live,
  LiveRecord,
  type LiveSummary,
  openPage,
  type RehearsalEvent,
  type RehearsalInput,
  replayCommand,
  startLive,
  type Terminal,
  type Values,
} from "@edge-anomaly-detection/rehearsal";
import { NoRehearsal, rehearsalInput } from "./rehearsal-input";
import { coloured, runCommand } from "@edge-anomaly-detection/common";

const HELP = `Runs what a device would run, on this machine: edge hub, ML module, Stream Analytics job, simulated sensors.
Nothing leaves this machine; no Azure, no containers.

  npm run -s rehearse -- [ENV [DEVICE]] [options]
      ENV is an environment (default: the first), DEVICE one of its edge devices (default: the first).

  --for TIME         Ends by itself: 90s, 5m, 1h. Near the half a spike is sent, so that an alert can be seen.
  --out DIR          Writes report.html, summary.json, verdicts.ndjson (alerts), cloud.ndjson (what the cloud received) and
                     the ML module's log there.
  --interval TIME    Time between two messages of a machine: 100ms, 1s. Default ${DEFAULT_INTERVAL_SECONDS * 1000}ms, which is
                     faster than the environment says: the times in the messages stay as far apart as there.
  --machines N       Simulated machines, 1 to 50.
  --port N           Port of the page on 127.0.0.1, 0 for any. Default ${DEFAULT_PORT}; the next free one where it is taken.
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
      Says which alerts are new, gone, earlier or later between two versions of the configuration: git revisions, folders
      with the repository, or folders that stand for environments/. Without ENV all environments that have devices.
      Exit status: 0 nothing changes, 2 something does, 1 it cannot be told.

  npm run -s rehearse -- input [ENV [DEVICE]]
      Prints what the rehearsals of the environments are made of, as JSON.

Exit status: 0 ended and nothing was lost, 1 it could not start, or something was lost, 2 invalid arguments.
NO_COLOR switches colours off.`;

interface Choice {
  readonly words: readonly string[];
  readonly forMs?: number;
  readonly out?: string;
  readonly intervalSeconds?: number;
  readonly machines?: number;
  readonly port?: number;
  readonly isJson: boolean;
  /** Options of a replay; with `data` the rest of the command is one. */
  readonly values: Values;
}

/** Milliseconds in which what waits at the end has to arrive. */
const DRAIN_MS = 15_000;

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

async function runLive(input: RehearsalInput, choice: Choice): Promise<number> {
  const { out, isJson, intervalSeconds, port } = choice;
  const say = (text: string): void => {
    if (!isJson) console.log(text);
  };
  if (out !== undefined) mkdirSync(out, { recursive: true });
  say(`Starting ${input.deviceId} of ${input.environment} on this machine.`);
  const live = await startLive({
    input,
    programs: {
      hub: join(__dirname, "..", "..", "packages", "rehearsal", "src", "edge-hub", "main.js"),
      detector: resolve(__dirname, "..", "..", "..", "packages", "anomaly-detector", "dist", "src", "main.js"),
    },
    ...(intervalSeconds !== undefined && { intervalSeconds }),
    ...(out !== undefined && { folder: out }),
  });
  const { timeFactor } = live.summary();
  say(
    `Running: ${input.machines.length} ${input.machines.length === 1 ? "machine" : "machines"}, ${timeScale(timeFactor)}.`,
  );
  for (const note of input.notes) say(`Note: ${note}.`);
  const record = out === undefined ? undefined : new LiveRecord(input, out);
  const unsubscribe = live.subscribe((event) => {
    record?.take(event);
    const line = lineOf(event);
    if (line !== undefined) say(line);
  });
  const page = await openPage(live, input, {
    pageFolder: join(__dirname, "..", "..", "rehearsal-page"),
    speed: timeFactor,
    ...(port !== undefined && { port }),
  }).catch(async (error: unknown) => {
    await live.stop();
    throw error;
  });
  if (page.requestedPort !== 0 && page.port !== page.requestedPort) {
    say(`Port ${page.requestedPort} is taken, ${page.port} is used.`);
  }
  say(`Open ${page.url} to watch it and to break things. Ctrl+C ends it.`);
  try {
    await untilEnd(live, choice.forMs);
    say("Ending: waiting for what has not arrived yet.");
    const isDrained = await live.drain(DRAIN_MS);
    const summary = live.summary();
    await record?.finish(summary);
    console.log(isJson ? JSON.stringify(summary, undefined, 2) : textOf(summary));
    return isDrained && isLossless(summary) ? 0 : 1;
  } finally {
    unsubscribe();
    await page.close();
    await live.stop();
  }
}

/** Waits for the time to be over or for a signal; sends a spike at the half of the time. */
function untilEnd(live: Live, forMs: number | undefined): Promise<void> {
  return new Promise((done) => {
    const timers: NodeJS.Timeout[] = [];
    const end = (): void => {
      for (const timer of timers) clearTimeout(timer);
      process.off("SIGINT", end);
      process.off("SIGTERM", end);
      done();
    };
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
    if (forMs === undefined) return;
    timers.push(
      setTimeout(() => void live.act("spike"), forMs / 2),
      setTimeout(end, forMs),
    );
  });
}

const timeScale = (factor: number): string =>
  factor === 1
    ? "in real time"
    : `${Number(factor.toFixed(1))} times as fast as real time (times in messages are as far apart as configured)`;

function lineOf(event: RehearsalEvent): string | undefined {
  const at = new Date(event.time).toISOString().slice(0, 19).replace("T", " ");
  switch (event.kind) {
    case "alert": {
      if (event.source !== "detector" || event.phase === "updated") return undefined;
      const phase = coloured(event.phase, event.phase === "opened" ? "red" : "green", process.stdout);
      const latency = event.latencyMs === undefined ? "" : `, ${event.latencyMs.toFixed(1)} ms after the sensor sent`;
      return `${at} ${event.machineId}: alert ${phase}: ${event.message}${latency}`;
    }
    case "lost":
      return `${at} ${coloured("lost", "red", process.stdout)}: message ${event.messageId}: ${event.reason}`;
    case "action":
      return `${at} ${event.action}${event.machineId === undefined ? "" : ` ${event.machineId}`}`;
    default:
      return undefined;
  }
}

const lostOf = (summary: LiveSummary): number => Object.values(summary.lost).reduce((sum, count) => sum + count, 0);

function isLossless(summary: LiveSummary): boolean {
  return lostOf(summary) === 0 && summary.accepted >= summary.sent && summary.spikes.alerted === summary.spikes.sent;
}

function textOf(summary: LiveSummary): string {
  const { sent, accepted, messages, cloud, alerts, spikes, latencyMs, seconds } = summary;
  const waiting = Object.values(summary.waiting).reduce((sum, count) => sum + count, 0);
  return [
    "",
    `${seconds} s, ${timeScale(summary.timeFactor)}`,
    `sensor messages   ${sent} sent, ${accepted} taken by the edge hub, ${lostOf(summary)} lost, ${waiting} waiting`,
    `all messages      ${messages}`,
    `cloud             ${cloud.messages} messages, ${cloud.bytes} bytes, ${cloud.repeated} came twice`,
    `alerts            ML module ${alerts.detector.opened} opened, ${alerts.detector.closed} closed; Stream Analytics ${alerts.streamAnalytics.opened}`,
    `spikes            ${spikes.sent} sent, ${spikes.alerted} alerted`,
    ...(latencyMs === undefined ? [] : [`sensor to alert   p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms`]),
  ].join("\n");
}

if (require.main === module) {
  runCommand(() => rehearse(process.argv.slice(2)));
}
