import { join } from "node:path";
import { loadConfiguration } from "../../environments/validation/load";
import type { AlertEvent } from "../../packages/rehearsal/src/events";
import type { RehearsalInput } from "../../packages/rehearsal/src/input";
import { type Live, startLive } from "../../packages/rehearsal/src/live/start-live";
import { percentiles } from "../../packages/rehearsal/src/live/summary";
import { rehearsalInput } from "../../stacks/commands/rehearsal-input";

/**
 * What a live rehearsal of the first environment carries, with the real ML module as its own process, prints JSON:
 *
 *   throughput  sensor messages a second through the whole path, from the first one sent to the last one read by ML module,
 *               Stream Analytics job and cloud
 *   latency     milliseconds from a sensor's send to the hub's acceptance of the ML module's alert, at 100 messages a second
 */

const OFFERED = { machines: 10, intervalSeconds: 0.002, seconds: 10 };
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

async function throughput(): Promise<object> {
  const { machines, intervalSeconds, seconds } = OFFERED;
  const live = await startLive({ input: inputOf(machines), programs: PROGRAMS, intervalSeconds, seed: 1 });
  const startedAt = Date.now();
  await pause(seconds * 1000);
  const isDrained = await live.drain(DRAIN_MS);
  const { sent, accepted, messages } = live.summary();
  // Without the moment in which `drain` makes sure that nothing comes any more.
  const took = (Date.now() - startedAt) / 1000 - 0.8;
  await live.stop();
  return {
    offeredASecond: machines / intervalSeconds,
    sent,
    accepted,
    isDrained,
    seconds: Number(took.toFixed(1)),
    sensorMessagesASecond: Math.round(accepted / took),
    allMessagesASecond: Math.round(messages / took),
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

async function bench(): Promise<void> {
  process.stderr.write("throughput\n");
  const first = await throughput();
  process.stderr.write("latency\n");
  console.log(JSON.stringify({ node: process.version, throughput: first, latencyMs: await latency() }, undefined, 2));
}

if (require.main === module) {
  void bench();
}
