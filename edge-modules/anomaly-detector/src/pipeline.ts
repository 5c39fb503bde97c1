import type { Alert, Scored } from "./alerts";
import type { Configuration } from "./configuration";
import { Engine, type SavedMachine, shapeOf, type StateHeader as EngineHeader } from "./engine";
import { createOnnxState, type OnnxState, pushOnnxReading } from "./detectors/onnx";
import { type Arrival, parseMessage, type Reading } from "./message";

export { type Alert, DETECTOR_VERSION, type DetectorName, type Scored, type SignalScore } from "./alerts";

/** What is kept of a machine besides the engine's part. */
interface Registered {
  lastMs: number;
  lastValues: (number | null)[];
  /** Time of the last late message and how many came in their own order since: a clock that was set back. */
  lateMs: number;
  lateRun: number;
  /** When the newest message arrived, by the device's clock. */
  arrivedMs: number;
  onnx?: OnnxState;
}

/** All that is known of one machine: plain data, saved and restored as it is. */
export interface MachineState extends Registered {
  readonly engine: SavedMachine | null;
}

export type StateHeader = EngineHeader;

export type Outcome =
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "skipped"; readonly reason: "duplicate" | "late"; readonly machineId: string }
  | { readonly kind: "scored"; readonly scored: Scored; readonly alerts: readonly Alert[] };

/** A message that is half done: a model, if there is one, has to score `modelInput` before {@link Pipeline.finish}. */
export type Prepared =
  | Exclude<Outcome, { kind: "scored" }>
  | { readonly kind: "prepared"; readonly reading: Reading; readonly modelInput?: Float32Array };

/** Late messages in their own order after which the clock is taken to have been set back. */
const LATE_RUN_LIMIT = 10;
const FORGET_MS = 7 * 86_400_000;

/**
 * Parses, orders and scores messages. Pure but for its state: it reads no clock, opens no file and sends nothing, so
 * the module and the command line run the same code.
 */
export class Pipeline {
  private readonly engine: Engine;
  private readonly machines = new Map<string, Registered>();
  private modelVersion: string | undefined;

  public constructor(private configuration: Configuration) {
    this.engine = new Engine(configuration);
  }

  public get machineCount(): number {
    return this.machines.size;
  }

  public get openEpisodes(): number {
    return this.engine.openEpisodes;
  }

  public get warmingUp(): number {
    return this.engine.warmingUp;
  }

  /** Takes a new configuration from the next message on. Returns the ends of what was switched off. */
  public configure(configuration: Configuration): Alert[] {
    const before = this.configuration;
    this.configuration = configuration;
    if (
      shapeOf(before).join() !== shapeOf(configuration).join() ||
      before.model?.sha256 !== configuration.model?.sha256
    ) {
      for (const machine of this.machines.values()) delete machine.onnx;
    }
    return this.engine.configure(configuration);
  }

  public useModel(version: string | undefined): void {
    this.modelVersion = version;
    this.engine.useModel(version);
  }

  public resetModel(): void {
    for (const machine of this.machines.values()) delete machine.onnx;
    this.engine.resetModel();
  }

  /** Parses and orders a message. Never throws, whatever the message. */
  public prepare(body: Buffer | string, arrival: Arrival): Prepared {
    const parsed = parseMessage(body, this.configuration, arrival);
    if (!parsed.ok) return { kind: "rejected", reason: parsed.reason };
    const { reading } = parsed;
    const machine = this.machineOf(reading.machineId);
    if (machine === undefined) {
      return { kind: "rejected", reason: `more than ${this.configuration.maxMachines} machines (maxMachines)` };
    }
    machine.arrivedMs = arrival.arrivedMs;
    const skipped = order(machine, reading);
    if (skipped) return { kind: "skipped", reason: skipped, machineId: reading.machineId };
    const modelInput = this.modelInput(machine, reading);
    return modelInput ? { kind: "prepared", reading, modelInput } : { kind: "prepared", reading };
  }

  /** Scores a prepared message; `modelScore` is the model's answer to its input, if it gave one. */
  public finish(prepared: Extract<Prepared, { kind: "prepared" }>, modelScore?: number): Outcome {
    const { scored, alerts } = this.engine.score(prepared.reading, { modelScore });
    return { kind: "scored", scored, alerts };
  }

  /** {@link prepare} and {@link finish} at once, for a pipeline without a model. */
  public process(body: Buffer | string, arrival: Arrival): Outcome {
    const prepared = this.prepare(body, arrival);
    return prepared.kind === "prepared" ? this.finish(prepared) : prepared;
  }

  /** Ends episodes of machines that are silent for longer than the timeout; forgets those silent for a week. */
  public closeSilent(nowMs: number): Alert[] {
    const alerts: Alert[] = [];
    for (const [machineId, machine] of this.machines) {
      const silentMs = nowMs - machine.arrivedMs;
      if (silentMs > this.configuration.episodeTimeoutSeconds * 1000) {
        alerts.push(...this.engine.close(machineId, "silent"));
      }
      if (silentMs > FORGET_MS) {
        this.machines.delete(machineId);
        this.engine.forget(machineId);
      }
    }
    return alerts;
  }

  /** Ends all open episodes, for the end of a recording. */
  public closeAll(): Alert[] {
    return [...this.machines.keys()].flatMap((machineId) => this.engine.close(machineId, "ended"));
  }

  public header(): StateHeader {
    return this.engine.header();
  }

  /** Machines with their states, made when they are asked for. */
  public *entries(): IterableIterator<[string, MachineState]> {
    for (const [machineId, machine] of this.machines) {
      yield [machineId, { ...structuredClone(machine), engine: this.engine.save(machineId) ?? null }];
    }
  }

  /** Takes saved machines. Returns why they were not taken, or undefined. */
  public restore(header: StateHeader, machines: Iterable<readonly [string, MachineState]>): string | undefined {
    const own = this.header();
    if (header.detectorVersion !== own.detectorVersion || header.stateVersion !== own.stateVersion) {
      return `state is of detector version ${header.detectorVersion}, this is ${own.detectorVersion}`;
    }
    const same = header.shape.join() === own.shape.join();
    for (const [machineId, { engine, ...machine }] of machines) {
      if (!same) machine.lastValues = [];
      if (engine !== null && this.engine.restore(machineId, engine) !== undefined) continue;
      this.machines.set(machineId, machine);
    }
    return undefined;
  }

  private machineOf(machineId: string): Registered | undefined {
    const known = this.machines.get(machineId);
    if (known || this.machines.size >= this.configuration.maxMachines) return known;
    const machine: Registered = { lastMs: -1, lastValues: [], lateMs: -1, lateRun: 0, arrivedMs: 0 };
    this.machines.set(machineId, machine);
    return machine;
  }

  private modelInput(machine: Registered, { values }: Reading): Float32Array | undefined {
    const { model } = this.configuration;
    if (!model || this.modelVersion === undefined || values.includes(undefined)) return undefined;
    machine.onnx ??= createOnnxState();
    const parameters = { window: model.window, dimensions: values.length, confidence: 50 };
    return pushOnnxReading(machine.onnx, parameters, values as readonly number[]);
  }
}

/**
 * Detectors need messages in the order of their times. A message that is the last one again, or that is older than the
 * newest, is not learnt from. When ten older messages come in an order of their own, the clock was set back.
 */
function order(machine: Registered, { timeMs, values }: Reading): "duplicate" | "late" | undefined {
  if (timeMs === machine.lastMs && values.every((value, i) => (value ?? null) === machine.lastValues[i])) {
    return "duplicate";
  }
  if (timeMs < machine.lastMs) {
    machine.lateRun = timeMs > machine.lateMs ? machine.lateRun + 1 : 1;
    machine.lateMs = timeMs;
    if (machine.lateRun < LATE_RUN_LIMIT) return "late";
  }
  machine.lastMs = timeMs;
  for (let i = 0; i < values.length; i++) machine.lastValues[i] = values[i] ?? null;
  machine.lateMs = -1;
  machine.lateRun = 0;
  return undefined;
}
