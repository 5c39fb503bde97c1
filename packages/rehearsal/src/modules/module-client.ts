import type { Socket } from "node:net";
import { connect, type IPublishPacket, type MqttClient } from "mqtt";
import { accessToken, type Credentials, userName } from "../edge-hub/credentials";
import { eventTopic, type Identity, inputFilter, writeProperties } from "../edge-hub/topics";

/** What a message arrives as. */
export interface InputMessage {
  readonly input: string;
  readonly body: Buffer;
}

export interface ModuleClientOptions {
  readonly identity: Identity;
  readonly port: number;
  readonly credentials: Credentials;
  /** Takes a message, which is then acknowledged. @default - no input is read */
  readonly onMessage?: (message: InputMessage) => void;
}

/** Milliseconds between two attempts to connect. */
const RECONNECT_MS = 100;
const CONNECT_TIMEOUT_MS = 5000;

/** A message that the hub has not acknowledged. */
interface Unacknowledged {
  readonly topic: string;
  readonly body: Buffer | string;
  readonly resolve: () => void;
}

/**
 * A client of the edge hub as modules and devices are: MQTT over TLS, quality of service 1 both ways.
 *
 * After a lost connection it makes another one and sends what was not acknowledged once more, in order. MQTT.js could do
 * that itself, but loses messages that are sent while it connects again (seen with 5.16 at kills of the hub).
 */
export class ModuleClient {
  private mqtt: MqttClient | undefined;
  private readonly topics = new Map<string | undefined, string>();
  private readonly outbox = new Set<Unacknowledged>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  private constructor(private readonly options: ModuleClientOptions) {}

  /** Resolves when it is connected, and subscribed where it reads. */
  public static async connect(options: ModuleClientOptions): Promise<ModuleClient> {
    const client = new ModuleClient(options);
    await client.open();
    return client;
  }

  /**
   * Sends a message; resolves when the hub has stored it, however long that takes. Never waited for while a message is
   * taken: the client reads no acknowledgement meanwhile.
   */
  public send(body: Buffer | string, output?: string): Promise<void> {
    return new Promise((resolve) => {
      const message = { topic: this.topicOf(output), body, resolve };
      this.outbox.add(message);
      this.publish(message);
    });
  }

  public async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.mqtt?.endAsync(true);
  }

  private async open(): Promise<void> {
    const { identity, port, credentials, onMessage } = this.options;
    const mqtt = connect(`mqtts://localhost:${port}`, {
      clientId: identity.module === undefined ? identity.deviceId : `${identity.deviceId}/${identity.module}`,
      username: userName(identity),
      password: accessToken(identity, credentials.accessKey),
      ca: credentials.certificate,
      clean: false,
      keepalive: 60,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    if (onMessage !== undefined) {
      // Before it is connected: a hub may send at once, and MQTT.js acknowledges what nobody takes.
      mqtt.handleMessage = (packet, done) => {
        onMessage(messageOf(packet));
        done();
      };
    }
    await connected(mqtt);
    // Small packets one after another would wait for the acknowledgement of the first, up to 40 ms.
    (mqtt.stream as Partial<Socket>).setNoDelay?.(true);
    mqtt.once("close", () => {
      if (this.mqtt === mqtt) this.mqtt = undefined;
      this.openLater();
    });
    if (onMessage !== undefined) {
      await mqtt.subscribeAsync(`${inputFilter(identity)}#`, { qos: 1 });
    }
    if (this.isClosed || !mqtt.connected) {
      mqtt.end(true);
      return;
    }
    this.mqtt = mqtt;
    for (const message of this.outbox) this.publish(message);
  }

  private openLater(): void {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.open().catch(() => {
        this.openLater();
      });
    }, RECONNECT_MS);
  }

  private topicOf(output: string | undefined): string {
    const known = this.topics.get(output);
    if (known !== undefined) return known;
    const properties = writeProperties({
      properties: output === undefined ? {} : { "$.on": output },
      systemProperties: { contentType: "application/json", contentEncoding: "utf-8" },
    });
    const topic = `${eventTopic(this.options.identity)}${properties}/`;
    this.topics.set(output, topic);
    return topic;
  }

  private publish(message: Unacknowledged): void {
    this.mqtt?.publish(message.topic, message.body, { qos: 1 }, (error) => {
      // What a lost connection leaves is sent again on the next one.
      if (error) return;
      this.outbox.delete(message);
      message.resolve();
    });
  }
}

/** Resolves when the client is connected; rejects, and ends it, where it cannot be. */
function connected(mqtt: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    let reason = new Error("the edge hub closed the connection");
    mqtt.on("error", (error) => (reason = error));
    mqtt.once("connect", () => {
      resolve();
    });
    mqtt.once("close", () => {
      mqtt.end(true);
      reject(reason);
    });
  });
}

function messageOf({ topic, payload }: IPublishPacket): InputMessage {
  const input = /\/inputs\/([^/]+)/.exec(topic)?.[1] ?? "";
  return { input, body: Buffer.from(payload) };
}
