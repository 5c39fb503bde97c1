import { normalRandom, seededRandom } from "../bench/random";
import { Machine } from "../src/detection/machine";
import type { PlantEvent } from "../src/detection/types";

const START = Date.parse("2026-01-05T00:00:00Z");
const SECOND = 1000;
const TEN_MINUTES = 600 * SECOND;

/** A machine of one signal with white noise around 20 and what it tells. */
class Rig {
  private readonly machine = new Machine(1, {
    falseAlertsPerMachineMonth: 2,
    newLevelAfterMs: 86_400_000,
    limits: [],
  });
  private readonly normal: () => number;
  private at = START;
  public events: PlantEvent[] = [];

  public constructor(
    seed: number,
    private readonly intervalMs: number,
  ) {
    this.normal = normalRandom(seededRandom(seed));
  }

  /** So many messages. Returns the share that an episode was open for. */
  public run(messages: number, apply: (noise: number, i: number) => number = (noise) => noise): number {
    let open = 0;
    for (let i = 0; i < messages; i++) {
      const value = 20 + apply(this.normal(), i);
      this.events.push(...(this.machine.update((this.at += this.intervalMs), [value]) ?? []));
      if (this.machine.episode) open++;
    }
    return open / messages;
  }

  public get opened(): number {
    return this.events.filter(({ phase }) => phase === "opened").length;
  }
}

/** Noise whose neighbours are correlated by 0.9, of noise whose are not. */
function neighbours(): (noise: number) => number {
  let level = 0;
  return (noise) => (level = 0.9 * level + Math.sqrt(0.19) * noise);
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

test("noise that has doubled is one episode as long as it lasts, and closes when it is over", () => {
  for (const seed of [1, 2]) {
    const rig = new Rig(seed, SECOND);
    rig.run(8000);
    rig.events = [];
    expect(rig.run(20_000, (noise) => Math.SQRT2 * noise)).toBeGreaterThan(0.97);
    expect(rig.opened).toBe(1);
    rig.run(600);
    expect(rig.events.at(-1)).toMatchObject({ phase: "closed", reason: "returned" });
  }
});

test("a beginning oscillation is one episode as long as it lasts", () => {
  for (const seed of [1, 2, 3]) {
    const rig = new Rig(seed, SECOND);
    rig.run(8000);
    rig.events = [];
    expect(rig.run(15_000, (noise, i) => noise + 1.5 * Math.sin((2 * Math.PI * i) / 20))).toBeGreaterThan(0.95);
    expect(rig.opened).toBe(1);
  }
});

test("a level that goes from one side to the other has not returned", () => {
  for (const seed of [5, 6]) {
    const rig = new Rig(seed, SECOND);
    const alike = neighbours();
    rig.run(8000, alike);
    rig.events = [];
    expect(rig.run(1000, (noise, i) => alike(noise) + (i < 60 ? 9 : -9))).toBe(1);
    expect(rig.opened).toBe(1);
  }
});

test("spikes that come again and again are one episode until they stay away", () => {
  const random = seededRandom(7);
  const rig = new Rig(6, SECOND);
  rig.run(4000);
  rig.events = [];
  rig.run(2000, (noise) => noise + (random() < 0.2 ? 12 : 0));
  expect(rig.opened).toBeLessThanOrEqual(2);
  rig.run(1000);
  expect(rig.events.at(-1)).toMatchObject({ phase: "closed", reason: "returned" });
});

test("a place that a signal was thrown about at in earlier faults is no level that is known", () => {
  for (const seed of [8, 9]) {
    const random = seededRandom(seed);
    const rig = new Rig(seed, SECOND);
    rig.run(4000);
    for (let fault = 0; fault < 2; fault++) {
      rig.run(80, (noise) => noise - 40 * random());
      rig.run(1000);
    }
    rig.events = [];
    expect(rig.run(600, (noise) => noise - 30)).toBeGreaterThan(0.95);
    expect(rig.opened).toBe(1);
  }
});

test("a small deviation that has become a large one is told again, once", () => {
  const rig = new Rig(10, SECOND);
  rig.run(4000);
  rig.events = [];
  rig.run(600, (noise) => noise + 4);
  rig.run(600, (noise) => noise + 30);
  expect(rig.events.map(({ phase }) => phase)).toEqual(["opened", "ongoing"]);
  expect(rig.events[1]?.episode.members[0]).toMatchObject({ kind: "level" });
  expect(rig.events[1]?.episode.members[0]?.deviation).toBeGreaterThan(25);
});

test("a spike of a sensor whose step is twice its noise is found at a message a second, and its usual steps are not", () => {
  const step = 2;
  let spikes = 0;
  for (const seed of [11, 12]) {
    const rig = new Rig(seed, SECOND);
    const coarse = (noise: number): number => Math.round((0.6 + noise) / step) * step;
    rig.run(60_000, coarse);
    expect(rig.opened).toBe(0);
    rig.run(1, (noise) => coarse(noise) + 10);
    spikes += rig.opened;
  }
  expect(spikes).toBe(2);
});

describe("at a message each ten minutes", () => {
  const found = (apply: (noise: number, i: number) => number): number[] =>
    seeds.map((seed) => {
      const rig = new Rig(seed, TEN_MINUTES);
      rig.run(3000);
      rig.events = [];
      return rig.run(120, apply);
    });

  test("a step of 1σ is flagged for more than 80 % of its first 120 messages", () => {
    expect(mean(found((noise) => noise + 1))).toBeGreaterThan(0.8);
    expect(mean(found((noise) => noise - 1))).toBeGreaterThan(0.8);
  });

  test("noise whose variance has doubled is flagged for more than half of them", () => {
    expect(mean(found((noise) => Math.SQRT2 * noise))).toBeGreaterThan(0.5);
  });

  test("neither costs more than the budget of alerts a month", () => {
    let alerts = 0;
    for (const seed of seeds.slice(0, 6)) {
      const rig = new Rig(100 + seed, TEN_MINUTES);
      rig.run(13_000);
      alerts += rig.opened;
    }
    expect(alerts / (6 * 3)).toBeLessThanOrEqual(2);
  });
});
