import type { Credentials } from "../edge-hub/credentials";
import type { RehearsalInput } from "../input";
import { type Fault, Machine, seededRandom, type SensorBody } from "./machine";
import { ModuleClient } from "./module-client";

export interface SensorOptions {
  readonly input: RehearsalInput;
  readonly port: number;
  readonly credentials: Credentials;
  /** Real seconds between two messages of a machine. */
  readonly intervalSeconds: number;
  /** The time that a message carries, milliseconds since 1970. */
  readonly time: () => number;
  readonly seed: number;
  /** A message is sent for the first time. */
  readonly onSent?: (machineId: string, time: number) => void;
  /** A message was given up because too many wait for the hub. */
  readonly onGivenUp?: (machineId: string, time: number) => void;
}

/** Messages that wait for the hub's acknowledgement; what a module of this kind has memory for. */
const MAX_WAITING = 20_000;
/** Shortest pause between two rounds of sending. */
const TICK_MS = 5;

interface Sender {
  readonly machineId: string;
  readonly machine: Machine;
  readonly client: ModuleClient;
  sent: number;
  lastTime: number;
}

/** The simulated sensor: a module that sends for all machines, or a device without modules for each of them. */
export class SimulatedSensor {
  public sent = 0;
  private waiting = 0;
  private isRunning = false;
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;

  private constructor(
    private readonly options: SensorOptions,
    private readonly senders: readonly Sender[],
  ) {}

  public static async connect(options: SensorOptions): Promise<SimulatedSensor> {
    const { input, port, credentials, seed } = options;
    const { source } = input.sensor;
    const connect = (deviceId: string, module?: string): Promise<ModuleClient> =>
      ModuleClient.connect({ identity: { deviceId, ...(module !== undefined && { module }) }, port, credentials });
    const shared = source === "leafDevices" ? undefined : await connect(input.deviceId, source.module);
    const senders: Sender[] = [];
    for (const [index, machineId] of input.machines.entries()) {
      const machine = new Machine(seededRandom(seed + index));
      senders.push({ machineId, machine, client: shared ?? (await connect(machineId)), sent: 0, lastTime: 0 });
    }
    return new SimulatedSensor(options, senders);
  }

  public get machines(): readonly string[] {
    return this.senders.map(({ machineId }) => machineId);
  }

  /** Messages that the hub has not acknowledged. */
  public get unacknowledged(): number {
    return this.waiting;
  }

  public start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.startedAt = performance.now();
    for (const sender of this.senders) sender.sent = 0;
    this.tick();
  }

  public stop(): void {
    this.isRunning = false;
    clearTimeout(this.timer);
  }

  /** Breaks a machine, or repairs it; all of them without a name. */
  public set(fault: Fault, machineId?: string): void {
    for (const sender of this.senders) {
      if (machineId === undefined || sender.machineId === machineId) sender.machine.set(fault);
    }
  }

  /** Sends one message of each machine now. */
  public sendOne(): void {
    for (const sender of this.senders) this.send(sender);
  }

  public async close(): Promise<void> {
    this.stop();
    await Promise.all([...new Set(this.senders.map(({ client }) => client))].map((client) => client.close()));
  }

  /** Sends what is due: the number of messages goes by the clock, however late a timer is. */
  private tick(): void {
    const elapsed = (performance.now() - this.startedAt) / 1000;
    const due = Math.floor(elapsed / this.options.intervalSeconds) + 1;
    // After a pause of the whole machine nobody wants to see what would have been sent.
    const most = Math.ceil(1 / this.options.intervalSeconds) + 1;
    for (const sender of this.senders) {
      if (due - sender.sent > most) sender.sent = due - most;
      for (; sender.sent < due; sender.sent += 1) this.send(sender);
    }
    this.timer = setTimeout(
      () => {
        this.tick();
      },
      Math.max(TICK_MS, (due * this.options.intervalSeconds - elapsed) * 1000),
    );
  }

  private send(sender: Sender): void {
    const { machineId, machine, client } = sender;
    const time = this.timeOf(sender);
    sender.lastTime = time;
    const body = machine.measure(new Date(time).toISOString());
    if (this.waiting >= MAX_WAITING) {
      this.options.onGivenUp?.(machineId, time);
      return;
    }
    this.waiting += 1;
    this.sent += 1;
    this.options.onSent?.(machineId, time);
    client.send(JSON.stringify(this.complete(body, machineId)), this.output).then(
      () => {
        this.waiting -= 1;
      },
      () => {
        this.waiting -= 1;
      },
    );
  }

  /**
   * In a time-lapse times are a grid: a timer that fires a few milliseconds late must not look like a sensor that is
   * minutes late. No two messages of a machine have the same time: a detector would take the second for a repetition.
   */
  private timeOf({ lastTime }: Sender): number {
    const now = Math.round(this.options.time());
    const { intervalSeconds } = this.options.input.sensor;
    if (intervalSeconds === this.options.intervalSeconds) return Math.max(now, lastTime + 1);
    const step = intervalSeconds * 1000;
    return Math.max(Math.floor(now / step) * step, lastTime + step);
  }

  private get output(): string | undefined {
    const { source } = this.options.input.sensor;
    return source === "leafDevices" ? undefined : source.output;
  }

  /** Puts what the environment expects beside the published sensor's shape: signals at their paths, time, machine. */
  private complete(body: SensorBody, machineId: string): Record<string, unknown> {
    const { signals, timePath, machineIdPath } = this.options.input;
    const { timeCreated, ...measured } = body;
    const message: Record<string, unknown> = measured;
    for (const { path } of signals) {
      // A signal that the published sensor lacks, such as vibration, follows the machine's pressure.
      if (valueAt(message, path) === undefined) setAt(message, path, body.machine.pressure / 2);
    }
    setAt(message, timePath, timeCreated);
    if (machineIdPath !== undefined) setAt(message, machineIdPath, machineId);
    return message;
  }
}

function valueAt(object: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

function setAt(object: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let inner = object;
  for (const key of keys) {
    const next = inner[key];
    inner = inner[key] = typeof next === "object" && next !== null ? { ...next } : {};
  }
  inner[last] = value;
}
