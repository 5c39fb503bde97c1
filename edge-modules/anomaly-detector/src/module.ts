import { join } from "node:path";
import {
  checkConfiguration,
  type Configuration,
  describeMistakes,
  type ModelConfiguration,
  withoutQuery,
} from "./configuration";
import type { Hub, HubEvents } from "./hub";
import { type Log, messageOf } from "./log";
import { createMetrics, type Metrics } from "./metrics";
import { type LoadedModel, ModelStore } from "./model-store";
import { Outbox, type OutboxMessage, type OutboxOptions } from "./outbox";
import { DETECTOR_VERSION, type Outcome, Pipeline, type Prepared, type Alert } from "./pipeline";
import type { Health } from "./server";
import { StateStore } from "./state-store";

export interface ModuleOptions {
  /** Folder for state and models. */
  readonly directory: string;
  /** The device that the module runs on: the machine of messages that name none. */
  readonly deviceId: string;
  readonly log: Log;
  /** Certificate authorities for model downloads, as PEM. */
  readonly ca?: string;
  readonly outbox?: OutboxOptions;
}

/** Messages that may wait for a model. Beyond, messages are scored without it rather than later and later. */
const MAX_WAITING = 1000;
/** Failures in a row after which a model is given up. */
const MAX_MODEL_FAILURES = 3;
/** Seconds that shutting down waits for the hub to take what is pending. */
const DRAIN_SECONDS = 5;
/** A body in a dead letter is cut to so many characters. */
const PREVIEW = 1024;
/** A twin's text may have 4 KB. */
const MAX_REPORTED = 3000;

/** What the module reports of its model. */
type ModelStatus =
  | { readonly status: "none" }
  | { readonly status: "active"; readonly version: string; readonly sha256: string; readonly reason: string }
  | {
      readonly status: "refused" | "fellBack";
      /** The model that is in use, if any. */
      readonly version: string;
      readonly sha256: string;
      readonly reason: string;
    };

interface Waiting {
  readonly body: Buffer;
  readonly deviceId: string | undefined;
  readonly startedAt: number;
}

/**
 * The module: takes messages and twin changes, keeps configuration, model and state, and hands results to the hub.
 * Whatever a message is, scoring goes on; whatever fails is logged, counted and told by the health check.
 */
export class DetectorModule {
  public readonly metrics: Metrics;
  /** What the hub calls. */
  public readonly events: HubEvents;
  private configuration: Configuration;
  private readonly pipeline: Pipeline;
  private readonly outbox: Outbox;
  private readonly stateStore: StateStore;
  private readonly modelStore: ModelStore;
  private hub: Hub | undefined;
  private connected = false;
  private stateProblem: string | undefined;
  private configurationProblem: string | undefined;
  private model: LoadedModel | undefined;
  private lastGoodModel: LoadedModel | undefined;
  private modelStatus: ModelStatus = { status: "none" };
  private modelFailures = 0;
  /** Messages in the order of their arrival, and steps that have to fall between two messages. */
  private readonly waiting: (Waiting | (() => void))[] = [];
  private working = false;
  private twinWork: Promise<void> = Promise.resolve();
  /** The desired properties in force, without the query of the model's address, and their version. */
  private desired: Readonly<Record<string, unknown>> = {};
  private desiredVersion: number | undefined;
  private timers: NodeJS.Timeout[] = [];
  private readonly startedAt = new Date().toISOString();

  public constructor(private readonly options: ModuleOptions) {
    const checked = checkConfiguration({});
    if (!checked.ok) throw new Error("the default configuration is not sound");
    this.configuration = checked.configuration;
    this.pipeline = new Pipeline(this.configuration);
    this.outbox = new Outbox(
      async (message) => {
        if (!this.hub) throw new Error("not connected to the hub yet");
        await this.hub.send(message);
      },
      (error, failures) => {
        // The first failure and then each tenth: a hub that is away for a day should not fill the disk with lines.
        if (failures % 10 === 1) options.log("warn", "send failed", { reason: messageOf(error), failures });
      },
      options.outbox,
    );
    this.stateStore = new StateStore(join(options.directory, "state.ndjson"));
    this.modelStore = new ModelStore({
      directory: join(options.directory, "models"),
      ...(options.ca && { ca: options.ca }),
    });
    this.metrics = createMetrics({
      machines: () => this.pipeline.machineCount,
      warmingUp: () => this.pipeline.warmingUp,
      openEpisodes: () => this.pipeline.openEpisodes,
      pending: () => this.outbox.pending,
      dropped: () => this.outbox.dropped.alerts + this.outbox.dropped.others,
      connected: () => (this.connected ? 1 : 0),
      degraded: () => this.health().reasons.length,
    });
    this.events = {
      onOpened: (hub) => {
        this.hub = hub;
        this.connected = true;
        options.log("info", "hub connected");
        this.outbox.nudge();
        void this.report({ module: { detectorVersion: DETECTOR_VERSION, startedAt: this.startedAt } });
      },
      onMessage: (body, deviceId) => {
        this.take(body, deviceId);
      },
      onDesired: (properties) => {
        this.twinWork = this.twinWork.then(() => this.applyDesired(properties));
        return this.twinWork;
      },
      onLost: (reason) => {
        // After a connection the loss is told once; before the first one, why each attempt failed.
        if (this.connected || this.hub === undefined) options.log("warn", "hub lost", { reason });
        this.connected = false;
      },
      onMethod: () => this.status(),
    };
  }

  /** Loads the state and starts the timers. The hub may call before it is known: what it takes is sent later. */
  public async start(): Promise<void> {
    await this.loadState();
    this.schedule();
  }

  /** Scores what waits, gives the hub some seconds to take what is pending, and saves the state. */
  public async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.idle();
    if (this.connected) await this.outbox.drain(DRAIN_SECONDS * 1000);
    this.outbox.close();
    await this.saveState();
    await this.model?.model.release();
    if (this.lastGoodModel !== this.model) await this.lastGoodModel?.model.release();
    this.options.log("info", "stopped", { pendingAlerts: this.outbox.pendingAlerts().length });
  }

  /** Resolves when all messages and twin changes so far are done. */
  public async idle(): Promise<void> {
    await this.twinWork;
    while (this.working) await new Promise((resolve) => setImmediate(resolve));
  }

  public health(): Health {
    const reasons: string[] = [];
    if (!this.connected) reasons.push(`not connected to the hub; ${this.outbox.pending} messages wait`);
    if (this.outbox.dropped.alerts > 0) reasons.push(`${this.outbox.dropped.alerts} alerts were dropped`);
    if (this.stateProblem !== undefined) reasons.push(`state: ${this.stateProblem}`);
    if (this.configurationProblem !== undefined) reasons.push("the twin's configuration was refused");
    if (this.modelStatus.status === "refused" || this.modelStatus.status === "fellBack") {
      reasons.push(`model: ${this.modelStatus.reason}`);
    }
    return { status: reasons.length === 0 ? "ok" : "degraded", reasons };
  }

  /** What the direct method `status` answers. */
  public status(): Readonly<Record<string, unknown>> {
    return {
      ...this.health(),
      detectorVersion: DETECTOR_VERSION,
      startedAt: this.startedAt,
      machines: this.pipeline.machineCount,
      warmingUp: this.pipeline.warmingUp,
      openEpisodes: this.pipeline.openEpisodes,
      pendingMessages: this.outbox.pending,
      droppedAlerts: this.outbox.dropped.alerts,
      droppedOthers: this.outbox.dropped.others,
      model: this.modelStatus,
    };
  }

  /** Saves the state. Never throws: a full disk is logged and told, and scoring goes on. */
  public async saveState(): Promise<void> {
    try {
      await this.stateStore.save({
        header: this.pipeline.header(),
        desired: this.desired,
        alerts: this.outbox.pendingAlerts(),
        machines: this.pipeline.entries(),
      });
      this.metrics.saves.inc({ result: "saved" });
      this.stateProblem = undefined;
    } catch (error) {
      this.metrics.saves.inc({ result: "failed" });
      this.stateProblem = messageOf(error);
      this.options.log("error", "state not saved", { reason: this.stateProblem });
    }
  }

  /** Goes on where the last run ended: with its configuration, its model if that is cached, and its state. */
  private async loadState(): Promise<void> {
    try {
      const saved = await this.stateStore.load();
      if (!saved) return;
      const checked = checkConfiguration(saved.desired);
      if (checked.ok) await this.apply(checked.configuration, saved.desired as Readonly<Record<string, unknown>>);
      const refused = this.pipeline.restore(saved.header, saved.machines);
      if (refused !== undefined) this.options.log("warn", "state not used", { reason: refused });
      for (const alert of saved.alerts) this.outbox.push(alert);
      this.options.log("info", "state loaded", { machines: saved.machines.length, pendingAlerts: saved.alerts.length });
    } catch (error) {
      this.stateProblem = `not loaded: ${messageOf(error)}`;
      this.options.log("error", "state not loaded", { reason: messageOf(error) });
      await this.stateStore.putAside().catch(() => undefined);
    }
  }

  private schedule(): void {
    for (const timer of this.timers) clearInterval(timer);
    const saveMs = this.configuration.stateSaveSeconds * 1000;
    const sweepMs = Math.min(this.configuration.episodeTimeoutSeconds * 1000, 60_000);
    this.timers = [
      setInterval(() => void this.saveState(), saveMs),
      setInterval(() => {
        this.sendAlerts(this.pipeline.closeSilent(Date.now()));
      }, sweepMs),
    ];
    for (const timer of this.timers) timer.unref();
  }

  private take(body: Buffer, deviceId: string | undefined): void {
    const message: Waiting = { body, deviceId, startedAt: performance.now() };
    if (this.working || this.model !== undefined) {
      this.waiting.push(message);
      if (!this.working) void this.work();
      return;
    }
    // Without a model nothing has to be waited for.
    try {
      this.emit(this.score(this.prepare(message)), message);
    } catch (error) {
      this.emit(this.failed(error), message);
    }
  }

  /** Runs a step at once, or between two messages when messages are being scored. */
  private betweenMessages(step: () => void): Promise<void> {
    if (!this.working) {
      step();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.waiting.push(() => {
        step();
        resolve();
      });
    });
  }

  /** A fault of this module costs the one message that met it. */
  private failed(error: unknown): Outcome {
    this.options.log("error", "fault", { reason: messageOf(error) });
    return { kind: "rejected", reason: `fault of the module: ${messageOf(error)}` };
  }

  private prepare({ body, deviceId }: Waiting): Prepared {
    return this.pipeline.prepare(body, { arrivedMs: Date.now(), deviceId: deviceId ?? this.options.deviceId });
  }

  private score(prepared: Prepared, modelScore?: number): Outcome {
    return prepared.kind === "prepared" ? this.pipeline.finish(prepared, modelScore) : prepared;
  }

  /** Takes what waits in its order, each message with the model's answer. */
  private async work(): Promise<void> {
    this.working = true;
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
        if (typeof next === "function") {
          next();
          continue;
        }
        try {
          const prepared = this.prepare(next);
          const input = prepared.kind === "prepared" ? prepared.modelInput : undefined;
          const modelScore = input && (await this.modelScore(input));
          this.emit(this.score(prepared, modelScore), next);
        } catch (error) {
          this.emit(this.failed(error), next);
        }
      }
    } finally {
      this.working = false;
    }
  }

  private async modelScore(input: Float32Array): Promise<number | undefined> {
    if (!this.model) return undefined;
    if (this.waiting.length > MAX_WAITING) {
      this.metrics.withoutModel.inc();
      return undefined;
    }
    try {
      const score = await this.model.model.score(input);
      this.modelFailures = 0;
      return score;
    } catch (error) {
      this.metrics.withoutModel.inc();
      this.options.log("warn", "model failed", { version: this.model.configuration.version, reason: messageOf(error) });
      if (++this.modelFailures >= MAX_MODEL_FAILURES) this.fallBack(messageOf(error));
      return undefined;
    }
  }

  private emit(outcome: Outcome, { body, startedAt }: Waiting): void {
    this.metrics.seconds.observe((performance.now() - startedAt) / 1000);
    if (outcome.kind === "rejected") {
      this.metrics.messages.inc({ outcome: "rejected" });
      this.outbox.push({ output: "deadLetter", body: deadLetter(outcome.reason, body) });
      return;
    }
    this.metrics.messages.inc({ outcome: outcome.kind === "skipped" ? outcome.reason : "scored" });
    if (outcome.kind === "skipped") return;
    this.sendAlerts(outcome.alerts);
    this.outbox.push({ output: "scoredOutput", body: JSON.stringify(outcome.scored) });
  }

  private sendAlerts(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const { detector, phase, machineId, signal, episodeId } = alert;
      this.metrics.alerts.inc({ detector, phase });
      this.options.log("info", "alert", { detector, phase, machineId, signal, episodeId });
      this.outbox.push({ output: "anomalyOutput", body: JSON.stringify(alert) } satisfies OutboxMessage);
    }
  }

  /** Applies desired properties as a whole, or none of them, and reports which. Never throws. */
  private async applyDesired(properties: Readonly<Record<string, unknown>>): Promise<void> {
    const version = typeof properties.$version === "number" ? properties.$version : 0;
    if (version > 0 && version === this.desiredVersion) return;
    this.desiredVersion = version;
    const checked = checkConfiguration(properties);
    if (!checked.ok) {
      const lines = describeMistakes(checked.mistakes);
      this.configurationProblem = lines.join("\n");
      this.options.log("error", "configuration refused", { version, mistakes: lines });
      const mistakes = this.configurationProblem.slice(0, MAX_REPORTED);
      await this.report({ configuration: { status: "refused", version, mistakes, count: lines.length } });
      return;
    }
    this.configurationProblem = undefined;
    await this.apply(checked.configuration, properties);
    const { signals, detectors, cooldownMessages } = this.configuration;
    this.options.log("info", "configuration applied", { version, model: this.modelStatus.status });
    await this.report({
      configuration: {
        status: "applied",
        version,
        mistakes: null,
        count: null,
        signals: signals.map(({ name, path }) => `${name}=${path.join(".")}`).join(", "),
        detectors: Object.entries(detectors)
          .filter(([, { enabled }]) => enabled)
          .map(([name, detector]) => ("confidence" in detector ? `${name} ${detector.confidence} %` : name))
          .join(", "),
        cooldownMessages,
      },
      model: this.reportedModel(),
    });
  }

  private async apply(wanted: Configuration, desired: Readonly<Record<string, unknown>>): Promise<void> {
    const { model, ...settings } = wanted;
    const taken = await this.takeModel(model, settings.signals.length);
    await this.betweenMessages(() => {
      this.desired = model ? { ...desired, model: { ...model, uri: withoutQuery(model.uri) } } : desired;
      this.configuration = { ...settings, ...(taken && { model: taken.configuration }) };
      this.pipeline.configure(this.configuration);
      this.pipeline.useModel(taken?.configuration.version);
      const before = this.model;
      this.model = taken;
      if (before && before !== this.lastGoodModel && before.model !== taken?.model) void before.model.release();
    });
    this.schedule();
  }

  /** The model to use from now on: the one asked for, or the last good one when that one is not to be had. */
  private async takeModel(asked: ModelConfiguration | undefined, dimensions: number): Promise<LoadedModel | undefined> {
    if (asked === undefined) {
      void this.lastGoodModel?.model.release();
      this.lastGoodModel = undefined;
      this.modelStatus = { status: "none" };
      return undefined;
    }
    const current = this.model;
    const { version, sha256 } = asked;
    const same =
      current?.configuration.sha256 === sha256 &&
      current.configuration.window === asked.window &&
      this.configuration.signals.length === dimensions;
    try {
      const loaded = same ? { ...current, configuration: asked } : await this.modelStore.take(asked, dimensions);
      if (!same) {
        void this.lastGoodModel?.model.release();
        this.lastGoodModel = current;
      }
      this.modelFailures = 0;
      this.modelStatus = { status: "active", version, sha256, reason: "" };
      return loaded;
    } catch (error) {
      const reason = `${version}: ${messageOf(error)}`;
      this.options.log("error", "model refused", { version, reason: messageOf(error) });
      const kept = this.configuration.signals.length === dimensions ? current : undefined;
      this.modelStatus = {
        status: "refused",
        version: kept?.configuration.version ?? "",
        sha256: kept?.configuration.sha256 ?? "",
        reason,
      };
      return kept;
    }
  }

  /** Gives up a model that fails to score, for the one before it if there was one. */
  private fallBack(reason: string): void {
    const failed = this.model?.configuration.version ?? "";
    const previous = this.lastGoodModel;
    this.lastGoodModel = undefined;
    this.model = previous;
    this.modelFailures = 0;
    this.modelStatus = {
      status: "fellBack",
      version: previous?.configuration.version ?? "",
      sha256: previous?.configuration.sha256 ?? "",
      reason: `${failed}: ${reason}`,
    };
    this.configuration = { ...this.configuration, model: previous?.configuration };
    this.pipeline.configure(this.configuration);
    this.pipeline.useModel(previous?.configuration.version);
    this.options.log("error", "model given up", {
      version: failed,
      reason,
      now: previous?.configuration.version ?? "",
    });
    void this.report({ model: this.reportedModel() });
  }

  /** The twin merges objects: keys of an earlier status have to be taken out by null. */
  private reportedModel(): Readonly<Record<string, unknown>> {
    return { version: null, sha256: null, reason: null, ...this.modelStatus };
  }

  private async report(properties: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.hub?.report(properties);
    } catch (error) {
      this.options.log("warn", "not reported", { reason: messageOf(error) });
    }
  }
}

function deadLetter(reason: string, body: Buffer): string {
  return JSON.stringify({
    reason,
    receivedAt: new Date().toISOString(),
    bytes: body.length,
    body: body.subarray(0, PREVIEW).toString("utf8"),
  });
}
