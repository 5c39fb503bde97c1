import { MONTH_MS } from "./types";

/** Statistics of a signal that share the machine's budget. */
const TESTS_PER_SIGNAL = 10;
/** Unconfirmed alerts at which limits begin to rise, the rise for each further one, and for each after `steepFrom`. */
const STRICTNESS = { from: 2, each: 0.15, steepFrom: 3.5, steep: 0.6, most: 12 } as const;

/** The chance of a false exceedance that the budget leaves one reading: fewer messages allow lower limits. */
export function chanceOf(falseAlertsPerMachineMonth: number, intervalMs: number, signals: number): number {
  const tests = (MONTH_MS / Math.max(intervalMs, 1)) * signals * TESTS_PER_SIGNAL;
  return (0.5 * falseAlertsPerMachineMonth) / tests;
}

/** What limits are multiplied by after so many alerts that nobody confirmed, less what the budget allowed since. */
export function strictnessOf(alerts: number): number {
  const spent = Math.min(alerts, STRICTNESS.most);
  return (
    1 +
    STRICTNESS.each * Math.max(spent - STRICTNESS.from, 0) +
    STRICTNESS.steep * Math.max(spent - STRICTNESS.steepFrom, 0)
  );
}
