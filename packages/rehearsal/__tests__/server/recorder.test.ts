import fc from "fast-check";
import type { AlertEvent, ReadingEvent, RehearsalEvent } from "../../src/events";
import type { Frame } from "../../src/server/frames";
import { Recorder } from "../../src/server/recorder";
import { thin } from "../../src/server/thin";
import { DESCRIPTION, ScriptedSource } from "./scripted-source";

const reading = (time: number, value: number, machineId = "press-01"): ReadingEvent => ({
  kind: "reading",
  time,
  machineId,
  signals: { temperature: value },
  expected: { temperature: { low: 0, high: 10 } },
});

const alert = (changes: Partial<AlertEvent>): AlertEvent => ({
  kind: "alert",
  time: 1000,
  phase: "opened",
  source: "detector",
  episodeId: "e1",
  machineId: "press-01",
  message: "spike",
  ...changes,
});

function recorded(events: readonly RehearsalEvent[], recorder = new Recorder(DESCRIPTION.routes)): Frame {
  events.forEach((event) => {
    recorder.add(event);
  });
  const frame = recorder.takeFrame();
  if (frame === undefined) {
    throw new Error("nothing happened");
  }
  return frame;
}

describe("frames of a rehearsal", () => {
  it("counts messages by route, what is for the cloud, what arrived and what was lost", () => {
    const routed = (messageId: string, routes: string[]): RehearsalEvent => ({
      kind: "routed",
      time: 1,
      messageId,
      from: "simulated-sensor/temperatureOutput",
      routes,
    });
    const { totals } = recorded([
      routed("1", ["sensorToDetector", "telemetryToCloud"]),
      routed("2", ["sensorToDetector"]),
      routed("3", []),
      { kind: "lost", time: 1, messageId: "3", reason: "no route" },
      { kind: "cloud", time: 1, messageId: "1", type: "telemetry", bytes: 100 },
    ]);
    expect(totals).toEqual({
      messages: 3,
      forCloud: 1,
      byRoute: { sensorToDetector: 2, telemetryToCloud: 1 },
      cloud: { telemetry: 1, anomaly: 0, other: 0 },
      cloudBytes: 100,
      lost: { "no route": 1 },
    });
  });

  it("merges the alerts of an episode", () => {
    const { episodes } = recorded([
      alert({ latencyMs: 4, signal: "temperature" }),
      alert({
        phase: "updated",
        time: 2000,
        signal: "pressure",
        severity: "critical",
        message: "worse",
        latencyMs: 9,
      }),
      alert({ phase: "closed", time: 3000, signal: "humidity", severity: "info", message: "over" }),
      alert({ episodeId: "row", source: "streamAnalytics", time: 4000 }),
    ]);
    expect(episodes).toMatchObject([
      {
        id: "e1",
        openedAt: 1000,
        updatedAt: 3000,
        closedAt: 3000,
        severity: "critical",
        message: "worse",
        latencyMs: 4,
      },
      { id: "row", openedAt: 4000, closedAt: 4000 },
    ]);
  });

  it("says waiting until every message of an episode arrived, and lost for good where one was", () => {
    const recorder = new Recorder([]);
    const delivery = (...events: RehearsalEvent[]): unknown => recorded(events, recorder).episodes[0]?.delivery;
    const arrived = (messageId: string): RehearsalEvent => ({
      kind: "cloud",
      time: 1,
      messageId,
      type: "anomaly",
      bytes: 1,
    });
    expect(delivery(alert({}))).toBeUndefined();
    expect(delivery(alert({ messageId: "a" }))).toBe("waiting");
    expect(delivery(alert({ messageId: "b", phase: "closed" }), arrived("a"))).toBe("waiting");
    expect(delivery(arrived("b"))).toBe("cloud");
    expect(delivery(alert({ messageId: "c" }), { kind: "lost", time: 1, messageId: "c", reason: "time to live" })).toBe(
      "lost",
    );
    expect(delivery(alert({ messageId: "d" }), arrived("d"))).toBe("lost");
  });

  it("knows that a message arrived before its alerts were known", () => {
    const { episodes } = recorded([
      { kind: "cloud", time: 1, messageId: "a", type: "anomaly", bytes: 1 },
      alert({ messageId: "a" }),
      alert({ messageId: "a", episodeId: "e2" }),
    ]);
    expect(episodes.map(({ delivery }) => delivery)).toEqual(["cloud", "cloud"]);
  });

  it("follows a message that carries alerts of several episodes", () => {
    const recorder = new Recorder([]);
    recorder.add(alert({ episodeId: "e1", messageId: "rows" }));
    recorder.add(alert({ episodeId: "e2", messageId: "rows" }));
    recorder.add(alert({ episodeId: "e2", messageId: "rows" }));
    const deliveries = (): unknown => recorder.replay().episodes.map(({ delivery }) => delivery);
    expect(deliveries()).toEqual(["waiting", "waiting"]);
    recorder.add({ kind: "cloud", time: 1, messageId: "rows", type: "anomaly", bytes: 1 });
    expect(deliveries()).toEqual(["cloud", "cloud"]);
  });

  it("gives a page that joins late what earlier pages got", () => {
    const recorder = new Recorder(DESCRIPTION.routes);
    const source = new ScriptedSource();
    source.subscribe((event) => {
      recorder.add(event);
    });
    const readings: ReadingEvent[] = [];
    for (let step = 0; step < 50; step++) {
      if (step === 20) {
        source.act("spike", "press-01");
      }
      source.step(step * 1000);
      readings.push(...(recorder.takeFrame()?.readings ?? []));
    }
    const replay = recorder.replay();
    expect(replay.readings).toEqual(readings);
    expect(replay.episodes.map(({ source: by, closedAt }) => [by, closedAt === undefined])).toEqual([
      ["detector", false],
      ["streamAnalytics", false],
    ]);
    expect(replay.actions).toMatchObject([{ action: "spike", readingTime: 19_000 }]);
    expect(recorder.takeFrame()).toBeUndefined();
  });

  it("stays bounded however much happens, and counts what it left out", () => {
    const recorder = new Recorder([], { history: 100, frame: 20, episodes: 10, actions: 5 });
    let thinned = 0;
    let shown = 0;
    for (let time = 0; time < 20_000; time++) {
      recorder.add(reading(time, time % 10));
      recorder.add(alert({ episodeId: `e${time}`, messageId: `m${time}`, time }));
      recorder.add({ kind: "action", time, action: "spike" });
      if (time % 100 === 99) {
        const frame = recorder.takeFrame();
        thinned += frame?.thinned ?? 0;
        shown += frame?.readings.length ?? 0;
        expect(frame?.actions.length).toBeLessThanOrEqual(5);
      }
    }
    expect(shown + thinned).toBe(20_000);
    const { readings, episodes, actions } = recorder.replay();
    expect([readings.length, episodes.length, actions.length]).toEqual([100, 10, 5]);
    expect(episodes.at(-1)?.id).toBe("e19999");
  });

  it("forgets closed episodes before open ones", () => {
    const recorder = new Recorder([], { episodes: 2 });
    recorder.add(alert({ episodeId: "open" }));
    recorder.add(alert({ episodeId: "closed" }));
    recorder.add(alert({ episodeId: "closed", phase: "closed" }));
    recorder.add(alert({ episodeId: "new" }));
    expect(recorder.replay().episodes.map(({ id }) => id)).toEqual(["open", "new"]);
  });

  it("thins to what a screen can show: extremes, both ends, all outside the expected range, in order", () => {
    const value = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.boolean()), { minLength: 30, maxLength: 200 }), (values) => {
        const readings = values.map(([inside, isPress2], index) =>
          reading(index, inside, isPress2 ? "press-02" : "press-01"),
        );
        readings[17] = reading(17, 99);
        const kept = thin(readings, 20);
        expect(kept.length).toBeLessThanOrEqual(20);
        expect(kept).toContain(readings[17]);
        expect([...kept].sort((a, b) => a.time - b.time)).toEqual(kept);
        for (const machine of ["press-01", "press-02"]) {
          const of = (list: readonly ReadingEvent[]): number[] =>
            list.filter(({ machineId }) => machineId === machine).map(({ signals }) => signals.temperature ?? NaN);
          const [all, some] = [of(readings), of(kept)];
          if (all.length > 0) {
            expect([some[0], some.at(-1)]).toEqual([all[0], all.at(-1)]);
            expect([Math.min(...some), Math.max(...some)]).toEqual([Math.min(...all), Math.max(...all)]);
          }
        }
      }),
    );
  });
});
