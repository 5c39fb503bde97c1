import { checkRequest, type FeedbackKind } from "../src/methods";

const NOW = Date.parse("2026-11-25T12:00:00Z");

function errors(kind: FeedbackKind, payload: unknown): readonly string[] {
  const checked = checkRequest(kind, payload, ["temperature", "pressure"], NOW);
  return checked.ok ? [] : (checked.answer.payload.reasons as string[]);
}

test.each([
  ["confirm", { machineId: "m", episodeId: "e", by: "Kim", comment: "bearing" }, {}],
  ["falseAlarm", { machineId: "m", episodeId: "e" }, {}],
  ["acceptLevel", { machineId: "m" }, {}],
  ["acceptLevel", { machineId: "m", signal: "pressure" }, {}],
  ["maintenance", { machineId: "m", minutes: 90 }, { untilMs: NOW + 90 * 60_000 }],
  ["maintenance", { machineId: "m", until: "2026-11-25T14:00:00+01:00" }, { untilMs: NOW + 3_600_000 }],
] as const)("%s takes %j", (kind, payload, more) => {
  const rest = Object.fromEntries(Object.entries(payload).filter(([key]) => key !== "minutes" && key !== "until"));
  expect(checkRequest(kind, payload, ["temperature", "pressure"], NOW)).toEqual({
    ok: true,
    request: { kind, ...rest, ...more },
  });
});

test.each([
  ["confirm", null, [/no JSON object/]],
  ["confirm", "m", [/no JSON object/]],
  ["confirm", {}, [/^machineId is absent/, /^episodeId is absent/]],
  [
    "confirm",
    { machineId: "m", episodeId: 7, minutes: 3 },
    [/^minutes is not known; confirm takes machineId, episodeId, by, comment/, /^episodeId is 7/],
  ],
  [
    "acceptLevel",
    { machineId: "", signal: "humidity" },
    [/^machineId is ""/, /^signal is "humidity"; the signals are temperature, pressure/],
  ],
  ["maintenance", { machineId: "m" }, [/^either until or minutes/]],
  ["maintenance", { machineId: "m", until: "2026-11-25T14:00:00Z", minutes: 1 }, [/^either until or minutes/]],
  ["maintenance", { machineId: "m", minutes: 0 }, [/^minutes is 0; a number above 0/]],
  ["maintenance", { machineId: "m", minutes: 1e9 }, [/^minutes is 1000000000/]],
  ["maintenance", { machineId: "m", until: "2026-11-25T11:00:00Z" }, [/^until is .*in the next 30 days/]],
  ["maintenance", { machineId: "m", until: "tomorrow" }, [/^until: time "tomorrow" is not ISO 8601/]],
  ["maintenance", { machineId: "m", until: 1e12 }, [/^until is no text/]],
] as const)("%s of %j is refused with all its errors", (kind, payload, expected) => {
  const found = errors(kind, payload);
  expect(found).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
});

test("a refusal has an example that is taken", () => {
  for (const kind of ["confirm", "falseAlarm", "acceptLevel", "maintenance"] as const) {
    const checked = checkRequest(kind, {}, ["temperature"], NOW);
    if (checked.ok) throw new Error("taken");
    expect(checked.answer.status).toBe(400);
    expect(errors(kind, JSON.parse(String(checked.answer.payload.example)))).toEqual([]);
  }
});
