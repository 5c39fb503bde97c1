import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Live,
  LiveRecord,
  type LiveSummary,
  openPage,
  type RehearsalEvent,
  type RehearsalInput,
  startLive,
} from "@edge-anomaly-detection/rehearsal";
import { coloured } from "@edge-anomaly-detection/common";

/** How a live rehearsal is run. */
export interface LiveChoice {
  /** Milliseconds after which it ends by itself. @default - it runs until Ctrl+C */
  readonly forMs?: number;
  /** Folder for reports. @default - none */
  readonly out?: string;
  /** Real seconds between two messages of a machine. */
  readonly intervalSeconds?: number;
  /** Port of the page. */
  readonly port?: number;
  /** Whether the summary alone is printed, as JSON. */
  readonly isJson: boolean;
}

/** Milliseconds in which what waits at the end has to arrive. */
const DRAIN_MS = 15_000;

/** Runs it until its end; returns the exit status. */
export async function runLive(input: RehearsalInput, choice: LiveChoice): Promise<number> {
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
    say(`Port ${page.requestedPort} is in use; using ${page.port}.`);
  }
  say(`Open ${page.url} to watch it and to break things. Ctrl+C stops it.`);
  try {
    await untilEnd(live, choice.forMs);
    say("Stopping: waiting for messages that have not arrived yet.");
    const isDrained = await live.drain(DRAIN_MS);
    const summary = live.summary();
    await record?.finish(summary);
    console.log(isJson ? JSON.stringify(summary, undefined, 2) : textOf(summary));
    const problems = problemsOf(summary, isDrained);
    for (const problem of problems) console.error(problem);
    return problems.length === 0 ? 0 : 1;
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

/** Why a rehearsal did not show what it should. */
export function problemsOf(summary: LiveSummary, isDrained: boolean): string[] {
  const { sent, accepted, spikes, waiting } = summary;
  const lost = Object.entries(summary.lost).filter(([, count]) => count > 0);
  const waits = Object.entries(waiting).filter(([, count]) => count > 0);
  return [
    ...lost.map(([reason, count]) => `Lost: ${count} messages (${reason}).`),
    ...(accepted < sent ? [`Not accepted by the edge hub: ${sent - accepted} of ${sent} sensor messages.`] : []),
    ...(isDrained
      ? []
      : [`Not delivered after ${DRAIN_MS / 1000} s: ${waits.map(([to, count]) => `${count} for ${to}`).join(", ")}.`]),
    ...(spikes.alerted < spikes.sent
      ? [
          `Not alerted by the ML module: ${spikes.sent - spikes.alerted} of ${spikes.sent} spikes. It judges a signal after 40 messages ` +
            "and takes a spike for normal that comes again and again; let the rehearsal run longer.",
        ]
      : []),
  ];
}

function textOf(summary: LiveSummary): string {
  const { sent, accepted, messages, cloud, alerts, spikes, latencyMs, seconds } = summary;
  const waiting = Object.values(summary.waiting).reduce((sum, count) => sum + count, 0);
  return [
    "",
    `${seconds} s, ${timeScale(summary.timeFactor)}`,
    `sensor messages   ${sent} sent, ${accepted} accepted by the edge hub, ${lostOf(summary)} lost, ${waiting} waiting`,
    `all messages      ${messages}`,
    `cloud             ${cloud.messages} messages, ${cloud.bytes} bytes, ${cloud.repeated} repeated`,
    `alerts            ML module ${alerts.detector.opened} opened, ${alerts.detector.closed} closed; Stream Analytics ${alerts.streamAnalytics.opened}`,
    `spikes            ${spikes.sent} sent, ${spikes.alerted} alerted`,
    ...(latencyMs === undefined ? [] : [`sensor to alert   p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms`]),
  ].join("\n");
}
