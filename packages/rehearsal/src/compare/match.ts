import type { AlertEvent } from "../events";

/** An alert that differs between two versions. */
export interface AlertChange {
  readonly kind: "new" | "gone" | "earlier" | "later";
  readonly alert: AlertEvent;
  /** Of `earlier` and `later`: when it was before, milliseconds since 1970. */
  readonly before?: number;
}

const keyOf = ({ source, machineId, signal = "", detector = "" }: AlertEvent): string =>
  [source, machineId, signal, detector].join("\n");

/**
 * Matches the alerts of two versions by machine, signal and detector. Those at the same time are the same alert; of what is
 * left, the nearest within `toleranceMs` came earlier or later.
 *
 * @param base alerts that opened, in any order
 */
export function compareAlerts(
  base: readonly AlertEvent[],
  head: readonly AlertEvent[],
  toleranceMs: number,
): { readonly changes: readonly AlertChange[]; readonly same: number } {
  const groups = new Map<string, { base: AlertEvent[]; head: AlertEvent[] }>();
  const groupOf = (alert: AlertEvent): { base: AlertEvent[]; head: AlertEvent[] } => {
    const key = keyOf(alert);
    const group = groups.get(key) ?? { base: [], head: [] };
    groups.set(key, group);
    return group;
  };
  for (const alert of base) groupOf(alert).base.push(alert);
  for (const alert of head) groupOf(alert).head.push(alert);
  const changes: AlertChange[] = [];
  let same = 0;
  for (const group of groups.values()) {
    const byTime = (a: AlertEvent, b: AlertEvent): number => a.time - b.time;
    const { left, right, equal } = withoutEqual(group.base.sort(byTime), group.head.sort(byTime));
    same += equal;
    changes.push(...matchNear(left, right, toleranceMs));
  }
  return { changes: changes.sort((a, b) => a.alert.time - b.alert.time), same };
}

function withoutEqual(
  base: readonly AlertEvent[],
  head: readonly AlertEvent[],
): { readonly left: AlertEvent[]; readonly right: AlertEvent[]; readonly equal: number } {
  const times = new Map<number, number>();
  for (const { time } of base) times.set(time, (times.get(time) ?? 0) + 1);
  const right = head.filter(({ time }) => !takeOne(times, time));
  const left = base.filter(({ time }) => takeOne(times, time));
  return { left, right, equal: base.length - left.length };
}

function takeOne(counts: Map<number, number>, time: number): boolean {
  const count = counts.get(time) ?? 0;
  if (count > 0) counts.set(time, count - 1);
  return count > 0;
}

/** Both in order of time: each alert takes the first within reach that no earlier one has taken. */
function matchNear(base: readonly AlertEvent[], head: readonly AlertEvent[], toleranceMs: number): AlertChange[] {
  const changes: AlertChange[] = [];
  const waiting = head.values();
  let next = waiting.next();
  for (const alert of base) {
    for (; next.done !== true && next.value.time < alert.time - toleranceMs; next = waiting.next()) {
      changes.push({ kind: "new", alert: next.value });
    }
    if (next.done !== true && next.value.time <= alert.time + toleranceMs) {
      const kind = next.value.time < alert.time ? "earlier" : "later";
      changes.push({ kind, alert: next.value, before: alert.time });
      next = waiting.next();
    } else {
      changes.push({ kind: "gone", alert });
    }
  }
  for (; next.done !== true; next = waiting.next()) changes.push({ kind: "new", alert: next.value });
  return changes;
}
