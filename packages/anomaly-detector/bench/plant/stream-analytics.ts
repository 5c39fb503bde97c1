import { createChangePointState, updateChangePoint } from "../../src/detectors/change-point";
import { createSpikeAndDipState, updateSpikeAndDip } from "../../src/detectors/spike-and-dip";
import { NORMALS } from "./normals";
import { print, table } from "./table";

const KINDS = ["white noise", "autoregressive 0.9", "daily cycle", "quantised, 0.5σ", "exponential tail"];
const INTERVAL = 5;
const MESSAGES_PER_DAY = 86_400 / INTERVAL;
const HISTORY = 120;

/** A form of one function: whether a reading is an anomaly. */
type Form = () => (value: number) => boolean;

const spikeAndDip =
  (confidence: number): Form =>
  () => {
    const state = createSpikeAndDipState();
    return (value) =>
      updateSpikeAndDip(state, { confidence, historySize: HISTORY, mode: "spikesanddips" }, value).isAnomaly;
  };

const changePoint =
  (confidence: number): Form =>
  () => {
    const state = createChangePointState();
    return (value) => updateChangePoint(state, { confidence, historySize: HISTORY }, value).isAnomaly;
  };

/** Rows that Stream Analytics' functions give on normal signals, and faults that they find, by confidence. */
export function streamAnalytics(quick: boolean): Record<string, unknown> {
  const messages = quick ? 20_000 : 60_000;
  const results: Record<string, unknown> = {};
  const kinds = NORMALS.filter(({ name }) => KINDS.includes(name));
  const rows: string[][] = [];
  const add = (name: string, form: Form, size: number, readings: number): void => {
    const rates = kinds.map((kind) => {
      const next = kind.make(1, INTERVAL);
      const judge = form();
      let found = 0;
      for (let i = 0; i < messages; i++) if (judge(next(i * INTERVAL))) found++;
      return (found / messages) * MESSAGES_PER_DAY;
    });
    let hits = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const next = kinds[0]!.make(seed + 10, INTERVAL);
      const judge = form();
      for (let i = 0; i < 400; i++) judge(next(i * INTERVAL));
      let hit = false;
      for (let i = 0; i < readings; i++) if (judge(next(0) + size)) hit = true;
      if (hit) hits++;
    }
    results[name] = { rowsPerDay: rates, found: hits / 50 };
    rows.push([name, ...rates.map((rate) => rate.toFixed(1)), String(2 * hits)]);
  };
  for (const confidence of [95, 99, 99.9, 99.97, 99.99])
    add(`spike and dip ${confidence}`, spikeAndDip(confidence), 8, 1);
  for (const confidence of [80, 82, 84, 90]) add(`change point ${confidence}`, changePoint(confidence), 3, 60);
  print(
    `Stream Analytics' functions in their published form: rows a signal and day, a message each ${INTERVAL} s, history ${HISTORY}`,
  );
  table(["function, confidence", ...kinds.map(({ name }) => name), "8σ spike, 3σ step found of 100"], rows);
  return results;
}
