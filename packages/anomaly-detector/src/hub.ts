import { readFile } from "node:fs/promises";
import { Message, ModuleClient } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { DETECTOR_MODULE } from "@edge-anomaly-detection/detector-contract";
import { messageOf } from "./log";
import type { Send } from "./outbox";

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
  onMessage(body: Buffer, deviceId: string | undefined): void;
  /** All desired properties: before the first message of a connection, and after each change. */
  onDesired(properties: Readonly<Record<string, unknown>>): Promise<void>;
  /** The answer to a direct method. */
  onMethod(name: (typeof DETECTOR_MODULE.methods)[number]): Readonly<Record<string, unknown>>;
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

/** The device that sent a message: a system property that the hub adds. */
function sendingDevice(message: Message): string | undefined {
  for (let i = 0; i < message.properties.count(); i++) {
    const { key, value } = message.properties.getItem(i) as { readonly key: string; readonly value: string };
    if (key === "$.cdid") return value;
  }
  return undefined;
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
      client?.close().catch(() => undefined);
      events.onLost(messageOf(error));
      timer = setTimeout(() => void attempt(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    };
    try {
      client = await ModuleClient.fromEnvironment(Mqtt);
      current = client;
      await open(client, events, onLost);
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
      await withTimeout(client.sendOutputEvent(output, message), SEND_TIMEOUT_MS);
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
    client.onMethod(name, (_request, response) => {
      response?.send(200, events.onMethod(name)).catch(() => {
        // The caller is gone or the connection is; the caller sees a timeout and may ask again.
      });
    });
  }
  client.on("inputMessage", (input: string, message: Message) => {
    if ((DETECTOR_MODULE.inputs as readonly string[]).includes(input)) {
      events.onMessage(Buffer.from(message.getBytes()), sendingDevice(message));
    }
  });
}

/** Certificate authorities that a lab gives for downloads; the system's hold where there are none. */
export async function extraAuthorities(file: string | undefined): Promise<string | undefined> {
  return file === undefined || file === "" ? undefined : readFile(file, "utf8");
}
