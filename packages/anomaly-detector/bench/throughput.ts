import { checkConfiguration } from "../src/configuration";
import { join } from "node:path";
import { Pipeline } from "../src/pipeline";
import { BEFORE, loadBeforePipeline } from "./plant/contestants";
import { normalRandom, seededRandom } from "./random";

/** Distinct message bodies for each machine; enough that no value is predictable, few enough to fit in memory. */
const BODIES = 4096;
const WARM_UP = 200_000;
const MESSAGES = 400_000;
const SOAK_MESSAGES = Number(process.env.SOAK_MESSAGES ?? 10_000_000);
const MEGABYTE = 1024 * 1024;

interface Result {
  readonly machines: number;
  /** Messages in a second of a core's time. */
  readonly messagesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

const normal = normalRandom(seededRandom(1));
const readings = Array.from({ length: BODIES }, () => [normal(), normal(), normal()] as const);
const START = Date.parse("2026-01-05T08:00:00Z");

const timeOf = (message: number, machines: number): number => START + Math.floor(message / machines) * 5000;

/** The sensor's message as it comes off the hub: its bytes. */
function body(message: number, machines: number): Buffer {
  const [a, b, c] = readings[message % BODIES] ?? [0, 0, 0];
  const time = new Date(timeOf(message, machines)).toISOString();
  return Buffer.from(
    `{"machine":{"id":"press-${message % machines}","temperature":${21 + a},"pressure":${1 + b / 10},"vibration":${0.5 + c / 20}},` +
      `"ambient":{"temperature":20.9,"humidity":25},"timeCreated":"${time}"}`,
  );
}

/** What a pipeline is here: this one's, or that of an earlier commit. */
interface Scoring {
  process(
    body: Buffer,
    arrival: { arrivedMs: number; deviceId: string },
  ): { readonly kind: string; readonly scored?: unknown; readonly alerts?: readonly unknown[] };
}

function createPipeline(): Pipeline {
  const checked = checkConfiguration({ machineIdPath: "machine.id" });
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return new Pipeline(checked.configuration);
}

let sink = 0;

/** All that the module does for a message between two hands of the hub: bytes in, bytes out. */
function score(pipeline: Scoring, bytes: Buffer, arrivedMs: number): void {
  const outcome = pipeline.process(bytes, { arrivedMs, deviceId: "device" });
  if (outcome.kind !== "scored") throw new Error(JSON.stringify(outcome));
  sink += JSON.stringify(outcome.scored).length;
  for (const alert of outcome.alerts ?? []) sink += JSON.stringify(alert).length;
}

function percentile(sorted: Float64Array, share: number): number {
  return Math.round((sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0) * 1e5) / 100;
}

function measure(machines: number, pipeline: Scoring): Result {
  const batch = 10_000;
  let message = 0;
  const next = (): Buffer[] => Array.from({ length: batch }, () => body(message++, machines));
  while (message < WARM_UP) {
    const first = message;
    next().forEach((bytes, i) => {
      score(pipeline, bytes, timeOf(first + i, machines));
    });
  }

  // Seconds of processor time, so that other work on the machine does not count.
  let elapsed = 0;
  const latencies = new Float64Array(MESSAGES);
  for (let done = 0; done < MESSAGES; done += batch) {
    // Bodies are made outside of the measurement.
    const first = message;
    const bodies = next();
    const from = process.cpuUsage();
    for (let i = 0; i < batch; i++) {
      const before = performance.now();
      score(pipeline, bodies[i] ?? Buffer.alloc(0), timeOf(first + i, machines));
      latencies[done + i] = performance.now() - before;
    }
    const { user, system } = process.cpuUsage(from);
    elapsed += (user + system) / 1e6;
  }
  latencies.sort();
  return {
    machines,
    messagesPerSecond: Math.round(MESSAGES / elapsed),
    p50Us: percentile(latencies, 0.5),
    p99Us: percentile(latencies, 0.99),
    p999Us: percentile(latencies, 0.999),
  };
}

/** Megabytes that are in use: objects, and typed arrays beside them. */
function heap(): number {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round(((heapUsed + external) / MEGABYTE) * 10) / 10;
}

function residentMegabytes(): number {
  return Math.round(process.memoryUsage().rss / MEGABYTE);
}

/** Millions of messages of 1,000 machines: what the process holds must not grow with them. */
function soak(): Readonly<Record<string, unknown>> {
  const machines = 1000;
  // Compiled code is no machine's.
  const other = createPipeline();
  for (let message = 0; message < 50_000; message++) score(other, body(message, 10), timeOf(message, 10));
  const before = heap();
  const pipeline = createPipeline();
  const marks: { messages: number; heapMb: number; residentMb: number }[] = [];
  let peak = 0;
  for (let message = 0; message < SOAK_MESSAGES; message++) {
    score(pipeline, body(message, machines), timeOf(message, machines));
    if ((message + 1) % Math.ceil(SOAK_MESSAGES / 10) === 0) {
      peak = Math.max(peak, residentMegabytes());
      marks.push({ messages: message + 1, heapMb: heap(), residentMb: residentMegabytes() });
    }
  }
  const after = marks.at(-1)?.heapMb ?? 0;
  return {
    machines,
    messages: SOAK_MESSAGES,
    heapKbPerMachine: Math.round((((after - before) * 1024) / machines) * 10) / 10,
    peakResidentMb: peak,
    marks,
  };
}

/** One line of progress for each step on standard error, one line of JSON at the end on standard output. */
function main(): void {
  // First, so that the process holds nothing else yet.
  const memory = soak();
  process.stderr.write(`${JSON.stringify(memory)}\n`);
  const before = loadBeforePipeline(join(__dirname, "../../../.."));
  const results = [1, 10, 1000].map((machines) => {
    const result = measure(machines, createPipeline());
    const old = before && measure(machines, before({ machineIdPath: "machine.id" }));
    const row = {
      ...result,
      ...(old && {
        [`messagesPerSecondOf${BEFORE}`]: old.messagesPerSecond,
        times: Math.round((100 * result.messagesPerSecond) / old.messagesPerSecond) / 100,
      }),
    };
    process.stderr.write(`${JSON.stringify(row)}\n`);
    return row;
  });
  const report = {
    benchmark: "throughput",
    node: process.version,
    signals: 3,
    detector: "plant",
    results,
    soak: memory,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (sink === 0) throw new Error("nothing was scored");
}

main();
