/** How far an anomaly is beyond what is normal, as the detector says it. */
export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whether it gets worse. */
export const TRENDS = ["falling", "steady", "rising"] as const;
export type Trend = (typeof TRENDS)[number];

/** What a stop of the machine costs: A stops the line, B slows it, C nobody notices within a shift. */
export const CRITICALITIES = ["A", "B", "C"] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** A time in which the machine stands anyway. */
export interface PlannedStop {
  /** ISO 8601 with a zone. */
  readonly start: string;
  /** After `start`. */
  readonly end: string;
}

/** What the maintenance system knows of a machine. */
export interface MachineRecord {
  /** Equipment or functional location. @default - the machine's id */
  readonly equipment?: string;
  /** Maintenance planning plant, as the system names it. */
  readonly planningPlant: string;
  /** Work centre that does the work. */
  readonly workCentre: string;
  readonly criticality: Criticality;
  /** Next stop that is planned. @default - none is known */
  readonly nextPlannedStop?: PlannedStop;
}

/** What of an episode decides when it should be looked at. */
export interface Urgency {
  readonly severity: Severity;
  readonly trend: Trend;
}

/** When somebody should look at the machine, as the request asks for it; the maintenance system decides. */
export interface RequestedWindow {
  /** ISO 8601. */
  readonly start: string;
  readonly end: string;
  /** 1 is the most urgent, 4 the least. */
  readonly priority: 1 | 2 | 3 | 4;
  /** How it came about, a sentence each. */
  readonly explanation: readonly string[];
}

const HOUR_MS = 3_600_000;

/** Hours in which an anomaly should be looked at, for a machine of criticality B and a steady trend. */
const HOURS: Readonly<Record<Severity, number>> = { critical: 24, warning: 72, info: 336 };
const CRITICALITY_FACTORS: Readonly<Record<Criticality, number>> = { A: 0.5, B: 1, C: 2 };
const TREND_FACTORS: Readonly<Record<Trend, number>> = { rising: 0.5, steady: 1, falling: 1.5 };
/** Share of the time by which it may be exceeded for a planned stop, which costs no production. */
const WORTH_WAITING = 0.25;
/** Hours from which on each priority is enough. */
const PRIORITIES: readonly (readonly [hours: number, priority: RequestedWindow["priority"]])[] = [
  [24, 1],
  [72, 2],
  [240, 3],
];

/**
 * When a machine should be looked at: severity, what a stop costs and the trend give a time, and a planned stop is taken where it comes
 * in time. Depends on its arguments alone.
 *
 * @param machine undefined where no record of it is known: it counts as B, without a planned stop
 * @param from when the anomaly began
 */
export function requestedWindow(urgency: Urgency, machine: MachineRecord | undefined, from: Date): RequestedWindow {
  const { severity, trend } = urgency;
  const criticality = machine?.criticality ?? "B";
  const hours = HOURS[severity] * CRITICALITY_FACTORS[criticality] * TREND_FACTORS[trend];
  const deadline = from.getTime() + hours * HOUR_MS;
  const because = [
    `${severity}: within ${HOURS[severity]} h`,
    machine === undefined
      ? "no record of the machine: criticality B"
      : `criticality ${criticality}: ${CRITICALITY_FACTORS[criticality]} times that`,
    `${trend}: ${TREND_FACTORS[trend]} times that, so within ${hours} h`,
  ];
  const priority = PRIORITIES.find(([most]) => hours <= most)?.[1] ?? 4;
  const stop = machine?.nextPlannedStop;
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const taken = stop === undefined ? undefined : usableStop(stop, from.getTime(), deadline, hours, severity);
  return taken === undefined
    ? {
        start: iso(from.getTime()),
        end: iso(deadline),
        priority,
        explanation: [
          ...because,
          stop === undefined ? "no stop is planned" : "the next planned stop is over or comes too late",
        ],
      }
    : {
        start: iso(taken.start),
        end: iso(taken.end),
        priority,
        explanation: [...because, `planned stop from ${iso(taken.start)}: no production is lost`],
      };
}

/** The planned stop, from now on where it has begun; undefined where it is over or later than is worth waiting for. */
function usableStop(
  stop: PlannedStop,
  from: number,
  deadline: number,
  hours: number,
  severity: Severity,
): { readonly start: number; readonly end: number } | undefined {
  const start = Math.max(Date.parse(stop.start), from);
  const end = Date.parse(stop.end);
  // A critical anomaly waits for nothing.
  const latest = deadline + (severity === "critical" ? 0 : WORTH_WAITING * hours * HOUR_MS);
  return Number.isFinite(start) && end > start && start <= latest ? { start, end } : undefined;
}
