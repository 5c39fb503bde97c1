import { readFile } from "node:fs/promises";
import { Message, ModuleClient } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { DETECTOR_MODULE } from "./contract";
import { messageOf } from "./log";
import type { Send } from "./outbox";

/** What the module needs of the edge hub; tests may give it another one. */
export interface Hub {
  readonly send: Send;
  /** Merges properties into the twin's reported ones. */
  report(properties: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

/** What the edge hub tells the module. */
export interface HubEvents {
  /** The connection is open and results can be sent. */
  onOpened(hub: Hub): void;
  onMessage(body: Buffer, deviceId: string | undefined): void;
  /** All desired properties: before the first message, after each change and after each new connection. */
  onDesired(properties: Readonly<Record<string, unknown>>): Promise<void>;
  onConnected(): void;
  /** The connection is lost; the client makes it again by itself, unless `final`. */
  onDisconnected(reason: string, final: boolean): void;
  /** The answer to a direct method. */
  onMethod(name: (typeof DETECTOR_MODULE.methods)[number]): Readonly<Record<string, unknown>>;
}

/** Milliseconds after which a message that the hub has neither taken nor refused is sent again. */
const SEND_TIMEOUT_MS = 30_000;

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
 * Connects to the edge hub over MQTT as the IoT Edge runtime asks modules to (IOTEDGE_* variables and its workload API),
 * or, outside the runtime, by the connection string in EdgeHubConnectionString and the CA in
 * EdgeModuleCACertificateFile. The client's own retries make the connection again after it is lost.
 */
export async function connectToHub(events: HubEvents): Promise<void> {
  const client = await ModuleClient.fromEnvironment(Mqtt);
  let opened = false;
  let closing = false;
  client.on("disconnect", (error: unknown) => {
    if (!closing) events.onDisconnected(messageOf(error), true);
  });
  client.on("error", (error: Error) => {
    events.onDisconnected(error.message, true);
  });
  client.on("connect", () => {
    events.onConnected();
    // Changes of the twin while the connection was lost are not told: all of it is read again.
    if (opened) {
      client.getTwin().catch((error: unknown) => {
        events.onDisconnected(messageOf(error), false);
      });
    }
  });

  await client.open();
  const twin = await client.getTwin();
  opened = true;
  const desired = (): Readonly<Record<string, unknown>> => twin.properties.desired;
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
    async close() {
      closing = true;
      await client.close();
    },
  });

  // No message is taken before the twin says what its signals are.
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
