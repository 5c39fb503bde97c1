import { normalRandom, seededRandom } from "../bench/random";
import { checkConfiguration } from "../src/configuration";
import { type Alert, Engine } from "../src/engine";

const START = Date.parse("2026-01-05T00:00:00Z");

/** A machine whose signal is white noise, with a cadence that each run gives. */
class Rig {
  public engine: Engine;
  private at = START;
  private readonly normal = normalRandom(seededRandom(3));

  public constructor(private readonly desired: Readonly<Record<string, unknown>> = {}) {
    this.engine = this.create();
  }

  private create(): Engine {
    const checked = checkConfiguration({ signals: { a: "a" }, ...this.desired });
    if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
    return new Engine(checked.configuration);
  }

  public run(messages: number, seconds: number | ((i: number) => number)): Alert[] {
    const alerts: Alert[] = [];
    for (let i = 0; i < messages; i++) {
      this.at += 1000 * (typeof seconds === "number" ? seconds : seconds(i));
      const reading = { machineId: "press-1", timeMs: this.at, values: [20 + this.normal()] };
      alerts.push(...this.engine.score(reading).alerts);
    }
    return alerts;
  }

  /** Goes on in another engine with what was saved. */
  public restart(): void {
    const saved = JSON.parse(JSON.stringify(this.engine.save("press-1"))) as unknown;
    this.engine = this.create();
    expect(this.engine.restore("press-1", saved)).toBeUndefined();
  }
}

test("a machine that sends ten times as often is told once, and that it is over", () => {
  const rig = new Rig();
  expect(rig.run(800, 10)).toEqual([]);
  const [alert, ...others] = rig.run(40, 1);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ phase: "opened", kind: "cadence", signals: ["a"] });
  expect(alert?.expected).toBeCloseTo(10, 1);
  expect(alert?.value).toBeGreaterThan(0.9);
  expect(alert?.value).toBeLessThan(3.4);
  expect(alert?.contributions).toBeUndefined();
  expect(alert?.explanation).toMatch(/^a message comes each [1-3](\.\d)? s, found at 02:13:\d\d, usually each 10 s$/);
  expect(rig.run(60, 10)).toMatchObject([{ phase: "closed", reason: "returned" }]);
});

test("one that sends five times less often is told, too, and goes on after a restart", () => {
  const rig = new Rig();
  rig.run(800, 10);
  expect(rig.run(40, 50)).toMatchObject([{ phase: "opened", kind: "cadence" }]);
  rig.restart();
  expect(rig.run(40, 50)).toEqual([]);
  expect(rig.run(60, 10)).toMatchObject([{ phase: "closed", reason: "returned" }]);
});

test.each([
  ["a pause of eight hours now and then", (i: number) => (i % 100 === 99 ? 28_800 : 10)],
  ["jitter of half the interval", (i: number) => 5 + ((i * 7) % 11)],
  ["bursts of ten", (i: number) => (i % 10 === 0 ? 100 : 0)],
  ["a clock of whole seconds", (i: number) => (i % 4 === 0 ? 1 : 0)],
])("%s is usual", (_name, pace) => {
  expect(new Rig().run(3000, pace).filter(({ kind }) => kind === "cadence")).toEqual([]);
});

test("with a clock of whole seconds, ten messages a second instead of one are found", () => {
  const rig = new Rig();
  rig.run(800, 1);
  expect(rig.run(500, (i) => (i % 10 === 0 ? 1 : 0))).toMatchObject([{ phase: "opened", kind: "cadence" }]);
});

test("a site's limits count alone", () => {
  const rig = new Rig({ cadence: { lowSeconds: 5, highSeconds: 60 } });
  rig.run(800, 10);
  // Four times less often, and allowed.
  expect(rig.run(60, 40)).toEqual([]);
  expect(rig.run(40, 4)).toMatchObject([{ phase: "opened", kind: "cadence", expectedLow: 5, expectedHigh: 60 }]);
  expect(rig.run(60, 10)).toMatchObject([{ phase: "closed" }]);
  expect(rig.run(40, 70)).toMatchObject([{ phase: "opened", kind: "cadence" }]);
});

test("what a person accepts is usual from then on", () => {
  const rig = new Rig();
  rig.run(800, 10);
  rig.run(40, 1);
  const said = rig.engine.feedback("acceptLevel", { machineId: "press-1" }, START);
  expect(said).toMatchObject({ ok: true });
  expect(rig.run(400, 1).filter(({ phase }) => phase !== "closed")).toEqual([]);
  expect(rig.run(40, 10)).toMatchObject([{ phase: "opened", kind: "cadence" }]);
});

test("a cadence that returns unconfirmed is normal after the third time", () => {
  const rig = new Rig();
  rig.run(800, 10);
  const told = [1, 2, 3, 4, 5].map(() => {
    const alerts = rig.run(60, 1);
    rig.run(300, 10);
    return alerts.filter(({ phase, kind }) => phase === "opened" && kind === "cadence").length;
  });
  expect(told.slice(0, 2)).toEqual([1, 1]);
  expect(told.at(-1)).toBe(0);
});

test("in maintenance nothing is told of it", () => {
  const rig = new Rig();
  rig.run(800, 10);
  const untilMs = START + 800 * 10_000 + 100_000;
  rig.engine.feedback("maintenance", { machineId: "press-1", untilMs }, START);
  expect(rig.run(60, 1)).toEqual([]);
});
