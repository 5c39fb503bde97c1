import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfiguration } from "../../environments/validation/load";
import type { AlertEvent } from "../../packages/rehearsal/src/events";
import type { RehearsalInput } from "../../packages/rehearsal/src/input";
import type { Live } from "../../packages/rehearsal/src/live/live";
import { startLive } from "../../packages/rehearsal/src/live/start-live";
import { percentiles } from "../../packages/rehearsal/src/live/summary";
import { rehearsalInput } from "../../stacks/commands/rehearsal-input";

const HELP = `Measures what a live rehearsal of the first environment carries and prints JSON. Edge hub and ML module run as their
own processes; sensors, Stream Analytics job and cloud in the one that measures.

  npm run bench:live             5,000 sensor messages a second offered for ten seconds
  npm run bench:live -- --rate N

  throughput  sensor messages a second through the whole path, from the first one sent to the last one read by ML module,
              Stream Analytics job and cloud; CPU time of each process for a sensor message. The aim is 5,000 on two cores
  latency     milliseconds from a sensor's send to the hub's acceptance of the ML module's alert, at 100 messages a second.
              The aim is a p99 under 50`;

const OFFERED = { machines: 10, rate: 5000, seconds: 10 };
const QUIET = { machines: 10, intervalSeconds: 0.1, learnSeconds: 15, spikes: 200, betweenMs: 200 };
const DRAIN_MS = 120_000;

const PROGRAMS = {
  hub: join(__dirname, "..", "..", "packages", "rehearsal", "src", "edge-hub", "main.js"),
  detector: join(__dirname, "..", "..", "..", "packages", "anomaly-detector", "dist", "src", "main.js"),
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function inputOf(machines: number): RehearsalInput {
  const { organization, environments } = loadConfiguration();
  const [environment] = environments;
  if (environment === undefined) throw new Error("there is no environment");
  return rehearsalInput(organization, environment, { machines });
}

/** CPU time of this process and of those that it has started, in microseconds by name; empty where there is no /proc. */
function cpuTimes(): Record<string, number> {
  const times: Record<string, number> = {};
  if (!existsSync("/proc/self/stat")) return times;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = readOrNothing(`/proc/${pid}/stat`);
    const [, parent, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(pid) !== process.pid && Number(parent) !== process.pid) continue;
    const isHub = readOrNothing(`/proc/${pid}/cmdline`).includes("edge-hub");
    const name = Number(pid) === process.pid ? "sensorsStreamAnalyticsAndCloud" : isHub ? "edgeHub" : "mlModule";
    // User and system time in hundredths of a second (proc(5), fields 14 and 15).
    times[name] = (Number(fields[9]) + Number(fields[10])) * 10_000;
  }
  return times;
}

/** A process may end while it is looked at. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

async function throughput(rate: number): Promise<object> {
  const { machines, seconds } = OFFERED;
  const live = await startLive({
    input: inputOf(machines),
    programs: PROGRAMS,
    intervalSeconds: machines / rate,
    seed: 1,
  });
  const before = cpuTimes();
  const startedAt = Date.now();
  await pause(seconds * 1000);
  const isDrained = await live.drain(DRAIN_MS);
  const { sent, accepted, messages } = live.summary();
  const after = cpuTimes();
  // Without the moment in which `drain` makes sure that nothing comes any more.
  const took = (Date.now() - startedAt) / 1000 - 0.8;
  await live.stop();
  return {
    offeredASecond: rate,
    sent,
    accepted,
    isDrained,
    seconds: Number(took.toFixed(1)),
    sensorMessagesASecond: Math.round(accepted / took),
    allMessagesASecond: Math.round(messages / took),
    cpuMicrosecondsAMessage: Object.fromEntries(
      Object.entries(after).map(([name, time]) => [name, Math.round((time - (before[name] ?? 0)) / accepted)]),
    ),
  };
}

/** A limit, beyond which each spike is an alert: a detector that sees one every two seconds takes spikes for normal. */
function withLimit(input: RehearsalInput): RehearsalInput {
  const content = { [input.detector?.module ?? ""]: { "properties.desired.limits": { temperature: { high: 120 } } } };
  return { ...input, layers: [...input.layers, { name: "limit", priority: 1_000_000, content }] };
}

async function latency(): Promise<object> {
  const { machines, intervalSeconds, learnSeconds, spikes, betweenMs } = QUIET;
  const input = withLimit(inputOf(machines));
  const live: Live = await startLive({ input, programs: PROGRAMS, intervalSeconds, seed: 1 });
  const latencies: number[] = [];
  live.subscribe((event) => {
    const { source, latencyMs } = event as Partial<AlertEvent>;
    if (event.kind === "alert" && source === "detector" && latencyMs !== undefined) latencies.push(latencyMs);
  });
  await pause(learnSeconds * 1000);
  for (let spike = 0; spike < spikes; spike += 1) {
    await live.act("spike", input.machines[spike % machines]);
    await pause(betweenMs);
  }
  await live.drain(DRAIN_MS);
  const { seconds, accepted } = live.summary();
  await live.stop();
  return { messagesASecond: Math.round(accepted / seconds), spikes, ...percentiles(latencies) };
}

async function bench(rate: number): Promise<void> {
  process.stderr.write("throughput\n");
  const first = await throughput(rate);
  process.stderr.write("latency\n");
  console.log(JSON.stringify({ node: process.version, throughput: first, latencyMs: await latency() }, undefined, 2));
}

if (require.main === module) {
  const [option, value] = process.argv.slice(2);
  const rate = option === undefined ? OFFERED.rate : option === "--rate" ? Number(value) : NaN;
  if (option === "--help" || option === "-h") {
    console.log(HELP);
  } else if (rate >= 10 && rate <= 100_000) {
    void bench(rate);
  } else {
    console.error(HELP);
    process.exitCode = 2;
  }
}
