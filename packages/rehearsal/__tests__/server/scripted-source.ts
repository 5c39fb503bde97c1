import type { Action, AlertEvent, RehearsalEvent, StateEvent } from "../../src/events";
import type { Description, EventSource } from "../../src/server";

export const DESCRIPTION: Description = {
  environment: "dev",
  deviceId: "factory-sim-01",
  machines: ["press-01", "press-02"],
  signals: [
    { name: "temperature", unit: "°C" },
    { name: "pressure", unit: "bar" },
  ],
  routes: [
    { name: "sensorToDetector", from: "simulated-sensor/temperatureOutput", to: "anomaly-detector/sensor" },
    { name: "sensorToStreamAnalytics", from: "simulated-sensor/temperatureOutput", to: "edge-job/sensor" },
    { name: "telemetryToCloud", from: "simulated-sensor/temperatureOutput", to: "$upstream" },
    { name: "scoresToStreamAnalytics", from: "anomaly-detector/scores", to: "edge-job/scores" },
    { name: "detectorToCloud", from: "anomaly-detector/alerts", to: "$upstream" },
    { name: "streamAnalyticsToCloud", from: "edge-job/alerts", to: "$upstream" },
  ],
  roles: { sensor: "simulated-sensor", detector: "anomaly-detector", streamAnalytics: "edge-job" },
};

const SENSOR_ROUTES = ["sensorToDetector", "sensorToStreamAnalytics", "telemetryToCloud"];

type Mode = "normal" | "spike" | "drift" | "stuck";

/** Behaves as a live rehearsal does, by a script: what is to be seen is known beforehand, and nothing is started. */
export class ScriptedSource implements EventSource {
  readonly actions: { action: Action; machineId?: string }[] = [];
  private readonly listeners = new Set<(event: RehearsalEvent) => void>();
  private readonly modes = new Map<string, { mode: Mode; steps: number }>();
  private readonly open = new Map<string, string>();
  private waiting: { messageId: string; type: "telemetry" | "anomaly" }[] = [];
  private cloudConnected = true;
  private sensorRuns = true;
  private messages = 0;
  private killed: string | undefined;
  private seed = 1;
  private timer: NodeJS.Timeout | undefined;

  subscribe(listener: (event: RehearsalEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  act(action: Action, machineId?: string): void {
    if (action === "killHub") {
      throw new Error("the hub of this script cannot be killed");
    }
    this.actions.push({ action, ...(machineId === undefined ? {} : { machineId }) });
    this.emit({ kind: "action", time: Date.now(), action, ...(machineId === undefined ? {} : { machineId }) });
    switch (action) {
      case "spike":
      case "drift":
      case "stuck":
      case "normal":
        this.modes.set(machineId ?? "press-01", { mode: action, steps: 0 });
        break;
      case "stopSensor":
      case "startSensor":
        this.sensorRuns = action === "startSensor";
        break;
      case "cutCloud":
        this.cloudConnected = false;
        break;
      case "connectCloud":
        this.cloudConnected = true;
        this.deliver();
        break;
      case "killDetector":
        this.killed = "anomaly-detector";
        break;
    }
    this.sendState(Date.now());
  }

  /** Steps from now on by itself. */
  start(stepMs: number): void {
    let steps = 0;
    this.timer = setInterval(() => {
      this.step(Date.now());
      steps += 1;
      if (steps % Math.max(1, Math.round(1000 / stepMs)) === 0) {
        this.sendState(Date.now());
      }
    }, stepMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One reading of each machine. */
  step(time: number): void {
    if (this.sensorRuns) {
      for (const machineId of DESCRIPTION.machines) {
        this.read(time, machineId);
      }
    }
  }

  sendState(time: number): void {
    const state: StateEvent = {
      kind: "state",
      time,
      cloudConnected: this.cloudConnected,
      sensor: this.sensorRuns ? "running" : "stopped",
      modules: {
        "simulated-sensor": this.sensorRuns ? "running" : "stopped",
        "anomaly-detector": this.killed === undefined ? "running" : "starting",
        "edge-job": "running",
      },
      messagesPerSecond: this.sensorRuns ? 20 : 0,
      waiting: this.waiting.length === 0 ? {} : { $upstream: this.waiting.length },
      storeBytes: this.waiting.length * 412,
      latency: { p50: 4.1, p99: 11.8 },
    };
    this.killed = undefined;
    this.emit(state);
  }

  private read(time: number, machineId: string): void {
    const current = this.modes.get(machineId) ?? { mode: "normal" as Mode, steps: 0 };
    current.steps += 1;
    const away =
      current.mode === "spike" && current.steps <= 3
        ? 6
        : current.mode === "drift"
          ? Math.min(8, 0.1 * current.steps)
          : 0;
    const temperature = 21 + (current.mode === "stuck" ? 0.11 : 0.35 * this.random()) + away;
    const pressure = 1.1 + 0.04 * this.random();
    this.emit({
      kind: "reading",
      time,
      machineId,
      signals: { temperature, pressure },
      expected: { temperature: { low: 20.4, high: 21.8 }, pressure: { low: 1.03, high: 1.19 } },
    });
    this.send("simulated-sensor/temperatureOutput", SENSOR_ROUTES, "telemetry", time);
    const isOut = temperature > 22;
    const openId = this.open.get(machineId);
    if (isOut && openId === undefined) {
      this.open.set(machineId, `episode-${this.messages}`);
      this.alert(time, machineId, "opened", temperature);
      this.emit({
        ...this.alertOf(time, machineId, "opened", temperature),
        source: "streamAnalytics",
        severity: undefined,
        episodeId: `row-${this.messages}`,
        message: "temperature: spike",
        messageId: this.send("edge-job/alerts", ["streamAnalyticsToCloud"], "anomaly", time),
      });
    } else if (!isOut && openId !== undefined) {
      this.alert(time, machineId, "closed", temperature);
      this.open.delete(machineId);
    }
  }

  private alert(time: number, machineId: string, phase: AlertEvent["phase"], value: number): void {
    // The cloud must not get it before the page knows of it.
    const messageId = `message-${this.messages}`;
    this.emit({ ...this.alertOf(time, machineId, phase, value), messageId });
    this.send("anomaly-detector/alerts", ["detectorToCloud"], "anomaly", time);
  }

  private alertOf(time: number, machineId: string, phase: AlertEvent["phase"], value: number): AlertEvent {
    return {
      kind: "alert",
      time,
      phase,
      source: "detector",
      episodeId: this.open.get(machineId) ?? "",
      machineId,
      signal: "temperature",
      severity: "critical",
      value,
      expected: { low: 20.4, high: 21.8 },
      message: `temperature was ${value.toFixed(1)} °C, expected 20.4 to 21.8.`,
      latencyMs: 4.2,
    };
  }

  private send(from: string, routes: readonly string[], type: "telemetry" | "anomaly", time: number): string {
    const messageId = `message-${this.messages++}`;
    this.emit({ kind: "routed", time, messageId, from, routes });
    this.waiting.push({ messageId, type });
    if (this.cloudConnected) {
      this.deliver();
    }
    return messageId;
  }

  private deliver(): void {
    for (const { messageId, type } of this.waiting) {
      this.emit({ kind: "cloud", time: Date.now(), messageId, type, bytes: 412 });
    }
    this.waiting = [];
  }

  emit(event: RehearsalEvent): void {
    for (const listener of this.listeners) {
      listener(event);
    }
  }

  /** Between -1 and 1, the same in every run. */
  private random(): number {
    this.seed = (this.seed * 16_807) % 2_147_483_647;
    return (2 * this.seed) / 2_147_483_647 - 1;
  }
}
