import fc from "fast-check";
import { NORMALS } from "../bench/plant/normals";
import { Plant } from "../bench/plant/contestants";
import { Series } from "../bench/plant/run";
import { normalRandom, seededRandom } from "../bench/random";
import { Machine } from "../src/detection/machine";
import { restoreMachine, saveMachine } from "../src/detection/snapshot";
import type { PlantEvent, PlantSettings } from "../src/detection/types";

const START = Date.parse("2026-01-05T00:00:00Z");
const DAY_MS = 86_400_000;
const SETTINGS: PlantSettings = { falseAlertsPerMachineMonth: 2, newLevelAfterMs: DAY_MS, limits: [] };

/** A machine of one signal with white noise around 20, a message a second, that counts what it tells. */
class Rig {
  public readonly machine: Machine;
  public readonly events: PlantEvent[] = [];
  private at = START;
  private readonly normal: () => number;

  public constructor(
    seed = 1,
    settings: Partial<PlantSettings> = {},
    private readonly stepMs = 1000,
  ) {
    this.machine = new Machine(1, { ...SETTINGS, ...settings });
    this.normal = normalRandom(seededRandom(seed));
  }

  /** So many messages; `apply` makes the reading of the noise. Returns the share of them that was flagged. */
  public run(
    messages: number,
    apply: (noise: number, i: number) => number | undefined = (noise) => 20 + noise,
  ): number {
    let open = 0;
    for (let i = 0; i < messages; i++) {
      this.events.push(...(this.machine.update((this.at += this.stepMs), [apply(this.normal(), i)]) ?? []));
      if (this.machine.episode) open++;
    }
    return open / messages;
  }

  public take(): PlantEvent[] {
    return this.events.splice(0);
  }
}

const opened = (events: readonly PlantEvent[]): number => events.filter(({ phase }) => phase === "opened").length;
const kinds = (events: readonly PlantEvent[]): string[] =>
  events.filter(({ phase }) => phase === "opened").flatMap(({ episode }) => episode.members.map(({ kind }) => kind));

test.each(
  NORMALS.filter(({ name }) => /white|autoregressive 0.9$|daily cycle|quantised, 0.5|gaps|jitter|counts/.test(name)),
)("four hours of normal messages a second raise no alert: $name", (normal) => {
  const series = new Series(normal, 4, 1);
  const plant = Plant.of(1);
  let alerts = 0;
  for (let i = 0; i < 14_400; i++) {
    series.advance();
    if (plant.process(series.timeMs, [series.value]).alert) alerts++;
  }
  expect(alerts).toBe(0);
});

describe("after one value of 65535", () => {
  test("the next spike of 10σ is found, thirty messages later", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rig = new Rig(seed);
      rig.run(3000);
      rig.run(1, () => 65_535);
      rig.run(30);
      expect(opened(rig.take())).toBe(1);
      rig.run(1, (noise) => 30 + noise);
      expect(kinds(rig.take())).toEqual(["spike"]);
    }
  });

  test("one among the first forty readings hides nothing", () => {
    const rig = new Rig(6);
    rig.run(20);
    rig.run(1, () => 65_535);
    rig.run(1000);
    expect(rig.take()).toEqual([]);
    rig.run(1, (noise) => 30 + noise);
    expect(kinds(rig.take())).toEqual(["spike"]);
  });
});

test("after five minutes at 15σ, a spike of 10σ is found ten minutes and more than an hour later", () => {
  for (const lag of [600, 5000]) {
    const rig = new Rig(7);
    rig.run(5000);
    rig.run(300, (noise) => 35 + noise);
    rig.run(lag);
    rig.take();
    rig.run(1, (noise) => 30 + noise);
    expect(kinds(rig.take())).toEqual(["spike"]);
  }
});

test("a step of 3σ that lasts six hours is one episode that stays open, and closes when it returns", () => {
  const rig = new Rig(8);
  rig.run(4000);
  const share = rig.run(21_600, (noise) => 23 + noise);
  expect(share).toBeGreaterThan(0.95);
  rig.run(600);
  const events = rig.take();
  expect(opened(events)).toBe(1);
  expect(events.at(-1)).toMatchObject({ phase: "closed", reason: "returned" });
});

test("a level that lasts longer than newLevelAfter is closed as the new level, and judged by it from then on", () => {
  const rig = new Rig(9, { newLevelAfterMs: 3_600_000 });
  rig.run(5000);
  rig.run(4000, (noise) => 26 + noise);
  const events = rig.take();
  expect(events.at(-1)).toMatchObject({ phase: "closed", reason: "newLevel" });
  expect(rig.run(2000, (noise) => 26 + noise)).toBe(0);
  rig.take();
  rig.run(1, (noise) => 36 + noise);
  expect(opened(rig.take())).toBe(1);
});

test.each<[string, (noise: number, i: number) => number | undefined, readonly string[]]>([
  ["a signal that stays exactly the same", () => 20.123, ["stuck"]],
  ["a signal that is absent", () => undefined, ["missing"]],
  ["a signal with twice the noise", (noise) => 20 + 2 * noise, ["noise"]],
  ["a signal that drifts by 2σ an hour", (noise, i) => 20 + noise + i / 1800, ["level", "drift"]],
])("%s is found as what it is", (_name, apply, expected) => {
  const rig = new Rig(10);
  rig.run(8000);
  rig.run(2400, apply);
  const found = rig.take().flatMap(({ episode }) => episode.members.map(({ kind }) => kind as string));
  expect(found.some((kind) => expected.includes(kind))).toBe(true);
});

test("a site's limits are told at once, whatever was learnt", () => {
  const rig = new Rig(11, { limits: [{ high: 25, low: 15, flatlineSeconds: 30 }] });
  rig.run(1, () => 26);
  expect(kinds(rig.take())).toEqual(["range"]);
  rig.run(100);
  rig.take();
  rig.run(32, () => 20);
  expect(kinds(rig.take())).toEqual(["stuck"]);
});

test("a machine that switches on and off is alerted the first times, then known", () => {
  const rig = new Rig(12);
  const cycle = (on: boolean): number => rig.run(300, (noise) => (on ? 50 : 20) + noise);
  for (let i = 0; i < 3; i++) {
    cycle(false);
    cycle(true);
  }
  const first = opened(rig.take());
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(4);
  for (let i = 0; i < 20; i++) {
    cycle(false);
    cycle(true);
  }
  expect(opened(rig.take())).toBe(0);
  rig.run(1, (noise) => 35 + noise);
  expect(opened(rig.take())).toBe(1);
});

test("fewer messages make lower limits: what a message an hour tells at once, one a second has to repeat", () => {
  const spike = (stepMs: number): number => {
    let found = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const rig = new Rig(seed, {}, stepMs);
      rig.run(1000);
      rig.take();
      rig.run(1, () => 20 + 4.7);
      found += opened(rig.take());
    }
    return found;
  };
  expect(spike(3_600_000)).toBeGreaterThan(spike(1000));
});

test("a second signal that no longer goes with the first is found though both look normal", () => {
  const normal = normalRandom(seededRandom(13));
  const machine = new Machine(2, SETTINGS);
  let cause = 0;
  let other = 0;
  const events: PlantEvent[] = [];
  for (let i = 0; i < 6000; i++) {
    cause = 0.9 * cause + normal();
    other = 0.9 * other + normal();
    const b = (i < 5500 ? cause : other) + 0.2 * normal();
    events.push(...(machine.update(START + i * 60_000, [cause + 0.2 * normal(), b]) ?? []));
    if (i === 5499) expect(events).toEqual([]);
  }
  expect(kinds(events)).toContain("relation");
});

test("a machine that was saved and restored goes on as if it had never stopped", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 0, max: 8 }),
      (seed, where, size) => {
        const normal = normalRandom(seededRandom(seed));
        const through = new Machine(3, SETTINGS);
        let copied = new Machine(3, SETTINGS);
        for (let i = 0; i < 1000; i++) {
          const shift = i > 700 && i < 850 ? size : 0;
          const values = [normal() + shift, 5 + normal(), i % 7 === 0 ? undefined : normal()];
          if (i === where) {
            const restored = restoreMachine(JSON.parse(JSON.stringify(saveMachine(copied))), 3, SETTINGS);
            if (typeof restored === "string") throw new Error(restored);
            copied = restored;
          }
          const at = START + i * 1000;
          expect(copied.update(at, values)?.map(({ phase }) => phase)).toEqual(
            through.update(at, values)?.map(({ phase }) => phase),
          );
        }
      },
    ),
    { numRuns: 8 },
  );
});

test("a saved machine with any of its parts spoilt is refused or sound, and never throws later", () => {
  const machine = new Machine(2, SETTINGS);
  const normal = normalRandom(seededRandom(3));
  for (let i = 0; i < 400; i++) machine.update(START + i * 1000, [normal() + (i > 390 ? 30 : 0), normal()]);
  const saved = JSON.parse(JSON.stringify(saveMachine(machine))) as Record<string, unknown>;
  for (const key of Object.keys(saved)) {
    for (const value of [undefined, "x", -1, NaN, {}, [1, "a"], [{ signal: 99 }]]) {
      const restored = restoreMachine({ ...saved, [key]: value }, 2, SETTINGS);
      if (typeof restored === "string") continue;
      for (let i = 0; i < 50; i++) restored.update(START + (400 + i) * 1000, [normal(), normal()]);
    }
  }
});

test("any values whatever leave the state finite", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: -1e100, max: 1e100, noNaN: true }), fc.constantFrom(0, 1, undefined)), {
        minLength: 50,
        maxLength: 300,
      }),
      (values) => {
        const machine = new Machine(1, SETTINGS);
        values.forEach((value, i) => machine.update(START + i * 1000, [value]));
        expect(machine.signals.every(Number.isFinite)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});
