import { StreamAnalyticsJob, type Value } from "@edge-anomaly-detection/stream-analytics";
import type { RecordedReading } from "../data/order";
import { mergeLayers } from "../edge-hub/deployment";
import { Router, UPSTREAM } from "../edge-hub/router";
import type { AlertEvent, RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { anomalyModels } from "../modules/anomaly-models";
import { detectorAlert, streamAnalyticsAlert } from "./alerts";
import { ReplayedDetector } from "./detector";
import { messageWriter } from "./messages";

/** A message that reached the cloud. */
export interface UpstreamMessage {
  readonly timeMs: number;
  readonly type: "telemetry" | "anomaly" | "other";
  readonly bytes: number;
  /** Machine of each anomaly in it. */
  readonly machines: readonly string[];
}

export interface ReplayListeners {
  /** Readings, alerts and losses. */
  readonly onEvent: (event: RehearsalEvent) => void;
  readonly onUpstream?: (message: UpstreamMessage) => void;
}

export interface ReplayCounts {
  readings: number;
  /** Bytes of all sensor messages: what a device without detectors would send. */
  rawBytes: number;
  /** Sensor messages and alerts that no route took. */
  unrouted: number;
  /** Messages that the detector did not score, by its reason. */
  readonly refused: Map<string, number>;
  /** Why the Stream Analytics job stopped, where it did. */
  jobFailure?: string;
}

interface Message {
  readonly source: string;
  readonly body: unknown;
  readonly timeMs: number;
  /** The device that sent it. */
  readonly deviceId: string;
  readonly type: UpstreamMessage["type"];
  readonly machines?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
}

/** Silence is looked for this often, by the recording's clock. */
const TICK_MS = 60_000;

/**
 * The merged deployment of a device in one process: its routes, its Stream Analytics query and its detector's pipeline.
 * The recording's times are the clock, so a month runs as fast as it is read and gives the same each time.
 */
export class Replay {
  public readonly counts: ReplayCounts = { readings: 0, rawBytes: 0, unrouted: 0, refused: new Map() };
  private readonly router: Router;
  private readonly job: StreamAnalyticsJob | undefined;
  private readonly detector: ReplayedDetector | undefined;
  private readonly write: ReturnType<typeof messageWriter>;
  private readonly sensorSource: string;
  private readonly isModuleSensor: boolean;
  private nextTick = -Infinity;
  private nowMs = 0;
  private expected: Readonly<Record<string, { low: number; high: number }>> | undefined;

  /** @throws Error where the deployment, the query or the detector's settings are invalid */
  public constructor(
    private readonly input: RehearsalInput,
    private readonly listeners: ReplayListeners,
  ) {
    const deployment = mergeLayers(input.layers);
    this.router = new Router(deployment.routes);
    const { streamAnalytics, detector, sensor } = input;
    this.job =
      streamAnalytics &&
      new StreamAnalyticsJob({
        query: streamAnalytics.query,
        models: anomalyModels,
        ...(streamAnalytics.order && { order: streamAnalytics.order }),
      });
    this.detector = detector && new ReplayedDetector(detector.desired);
    this.write = messageWriter(input);
    this.isModuleSensor = sensor.source !== "leafDevices";
    this.sensorSource =
      sensor.source === "leafDevices" ? "/messages" : outputOf(sensor.source.module, sensor.source.output);
  }

  public push(reading: RecordedReading): void {
    const { timeMs } = reading;
    this.nowMs = timeMs;
    if (timeMs >= this.nextTick) this.tick(timeMs);
    const { machineIdPath, deviceId } = this.input;
    // A sensor that is a module of the device sends under the device's name.
    const isNamed = machineIdPath !== undefined || !this.isModuleSensor;
    const { machineId, body } = this.write(isNamed ? reading : { ...reading, machineId: undefined });
    this.counts.readings += 1;
    const sender = machineIdPath === undefined ? machineId : deviceId;
    const bytes = this.send({ source: this.sensorSource, body, timeMs, deviceId: sender, type: "telemetry" });
    this.counts.rawBytes += bytes;
    const { expected } = this;
    this.expected = undefined;
    const { signals } = this.input;
    this.listeners.onEvent({
      kind: "reading",
      time: timeMs,
      machineId,
      signals: Object.fromEntries(signals.map(({ name }, index) => [name, reading.values[index] ?? null])),
      ...(expected !== undefined && { expected }),
    });
  }

  /** Ends what is open. */
  public finish(): void {
    for (const alert of this.detector?.finish() ?? []) this.sendAlert(alert);
    const { job } = this;
    // As long as any event may be late.
    if (job !== undefined) this.runJob(() => job.advance(this.nowMs + 21 * 86_400_000));
  }

  private tick(timeMs: number): void {
    this.nextTick = timeMs + TICK_MS;
    for (const alert of this.detector?.tick(timeMs) ?? []) this.sendAlert(alert);
  }

  /** Routes a message and delivers it; returns its bytes. */
  private send(message: Message): number {
    const text = JSON.stringify(message.body);
    const bytes = Buffer.byteLength(text);
    const { targets } = this.router.route({
      source: message.source,
      body: text,
      properties: message.properties ?? {},
      systemProperties: {
        connectionDeviceId: message.deviceId,
        contentType: "application/json",
        contentEncoding: "utf-8",
      },
    });
    // Scores that nobody reads are no loss: many deployments have no route for them.
    if (targets.length === 0 && message.type !== "other") this.counts.unrouted += 1;
    for (const { endpoint } of targets) this.deliver(endpoint, message, bytes);
    return bytes;
  }

  private deliver(endpoint: string, message: Message, bytes: number): void {
    const { detector, streamAnalytics } = this.input;
    const { timeMs, type, machines = [] } = message;
    if (endpoint === UPSTREAM) {
      this.listeners.onUpstream?.({ timeMs, type, bytes, machines });
    } else if (detector !== undefined && endpoint === `${detector.module}/${detector.sensorInput}`) {
      this.score(message);
    } else if (streamAnalytics !== undefined && endpoint.startsWith(`${streamAnalytics.jobName}/`)) {
      const { job } = this;
      const inputName = endpoint.slice(streamAnalytics.jobName.length + 1);
      const body = message.body as Readonly<Record<string, Value>>;
      if (job !== undefined) this.runJob(() => job.push(inputName, body, timeMs));
    }
  }

  private score({ body, timeMs, deviceId }: Message): void {
    const outcome = this.detector?.score(body, timeMs, deviceId);
    if (outcome === undefined) return;
    if (outcome.refused !== undefined) {
      const { refused } = this.counts;
      refused.set(outcome.refused, (refused.get(outcome.refused) ?? 0) + 1);
    }
    for (const alert of outcome.alerts) this.sendAlert(alert);
    const { scored } = outcome;
    const module = this.input.detector;
    if (scored === undefined || module === undefined) return;
    this.expected = expectedOf(scored.signals);
    const source = outputOf(module.module, module.scoreOutput);
    this.send({ source, body: scored, timeMs, deviceId: this.input.deviceId, type: "other" });
  }

  private sendAlert(alert: Parameters<typeof detectorAlert>[0]): void {
    const module = this.input.detector;
    if (module === undefined) return;
    this.listeners.onEvent(detectorAlert(alert));
    this.send({
      source: outputOf(module.module, module.alertOutput),
      body: alert,
      timeMs: this.nowMs,
      deviceId: this.input.deviceId,
      type: "anomaly",
      machines: [alert.machineId],
      properties: { detectorOutput: module.alertOutput },
    });
  }

  private runJob(run: () => ReturnType<StreamAnalyticsJob["push"]>): void {
    const { streamAnalytics, deviceId } = this.input;
    if (streamAnalytics === undefined) return;
    let rows: ReturnType<StreamAnalyticsJob["push"]>;
    try {
      rows = run();
    } catch (error) {
      this.counts.jobFailure ??= error instanceof Error ? error.message : String(error);
      return;
    }
    if (rows.length === 0) return;
    const events: AlertEvent[] = rows.map(({ body, time }) => streamAnalyticsAlert(body, time, deviceId));
    for (const event of events) this.listeners.onEvent(event);
    // The module sends what one step gives as one array.
    this.send({
      source: outputOf(streamAnalytics.jobName, rows[0]?.output ?? streamAnalytics.alertOutput),
      body: rows.map(({ body }) => body),
      timeMs: this.nowMs,
      deviceId,
      type: "anomaly",
      machines: events.map(({ machineId }) => machineId),
    });
  }
}

const outputOf = (module: string, output: string): string => `/messages/modules/${module}/outputs/${output}`;

type Expected = Record<string, { low: number; high: number }>;

function expectedOf(
  signals: Readonly<Record<string, { readonly expectedLow?: number; readonly expectedHigh?: number }>>,
): Expected | undefined {
  const expected: Expected = {};
  let isKnown = false;
  for (const name in signals) {
    const { expectedLow: low, expectedHigh: high } = signals[name] ?? {};
    if (low === undefined || high === undefined) continue;
    expected[name] = { low, high };
    isKnown = true;
  }
  return isKnown ? expected : undefined;
}
