import { mergeLayers } from "../edge-hub/deployment";
import type { RehearsalInput } from "../input";

/** Seconds between two saves of the ML module's state, where its twin does not say. */
const STATE_SAVE_SECONDS = 60;

/**
 * The ML module saves by the clock what it has learnt by messages: where these come faster it saves as much more often,
 * or a kill would cost it hours of their time.
 */
export function inTimeLapse(input: RehearsalInput, factor: number): RehearsalInput {
  const { detector, layers } = input;
  if (detector === undefined || factor <= 1) return input;
  const configured = mergeLayers(layers).desired[detector.module]?.stateSaveSeconds;
  const seconds = Math.max(1, Math.round((typeof configured === "number" ? configured : STATE_SAVE_SECONDS) / factor));
  return {
    ...input,
    layers: [
      ...layers,
      {
        name: "timeLapse",
        priority: Math.max(...layers.map(({ priority }) => priority)) + 1,
        content: { [detector.module]: { "properties.desired.stateSaveSeconds": seconds } },
      },
    ],
    notes: [
      ...input.notes,
      `the ML module saves its state every ${seconds} s, because time goes ${factor} times as fast`,
    ],
  };
}
