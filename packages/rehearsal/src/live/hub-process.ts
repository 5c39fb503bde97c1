import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Credentials } from "../edge-hub/credentials";
import type { JsonObject } from "../edge-hub/json";
import type { MethodResult } from "../edge-hub/methods";
import type { FromHub, ToHub } from "../edge-hub/protocol";
import type { QueuedMessage } from "../edge-hub/queued-message";
import type { RehearsalInput } from "../input";

export interface HubProcessOptions {
  /** The compiled `edge-hub/main.ts`. */
  readonly program: string;
  readonly input: RehearsalInput;
  readonly credentials: Credentials;
  /** Folder of messages and twins. */
  readonly folder: string;
  readonly limitBytes?: number;
  readonly onAccepted: (message: QueuedMessage, routes: readonly string[]) => void;
  /** A message's time to live is over. */
  readonly onExpired: (message: QueuedMessage) => void;
  /** Takes a message; false where the cloud is not there. */
  readonly onUpstream: (message: QueuedMessage) => boolean;
}

/** Milliseconds before a killed process is started again, as the agent waits a little. */
export const RESTART_MS = 250;
/** A sender that was refused tries again sooner than that. */
const FULL_MS = 5000;

/** The edge hub as a process that is started again when it ends, on the same port and with the same store. */
export class HubProcess {
  public port = 0;
  public isReady = false;
  public waiting: { readonly messages: Readonly<Record<string, number>>; readonly bytes: number } = {
    messages: {},
    bytes: 0,
  };
  private child: ChildProcess | undefined;
  private isStopping = false;
  private isCloudConnected = true;
  private calls = 0;
  private fullAt = 0;
  private readonly answers = new Map<number, (result: MethodResult) => void>();
  private readonly whenReady: ((error?: Error) => void)[] = [];

  public constructor(private readonly options: HubProcessOptions) {}

  /** Whether it has refused a message for want of disk in the last seconds. */
  public get isFull(): boolean {
    return Date.now() - this.fullAt < FULL_MS;
  }

  /** Starts it; resolves when it listens. */
  public async start(): Promise<void> {
    this.spawn();
    await this.ready();
  }

  public setCloud(isConnected: boolean): void {
    this.isCloudConnected = isConnected;
    this.tell({ kind: "cloud", isConnected });
  }

  public callMethod(module: string, name: string, payload: unknown, timeoutMs: number): Promise<MethodResult> {
    const call = ++this.calls;
    return new Promise((resolve) => {
      if (!this.isReady) {
        resolve({ status: 404, payload: { message: "the edge hub is not running" } });
        return;
      }
      this.answers.set(call, resolve);
      this.tell({ kind: "method", call, module, name, payload, timeoutMs });
    });
  }

  public patchDesired(module: string, patch: JsonObject): void {
    this.tell({ kind: "patchDesired", module, patch });
  }

  /** Ends it at once, as a crash would; it is started again. Resolves when it listens again. */
  public async kill(): Promise<void> {
    this.child?.kill("SIGKILL");
    this.isReady = false;
    await this.ready();
  }

  public async stop(): Promise<void> {
    this.isStopping = true;
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    this.tell({ kind: "stop" });
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await exited;
    clearTimeout(timer);
  }

  private ready(): Promise<void> {
    if (this.isReady) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.whenReady.push((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  private spawn(): void {
    const { program, input, credentials, folder, limitBytes } = this.options;
    const child = fork(program, [], { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.child = child;
    child.on("message", (message: FromHub) => {
      this.take(message, child);
    });
    child.on("error", () => undefined);
    child.on("exit", () => {
      this.isReady = false;
      for (const answer of this.answers.values()) {
        answer({ status: 404, payload: { message: "the edge hub has stopped" } });
      }
      this.answers.clear();
      if (!this.isStopping) {
        setTimeout(() => {
          if (!this.isStopping) this.spawn();
        }, RESTART_MS);
      }
    });
    const { deviceId, layers, machines, sensor } = input;
    this.tell({
      kind: "start",
      input: { deviceId, layers, machines, sensor },
      credentials,
      folder,
      port: this.port,
      isCloudConnected: this.isCloudConnected,
      ...(limitBytes !== undefined && { limitBytes }),
    });
  }

  private take(message: FromHub, child: ChildProcess): void {
    switch (message.kind) {
      case "ready":
        this.port = message.port;
        this.isReady = true;
        for (const settle of this.whenReady.splice(0)) settle();
        break;
      case "accepted":
        for (const { message: accepted, routes } of message.messages) this.options.onAccepted(accepted, routes);
        break;
      case "upstream": {
        const received = message.messages.filter(({ message: sent }) => this.options.onUpstream(sent));
        // To the process that sent them: to another one their numbers mean other messages.
        if (received.length > 0 && child.connected) {
          const order: ToHub = { kind: "received", deliveries: received.map(({ delivery }) => delivery) };
          child.send(order, () => undefined);
        }
        break;
      }
      case "expired":
        this.options.onExpired(message.message);
        break;
      case "full":
        this.fullAt = Date.now();
        break;
      case "method":
        this.answers.get(message.call)?.(message.result);
        this.answers.delete(message.call);
        break;
      case "waiting":
        this.waiting = { messages: message.messages, bytes: message.bytes };
        break;
      case "failed":
        // It has run before: what is wrong may pass, and it is started again.
        if (this.port !== 0) break;
        this.isStopping = true;
        for (const settle of this.whenReady.splice(0)) settle(new Error(message.reason));
        break;
    }
  }

  private tell(order: ToHub): void {
    if (this.child?.connected === true) this.child.send(order, () => undefined);
  }
}
