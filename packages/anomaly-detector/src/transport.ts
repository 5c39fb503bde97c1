import type { Socket } from "node:net";
import { Mqtt } from "azure-iot-device-mqtt";
import { MqttBase } from "azure-iot-mqtt-base";
import * as mqtt from "mqtt";

/** A message on one of the module's inputs. */
export interface InputMessage {
  readonly input: string;
  readonly body: Buffer;
  /** The device that sent it: a system property that the hub adds. */
  readonly deviceId: string | undefined;
}

/** Takes a message; resolves when the hub may forget it. */
export type TakeInput = (message: InputMessage) => Promise<void>;

/** What of a PUBLISH packet matters here. */
interface PublishPacket {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  readonly messageId?: number;
}

/** `devices/DEVICE/modules/MODULE/inputs/INPUT/PROPERTIES` */
const INPUT_TOPIC = /^devices\/[^/]+\/modules\/[^/]+\/inputs\/([^/]+)(?:\/(.*))?$/;

/**
 * The MQTT transport of azure-iot-device with acknowledgements that wait: the library acknowledges a message as soon as
 * it has handed it out, so that what is lost with the process is lost for good. Here PUBACK is sent when `take` says so,
 * in the order of the messages, as MQTT 3.1.1 asks for (MQTT-4.6.0-2), and other packets are not held up meanwhile.
 * What is never acknowledged the hub sends again on the next connection.
 *
 * It uses two documented doors: the second parameter of the transport, and `handleMessage` of MQTT.js, which sends no
 * PUBACK for a message whose handling fails.
 */
export function transportOf(take: TakeInput): typeof Mqtt {
  const connect = (uri: string, options: mqtt.IClientOptions): mqtt.MqttClient => {
    const client = mqtt.connect(uri, options);
    acknowledgeLater(client, take);
    // An alert after an acknowledgement would wait for that to be acknowledged, up to 40 ms.
    client.on("connect", () => {
      (client.stream as Partial<Socket>).setNoDelay?.(true);
    });
    return client;
  };
  return class extends Mqtt {
    public constructor(authenticationProvider: ConstructorParameters<typeof Mqtt>[0]) {
      super(authenticationProvider, new MqttBase({ connect }));
    }
  };
}

function acknowledgeLater(client: mqtt.MqttClient, take: TakeInput): void {
  let order = Promise.resolve();
  const handle = (packet: PublishPacket, done: (error?: Error) => void): void => {
    const { qos, messageId } = packet;
    if (qos !== 1 || messageId === undefined) {
      done();
      return;
    }
    const message = inputOf(packet);
    const kept = message ? take(message) : Promise.resolve();
    const { stream } = client;
    order = order
      .then(() => kept)
      .then(
        () => {
          // On another connection the packet's id means another message.
          if (client.stream === stream && !stream.destroyed) stream.write(puback(messageId));
        },
        () => undefined,
      );
    done(new Error("acknowledged later"));
  };
  (client as { handleMessage: unknown }).handleMessage = handle;
}

function inputOf({ topic, payload }: PublishPacket): InputMessage | undefined {
  const [, input, properties = ""] = INPUT_TOPIC.exec(topic) ?? [];
  if (input === undefined) return undefined;
  const deviceId = new URLSearchParams(properties).get("$.cdid") ?? undefined;
  return { input, body: Buffer.from(payload), deviceId };
}

function puback(messageId: number): Buffer {
  return Buffer.from([0x40, 0x02, messageId >> 8, messageId & 0xff]);
}
