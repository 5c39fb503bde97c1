import fc from "fast-check";
import {
  type EpisodeNews,
  INITIAL_STATE,
  type MachineState,
  newsOf,
  patchOf,
  type SignalState,
  withNews,
  withReading,
} from "../index";
import { alert, news } from "./support/news";

const time = (minute: number): string => new Date(Date.UTC(2026, 10, 25) + minute * 60_000).toISOString();
const after = (all: readonly EpisodeNews[], from: MachineState = INITIAL_STATE): MachineState =>
  all.reduce((state, one) => withNews(state, one), from);

it("reads alerts with their value, operators' words, and nothing else", () => {
  expect(newsOf(alert({}))).toEqual([{ ...news(), value: 27.5 }]);
  expect(newsOf(alert({ phase: "closed", signal: "pressure+temperature" }))).toEqual([
    news({ phase: "closed", signal: "pressure+temperature" }),
  ]);
  const feedback = { feedbackId: "f", kind: "falseAlarm", phase: undefined, severity: undefined, by: "jane" };
  expect(newsOf(alert(feedback))).toMatchObject([{ phase: "closed", kind: "confirmed" }]);
  expect(newsOf(alert({ probe: "12345678" }))).toEqual([]);
  expect(newsOf({ data: { body: { machineId: "m", temperature: 20 } } })).toEqual([]);
});

it("follows an episode from its beginning to its end", () => {
  const opened = after([news()]);
  expect(opened).toMatchObject({ health: "warning", healthLevel: 2, openEpisodes: 1 });
  expect(opened.lastAnomaly).toMatchObject({ episodeId: "e-1", explanation: "27.5 °C, expected 20.7 to 21.3" });
  const worse = withNews(opened, news({ severity: "critical", at: time(400) }));
  expect(worse).toMatchObject({ health: "critical", healthLevel: 3, openEpisodes: 1 });
  const two = withNews(worse, news({ episodeId: "e-2", severity: "info", at: time(401), startedAt: time(401) }));
  expect(two).toMatchObject({ health: "critical", openEpisodes: 2, lastAnomaly: { episodeId: "e-2" } });
  const closed = withNews(two, news({ phase: "closed", at: time(500) }));
  expect(closed).toMatchObject({ health: "info", healthLevel: 1, openEpisodes: 1, lastAnomaly: { episodeId: "e-2" } });
});

it("ends an episode that an operator calls a false alarm, whatever the detector says later", () => {
  const state = after([
    news(),
    news({ phase: "closed", kind: "confirmed", at: time(390) }),
    news({ severity: "critical", at: time(400) }),
  ]);
  expect(state).toMatchObject({ health: "normal", openEpisodes: 0 });
  expect(state.episodes["e-1"]).toMatchObject({ phase: "closed", kind: "drift", severity: "critical" });
});

const arbitraryNews = fc
  .record({
    episodeId: fc.constantFrom("e-1", "e-2", "e-3"),
    phase: fc.constantFrom("open", "closed"),
    severity: fc.constantFrom("info", "warning", "critical"),
    kind: fc.constantFrom("drift", "spike", "confirmed"),
    minute: fc.nat(23 * 60),
    startMinute: fc.nat(10),
  })
  .map(({ minute, startMinute, ...rest }) => news({ ...rest, at: time(minute), startedAt: time(startMinute) }));

it("comes to the same state however often and in whatever order the messages of a day arrive", () => {
  const orders = fc.array(arbitraryNews, { minLength: 1, maxLength: 12 }).chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.array(fc.nat(all.length - 1), { maxLength: 10 }).chain((again) => {
        const repeated = [...all, ...again.flatMap((index) => all[index] ?? [])];
        return fc.shuffledSubarray(repeated, { minLength: repeated.length });
      }),
    ),
  );
  fc.assert(
    fc.property(orders, ([all, other]) => {
      expect(after(other)).toEqual(after(all));
      expect(after(all, after(all))).toEqual(after(all));
    }),
    { numRuns: 150 },
  );
});

it("has the health of its worst open episode, and counts those that are open", () => {
  fc.assert(
    fc.property(fc.array(arbitraryNews, { maxLength: 12 }), (all) => {
      const { episodes, openEpisodes, health, healthLevel } = after(all);
      const open = Object.values(episodes).filter(({ phase }) => phase === "open");
      expect(openEpisodes).toBe(open.length);
      const levels = ["normal", "info", "warning", "critical"];
      expect(levels.indexOf(health)).toBe(healthLevel);
      expect(healthLevel).toBe(Math.max(0, ...open.map(({ severity }) => levels.indexOf(severity))));
    }),
  );
});

it("forgets what ended a day ago, and is not opened again by what comes a day late", () => {
  const ended = after([news({ at: time(0) }), news({ phase: "closed", at: time(1) })]);
  const later = withNews(ended, news({ episodeId: "e-2", at: time(1442), startedAt: time(1442) }));
  expect(Object.keys(later.episodes)).toEqual(["e-2"]);
  expect(withNews(later, news({ at: time(0) }))).toBe(later);
  const open = after([news({ at: time(0) }), news({ episodeId: "e-2", at: time(5000), startedAt: time(5000) })]);
  expect(open.openEpisodes).toBe(2);
});

it("keeps a hundred episodes at most, and open ones before others", () => {
  const many = Array.from({ length: 150 }, (_, index) =>
    news({ episodeId: `c-${index}`, phase: "closed", at: time(index), startedAt: time(index) }),
  );
  const { episodes, openEpisodes } = after([news({ at: time(0), startedAt: time(0) }), ...many]);
  expect(Object.keys(episodes).length).toBe(100);
  expect(openEpisodes).toBe(1);
  expect(Buffer.byteLength(JSON.stringify(episodes))).toBeLessThan(30 * 1024);
});

it("keeps a signal's latest reading", () => {
  const readings = fc.array(fc.record({ minute: fc.nat(5), value: fc.integer({ min: 0, max: 100 }) }), {
    minLength: 1,
  });
  const fold = (all: readonly { minute: number; value: number }[]): SignalState =>
    all.reduce<SignalState>((state, { minute, value }) => withReading(state, news({ at: time(minute), value })), {});
  fc.assert(
    fc.property(readings, (all) => {
      const last = Math.max(...all.map(({ minute }) => minute));
      expect(fold(all)).toEqual({
        lastAnomalyAt: time(last),
        lastAnomalousValue: Math.max(...all.filter(({ minute }) => minute === last).map(({ value }) => value)),
      });
      expect(fold([...all].reverse())).toEqual(fold(all));
    }),
  );
});

it("writes the difference as JSON Patch, and nothing where there is none", () => {
  expect(patchOf({ a: 1, b: { c: 1 }, d: 2, e: undefined }, { a: 1, b: { c: 2 }, e: 3 })).toEqual([
    { op: "replace", path: "/b", value: { c: 2 } },
    { op: "remove", path: "/d" },
    { op: "add", path: "/e", value: 3 },
  ]);
  expect(patchOf({ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } })).toEqual([]);
});
