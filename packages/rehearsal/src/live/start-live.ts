import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordedCloud } from "../cloud/recorded-cloud";
import { makeCredentials } from "../edge-hub/credentials";
import { mergeLayers } from "../edge-hub/deployment";
import type { MethodResult } from "../edge-hub/methods";
import type { Action, RehearsalEvent, StateEvent } from "../events";
import type { RehearsalInput } from "../input";
import { SimulatedSensor } from "../modules/simulated-sensor";
import { StreamAnalyticsModule } from "../modules/stream-analytics-module";
import { TimeLapse } from "../modules/time-lapse";
import { DetectorProcess } from "./detector-process";
import { HubProcess } from "./hub-process";
import { DEFAULT_INTERVAL_SECONDS, type Live, type LiveOptions } from "./live";
import { LiveObserver } from "./live-observer";
import type { LiveSummary } from "./summary";
import { inTimeLapse } from "./time-lapse-input";
import { untilQuiet } from "./until-quiet";

const METHOD_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 2000;
/** Milliseconds in which the ML module has to connect. */
const START_TIMEOUT_MS = 30_000;

/** Starts what the device would run: edge hub, ML module, Stream Analytics job, sensors, and the cloud behind it. */
export async function startLive(options: LiveOptions): Promise<Live> {
  const rehearsal = new LiveRehearsal(options);
  try {
    await rehearsal.start();
    return rehearsal;
  } catch (error) {
    await rehearsal.stop();
    throw error;
  }
}

class LiveRehearsal implements Live {
  public readonly events = new EventEmitter<{ event: [RehearsalEvent] }>();
  private readonly input: RehearsalInput;
  private readonly interval: number;
  private readonly lapse: TimeLapse;
  private readonly observer: LiveObserver;
  private readonly credentials = makeCredentials();
  private folder = "";
  private cloud: RecordedCloud | undefined;
  private hub: HubProcess | undefined;
  private detector: DetectorProcess | undefined;
  private job: StreamAnalyticsModule | undefined;
  private sensor: SimulatedSensor | undefined;
  private isSensorOn = false;
  private stateTimer: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;
  private jobFailure: string | undefined;

  public constructor(private readonly options: LiveOptions) {
    const configured = options.input.sensor.intervalSeconds;
    this.interval = Math.min(options.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS, configured);
    this.lapse = new TimeLapse(configured / this.interval);
    this.input = inTimeLapse(options.input, configured / this.interval);
    this.observer = new LiveObserver(this.input, (event) => this.events.emit("event", event));
  }

  public async start(): Promise<void> {
    const { input, options } = this;
    this.folder = options.folder ?? (await mkdtemp(join(tmpdir(), "rehearsal-")));
    const [store, detectorFolder] = ["edge-hub", "detector"].map((name) => join(this.folder, name)) as [string, string];
    await mkdir(store, { recursive: true });
    await mkdir(join(detectorFolder, "state"), { recursive: true });
    const certificateFile = join(this.folder, "ca.pem");
    await writeFile(certificateFile, this.credentials.certificate);
    const { detector, streamAnalytics } = input;
    const cloud = new RecordedCloud({
      anomalyModules: [detector?.module, streamAnalytics?.jobName].filter((each) => each !== undefined),
      file: join(this.folder, "cloud.ndjson"),
      onReceived: (event) => {
        this.observer.emit(event);
      },
    });
    this.cloud = cloud;
    const hub = new HubProcess({
      program: options.programs.hub,
      input,
      credentials: this.credentials,
      folder: store,
      ...(options.limitBytes !== undefined && { limitBytes: options.limitBytes }),
      onAccepted: (message, routes) => {
        this.observer.accepted(message, routes);
      },
      onExpired: (message) => {
        this.observer.lost(message.id, "time to live");
      },
      onUpstream: (message) => cloud.take(message),
    });
    this.hub = hub;
    await hub.start();
    this.stateTimer = setInterval(() => {
      this.observer.emit(this.state);
    }, 1000);
    await this.startModules(hub, detectorFolder, certificateFile);
    if (options.sensor ?? true) this.startSensor();
  }

  private async startModules(hub: HubProcess, folder: string, certificateFile: string): Promise<void> {
    const { input, credentials, options } = this;
    const { detector, streamAnalytics, deviceId } = input;
    const time = (): number => this.lapse.time();
    if (detector !== undefined) {
      const deployed = mergeLayers(input.layers).modules[detector.module];
      if (deployed === undefined) throw new Error(`the layers deploy no module ${detector.module}`);
      this.detector = new DetectorProcess({
        program: options.programs.detector,
        module: detector.module,
        deployed,
        deviceId,
        port: hub.port,
        credentials,
        folder,
        certificateFile,
      });
      this.detector.start();
    }
    if (streamAnalytics !== undefined) {
      this.job = await StreamAnalyticsModule.connect({
        settings: streamAnalytics,
        deviceId,
        port: hub.port,
        credentials,
        time,
        onFailure: (failure) => (this.jobFailure = failure.message),
      });
    }
    this.sensor = await SimulatedSensor.connect({
      input,
      port: hub.port,
      credentials,
      intervalSeconds: this.interval,
      time,
      seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
      onSent: (machineId, eventTime) => {
        this.observer.sent(machineId, eventTime);
      },
      onGivenUp: (machineId, eventTime) => {
        this.observer.lost(`${machineId}/${eventTime}`, hub.isFull ? "disk limit" : "refused");
      },
    });
    if (detector !== undefined) await this.untilAnswered(detector.module);
  }

  /** The module answers its direct method once it is connected and has its twin. */
  private async untilAnswered(module: string, until = Date.now() + START_TIMEOUT_MS): Promise<void> {
    for (;;) {
      const answer = await this.hub?.callMethod(module, "status", {}, ANSWER_TIMEOUT_MS);
      if (answer?.status === 200) return;
      if (Date.now() > until) {
        throw new Error(`${module} did not connect in time; its log: ${join(this.folder, "detector", "detector.log")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  public subscribe(listener: (event: RehearsalEvent) => void): () => void {
    this.events.on("event", listener);
    return () => this.events.off("event", listener);
  }

  public async act(action: Action, machineId?: string): Promise<void> {
    if (machineId !== undefined && !this.input.machines.includes(machineId)) {
      throw new Error(`${machineId} is no machine of this rehearsal; machines: ${this.input.machines.join(", ")}`);
    }
    this.observer.acted(action, machineId);
    switch (action) {
      case "spike":
      case "drift":
      case "stuck":
      case "normal":
        this.sensor?.set(action, machineId);
        break;
      case "stopSensor":
        this.stopSensor();
        break;
      case "startSensor":
        this.startSensor();
        break;
      case "cutCloud":
      case "connectCloud":
        this.setCloud(action === "connectCloud");
        break;
      case "killDetector":
        if (this.detector === undefined) throw new Error("this device runs no ML module");
        this.detector.kill();
        break;
      case "killHub":
        await this.hub?.kill();
        break;
    }
    this.observer.emit(this.state);
  }

  public async callMethod(module: string, name: string, payload: unknown = {}): Promise<MethodResult> {
    return (
      (await this.hub?.callMethod(module, name, payload, METHOD_TIMEOUT_MS)) ?? {
        status: 404,
        payload: { message: "the edge hub is not running" },
      }
    );
  }

  public get state(): StateEvent {
    const { detector, streamAnalytics, sensor } = this.input;
    const latency = this.observer.counts.latency(60_000);
    const waiting = this.hub?.waiting ?? { messages: {}, bytes: 0 };
    return {
      kind: "state",
      time: Date.now(),
      cloudConnected: this.cloud?.isConnected ?? false,
      sensor: this.isSensorOn ? "running" : "stopped",
      modules: {
        $edgeHub: this.hub?.isReady === true ? "running" : "starting",
        ...(sensor.source !== "leafDevices" && { [sensor.source.module]: "running" }),
        ...(detector && { [detector.module]: this.detector?.isRunning === true ? "running" : "starting" }),
        ...(streamAnalytics && { [streamAnalytics.jobName]: this.jobFailure === undefined ? "running" : "failed" }),
      },
      messagesPerSecond: this.observer.messagesPerSecond,
      waiting: waiting.messages,
      storeBytes: waiting.bytes,
      ...(latency && { latency: { p50: latency.p50, p99: latency.p99 } }),
    };
  }

  public summary(): LiveSummary {
    const { input, cloud, observer } = this;
    const { byType, ...totals } = observer.counts.totals;
    const latencyMs = observer.counts.latency();
    return {
      environment: input.environment,
      deviceId: input.deviceId,
      machines: input.machines,
      seconds: Math.round((Date.now() - observer.startedAt) / 100) / 10,
      timeFactor: input.sensor.intervalSeconds / this.interval,
      sent: this.sensor?.sent ?? 0,
      ...totals,
      cloud: { messages: cloud?.received ?? 0, bytes: cloud?.bytes ?? 0, repeated: cloud?.repeated ?? 0, byType },
      spikes: observer.spikes,
      ...(latencyMs && { latencyMs }),
      waiting: this.hub?.waiting.messages ?? {},
      notes: [
        ...input.notes,
        ...(this.jobFailure === undefined ? [] : [`the Stream Analytics job stopped: ${this.jobFailure}`]),
      ],
    };
  }

  public async drain(milliseconds: number): Promise<boolean> {
    this.stopSensor();
    this.setCloud(true);
    const until = Date.now() + milliseconds;
    // A module that was killed still has to send what it had found.
    if (this.input.detector) await this.untilAnswered(this.input.detector.module, until).catch(() => undefined);
    return untilQuiet(() => {
      const waits = Object.values(this.hub?.waiting.messages ?? {}).some((count) => count > 0);
      return waits || this.hub?.isReady !== true || (this.sensor?.unacknowledged ?? 0) > 0;
    }, until);
  }

  public stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    clearInterval(this.stateTimer);
    this.isSensorOn = false;
    await this.sensor?.close();
    await this.job?.close();
    await this.detector?.stop();
    await this.hub?.stop();
    await this.cloud?.close();
    if (this.options.folder === undefined && this.folder !== "")
      await rm(this.folder, { recursive: true, force: true });
  }

  private startSensor(): void {
    this.isSensorOn = true;
    this.sensor?.start();
  }

  private stopSensor(): void {
    this.isSensorOn = false;
    this.sensor?.stop();
  }

  private setCloud(isConnected: boolean): void {
    if (this.cloud) this.cloud.isConnected = isConnected;
    this.hub?.setCloud(isConnected);
  }
}
