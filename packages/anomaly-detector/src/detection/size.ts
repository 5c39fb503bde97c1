import { CADENCE_FIELDS } from "./cadence";
import { SIGNAL_FIELDS } from "./signal-state";

/** Bytes of memory that one machine takes by the default detector, what is known of its signals together included. */
export function bytesPerMachine(signals: number): number {
  const joint = signals < 2 ? 0 : 8 * (signals + (signals * (signals + 1)) / 2 + signals * signals + 3 * signals);
  return 8 * (SIGNAL_FIELDS * signals + CADENCE_FIELDS) + joint + 1500;
}
