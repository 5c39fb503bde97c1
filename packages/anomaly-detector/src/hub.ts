import { readFile } from "node:fs/promises";
import { Message, ModuleClient } from "azure-iot-device";
import { DETECTOR_MODULE, type DetectorMethod } from "@edge-anomaly-detection/detector-contract";
import { messageOf } from "./log";
import type { MethodAnswer } from "./methods";
import type { Send } from "./outbox";
import { type InputMessage, transportOf } from "./transport";

/** What the module needs of the edge hub; tests may give it another one. */
export interface Hub {
  readonly send: Send;
  /** Merges properties into the twin's reported ones. */
  report(properties: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What the edge hub tells the module. */
export interface HubEvents {
  /** A connection is open: results can be sent there. */
  onOpened(hub: Hub): void;
  /** The connection is lost; another one is being made. */
  onLost(reason: string): void;
  /** A message of an input; the hub forgets it when the promise resolves. */
  onMessage(body: Buffer, deviceId: string | undefined): Promise<void>;
  /** All desired properties: before the first message of a connection, and after each change. */
  onDesired(properties: Readonly<Record<string, unknown>>): Promise<void>;
  /** The answer to a direct method. */
  onMethod(name: DetectorMethod, payload: unknown): Promise<MethodAnswer>;
}

/** A connection that is kept up. */
export interface HubConnection {
  close(): Promise<void>;
}

/** Milliseconds after which a message that the hub has neither taken nor refused is sent again. */
const SEND_TIMEOUT_MS = 30_000;
/** Milliseconds before the first new connection; doubled with each further one. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the hub has not answered for ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps a connection to the edge hub over MQTT, as the IoT Edge runtime asks modules to (IOTEDGE_* variables and its
 * workload API) or, outside the runtime, by the connection string in EdgeHubConnectionString and the CA in
 * EdgeModuleCACertificateFile.
 *
 * The client's own retries are switched off. It takes a hub that does not listen yet, as after a restart of the hub's
 * container, for a refused sign-in and gives up for good (azure-iot-mqtt-base translates "connection refused" to
 * UnauthorizedError); so a lost connection is closed here and a new one is made, with pauses of up to 30 s.
 */
export function keepConnected(events: HubEvents): HubConnection {
  let closed = false;
  let current: ModuleClient | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  const attempt = async (): Promise<void> => {
    let lost = false;
    let client: ModuleClient | undefined;
    const onLost = (error: unknown): void => {
      if (lost || closed) return;
      lost = true;
      current = undefined;
      client?.removeAllListeners();
      // What was under way with a lost connection still fails, some of it as an event.
      client?.on("error", () => undefined);
      client?.close().catch(() => undefined);
      events.onLost(messageOf(error));
      timer = setTimeout(() => void attempt(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    };
    try {
      const gate = new InputGate(events);
      client = await ModuleClient.fromEnvironment(transportOf((message) => gate.take(message)));
      current = client;
      await open(client, events, onLost);
      gate.open();
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      onLost(error);
    }
  };
  void attempt();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await current?.close();
    },
  };
}

async function open(client: ModuleClient, events: HubEvents, onLost: (error: unknown) => void): Promise<void> {
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 });
  client.on("disconnect", onLost);
  client.on("error", onLost);
  await client.open();
  const twin = await client.getTwin();
  twin.on("error", onLost);
  events.onOpened({
    async send({ output, body }) {
      const message = new Message(body);
      message.contentType = "application/json";
      message.contentEncoding = "utf-8";
      message.properties.add(DETECTOR_MODULE.outputProperty, output);
      try {
        await withTimeout(client.sendOutputEvent(output, message), SEND_TIMEOUT_MS);
      } catch (error) {
        // A hub that does not answer is lost: what it has not acknowledged is sent on a new connection, in order.
        onLost(error);
        throw error;
      }
    },
    report: (properties) =>
      new Promise((resolve, reject) => {
        // eslint-disable-next-line @typescript-eslint/no-unsafe-call -- the library types the properties as any
        twin.properties.reported.update(properties, (error?: Error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
  });

  // No message is taken before the twin says what its signals are.
  const desired = (): Readonly<Record<string, unknown>> => twin.properties.desired;
  await events.onDesired(desired());
  twin.on("properties.desired", () => void events.onDesired(desired()));
  for (const name of DETECTOR_MODULE.methods) {
    client.onMethod(name, (request, response) => {
      void events
        .onMethod(name, (request as { readonly payload?: unknown } | undefined)?.payload)
        .then(({ status, payload }) => response?.send(status, payload))
        .catch(() => {
          // The caller is gone or the connection is; the caller sees a timeout and may ask again.
        });
    });
  }
  // The transport takes the messages; this makes the client subscribe to them.
  client.on("inputMessage", () => undefined);
}

/** Holds messages back until the twin has said what its signals are: a hub may send what it still has at once. */
class InputGate {
  private isOpen = false;
  private readonly held: (() => void)[] = [];

  public constructor(private readonly events: HubEvents) {}

  public take({ input, body, deviceId }: InputMessage): Promise<void> {
    if (!(DETECTOR_MODULE.inputs as readonly string[]).includes(input)) return Promise.resolve();
    if (this.isOpen) return this.events.onMessage(body, deviceId);
    return new Promise((resolve) => {
      this.held.push(() => {
        resolve(this.events.onMessage(body, deviceId));
      });
    });
  }

  public open(): void {
    this.isOpen = true;
    for (const release of this.held.splice(0)) release();
  }
}

/** Certificate authorities that a lab gives for downloads; the system's hold where there are none. */
export async function extraAuthorities(file: string | undefined): Promise<string | undefined> {
  return file === undefined || file === "" ? undefined : readFile(file, "utf8");
}
