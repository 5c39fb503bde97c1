import fc from "fast-check";
import { CRITICALITIES, type MachineRecord, requestedWindow, SEVERITIES, TRENDS } from "../index";

const FROM = new Date("2026-11-25T06:00:00.000Z");
const HOUR = 3_600_000;
const record = (given: Partial<MachineRecord> = {}): MachineRecord => ({
  planningPlant: "1010",
  workCentre: "MECH",
  criticality: "B",
  ...given,
});
const hoursOf = (iso: string): number => (Date.parse(iso) - FROM.getTime()) / HOUR;
const at = (hours: number): string => new Date(FROM.getTime() + hours * HOUR).toISOString();

it.each([
  ["critical", "steady", "B", 24, 1],
  ["critical", "rising", "A", 6, 1],
  ["warning", "steady", "B", 72, 2],
  ["warning", "falling", "C", 216, 3],
  ["info", "steady", "B", 336, 4],
] as const)("asks for %s, %s, criticality %s within %i h", (severity, trend, criticality, hours, priority) => {
  const window = requestedWindow({ severity, trend }, record({ criticality }), FROM);
  expect([window.start, hoursOf(window.end), window.priority]).toEqual([FROM.toISOString(), hours, priority]);
  expect(window.explanation).toContain("no stop is planned");
});

it.each([
  ["in time", 20, 28, "critical", [20, 28]],
  ["that has begun", -2, 3, "critical", [0, 3]],
  ["that is over", -9, -1, "warning", [0, 72]],
  ["a little late, which is worth waiting for", 80, 90, "warning", [80, 90]],
  ["a little late for a critical one", 25, 30, "critical", [0, 24]],
  ["much too late", 100, 110, "warning", [0, 72]],
] as const)("takes a planned stop %s or leaves it", (_name, start, end, severity, expected) => {
  const machine = record({ nextPlannedStop: { start: at(start), end: at(end) } });
  const window = requestedWindow({ severity, trend: "steady" }, machine, FROM);
  expect([hoursOf(window.start), hoursOf(window.end)]).toEqual(expected);
});

it("says how it came about", () => {
  expect(
    requestedWindow({ severity: "warning", trend: "rising" }, record({ criticality: "A" }), FROM).explanation,
  ).toEqual([
    "warning: within 72 h",
    "criticality A: 0.5 times that",
    "rising: 0.5 times that, so within 18 h",
    "no stop is planned",
  ]);
  expect(requestedWindow({ severity: "info", trend: "steady" }, undefined, FROM).explanation[1]).toBe(
    "no record of the machine: criticality B",
  );
});

const urgency = fc.record({ severity: fc.constantFrom(...SEVERITIES), trend: fc.constantFrom(...TRENDS) });
const machine = fc.record({
  planningPlant: fc.constant("1010"),
  workCentre: fc.constant("MECH"),
  criticality: fc.constantFrom(...CRITICALITIES),
});

it("is never later for what is worse, whatever the machine", () => {
  fc.assert(
    fc.property(urgency, urgency, machine, (a, b, one) => {
      const isWorse =
        SEVERITIES.indexOf(a.severity) >= SEVERITIES.indexOf(b.severity) &&
        TRENDS.indexOf(a.trend) >= TRENDS.indexOf(b.trend);
      const [first, second] = [requestedWindow(a, one, FROM), requestedWindow(b, one, FROM)];
      return !isWorse || (first.end <= second.end && first.priority <= second.priority);
    }),
  );
});

it("begins at the anomaly or later, and ends after it begins, whatever is planned", () => {
  const hours = fc.integer({ min: -500, max: 1000 });
  fc.assert(
    fc.property(urgency, machine, hours, hours, (given, one, start, length) => {
      const window = requestedWindow(
        given,
        { ...one, nextPlannedStop: { start: at(start), end: at(start + length) } },
        FROM,
      );
      return window.start >= FROM.toISOString() && window.end > window.start;
    }),
  );
});
