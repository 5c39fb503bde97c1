import { normalRandom, seededRandom } from "../bench/random";
import { type Alert, createScoreJudge, Engine, judgeScore, type Scored } from "../src/engine";
import { checkConfiguration, type Configuration } from "../src/configuration";
import type { DesiredProperties } from "@edge-anomaly-detection/detector-contract";

const START = Date.parse("2026-01-05T08:00:00Z");

function configuration(desired: DesiredProperties = {}): Configuration {
  const checked = checkConfiguration({ signals: { a: "a", b: "b" }, ...desired });
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

/** An engine with one machine that was normal for so many messages, a second apart. */
function trained(
  messages = 1500,
  desired: DesiredProperties = {},
): {
  engine: Engine;
  send: (a?: number, b?: number, modelScore?: number) => { scored: Scored; alerts: readonly Alert[] };
  normal: (messages: number) => Alert[];
  now: () => number;
} {
  const engine = new Engine(configuration(desired));
  const noise = normalRandom(seededRandom(5));
  let at = START;
  const send = (a = 20 + noise(), b = 5 + noise(), modelScore?: number): ReturnType<Engine["score"]> =>
    engine.score({ machineId: "press-1", timeMs: (at += 1000), values: [a, b] }, { modelScore });
  const normal = (count: number): Alert[] => Array.from({ length: count }, () => send().alerts).flat();
  normal(messages);
  return { engine, send, normal, now: () => at };
}

test("an alert says what, by how much, since when, what was expected and who has which part in it", () => {
  const { send } = trained();
  const [alert] = send(40).alerts;
  expect(alert).toMatchObject({
    phase: "opened",
    machineId: "press-1",
    signal: "a",
    signals: ["a"],
    detector: "plant",
    kind: "spike",
    severity: "critical",
    value: 40,
    contributions: { a: 1, b: 0 },
  });
  expect(alert?.explanation).toMatch(/^a was 40 at 08:25:01, 19.6 above the expected 20.4 \(1\d\.\d to 2\d\.\d\)$/);
});

test("times in sentences are those of the plant", () => {
  const { send } = trained(1500, { timeZone: "Asia/Kolkata" });
  expect(send(40).alerts[0]?.explanation).toContain("at 13:55:01");
});

test("all messages of a fault that lasts are flagged", () => {
  const { send, normal } = trained();
  const flags = Array.from({ length: 500 }, () => send(28).scored.isAnomaly);
  expect(flags.filter(Boolean).length).toBeGreaterThan(490);
  expect(normal(60).at(-1)).toMatchObject({ phase: "closed", reason: "returned" });
  expect(send().scored.isAnomaly).toBe(false);
});

describe("what a person says", () => {
  const spikes = (rig: ReturnType<typeof trained>, count: number): Alert[] =>
    Array.from({ length: count }, () => {
      const { alerts } = rig.send(32);
      rig.normal(100);
      return alerts.filter(({ phase }) => phase === "opened");
    }).flat();

  test("a pattern that nobody confirmed becomes normal after some times, a confirmed one never", () => {
    const unsaid = trained();
    expect(spikes(unsaid, 12).length).toBeLessThan(10);
    const said = trained();
    for (let i = 0; i < 12; i++) {
      const [alert] = spikes(said, 1);
      expect(alert).toBeDefined();
      const target = { machineId: "press-1", episodeId: alert?.episodeId ?? "" };
      expect(said.engine.feedback("confirm", target, said.now())).toMatchObject({ ok: true });
    }
  });

  test("a false alarm is closed, and the like of it is normal at once", () => {
    const rig = trained();
    const [alert] = rig.send(32).alerts;
    const target = { machineId: "press-1", episodeId: alert?.episodeId ?? "" };
    const said = rig.engine.feedback("falseAlarm", target, rig.now());
    expect(said).toMatchObject({ ok: true, alerts: [{ phase: "closed", reason: "falseAlarm" }] });
    rig.normal(100);
    expect(spikes(rig, 5)).toEqual([]);
    expect(rig.send(90).alerts).toHaveLength(1);
  });

  test("a level that is accepted is the new normal", () => {
    const rig = trained();
    for (let i = 0; i < 100; i++) rig.send(28);
    expect(rig.engine.feedback("acceptLevel", { machineId: "press-1", signal: "a" }, rig.now())).toMatchObject({
      ok: true,
      alerts: [{ phase: "closed", reason: "newLevel" }],
    });
    const noise = normalRandom(seededRandom(9));
    const alerts = Array.from({ length: 1000 }, () => rig.send(28 + noise()).alerts).flat();
    expect(alerts).toEqual([]);
  });

  test("in maintenance nothing is alerted and nothing learnt", () => {
    const rig = trained();
    const untilMs = rig.now() + 60_000;
    rig.engine.feedback("maintenance", { machineId: "press-1", untilMs }, rig.now());
    for (let i = 0; i < 50; i++) expect(rig.send(500).alerts).toEqual([]);
    rig.normal(50);
    expect(rig.send(32).alerts).toMatchObject([{ phase: "opened", kind: "spike" }]);
  });

  test.each([
    ["another machine", { machineId: "press-2", episodeId: "x" }, "press-2"],
    ["an unknown episode", { machineId: "press-1", episodeId: "x" }, "no episode x"],
    ["an unknown signal", { machineId: "press-1", signal: "c" }, "none of a, b"],
  ])("%s is answered with what is wrong", (_name, target, reason) => {
    const said = trained(50).engine.feedback("confirm", target, START);
    expect(said.ok ? "" : said.reason).toContain(reason);
  });
});

test("silence opens an episode once, and the next messages end it", () => {
  const rig = trained();
  const [alert] = rig.engine.silent("press-1", rig.now());
  expect(alert).toMatchObject({ phase: "opened", kind: "silence" });
  expect(rig.engine.silent("press-1", rig.now())).toEqual([]);
  expect(rig.normal(20)).toMatchObject([{ phase: "closed", reason: "returned" }]);
  expect(rig.engine.cadenceSeconds("press-1")).toBeCloseTo(1);
});

test("a detector that is switched off closes its episode and says so", () => {
  const rig = trained();
  rig.send(40);
  const off = configuration({ detectors: { plant: { enabled: false }, ensemble: { enabled: true } } });
  expect(rig.engine.configure(off)).toMatchObject([{ phase: "closed", reason: "switchedOff" }]);
  expect(rig.engine.openEpisodes).toBe(0);
});

test("a signal that stays the same keeps what was learnt when others come and go", () => {
  const rig = trained();
  rig.engine.configure(configuration({ signals: { c: "c", a: "a" } }));
  const { scored, alerts } = rig.engine.score({ machineId: "press-1", timeMs: rig.now() + 1000, values: [1, 40] });
  expect(scored.warmingUp).toBe(false);
  expect(alerts).toMatchObject([{ signal: "a", kind: "spike" }]);
});

test("a copy of a machine goes on by itself", () => {
  const rig = trained();
  rig.engine.fork("press-1", "copy");
  rig.engine.score({ machineId: "copy", timeMs: rig.now() + 1000, values: [40, 5] });
  expect(rig.engine.openEpisodes).toBe(1);
  expect(rig.send().scored.isAnomaly).toBe(false);
});

test("a model's scores of any sign and scale are judged by their own past", () => {
  const noise = normalRandom(seededRandom(2));
  for (const [scale, offset] of [
    [1, 0],
    [1e-6, -3],
    [1e6, -1e9],
  ] as const) {
    const judge = createScoreJudge();
    for (let i = 0; i < 500; i++) judgeScore(judge, offset + scale * noise());
    expect(judgeScore(judge, offset + scale).log10P).toBeGreaterThan(-2);
    expect(judgeScore(judge, offset + 9 * scale).log10P).toBeLessThan(-4);
    expect(judgeScore(judge, offset - 9 * scale).log10P).toBe(0);
  }
});

test("a high score of the model is an anomaly of the default detector", () => {
  const { engine, send } = trained(0);
  engine.useModel("7");
  const noise = normalRandom(seededRandom(3));
  for (let i = 0; i < 1000; i++) expect(send(undefined, undefined, -5 + noise()).alerts).toEqual([]);
  expect(send(undefined, undefined, 15).alerts).toMatchObject([{ kind: "model", modelVersion: "7" }]);
});
