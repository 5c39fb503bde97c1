// Writes sample.csv and sample-labels.json; the same ones each time.
import { writeFileSync } from "node:fs";

const INTERVAL_MS = 30_000;
const SAMPLES = (3 * 86_400_000) / INTERVAL_MS;
const START = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000 / INTERVAL_MS;

let state = 20260105;
/** Mulberry32. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Sample numbers, and what the machine does to temperature and pressure then. */
const FAULTS = [
  { name: "spike", from: 30 * HOUR, to: 30 * HOUR + 4, change: ([t, p]) => [t + 12, p] },
  { name: "drift", from: 40 * HOUR, to: 44 * HOUR, change: ([t, p], share) => [t + 8 * share, p] },
  { name: "stuck", from: 52 * HOUR, to: 54 * HOUR, change: ([t]) => [t, 1.02] },
  { name: "noise", from: 64 * HOUR, to: 65 * HOUR, change: ([t, p]) => [t, p + 0.15 * gaussian()] },
];

let [temperature, pressure] = [21, 1];
const lines = ["time,temperature,pressure"];
for (let index = 0; index < SAMPLES; index += 1) {
  temperature += (21 - temperature) * 0.1 + 0.08 * gaussian();
  pressure += (1 - pressure) * 0.1 + 0.006 * gaussian();
  const day = Math.sin((2 * Math.PI * index) / (24 * HOUR));
  const fault = FAULTS.find(({ from, to }) => index >= from && index < to);
  const normal = [temperature + 2 * day, pressure + 0.05 * day];
  const [t, p] = fault ? fault.change(normal, (index - fault.from) / (fault.to - fault.from)) : normal;
  lines.push(`${(START + index * INTERVAL_MS) / 1000},${t.toFixed(2)},${p.toFixed(3)}`);
}
const at = (index) => new Date(START + index * INTERVAL_MS).toISOString();
const folder = import.meta.dirname;
writeFileSync(`${folder}/sample.csv`, `${lines.join("\n")}\n`);
writeFileSync(`${folder}/sample-labels.json`, `${JSON.stringify(FAULTS.map(({ from, to }) => [at(from), at(to)]))}\n`);
