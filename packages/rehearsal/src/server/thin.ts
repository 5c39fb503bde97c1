import type { ReadingEvent } from "../events";

/**
 * Leaves out readings that no screen can show: of each machine the first, the last, the lowest and highest of each
 * signal and everything outside its expected range stay, in their order.
 * @param limit - up to this many readings nothing is left out; beyond it, of those that would stay the latest do
 */
export function thin(readings: readonly ReadingEvent[], limit: number): readonly ReadingEvent[] {
  if (readings.length <= limit) {
    return readings;
  }
  const kept = new Set<ReadingEvent>();
  const extremes = new Map<string, Machine>();
  for (const reading of readings) {
    const machine: Machine = extremes.get(reading.machineId) ?? { first: reading, last: reading, bySignal: new Map() };
    extremes.set(reading.machineId, machine);
    machine.last = reading;
    for (const [signal, value] of Object.entries(reading.signals)) {
      if (value === null) {
        continue;
      }
      const range = reading.expected?.[signal];
      if (range !== undefined && (value < range.low || value > range.high)) {
        kept.add(reading);
      }
      const found = machine.bySignal.get(signal);
      machine.bySignal.set(signal, {
        lowest: found === undefined || value < found.low ? reading : found.lowest,
        low: Math.min(found?.low ?? Infinity, value),
        highest: found === undefined || value > found.high ? reading : found.highest,
        high: Math.max(found?.high ?? -Infinity, value),
      });
    }
  }
  for (const { first, last, bySignal } of extremes.values()) {
    kept.add(first).add(last);
    for (const { lowest, highest } of bySignal.values()) {
      kept.add(lowest).add(highest);
    }
  }
  return readings.filter((reading) => kept.has(reading)).slice(-limit);
}

interface Machine {
  readonly first: ReadingEvent;
  last: ReadingEvent;
  readonly bySignal: Map<string, Extremes>;
}

interface Extremes {
  readonly low: number;
  readonly lowest: ReadingEvent;
  readonly high: number;
  readonly highest: ReadingEvent;
}
