import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What `/metrics` shows. Counters are those of the process; they start at 0 after a restart. */
export interface Metrics {
  readonly registry: Registry;
  /** Messages by outcome: scored, backlog, duplicate, rejected. */
  readonly messages: Counter<"outcome">;
  /** Signals of scored messages that were there and could not be used. */
  readonly signalProblems: Counter<"signal">;
  /** Alerts by detector and phase. */
  readonly alerts: Counter<"detector" | "phase">;
  /** Seconds that a message took, model included. */
  readonly seconds: Histogram;
  /** Messages scored without the model because it failed or took too much time. */
  readonly withoutModel: Counter;
  /** Saves of the state by result: saved, failed. */
  readonly saves: Counter<"result">;
}

/** Values that are read when they are asked for. */
export interface Gauges {
  readonly machines: () => number;
  readonly warmingUp: () => number;
  readonly openEpisodes: () => number;
  readonly pending: () => number;
  readonly dropped: () => number;
  readonly evicted: () => number;
  readonly connected: () => number;
  readonly degraded: () => number;
}

const PREFIX = "anomaly_detector_";

const GAUGES: Readonly<Record<keyof Gauges, readonly [name: string, help: string]>> = {
  machines: ["machines", "Machines with a state"],
  warmingUp: ["machines_warming_up", "Machines whose ensemble does not judge yet"],
  openEpisodes: ["episodes_open", "Episodes that have begun and not ended"],
  pending: ["outbox_pending_messages", "Messages that the hub has not taken yet"],
  dropped: ["outbox_dropped_messages", "Messages dropped since the start because the hub did not take them in time"],
  evicted: ["machines_evicted", "Newcomers since the start that lost their place to other machine ids"],
  connected: ["hub_connected", "1 while connected to the edge hub"],
  degraded: ["degraded", "Number of things that are wrong, as /healthz lists them"],
};

export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  for (const [key, [name, help]] of Object.entries(GAUGES) as [keyof Gauges, readonly [string, string]][]) {
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(gauges[key]());
      },
    });
  }
  return {
    registry,
    messages: new Counter({
      name: `${PREFIX}messages_total`,
      help: "Messages received",
      labelNames: ["outcome"],
      registers,
    }),
    signalProblems: new Counter({
      name: `${PREFIX}signal_problems_total`,
      help: "Signals of scored messages that could not be used",
      labelNames: ["signal"],
      registers,
    }),
    alerts: new Counter({
      name: `${PREFIX}alerts_total`,
      help: "Alerts raised",
      labelNames: ["detector", "phase"],
      registers,
    }),
    seconds: new Histogram({
      name: `${PREFIX}message_seconds`,
      help: "Time to score a message",
      buckets: [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
      registers,
    }),
    withoutModel: new Counter({
      name: `${PREFIX}messages_without_model_total`,
      help: "Messages scored without the model that is loaded",
      registers,
    }),
    saves: new Counter({
      name: `${PREFIX}state_saves_total`,
      help: "Saves of the state",
      labelNames: ["result"],
      registers,
    }),
  };
}
