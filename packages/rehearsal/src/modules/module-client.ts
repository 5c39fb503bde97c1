import { connectAsync, type IPublishPacket, type MqttClient } from "mqtt";
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

/**
 * A client of the edge hub as modules and devices are: MQTT over TLS, quality of service 1 both ways, a lasting session.
 * After a lost connection it connects again, and sends what was not acknowledged once more, in order.
 */
export class ModuleClient {
  private constructor(
    private readonly mqtt: MqttClient,
    private readonly identity: Identity,
  ) {}

  public static async connect(options: ModuleClientOptions): Promise<ModuleClient> {
    const { identity, port, credentials, onMessage } = options;
    const mqtt = await connectAsync(`mqtts://localhost:${port}`, {
      clientId: identity.module === undefined ? identity.deviceId : `${identity.deviceId}/${identity.module}`,
      username: userName(identity),
      password: accessToken(identity, credentials.accessKey),
      ca: credentials.certificate,
      clean: false,
      keepalive: 60,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: 5000,
      resubscribe: true,
    });
    mqtt.on("error", () => undefined);
    if (onMessage !== undefined) {
      mqtt.handleMessage = (packet, done) => {
        onMessage(messageOf(packet));
        done();
      };
      await mqtt.subscribeAsync(`${inputFilter(identity)}#`, { qos: 1 });
    }
    return new ModuleClient(mqtt, identity);
  }

  /**
   * Sends a message; resolves when the hub has stored it, however long that takes. Never waited for while a message is
   * taken: the client reads no acknowledgement meanwhile.
   */
  public async send(body: Buffer | string, output?: string): Promise<void> {
    const properties = writeProperties({
      properties: output === undefined ? {} : { "$.on": output },
      systemProperties: { contentType: "application/json", contentEncoding: "utf-8" },
    });
    await this.mqtt.publishAsync(`${eventTopic(this.identity)}${properties}/`, body, { qos: 1 });
  }

  public async close(): Promise<void> {
    await this.mqtt.endAsync(true);
  }
}

function messageOf({ topic, payload }: IPublishPacket): InputMessage {
  const input = /\/inputs\/([^/]+)/.exec(topic)?.[1] ?? "";
  return { input, body: Buffer.from(payload) };
}
