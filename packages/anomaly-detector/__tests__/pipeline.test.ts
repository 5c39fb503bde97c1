import fc from "fast-check";
import { checkConfiguration, type Configuration } from "../src/configuration";
import type { DesiredProperties } from "@edge-anomaly-detection/detector-contract";
import type { Alert } from "../src/engine";
import { type MachineSnapshot, type Outcome, Pipeline, type ScoredMessage } from "../src/pipeline";

const START = Date.parse("2026-01-05T08:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function configuration(desired: DesiredProperties = {}): Configuration {
  const checked = checkConfiguration(desired);
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

const ONE: DesiredProperties = {
  signals: { temperature: "t" },
  timePath: "at",
  machineIdPath: "id",
  limits: { temperature: { high: 100 } },
  quietMessages: 1,
  cooldownMessages: 0,
};

interface Sent {
  readonly arrivedMs?: number;
  readonly clockMs?: number;
  readonly id?: string;
}

function send(pipeline: Pipeline, t: number | null, at: number | string, sent: Sent = {}): Outcome {
  const { arrivedMs = typeof at === "number" ? at : START, id = "press-1", clockMs = arrivedMs } = sent;
  return pipeline.process(JSON.stringify({ t, at, id }), { arrivedMs, deviceId: "device", clockMs });
}

function scored(outcome: Outcome): ScoredMessage {
  if (outcome.kind !== "scored") throw new Error(JSON.stringify(outcome));
  return outcome.scored;
}

function alerts(outcome: Outcome): readonly Alert[] {
  return outcome.kind === "scored" ? outcome.alerts : [];
}

function trained(messages = 30, desired: DesiredProperties = ONE): Pipeline {
  const pipeline = new Pipeline(configuration(desired));
  for (let i = 0; i < messages; i++) send(pipeline, 20 + Math.sin(i * i), START + i * 5000);
  return pipeline;
}

const NEXT = START + 30 * 5000;

describe("times and order", () => {
  test("a message delivered again is left out, and changes nothing", () => {
    const pipeline = trained();
    send(pipeline, 20, NEXT);
    send(pipeline, 20.5, NEXT + 1000);
    const before = JSON.stringify(pipeline.snapshot("press-1"));
    for (const at of [NEXT, NEXT + 1000]) {
      const outcome = send(pipeline, at === NEXT ? 20 : 20.5, at);
      expect(outcome).toEqual({ kind: "skipped", reason: "duplicate", machineId: "press-1" });
    }
    expect(JSON.stringify(pipeline.snapshot("press-1"))).toBe(before);
  });

  test("different messages of the same time are all scored", () => {
    const pipeline = trained();
    expect([20, 21, 22].map((t) => send(pipeline, t, NEXT).kind)).toEqual(["scored", "scored", "scored"]);
  });

  test("a message that was overtaken within the reordering window is scored, under its own time", () => {
    const pipeline = trained();
    send(pipeline, 20, NEXT);
    const outcome = send(pipeline, 400, NEXT - 4000);
    expect(outcome).toMatchObject({ isBacklog: false });
    expect(scored(outcome).eventTime).toBe(new Date(NEXT - 4000).toISOString());
    expect(alerts(outcome)).toContainEqual(expect.objectContaining({ phase: "opened", value: 400 }));
  });

  test("a message dated 2099 costs nothing: it counts as one of now", () => {
    const pipeline = trained();
    const outcome = send(pipeline, 20, "2099-01-01T00:00:00Z", { arrivedMs: NEXT });
    expect(scored(outcome).eventTime).toBe(new Date(NEXT).toISOString());
    for (let i = 1; i < 20; i++) {
      const next = send(pipeline, i === 10 ? 400 : 20, NEXT + i * 5000);
      expect(next).toMatchObject({ kind: "scored", isBacklog: false });
      expect(alerts(next).some(({ phase }) => phase === "opened")).toBe(i === 10);
    }
  });

  test("where the device's own clock is not set, times are taken as they are, and a wrong one does not silence a machine", () => {
    const pipeline = new Pipeline(configuration(ONE));
    const booted = { arrivedMs: 1000 };
    for (let i = 0; i < 20; i++) expect(send(pipeline, 20, NEXT + i * 5000, booted).kind).toBe("scored");
    send(pipeline, 20, "2099-01-01T00:00:00Z", booted);
    const after = send(pipeline, 400, NEXT + 200_000, booted);
    expect(alerts(after)).toContainEqual(expect.objectContaining({ phase: "opened", machineId: "press-1" }));
  });

  test("a backlog beside live data is scored, alerts, and leaves the live data alone", () => {
    const pipeline = trained(200);
    const live = START + 2 * DAY;
    const kinds: string[] = [];
    const told: Alert[] = [];
    for (let i = 0; i < 100; i++) {
      const clockMs = live + i * 1000;
      const normal = 20 + Math.sin(i * i);
      const old = send(pipeline, i === 50 ? 400 : normal, live - DAY + i * 1000, { arrivedMs: clockMs });
      const now = send(pipeline, normal, clockMs);
      kinds.push(old.kind, now.kind);
      if (i > 0) expect([old, now]).toMatchObject([{ isBacklog: true }, { isBacklog: false }]);
      if (i > 0) expect(alerts(now)).toEqual([]);
      told.push(...alerts(old));
    }
    expect(new Set(kinds)).toEqual(new Set(["scored"]));
    const opened = { phase: "opened", value: 400, eventTime: new Date(live - DAY + 50_000).toISOString() };
    expect(told).toContainEqual(expect.objectContaining(opened));
    expect(new Set(told.map(({ machineId }) => machineId))).toEqual(new Set(["press-1"]));
    expect(pipeline.machineCount).toBe(1);
  });

  test("a clock that was set back counts after a minute without a message of the old time", () => {
    const pipeline = trained();
    const back = NEXT - HOUR;
    const outcomes = Array.from({ length: 40 }, (_, i) =>
      send(pipeline, 20, back + i * 5000, { arrivedMs: NEXT + i * 5000 }),
    );
    expect(outcomes.every(({ kind }) => kind === "scored")).toBe(true);
    expect(outcomes[0]).toMatchObject({ isBacklog: true });
    expect(outcomes.at(-1)).toMatchObject({ isBacklog: false });
  });

  test("a backlog that is over gives its lane back", () => {
    const pipeline = trained();
    const [opened] = alerts(send(pipeline, 400, NEXT - HOUR, { arrivedMs: NEXT }));
    const { episodeId } = opened ?? {};
    const closed = { phase: "closed", machineId: "press-1", episodeId };
    expect(pipeline.tick(NEXT + 901_000)).toContainEqual(expect.objectContaining(closed));
  });
});

describe("signals", () => {
  const TWO: DesiredProperties = { ...ONE, signals: { temperature: "t", pressure: "p" } };

  test("one that cannot be used is named, and the others are scored", () => {
    const pipeline = new Pipeline(configuration(TWO));
    const body = JSON.stringify({ t: 400, p: "n/a", at: START, id: "m" });
    const outcome = pipeline.process(body, { arrivedMs: START, deviceId: "d" });
    expect(scored(outcome)).toMatchObject({
      signals: { temperature: { value: 400 } },
      problems: { pressure: "a string; a number is expected" },
    });
    expect(alerts(outcome)).toContainEqual(expect.objectContaining({ phase: "opened", signal: "temperature" }));
  });

  test("one that is missing leaves the others scored", () => {
    const outcome = send(new Pipeline(configuration(TWO)), 5, START);
    expect(Object.keys(scored(outcome).signals)).toEqual(["temperature"]);
    expect(scored(outcome)).not.toHaveProperty("problems");
  });
});

describe("machines", () => {
  test("a flood of ids takes no place of an established machine, and a new one that stays gets one", () => {
    const pipeline = new Pipeline(configuration({ ...ONE, maxMachines: 20 }));
    for (let machine = 0; machine < 10; machine++) {
      for (let i = 0; i < 120; i++) send(pipeline, 20, START + i * 1000, { id: `real-${machine}` });
    }
    for (let i = 0; i < 5000; i++) {
      expect(send(pipeline, 20, START + HOUR + i, { id: `flood-${i}` }).kind).toBe("scored");
      if (i % 5 === 0) send(pipeline, 20, START + HOUR + i, { id: "new" });
    }
    expect(pipeline.machineCount).toBe(20);
    expect(pipeline.evictedMachines).toBeGreaterThan(4900);
    for (let machine = 0; machine < 10; machine++) expect(pipeline.has(`real-${machine}`)).toBe(true);
    expect(pipeline.snapshot("new")?.messages).toBe(1000);
    expect(alerts(send(pipeline, 400, START + 2 * HOUR, { id: "real-3" }))).toHaveLength(1);
  });

  test("more established machines than there are places are refused by name of the setting", () => {
    const pipeline = new Pipeline(configuration({ ...ONE, maxMachines: 1 }));
    for (let i = 0; i < 120; i++) send(pipeline, 20, START + i * 1000, { id: "a" });
    const refused = { kind: "rejected", reason: "there are 1 established machines already (maxMachines)" };
    expect(send(pipeline, 20, START, { id: "b" })).toEqual(refused);
    expect(send(pipeline, 20, START + 200_000, { id: "a" }).kind).toBe("scored");
    // A week of silence later its place is free.
    expect(send(pipeline, 20, START + 8 * DAY, { id: "b" }).kind).toBe("scored");
  });

  test("an episode of a newcomer that has to go is closed", () => {
    const pipeline = new Pipeline(configuration({ ...ONE, maxMachines: 1 }));
    send(pipeline, 400, START, { id: "a" });
    const outcome = send(pipeline, 20, START, { id: "b" });
    expect(alerts(outcome)).toMatchObject([{ phase: "closed", machineId: "a" }]);
    expect(outcome).toMatchObject({ machineId: "b" });
  });

  test("silence is measured by the clock that only goes forward", () => {
    const pipeline = new Pipeline(configuration({ ...ONE, silenceSeconds: 60 }));
    // The device's clock jumps by a year; the other one does not.
    send(pipeline, 400, START, { clockMs: 1000 });
    send(pipeline, 400, START + 1000, { arrivedMs: START + 365 * DAY, clockMs: 2000 });
    expect(pipeline.tick(61_000)).toEqual([]);
    const told = pipeline.tick(62_001);
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatchObject({ machineId: "press-1" });
    expect(pipeline.tick(63_000)).toEqual([]);
  });

  test("a machine that has been silent for a week is forgotten", () => {
    const pipeline = trained();
    pipeline.tick(NEXT + 6 * DAY);
    expect(pipeline.machineCount).toBe(1);
    pipeline.tick(NEXT + 8 * DAY);
    expect(pipeline.machineCount).toBe(0);
  });
});

test("a detector that is switched off closes its episodes", () => {
  const pipeline = trained(200, { ...ONE, detectors: { spikeAndDip: { enabled: true, historySize: 20 } } });
  send(pipeline, 400, START + HOUR);
  expect(pipeline.openEpisodes).toBeGreaterThan(1);
  const told = pipeline.configure(configuration(ONE));
  expect(told).toMatchObject([{ phase: "closed", detector: "spikeAndDip", reason: "switchedOff" }]);
});

describe("saved and restored", () => {
  function copy(pipeline: Pipeline, into: Configuration): Pipeline {
    const restored = new Pipeline(into);
    for (const [machineId, snapshot] of pipeline.entries()) {
      const saved = JSON.parse(JSON.stringify(snapshot)) as MachineSnapshot;
      expect(restored.restore(machineId, saved)).toBeUndefined();
    }
    return restored;
  }

  test("at any point, machines go on as if they had never stopped", () => {
    const desired: DesiredProperties = {
      ...ONE,
      signals: { temperature: "t", pressure: "p" },
      detectors: { spikeAndDip: { enabled: true, historySize: 20 }, changePoint: { enabled: true } },
      reorderSeconds: 30,
    };
    const message = fc.record({
      t: fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(null, 1e6)),
      p: fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(null)),
      id: fc.constantFrom("a", "b"),
      step: fc.integer({ min: -5000, max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(message, { minLength: 5, maxLength: 40 }), fc.nat(), (messages, where) => {
        const through = new Pipeline(configuration(desired));
        let restored = new Pipeline(configuration(desired));
        let at = START;
        const all = Array.from({ length: 6 }, () => messages).flat();
        all.forEach(({ step, ...rest }, i) => {
          if (i === where % all.length) restored = copy(restored, configuration(desired));
          at += step;
          const body = JSON.stringify({ ...rest, at });
          const arrival = { arrivedMs: at, deviceId: "device" };
          expect(restored.process(body, arrival)).toEqual(through.process(body, arrival));
        });
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["no order", { engine: {}, messages: 1, clockMs: 0, isSilent: false }],
    [
      "a count that is none",
      { engine: {}, order: { newestMs: 1, recent: [], next: 0 }, messages: -1, clockMs: 0, isSilent: false },
    ],
    [
      "no engine's state",
      { engine: null, order: { newestMs: 1, recent: [], next: 0 }, messages: 1, clockMs: 0, isSilent: false },
    ],
  ])("%s is no machine", (_name, snapshot) => {
    const pipeline = new Pipeline(configuration(ONE));
    expect(pipeline.restore("a", snapshot)).toEqual(expect.any(String));
    expect(pipeline.machineCount).toBe(0);
  });
});

test("no sequence of messages makes it throw", () => {
  const pipeline = new Pipeline(configuration(ONE));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc
          .record({ t: fc.anything(), at: fc.anything(), id: fc.constantFrom("a", "__proto__", "constructor") })
          .map((message) => {
            try {
              return JSON.stringify(message);
            } catch {
              return "{}";
            }
          }),
      ),
      (body) => {
        expect(["scored", "skipped", "rejected"]).toContain(
          pipeline.process(body, { arrivedMs: START, deviceId: "device" }).kind,
        );
      },
    ),
    { numRuns: 1000 },
  );
});
