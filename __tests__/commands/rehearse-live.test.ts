import type { LiveSummary } from "@edge-anomaly-detection/rehearsal";
import { problemsOf } from "../../stacks/commands/rehearse-live";

const GOOD: LiveSummary = {
  environment: "dev",
  deviceId: "press",
  machines: ["press"],
  seconds: 60,
  timeFactor: 50,
  sent: 600,
  accepted: 600,
  messages: 1200,
  cloud: { messages: 600, bytes: 1, repeated: 0, byType: {} },
  alerts: { detector: { opened: 1, closed: 1 }, streamAnalytics: { opened: 0, closed: 0 } },
  spikes: { sent: 1, alerted: 1 },
  lost: { "no route": 0, "time to live": 0, "disk limit": 0, refused: 0 },
  waiting: { $upstream: 0 },
  notes: [],
};

test("a rehearsal in which everything arrived has no problem", () => {
  expect(problemsOf(GOOD, true)).toEqual([]);
  // A message that came again after a kill was accepted twice.
  expect(problemsOf({ ...GOOD, accepted: 601 }, true)).toEqual([]);
});

test.each<[string, Partial<LiveSummary>, boolean, RegExp]>([
  ["a loss", { lost: { ...GOOD.lost, "time to live": 3 } }, true, /^Lost: 3 messages \(time to live\)\.$/],
  ["a message that the hub has not", { accepted: 598 }, true, /^Not accepted by the edge hub: 2 of 600 /],
  [
    "a message that waits",
    { waiting: { $upstream: 4, "m/i": 0 } },
    false,
    /^Not delivered after 15 s: 4 for \$upstream\.$/,
  ],
  [
    "a spike without an alert",
    { spikes: { sent: 2, alerted: 1 } },
    true,
    /^Not alerted by the ML module: 1 of 2 spikes\. /,
  ],
])("%s is named", (_what, change, isDrained, message) => {
  expect(problemsOf({ ...GOOD, ...change }, isDrained)).toEqual([expect.stringMatching(message)]);
});
