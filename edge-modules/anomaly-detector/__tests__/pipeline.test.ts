import fc from "fast-check";
import { normalRandom, seededRandom } from "../bench/random";
import { checkConfiguration, type Configuration } from "../src/configuration";
import type { DesiredProperties } from "../src/contract";
import { type Alert, type MachineState, type Outcome, Pipeline, type Scored, type StateHeader } from "../src/pipeline";

const START = Date.parse("2026-01-05T08:00:00Z");

function configuration(desired: DesiredProperties = {}): Configuration {
  const checked = checkConfiguration(desired);
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

const ONE: DesiredProperties = { signals: { temperature: "t" }, timePath: "at", machineIdPath: "id" };

function send(pipeline: Pipeline, t: number | null, at: number, id = "press-1"): Outcome {
  return pipeline.process(JSON.stringify({ t, at, id }), { arrivedMs: at, deviceId: "device" });
}

function scored(outcome: Outcome): Scored {
  if (outcome.kind !== "scored") throw new Error(JSON.stringify(outcome));
  return outcome.scored;
}

function alerts(outcome: Outcome): readonly Alert[] {
  return outcome.kind === "scored" ? outcome.alerts : [];
}

/** A pipeline that has seen so many normal messages of one machine, five seconds apart. */
function trained(
  messages: number,
  desired: DesiredProperties = ONE,
): { pipeline: Pipeline; next: () => number; at: number } {
  const pipeline = new Pipeline(configuration(desired));
  const normal = normalRandom(seededRandom(11));
  const next = (): number => 21 + normal();
  for (let i = 0; i < messages; i++) send(pipeline, next(), START + i * 5000);
  return { pipeline, next, at: START + messages * 5000 };
}

test("an alert explains itself", () => {
  const { pipeline, at } = trained(1500);
  const [alert] = alerts(send(pipeline, 40, at));
  expect(alert).toMatchObject({
    phase: "opened",
    eventTime: new Date(at).toISOString(),
    machineId: "press-1",
    signal: "temperature",
    signals: ["temperature"],
    detector: "plant",
    detectorVersion: "2.0.0",
    kind: "spike",
    value: 40,
    startedAt: new Date(at).toISOString(),
    durationSeconds: 0,
    anomalousMessages: 1,
  });
  expect(alert?.explanation).toMatch(/^temperature was 40 at 10:05:00, 19 above the expected 21 \(/);
  expect(alert?.severity).toBe("critical");
  expect(alert?.score).toBeGreaterThan(0.999);
  expect(alert?.unlikelihood).toBeGreaterThan(3);
  expect(alert?.expectedLow).toBeLessThan(21);
  expect(alert?.expectedHigh).toBeGreaterThan(21);
  expect(alert?.expectedHigh).toBeLessThan(30);
});

test("an episode has one opening and one closing alert with the same id", () => {
  const { pipeline, next, at } = trained(1500);
  const told: Alert[] = [];
  for (let i = 0; i < 60; i++) told.push(...alerts(send(pipeline, i < 5 ? 40 : next(), at + i * 5000)));
  expect(told.map(({ phase }) => phase)).toEqual(["opened", "closed"]);
  expect(new Set(told.map(({ episodeId }) => episodeId)).size).toBe(1);
  expect(told[1]).toMatchObject({
    reason: "returned",
    explanation: "over: back in what is expected since 10:05:20, after 20 s",
  });
  expect(told[1]?.durationSeconds).toBeGreaterThanOrEqual(20);
});

test("warming up is said, and ends", () => {
  const pipeline = new Pipeline(configuration(ONE));
  const states = Array.from({ length: 102 }, (_, i) => scored(send(pipeline, Math.sin(i), START + i * 5000)).warmingUp);
  expect(states.indexOf(false)).toBe(39);
  expect(pipeline.warmingUp).toBe(0);
});

test("machines do not know of each other", () => {
  const { pipeline, at } = trained(1500);
  expect(scored(send(pipeline, 400, at, "press-2"))).toMatchObject({ warmingUp: true, isAnomaly: false });
  expect(scored(send(pipeline, 21, at, "press-1")).isAnomaly).toBe(false);
});

test("a message delivered again changes nothing", () => {
  const { pipeline, at } = trained(200);
  send(pipeline, 20, at);
  const before = JSON.stringify([...pipeline.entries()]);
  expect(send(pipeline, 20, at)).toEqual({ kind: "skipped", reason: "duplicate", machineId: "press-1" });
  expect(JSON.stringify([...pipeline.entries()])).toBe(before);
});

test("two different messages of the same time are both scored", () => {
  const { pipeline, at } = trained(10);
  expect(send(pipeline, 20, at).kind).toBe("scored");
  expect(send(pipeline, 21, at).kind).toBe("scored");
});

test("a late message is not learnt from", () => {
  const { pipeline, at } = trained(200);
  const learnt = (): string => JSON.stringify([...pipeline.entries()].map(([, { engine }]) => engine));
  const before = learnt();
  expect(send(pipeline, 400, at - 60_000)).toEqual({ kind: "skipped", reason: "late", machineId: "press-1" });
  expect(learnt()).toBe(before);
});

test("a clock that was set back counts from the tenth message on", () => {
  const { pipeline, at } = trained(200);
  const kinds = Array.from({ length: 12 }, (_, i) => send(pipeline, 20 + i / 100, at - 3_600_000 + i * 5000).kind);
  expect(kinds).toEqual([...new Array<string>(9).fill("skipped"), "scored", "scored", "scored"]);
});

test("a message from far in the future stops the machine for ten messages only", () => {
  const { pipeline, at } = trained(200);
  send(pipeline, 20, 9e12);
  const kinds = Array.from({ length: 11 }, (_, i) => send(pipeline, 20 + i / 100, at + i * 5000).kind);
  expect(kinds.filter((kind) => kind === "scored")).toHaveLength(2);
});

test.each([
  ["one message a day", 86_400_000],
  ["ten thousand a second", 0.1],
])("%s is scored like any other", (_name, step) => {
  const pipeline = new Pipeline(configuration(ONE));
  const normal = normalRandom(seededRandom(3));
  for (let i = 0; i < 1500; i++) send(pipeline, normal(), START + i * step);
  expect(scored(send(pipeline, 15, START + 1500 * step))).toMatchObject({ isAnomaly: true, warmingUp: false });
});

test("a signal that is missing leaves the others scored", () => {
  const pipeline = new Pipeline(configuration({ signals: { a: "t", b: "u" }, timePath: "at", machineIdPath: "id" }));
  expect(scored(send(pipeline, 5, START)).signals).toEqual({ a: { value: 5, score: 0 } });
});

test("more machines than maxMachines are refused by name of the setting", () => {
  const pipeline = new Pipeline(configuration({ ...ONE, maxMachines: 1 }));
  send(pipeline, 1, START, "a");
  expect(send(pipeline, 1, START, "b")).toEqual({ kind: "rejected", reason: "more than 1 machines (maxMachines)" });
  expect(send(pipeline, 1, START + 1, "a").kind).toBe("scored");
});

test("a machine that falls silent has its episode ended, and after a week its place is free", () => {
  const { pipeline, at } = trained(1500);
  send(pipeline, 40, at);
  expect(pipeline.openEpisodes).toBe(1);
  expect(pipeline.closeSilent(at + 899_000)).toEqual([]);
  expect(pipeline.closeSilent(at + 901_000)).toMatchObject([
    { phase: "closed", explanation: "over: the machine fell silent" },
  ]);
  expect(pipeline.openEpisodes).toBe(0);
  pipeline.closeSilent(at + 8 * 86_400_000);
  expect(pipeline.machineCount).toBe(0);
});

test("all detectors can run at once, each with its own alerts", () => {
  const detectors = Object.fromEntries(
    ["ensemble", "spikeAndDip", "changePoint", "seasonal", "multivariate"].map((name) => [name, { enabled: true }]),
  );
  const pipeline = new Pipeline(configuration({ signals: { a: "a", b: "b" }, timePath: "at", detectors }));
  const normal = normalRandom(seededRandom(8));
  const message = (i: number, a: number): Outcome =>
    pipeline.process(JSON.stringify({ a, b: normal(), at: START + i * 5000 }), { arrivedMs: START, deviceId: "d" });
  for (let i = 0; i < 1500; i++) message(i, normal());
  const outcome = message(1500, 60);
  expect(new Set(alerts(outcome).map(({ detector }) => detector))).toEqual(
    new Set(["plant", "ensemble", "spikeAndDip", "seasonal", "multivariate"]),
  );
  expect(Object.keys(scored(outcome).detectors).sort()).toEqual([
    "changePoint/a",
    "changePoint/b",
    "ensemble",
    "multivariate",
    "seasonal/a",
    "seasonal/b",
    "spikeAndDip/a",
    "spikeAndDip/b",
  ]);
});

describe("a new configuration", () => {
  test("keeps what a signal has learnt when it stays the same", () => {
    const { pipeline, at } = trained(200);
    pipeline.configure(configuration({ ...ONE, cooldownMessages: 3, signals: { temperature: "t", pressure: "p" } }));
    expect(scored(send(pipeline, 21, at)).warmingUp).toBe(false);
  });

  test("starts a signal anew whose path changed", () => {
    const { pipeline, at } = trained(200);
    pipeline.configure(configuration({ ...ONE, signals: { temperature: "t2" } }));
    pipeline.configure(configuration(ONE));
    expect(scored(send(pipeline, 21, at)).warmingUp).toBe(true);
  });
});

describe("saved and restored", () => {
  function copy(pipeline: Pipeline, into: Configuration): Pipeline {
    const restored = new Pipeline(into);
    const saved = JSON.parse(JSON.stringify([pipeline.header(), [...pipeline.entries()]])) as [
      StateHeader,
      [string, MachineState][],
    ];
    expect(restored.restore(...saved)).toBeUndefined();
    return restored;
  }

  test("at any point, the pipeline goes on as if it had never stopped", () => {
    const desired: DesiredProperties = {
      ...ONE,
      signals: { temperature: "t", pressure: "p" },
      detectors: { spikeAndDip: { enabled: true, historySize: 20 }, changePoint: { enabled: true } },
      cooldownMessages: 5,
      quietMessages: 2,
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
      { numRuns: 40 },
    );
  });

  test("a restart costs no warm-up", () => {
    const { pipeline, at } = trained(200);
    expect(scored(send(copy(pipeline, configuration(ONE)), 21, at)).warmingUp).toBe(false);
  });

  test("a state of another detector version is not used", () => {
    const { pipeline } = trained(10);
    const other = new Pipeline(configuration(ONE));
    expect(other.restore({ ...pipeline.header(), detectorVersion: "0.9.0" }, pipeline.entries())).toMatch("0.9.0");
    expect(other.machineCount).toBe(0);
  });

  test("a state of other settings is used but for what depends on them", () => {
    const { pipeline, at } = trained(200);
    const other = copy(pipeline, configuration({ ...ONE, signals: { temperature: "t", humidity: "h" } }));
    expect(scored(send(other, 21, at)).warmingUp).toBe(false);
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
  const saved = JSON.parse(JSON.stringify([...pipeline.entries()])) as [string, MachineState][];
  expect(saved).toHaveLength(pipeline.machineCount);
});
