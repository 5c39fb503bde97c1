import { Backlogs } from "./backlogs";
import type { Configuration } from "./configuration";
import { type Alert, Engine } from "./engine";
import type { StateHeader } from "./machine-state";
import { FORGET_MS, type MachineRecord, Machines, type ModelRole } from "./machines";
import { type Arrival, parseMessage, type Reading, readMessage, type SignalProblem } from "./message";
import { driftAlerts } from "./models/drift-alert";
import { MachineModels } from "./models/inputs";
import { placeOf } from "./order";
import {
  checkSnapshot,
  type MachineSnapshot,
  type ModelInUse,
  type ModelScores,
  type Outcome,
  type Prepared,
  type PreparedMessage,
} from "./outcomes";

export type {
  MachineSnapshot,
  ModelInUse,
  Outcome,
  Prepared,
  PreparedMessage,
  ScoredMessage,
  ShadowScore,
} from "./outcomes";

const NO_ALERTS: readonly Alert[] = [];
const NO_SCORES: ModelScores = {};

/** A machine is silent after so many of its usual intervals, and at least this long. */
const SILENT_INTERVALS = 10;
const LEAST_SILENCE_MS = 60_000;

/**
 * Scores messages of many machines: parses them, puts them in order, and gives them to the engine. Pure but for its
 * state: it reads no clock, opens no file and sends nothing, so the module and the command line run the same code.
 */
export class Pipeline {
  private readonly engine: Engine;
  private readonly machines = new Machines();
  private readonly backlogs: Backlogs;
  private readonly models = new MachineModels();

  public constructor(private configuration: Configuration) {
    this.engine = new Engine(configuration);
    this.backlogs = new Backlogs(this.engine, this.machines);
  }

  /** Machines with a state. */
  public get machineCount(): number {
    return this.machines.size;
  }

  /** Newcomers that lost their place to others since the start. */
  public get evictedMachines(): number {
    return this.machines.evicted;
  }

  public get openEpisodes(): number {
    return this.engine.openEpisodes;
  }

  public openEpisodeIds(): Set<string> {
    return this.engine.openEpisodeIds();
  }

  public get warmingUp(): number {
    return this.engine.warmingUp;
  }

  /** Takes a new configuration from the next message on; returns the ends of episodes of what was switched off. */
  public configure(configuration: Configuration): Alert[] {
    const signals = (of: Configuration): string => JSON.stringify(of.signals);
    if (signals(configuration) !== signals(this.configuration)) {
      for (const record of this.machines.records()) record.windows = {};
    }
    this.configuration = configuration;
    return this.engine.configure(configuration);
  }

  /** Names a model whose scores {@link finish} is given, or none. What was learnt of another one's scores is forgotten. */
  public useModel(role: ModelRole, model: ModelInUse | undefined): void {
    const isOther = this.models.use(role, model, this.machines.records());
    if (role !== "model") return;
    this.engine.useModel(model?.version);
    if (isOther) this.engine.resetModel();
  }

  /** Parses and orders a message. Never throws, whatever the message. */
  public prepare(body: Buffer | string, arrival: Arrival): Prepared {
    const parsed = parseMessage(body, this.configuration, arrival);
    return parsed.ok ? this.place(parsed.reading, arrival) : { kind: "rejected", reason: parsed.reason };
  }

  /** {@link prepare} of a message that is an object already. */
  public prepareObject(message: unknown, arrival: Arrival): Prepared {
    const parsed = readMessage(message, this.configuration, arrival);
    return parsed.ok ? this.place(parsed.reading, arrival) : { kind: "rejected", reason: parsed.reason };
  }

  /** Scores a prepared message with what models made of its inputs. */
  public finish(prepared: PreparedMessage, scores: ModelScores = NO_SCORES): Outcome {
    const { machineId, reading, isBacklog, record, ownTimeMs, before } = prepared;
    const { model } = scores;
    const { confidence } = this.configuration.detectors.onnx;
    const shadow = this.models.judge(record, scores, confidence);
    const { scored, alerts } = this.engine.score(reading, model === undefined ? undefined : { modelScore: model });
    // Nearly every message: nothing to add, and copying costs as much as scoring.
    if (!isBacklog && ownTimeMs === undefined && !reading.problems && shadow === undefined && before.length === 0) {
      return { kind: "scored", machineId, isBacklog, scored, alerts };
    }
    const own = {
      machineId,
      ...(ownTimeMs !== undefined && { eventTime: new Date(ownTimeMs).toISOString() }),
    };
    return {
      kind: "scored",
      machineId,
      isBacklog,
      scored: { ...scored, ...own, ...this.problemsOf(reading.problems), ...(shadow && { shadow }) },
      alerts: [...before, ...alerts.map((alert) => ({ ...alert, ...own }))],
    };
  }

  /** {@link prepare} and {@link finish} at once, without models. */
  public process(body: Buffer | string, arrival: Arrival): Outcome {
    const prepared = this.prepare(body, arrival);
    return prepared.kind === "prepared" ? this.finish(prepared) : prepared;
  }

  /** Tells of machines that fell silent, ends backlogs that are over, and forgets machines silent for a week. */
  public tick(clockMs: number): Alert[] {
    const alerts: Alert[] = [];
    const { silenceSeconds, episodeTimeoutSeconds } = this.configuration;
    const timeoutMs = episodeTimeoutSeconds * 1000;
    for (const [machineId, record] of this.machines.entries()) {
      const { backlog } = record;
      if (backlog && clockMs - backlog.clockMs > timeoutMs) alerts.push(...this.backlogs.end(machineId, record));
      const silentMs = clockMs - record.clockMs;
      if (silentMs > FORGET_MS) {
        alerts.push(...this.engine.close(machineId, "evicted"));
        this.remove(machineId);
        continue;
      }
      if (record.isSilent) continue;
      const cadenceMs = this.engine.cadenceSeconds(machineId) * 1000;
      const learntMs = cadenceMs > 0 ? Math.max(SILENT_INTERVALS * cadenceMs, LEAST_SILENCE_MS) : timeoutMs;
      if (silentMs <= (silenceSeconds > 0 ? silenceSeconds * 1000 : learntMs)) continue;
      record.isSilent = true;
      alerts.push(...this.engine.silent(machineId, record.order.newestMs));
    }
    return alerts;
  }

  /** Ends all open episodes, for the end of a recording. */
  public closeAll(): Alert[] {
    return [...this.machines.entries()].flatMap(([machineId, record]) => [
      ...this.backlogs.end(machineId, record),
      ...this.engine.close(machineId, "ended"),
    ]);
  }

  /** Takes an operator's word. */
  public feedback(...given: Parameters<Engine["feedback"]>): ReturnType<Engine["feedback"]> {
    return this.engine.feedback(...given);
  }

  /** What the twin is to report of the models' drift and agreement; undefined where neither is watched. */
  public modelReport(): ReturnType<MachineModels["report"]> {
    return this.models.report(this.machines.entries(), this.signalNames());
  }

  private signalNames(): string[] {
    return this.configuration.signals.map(({ name }) => name);
  }

  public has(machineId: string): boolean {
    return this.machines.get(machineId) !== undefined;
  }

  /** What has to be saved with the machines. */
  public header(): StateHeader {
    return this.engine.header();
  }

  /** All machines as they are saved, made one by one: messages may be scored in between. */
  public *entries(): Generator<[string, MachineSnapshot]> {
    for (const machineId of [...this.machines.entries()].map(([id]) => id)) {
      const snapshot = this.snapshot(machineId);
      if (snapshot) yield [machineId, snapshot];
    }
  }

  /** One machine as plain data, whole between two messages; no machine depends on another. */
  public snapshot(machineId: string): MachineSnapshot | undefined {
    const record = this.machines.get(machineId);
    if (!record) return undefined;
    const { order, messages, clockMs, isSilent, shadowJudge, drift, agreement } = record;
    const windows = this.models.save(record);
    return {
      engine: this.engine.save(machineId),
      order,
      messages,
      clockMs,
      isSilent,
      ...(windows && { windows }),
      ...(shadowJudge !== undefined && { shadowJudge }),
      ...(drift && { drift }),
      ...(agreement && { agreement }),
    };
  }

  /** Takes one saved machine; returns why it is not taken: it is learnt anew then. Call {@link useModel} before. */
  public restore(machineId: string, snapshot: unknown): string | undefined {
    const checked = checkSnapshot(snapshot);
    if (!checked) return "it is no snapshot of a machine";
    const refused = this.engine.restore(machineId, checked.engine);
    if (refused !== undefined) return refused;
    const { order, messages, clockMs, isSilent, windows, shadowJudge, drift, agreement } = checked;
    const record: MachineRecord = { order, messages, clockMs, isSilent, windows: {} };
    Object.assign(record, shadowJudge !== undefined && { shadowJudge }, drift && { drift }, agreement && { agreement });
    this.models.restore(record, windows);
    this.machines.put(machineId, record);
    return undefined;
  }

  private place(reading: Reading, { arrivedMs, clockMs = arrivedMs }: Arrival): Prepared {
    const { machineId } = reading;
    const { maxMachines, reorderSeconds } = this.configuration;
    const { record, victim } = this.machines.enter(machineId, maxMachines, clockMs);
    if (record === undefined) {
      return { kind: "rejected", reason: `there are ${maxMachines} established machines already (maxMachines)` };
    }
    let before: readonly Alert[] = victim === undefined ? NO_ALERTS : this.engine.close(victim, "evicted");
    if (victim !== undefined) this.engine.forget(victim);
    const windowMs = reorderSeconds * 1000;
    const place = placeOf(record.order, reading.timeMs, reading.values, windowMs);
    if (place.kind === "duplicate") return { kind: "skipped", reason: "duplicate", machineId };
    if (place.kind === "older") return this.backlogs.place(reading, record, clockMs, windowMs, before);
    this.machines.seen(machineId, record, clockMs);
    if (record.backlog) Object.assign(record.backlog, { run: 0, liveClockMs: clockMs });
    const inputs = this.models.inputsOf(record, reading, place.timeMs);
    const drift = this.models.takeDrift();
    if (drift) before = [...before, ...driftAlerts(drift, this.signalNames())];
    const isLate = place.timeMs !== reading.timeMs;
    return {
      kind: "prepared",
      machineId,
      isBacklog: false,
      record,
      before,
      reading: isLate ? { ...reading, timeMs: place.timeMs } : reading,
      ownTimeMs: isLate ? reading.timeMs : undefined,
      inputs,
    };
  }

  private remove(machineId: string): void {
    const record = this.machines.get(machineId);
    if (record) this.backlogs.end(machineId, record);
    this.machines.remove(machineId);
    this.engine.forget(machineId);
  }

  private problemsOf(problems: readonly SignalProblem[] | undefined): { problems?: Record<string, string> } {
    if (!problems) return {};
    const { signals } = this.configuration;
    return {
      problems: Object.fromEntries(problems.map(({ signal, reason }) => [signals[signal]?.name ?? "", reason])),
    };
  }
}
