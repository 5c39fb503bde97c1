import type { AlertEvent, LostEvent, RehearsalEvent } from "../events";

/** Percentiles of milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a live rehearsal came to. */
export interface LiveSummary {
  readonly environment: string;
  readonly deviceId: string;
  readonly machines: readonly string[];
  /** Real seconds. */
  readonly seconds: number;
  /** How much faster than the clock the machines' time went. */
  readonly timeFactor: number;
  /** Messages of sensors that were sent; those that the hub has acknowledged and routed. */
  readonly sent: number;
  readonly accepted: number;
  /** Messages of all modules that the hub took. */
  readonly messages: number;
  readonly cloud: {
    readonly messages: number;
    readonly bytes: number;
    /** Messages that came again, as after a kill of the hub. */
    readonly repeated: number;
    readonly byType: Readonly<Record<string, number>>;
  };
  readonly alerts: Readonly<Record<AlertEvent["source"], { readonly opened: number; readonly closed: number }>>;
  /** Spikes that were asked for, and those of them that an alert was opened or updated for. */
  readonly spikes: { readonly sent: number; readonly alerted: number };
  /** From a sensor's send to the hub's acceptance of the alert that it led to. */
  readonly latencyMs?: Latency;
  readonly lost: Readonly<Record<LostEvent["reason"], number>>;
  /** Messages that waited at the end, by endpoint. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Counts events as they happen, in bounded memory. */
export class LiveCounts {
  public accepted = 0;
  public messages = 0;
  private readonly byType: Record<string, number> = {};
  private readonly alerts = {
    detector: { opened: 0, closed: 0 },
    streamAnalytics: { opened: 0, closed: 0 },
  };
  private readonly lost: Record<LostEvent["reason"], number> = {
    "no route": 0,
    "time to live": 0,
    "disk limit": 0,
    refused: 0,
  };
  private readonly latencies: { readonly at: number; readonly ms: number }[] = [];

  public add(event: RehearsalEvent): void {
    switch (event.kind) {
      case "reading":
        this.accepted += 1;
        break;
      case "routed":
        this.messages += 1;
        break;
      case "cloud":
        this.byType[event.type] = (this.byType[event.type] ?? 0) + 1;
        break;
      case "lost":
        this.lost[event.reason] += 1;
        break;
      case "alert":
        if (event.phase !== "updated") this.alerts[event.source][event.phase] += 1;
        if (event.latencyMs !== undefined) {
          this.latencies.push({ at: Date.now(), ms: event.latencyMs });
          if (this.latencies.length > MOST_LATENCIES) this.latencies.shift();
        }
        break;
      default:
        break;
    }
  }

  /** Latency of the last so many milliseconds; undefined where there was no alert. */
  public latency(lastMs = Infinity): Latency | undefined {
    const since = Date.now() - lastMs;
    return percentiles(this.latencies.filter(({ at }) => at >= since).map(({ ms }) => ms));
  }

  public get totals(): Pick<LiveSummary, "accepted" | "messages" | "alerts" | "lost"> & {
    readonly byType: Readonly<Record<string, number>>;
  } {
    const { accepted, messages, alerts, lost, byType } = this;
    return structuredClone({ accepted, messages, alerts, lost, byType });
  }
}

const MOST_LATENCIES = 10_000;

export function percentiles(values: readonly number[]): Latency | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
