import type { QueuedMessage } from "./queued-message";
import type { Router, Routing } from "./router";
import { type Identity, type Properties, readEventTopic, writeProperties } from "./topics";

/** What a topic says of the messages that are sent to it. */
export interface Sender extends Properties {
  /** `MODULE/OUTPUT`, or `leaf`. */
  readonly from: string;
  /** As routes name it. */
  readonly source: string;
  /** Where its messages go, unless that depends on their bodies. */
  routing?: Routing;
}

/** Topics of a connection that are remembered; clients that number their messages in the topic have one for each. */
const KNOWN_TOPICS = 1000;

/**
 * Clients send to a few topics again and again: what a topic says is read once, and where its messages go is decided once
 * where no route asks for their bodies.
 */
export class Senders {
  /** By connection: what one client may send to, another one may not. */
  private readonly byIdentity = new WeakMap<Identity, Map<string, Sender>>();

  public constructor(private readonly router: Router) {}

  /** @throws Error where the client may not publish to the topic */
  public get(identity: Identity, topic: string): Sender {
    const senders = this.byIdentity.get(identity) ?? new Map<string, Sender>();
    this.byIdentity.set(identity, senders);
    const known = senders.get(topic);
    if (known !== undefined) return known;
    const sender = read(identity, topic);
    if (senders.size >= KNOWN_TOPICS) senders.clear();
    senders.set(topic, sender);
    return sender;
  }

  public route(sender: Sender, body: Buffer): Routing {
    if (sender.routing !== undefined) return sender.routing;
    const { source, properties, systemProperties } = sender;
    let text: string | undefined;
    const routing = this.router.route({
      source,
      properties,
      systemProperties,
      get body() {
        text ??= body.toString();
        return text;
      },
    });
    if (text === undefined) sender.routing = routing;
    return routing;
  }
}

function read(identity: Identity, topic: string): Sender {
  const { module, deviceId } = identity;
  const sent = readEventTopic(topic, identity);
  if (sent === undefined) throw new Error(`${module ?? deviceId} may not publish to ${topic}`);
  const { output, properties } = sent;
  return {
    from: module === undefined ? "leaf" : output === undefined ? module : `${module}/${output}`,
    source:
      module === undefined
        ? "/messages"
        : `/messages/modules/${module}${output === undefined ? "" : `/outputs/${output}`}`,
    properties,
    systemProperties: {
      ...sent.systemProperties,
      connectionDeviceId: deviceId,
      ...(module !== undefined && { connectionModuleId: module }),
    },
  };
}

/** Messages' properties as topics have them; messages of one sender share all but their ids. */
export class WrittenProperties {
  private readonly bySender = new WeakMap<Properties["systemProperties"], string>();

  public of({ id, properties, systemProperties }: QueuedMessage): string {
    const shared = this.bySender.get(systemProperties) ?? writeProperties({ properties, systemProperties });
    this.bySender.set(systemProperties, shared);
    // A sender's own id of the message stands for the hub's.
    if ("messageId" in systemProperties) return shared;
    const own = writeProperties({ properties: {}, systemProperties: { messageId: id } });
    return shared === "" ? own : `${own}&${shared}`;
  }
}
