/**
 * What happens in a rehearsal, as data: the live hub and the replay write these events, the page, the report and the
 * comparison read them. Times are milliseconds since 1970.
 */

/** A sensor message was accepted by the edge hub. `signals` are those of the environment, by name. */
export interface ReadingEvent {
  readonly kind: "reading";
  readonly time: number;
  readonly machineId: string;
  readonly signals: Readonly<Record<string, number | null>>;
  /** What a detector expects, by signal; absent while it learns. */
  readonly expected?: Readonly<Record<string, { readonly low: number; readonly high: number }>>;
}

/** Which way a message took: one event for each route that matched. */
export interface RoutedEvent {
  readonly kind: "routed";
  readonly time: number;
  readonly messageId: string;
  /** Module and output that it came from, `leaf` for devices without modules. */
  readonly from: string;
  /** Names of the routes; empty where none matched and the message was dropped. */
  readonly routes: readonly string[];
}

/** An alert, by whichever of the detectors raised it. */
export interface AlertEvent {
  readonly kind: "alert";
  /** When the sensor measured what raised it. */
  readonly time: number;
  readonly phase: "opened" | "updated" | "closed";
  /** The detector module or the Stream Analytics job. */
  readonly source: "detector" | "streamAnalytics";
  /** The same for all alerts of one episode; Stream Analytics rows have one each. */
  readonly episodeId: string;
  readonly machineId: string;
  readonly signal?: string;
  readonly severity?: "info" | "warning" | "critical";
  readonly value?: number;
  readonly expected?: { readonly low: number; readonly high: number };
  /** A sentence for an operator. */
  readonly message: string;
  /** The message that carried the alert: a later `cloud` or `lost` event says what became of it. */
  readonly messageId?: string;
  /** Which detector of its source, as the message names it. */
  readonly detector?: string;
  /** From the sensor's send to the alert's acceptance by the edge hub, in milliseconds; live rehearsals only. */
  readonly latencyMs?: number;
}

/** A message reached the cloud, with what the downstream would do with it. */
export interface CloudEvent {
  readonly kind: "cloud";
  readonly time: number;
  readonly messageId: string;
  readonly type: "telemetry" | "anomaly" | "other";
  readonly bytes: number;
}

/** A message was lost, and why: nothing is ever dropped silently. */
export interface LostEvent {
  readonly kind: "lost";
  readonly time: number;
  readonly messageId: string;
  readonly reason: "no route" | "time to live" | "disk limit" | "refused";
}

/** The state of the parts, sent once a second while live. */
export interface StateEvent {
  readonly kind: "state";
  readonly time: number;
  readonly cloudConnected: boolean;
  readonly sensor: "running" | "stopped";
  readonly modules: Readonly<Record<string, "running" | "starting" | "stopped" | "failed">>;
  /** Messages a second over the last second, into the hub. */
  readonly messagesPerSecond: number;
  /** Messages that wait, by endpoint. */
  readonly waiting: Readonly<Record<string, number>>;
  /** Bytes of the message store on disk. */
  readonly storeBytes: number;
  /** From sensor to alert over the last minute, in milliseconds. */
  readonly latency?: { readonly p50: number; readonly p99: number };
}

/** Something was done to the system, by a person on the page or by a test. */
export interface ActionEvent {
  readonly kind: "action";
  readonly time: number;
  readonly action: Action;
  readonly machineId?: string;
}

/** What can be broken and repaired, on the page and by name. */
export const ACTIONS = [
  "spike",
  "drift",
  "stuck",
  "normal",
  "stopSensor",
  "startSensor",
  "cutCloud",
  "connectCloud",
  "killDetector",
  "killHub",
] as const;
export type Action = (typeof ACTIONS)[number];

export type RehearsalEvent =
  ReadingEvent | RoutedEvent | AlertEvent | CloudEvent | LostEvent | StateEvent | ActionEvent;
