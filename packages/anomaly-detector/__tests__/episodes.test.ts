import { closeEpisode, createEpisodeState, type EpisodeEvent, updateEpisode } from "../src/episodes";

const PARAMETERS = { cooldownMessages: 10, quietMessages: 3 };

/** One letter a message: `-` normal, `a` anomalous (p = 1e-3), `b` far worse (p = 1e-7). Returns row and phase. */
function run(messages: string): [row: number, event: EpisodeEvent][] {
  const state = createEpisodeState();
  return messages.split("").flatMap((letter, row) => {
    const log10P = { "-": 0, a: -3, b: -7 }[letter] ?? 0;
    const event = updateEpisode(state, PARAMETERS, letter !== "-", log10P, row * 1000);
    return event ? [[row, event] as [number, EpisodeEvent]] : [];
  });
}

function phases(messages: string): string[] {
  return run(messages).map(([row, { phase }]) => `${row} ${phase}`);
}

test("an episode has one alert when it begins and one when it ends", () => {
  expect(phases("--aaaa------")).toEqual(["2 opened", "8 closed"]);
});

test("fewer normal messages than quietMessages do not end it", () => {
  expect(phases("a--a--a---")).toEqual(["0 opened", "9 closed"]);
});

test("what closes tells how long it lasted and how bad it was", () => {
  const closed = run("-a-ab----").at(-1)?.[1];
  expect(closed).toMatchObject({
    phase: "closed",
    episode: { startMs: 1000, lastMs: 4000, anomalous: 3, peakLog10P: -7 },
  });
});

test("during the cooldown another anomaly raises no alert, and after it does", () => {
  expect(phases("a------a---")).toEqual(["0 opened", "3 closed"]);
  expect(phases("a---------a---")).toEqual(["0 opened", "3 closed"]);
  expect(phases("a----------a---")).toEqual(["0 opened", "3 closed", "11 opened", "14 closed"]);
});

test("an episode that outlasts the cooldown is told again", () => {
  expect(phases("a".repeat(23))).toEqual(["0 opened", "11 ongoing", "22 ongoing"]);
});

test("one that becomes twice as severe is told at once", () => {
  expect(phases("aab")).toEqual(["0 opened", "2 ongoing"]);
  expect(phases("a----b")).toEqual(["0 opened", "3 closed", "5 opened"]);
});

test("closing what is not open does nothing", () => {
  expect(closeEpisode(createEpisodeState())).toBeUndefined();
});
