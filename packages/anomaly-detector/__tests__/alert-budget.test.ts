import { Plant } from "../bench/plant/contestants";
import { NORMALS } from "../bench/plant/normals";
import { Series } from "../bench/plant/run";
import { normalRandom, seededRandom } from "../bench/random";
import { Machine } from "../src/detection/machine";
import type { PlantEvent } from "../src/detection/types";

const STEP_MS = 1000;
const START = Date.parse("2026-01-05T00:00:00Z");

interface Told extends PlantEvent {
  readonly at: number;
  readonly kinds: readonly string[];
}

/** Runs one signal, a message a second, whose level `levelOf` gives for each message. */
function run(messages: number, levelOf: (i: number) => number): Told[] {
  const machine = new Machine(1, { falseAlertsPerMachineMonth: 2, newLevelAfterMs: 86_400_000, limits: [] });
  const normal = normalRandom(seededRandom(3));
  const events: Told[] = [];
  for (let i = 0; i < messages; i++) {
    for (const event of machine.update(START + i * STEP_MS, [levelOf(i) + normal()]) ?? []) {
      events.push({ ...event, at: i, kinds: event.episode.members.map(({ kind }) => kind) });
    }
  }
  return events;
}

test("a level that lasts is told when it begins and when it ends, and is called a level then", () => {
  const events = run(12_000, (i) => (i >= 8000 && i < 11_000 ? 35 : 20));
  expect(events.map(({ phase }) => phase)).toEqual(["opened", "closed"]);
  expect(events[0]?.kinds).toEqual(["spike"]);
  expect(events[1]?.kinds).toEqual(["level"]);
});

test("limits that were raised by alerts do not hide the levels that a machine goes to each day", () => {
  const shifts = NORMALS.find(({ name }) => name === "two shifts on weekdays");
  if (!shifts) throw new Error("no such kind of normal");
  const series = new Series(shifts, 2, 60);
  const plant = Plant.of(1);
  let alerts = 0;
  while (series.seconds < 30 * 86_400) {
    series.advance();
    if (plant.process(series.timeMs, [series.value]).alert) alerts++;
  }
  expect(alerts).toBeLessThanOrEqual(6);
});
