import { normalRandom, seededRandom } from "../../bench/random";
import { checkConfiguration } from "../../src/configuration";
import { machineBytes } from "../../src/memory";
import { Pipeline } from "../../src/pipeline";

/** Prints the bytes that a machine of three signals takes, by messages that it has sent. Run it with --expose-gc. */

const MACHINES = 500;
const START = Date.parse("2026-01-05T08:00:00Z");
const checked = checkConfiguration({ machineIdPath: "id", timePath: "at" });
if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
const { configuration } = checked;
const normal = normalRandom(seededRandom(1));
/** Nothing that was made goes while something is measured. */
const kept: Pipeline[] = [];

function run(machines: number, messages: number): void {
  const pipeline = new Pipeline(configuration);
  kept.push(pipeline);
  for (let i = 0; i < messages; i++) {
    for (let k = 0; k < machines; k++) {
      const machine = { temperature: 20 + normal(), pressure: 1 + normal(), vibration: normal() };
      const at = START + i * 5000;
      pipeline.process(JSON.stringify({ id: `press-${k}`, machine, at }), { arrivedMs: at, deviceId: "device" });
    }
  }
}

function bytesInUse(): number {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function measure(messages: number): number {
  const before = bytesInUse();
  run(MACHINES, messages);
  return (bytesInUse() - before) / MACHINES;
}

// Compiled code is no machine's.
run(50, 300);
// What is allocated beside the machines, code that is compiled meanwhile above all, only adds: the least is theirs.
const least = (messages: number): number => Math.min(measure(messages), measure(messages), measure(messages));
const result = { fresh: least(3), learnt: least(250), allowedFor: machineBytes(3) };
process.stdout.write(JSON.stringify(result));
