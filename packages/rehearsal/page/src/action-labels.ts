import type { Action } from "../../src/events";

const LABELS: Readonly<Record<Action, string>> = {
  spike: "Spike",
  drift: "Drift",
  stuck: "Stuck",
  normal: "Normal",
  stopSensor: "Stop sensor",
  startSensor: "Start sensor",
  cutCloud: "Cut cloud",
  connectCloud: "Connect cloud",
  killDetector: "Kill detector",
  killHub: "Kill hub",
};

/** What a button or a mark in a chart calls an action. */
export function labelOf(action: Action): string {
  return LABELS[action];
}
