import { AlertDelivery } from "./alert-delivery";
import { Condition } from "./condition";
import type { Configuration } from "./configuration";
import { DETECTOR_VERSION } from "./engine";
import type { Hub, HubEvents } from "./hub";
import { Inbox } from "./inbox";
import { type Log, messageOf } from "./log";
import type { ModelRole } from "./machines";
import { memoryLimit } from "./memory";
import { createMetrics, type Metrics } from "./metrics";
import { type ModelOptions, Models, ROLES } from "./models/models";
import { ModelReports } from "./models/reports";
import type { ModelSlot } from "./models/slot";
import { Operators } from "./operators";
import { Outbox, type OutboxOptions } from "./outbox";
import { Persistence } from "./persistence";
import { Pipeline } from "./pipeline";
import { ScoredOutput, type ScoredSummary } from "./scored-output";
import { Scoring } from "./scoring";
import type { Health } from "./server";
import { StateKeeper } from "./state-keeper";
import { Twin } from "./twin";

export interface ModuleOptions {
  /** Folder for state and models. */
  readonly directory: string;
  /** The device that the module runs on: the machine of messages that name none. */
  readonly deviceId: string;
  readonly log: Log;
  /** Certificate authorities for model downloads, as PEM. */
  readonly ca?: string;
  readonly outbox?: OutboxOptions;
  /** Bytes of memory that there are. @default - the container's limit */
  readonly memoryBytes?: number;
  readonly models?: ModelOptions;
}

/** Seconds that shutting down waits for the hub to take what is pending. */
const DRAIN_SECONDS = 5;
const TICK_MS = 10_000;

/**
 * The module: takes messages and twin changes, keeps configuration, models and state, and hands results to the hub.
 * Whatever a message is, scoring goes on; whatever fails is logged, counted and told by the health check.
 */
export class DetectorModule {
  public readonly metrics: Metrics;
  /** What the hub calls. */
  public readonly events: HubEvents;
  private readonly pipeline: Pipeline;
  private readonly inbox: Inbox;
  private readonly outbox: Outbox;
  private readonly persistence: Persistence;
  private readonly twin: Twin;
  private readonly models: Models;
  private readonly scoredOutput: ScoredOutput;
  private hub: Hub | undefined;
  private connected = false;
  private timers: NodeJS.Timeout[] = [];
  private readonly startedAt = new Date().toISOString();
  private readonly condition: Condition;
  private readonly operators: Operators;
  private readonly scoring: Scoring;
  private readonly alertDelivery: AlertDelivery;
  private readonly stateKeeper: StateKeeper;
  /** Messages that were dropped, as the twin reports them. */
  private droppedReported = "";
  private readonly memoryBytes: number;
  private readonly modelReports = new ModelReports(() => this.pipeline.modelReport());

  public constructor(private readonly options: ModuleOptions) {
    const { log, directory, ca, models = {} } = options;
    this.memoryBytes = options.memoryBytes ?? memoryLimit();
    this.twin = new Twin({
      memoryBytes: this.memoryBytes,
      log,
      apply: (configuration) => this.apply(configuration),
      report: (properties) => this.report(properties),
    });
    this.pipeline = new Pipeline(this.twin.configuration);
    this.scoredOutput = new ScoredOutput(this.twin.configuration);
    this.inbox = new Inbox(
      (message) => this.scoring.now(message),
      (message) => this.scoring.withModels(message),
    );
    this.outbox = new Outbox(
      async (message) => {
        if (!this.hub) throw new Error("not connected to the hub yet");
        await this.hub.send(message);
      },
      (error, failures) => {
        // The first failure and then each tenth: a hub that is away for a day should not fill the disk with lines.
        if (failures % 10 === 1) log("warn", "send failed", { reason: messageOf(error), failures });
      },
      options.outbox,
    );
    this.persistence = new Persistence(directory, this.outbox, log);
    this.models = new Models({
      ...models,
      directory,
      ...(ca !== undefined && { ca }),
      log,
      memoryBytes: this.memoryBytes,
      onChange: (role, slot) => this.modelChanged(role, slot),
      onWithout: () => {
        this.metrics.withoutModel.inc();
      },
    });
    this.condition = new Condition({
      pipeline: this.pipeline,
      outbox: this.outbox,
      persistence: this.persistence,
      twin: this.twin,
      models: this.models,
      startedAt: this.startedAt,
      isConnected: () => this.connected,
    });
    this.operators = new Operators({
      pipeline: this.pipeline,
      inbox: this.inbox,
      outbox: this.outbox,
      twin: this.twin,
      deviceId: options.deviceId,
      log,
      status: () => this.status(),
      sendAlerts: (alerts) => {
        this.alertDelivery.send(alerts);
      },
      keep: (message, machineId) => this.persistence.keep([message], machineId, this.pipeline.snapshot(machineId)),
    });
    this.metrics = createMetrics({
      machines: () => this.pipeline.machineCount,
      warmingUp: () => this.pipeline.warmingUp,
      openEpisodes: () => this.pipeline.openEpisodes,
      pending: () => this.persistence.unsent,
      dropped: () => this.outbox.dropped.alerts + this.outbox.dropped.others,
      evicted: () => this.pipeline.evictedMachines,
      connected: () => (this.connected ? 1 : 0),
      degraded: () => this.health().reasons.length,
    });
    const { pipeline, persistence, metrics } = this;
    this.alertDelivery = new AlertDelivery({ pipeline, persistence, metrics, log });
    this.stateKeeper = new StateKeeper({
      pipeline,
      persistence,
      twin: this.twin,
      models: this.models,
      metrics,
      log,
      alertDelivery: this.alertDelivery,
      settled: () => this.settled(),
    });
    this.scoring = new Scoring({
      pipeline: this.pipeline,
      models: this.models,
      outbox: this.outbox,
      metrics: this.metrics,
      scoredOutput: this.scoredOutput,
      deviceId: options.deviceId,
      log,
      clockMs: () => this.stateKeeper.clockMs(),
      keep: (alerts, machineId) => this.alertDelivery.keep(alerts, machineId),
    });
    this.events = {
      onOpened: (hub) => {
        this.hub = hub;
        this.connected = true;
        log("info", "hub connected");
        this.outbox.nudge();
        void this.report({
          module: { detectorVersion: DETECTOR_VERSION, startedAt: this.startedAt },
          outbox: this.dropped(),
          ...Object.fromEntries(ROLES.map((role) => [role, this.models.slots[role].status])),
        });
      },
      onMessage: (body, deviceId) => this.inbox.push({ body, deviceId, startedAt: performance.now() }),
      onDesired: (properties) => this.twin.take(properties),
      onLost: (reason) => {
        // After a connection the loss is told once; before the first one, why each attempt failed.
        if (this.connected || this.hub === undefined) log("warn", "hub lost", { reason });
        this.connected = false;
      },
      onMethod: (name, payload) => this.operators.answer(name, payload),
    };
  }

  /** Loads the state and starts the timers. The hub may call before it is known: what it takes is sent later. */
  public async start(): Promise<void> {
    await this.stateKeeper.load();
    this.schedule();
  }

  /** Scores what waits, gives the hub some seconds to take what is pending, and saves the state. */
  public async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.twin.idle();
    await this.inbox.idle();
    this.models.stop();
    this.sendScored(this.scoredOutput.flush());
    await this.persistence.journaled();
    if (this.connected) await this.outbox.drain(DRAIN_SECONDS * 1000);
    this.outbox.close();
    await this.stateKeeper.save();
    await this.persistence.close();
    this.options.log("info", "stopped", { pendingAlerts: this.outbox.pendingAlerts().length });
  }

  /** Resolves when all messages and twin changes so far are done. */
  public async idle(): Promise<void> {
    await this.twin.idle();
    await this.inbox.idle();
  }

  /** Resolves when no model is being brought. */
  public async settled(): Promise<void> {
    await this.twin.idle();
    await this.models.settled();
    await this.inbox.idle();
  }

  /** Saves the state. Never throws: a full disk is logged and told, and scoring goes on. */
  public async saveState(): Promise<void> {
    await this.stateKeeper.save();
  }

  public health(): Health {
    return this.condition.health();
  }

  /** What the direct method `status` answers. */
  public status(): Readonly<Record<string, unknown>> {
    return this.condition.status();
  }

  private schedule(): void {
    for (const timer of this.timers) clearInterval(timer);
    const { stateSaveSeconds, scoredOutput } = this.twin.configuration;
    this.timers = [
      setInterval(() => void this.stateKeeper.save(), stateSaveSeconds * 1000),
      setInterval(() => {
        this.tick();
      }, TICK_MS),
    ];
    if (scoredOutput.mode === "aggregated") {
      const flush = (): void => {
        this.sendScored(this.scoredOutput.flush());
      };
      this.timers.push(setInterval(flush, scoredOutput.seconds * 1000));
    }
    for (const timer of this.timers) timer.unref();
  }

  /** What the hub never got because too much waited for it: messages since the start. */
  private dropped(): Readonly<Record<string, number>> {
    const { alerts, others } = this.outbox.dropped;
    this.droppedReported = `${alerts} ${others}`;
    return { droppedAlerts: alerts, droppedOthers: others };
  }

  private tick(): void {
    const { alerts, others } = this.outbox.dropped;
    const models = this.connected ? this.modelReports.due(performance.now()) : undefined;
    if (models) void this.report(models);
    if (this.connected && this.droppedReported !== `${alerts} ${others}`) void this.report({ outbox: this.dropped() });
    void this.inbox.between(() => {
      this.alertDelivery.send(this.pipeline.tick(this.stateKeeper.clockMs()));
      this.scoredOutput.retain((machineId) => this.pipeline.has(machineId));
    });
  }

  private sendScored(summaries: readonly ScoredSummary[]): void {
    for (const summary of summaries) this.outbox.push({ output: "scoredOutput", body: JSON.stringify(summary) });
  }

  private async apply(configuration: Configuration): Promise<void> {
    await this.inbox.between(() => {
      this.alertDelivery.send(this.pipeline.configure(configuration));
      this.sendScored(this.scoredOutput.configure(configuration));
    });
    this.models.want(configuration);
    this.schedule();
  }

  private async modelChanged(role: ModelRole, slot: ModelSlot): Promise<void> {
    await this.inbox.between(() => {
      this.pipeline.useModel(role, slot.inUse);
    });
    await this.report({ [role]: slot.status });
  }

  private async report(properties: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.hub?.report(properties);
    } catch (error) {
      this.options.log("warn", "not reported", { reason: messageOf(error) });
    }
  }
}
