import { EventEmitter, once } from "node:events";
import { createServer, type Server, type TLSSocket } from "node:tls";
import Aedes from "aedes";

/** One message that the module sent to an output. */
export interface Sent {
  readonly output: string;
  readonly body: Record<string, unknown>;
  readonly contentType: string | undefined;
}

const DEVICE = "factory-1";
const MODULE = "detector";
const INPUTS = `devices/${DEVICE}/modules/${MODULE}/inputs`;
const EVENTS = `devices/${DEVICE}/modules/${MODULE}/messages/events/`;

/**
 * The edge hub as a module sees it: a broker over TLS that answers the topics of the MQTT protocol of IoT Hub for
 * inputs, outputs, twin and direct methods. It keeps what the module sent, acknowledged by quality of service 1.
 */
export class EdgeHub extends EventEmitter {
  public readonly sent: Sent[] = [];
  /** Reported properties, merged as the hub merges them. */
  public reported: Record<string, unknown> = {};
  public desired: Record<string, unknown> = { $version: 1 };
  public port = 0;
  /** Milliseconds before it takes and acknowledges what the module sends. */
  public takesAfterMs = 0;
  /** How often an input was subscribed to. */
  public subscriptions = 0;
  /** Numbers of the input messages that the module has acknowledged. */
  public readonly acknowledged = new Set<number>();
  private readonly broker = new Aedes();
  private server: Server | undefined;
  private readonly sockets = new Set<TLSSocket>();
  private version = 1;
  private messages = 0;
  private readonly certificate: { readonly key: string; readonly cert: string };

  public constructor(certificate: { readonly key: string; readonly cert: string }) {
    super();
    this.certificate = certificate;
    this.broker.authorizePublish = (client, packet, done) => {
      // The broker itself publishes without a client.
      if (!client) {
        done(null);
        return;
      }
      const take = (): void => {
        done(null);
        setImmediate(() => {
          this.take(packet);
        });
      };
      if (this.takesAfterMs > 0) setTimeout(take, this.takesAfterMs);
      else take();
    };
    this.broker.on("subscribe", (subscriptions) => {
      for (const { topic } of subscriptions) {
        if (topic.includes("/inputs/")) this.subscriptions++;
        this.emit("subscribed", topic);
      }
    });
    this.broker.on("ack", (packet) => {
      const id = /%24\.mid=(\d+)/.exec((packet as { readonly topic?: string } | undefined)?.topic ?? "")?.[1];
      if (id !== undefined) this.acknowledged.add(Number(id));
    });
  }

  public get connectionString(): string {
    const key = Buffer.from("a key that opens nothing").toString("base64");
    return `HostName=hub.invalid;GatewayHostName=localhost:${this.port};DeviceId=${DEVICE};ModuleId=${MODULE};SharedAccessKey=${key}`;
  }

  /** Listens, on the port of the last time if there was one. */
  public async listen(): Promise<void> {
    this.server = createServer(this.certificate, (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
      this.broker.handle(socket);
    });
    this.server.listen(this.port, "localhost");
    await once(this.server, "listening");
    const address = this.server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  /** Cuts all connections and takes no new ones. */
  public async cut(): Promise<void> {
    const { server } = this;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  public async close(): Promise<void> {
    await this.cut();
    await new Promise<void>((resolve) => {
      this.broker.close(() => {
        resolve();
      });
    });
  }

  /** Sends a message to the module's input, as a route of the hub would; resolves when the broker has taken it. */
  public async input(body: unknown, input = "sensorInput", deviceId = DEVICE): Promise<void> {
    const payload = typeof body === "string" ? body : JSON.stringify(body);
    const properties = `%24.cdid=${encodeURIComponent(deviceId)}&%24.mid=${++this.messages}`;
    await this.publish(`${INPUTS}/${input}/${properties}`, payload, 1);
  }

  /** Changes desired properties and tells the module. */
  public async patchDesired(patch: Record<string, unknown>): Promise<void> {
    this.version++;
    this.desired = { ...this.desired, ...patch, $version: this.version };
    await this.publish(
      `$iothub/twin/PATCH/properties/desired/?$version=${this.version}`,
      JSON.stringify({ ...patch, $version: this.version }),
      0,
    );
  }

  /** Calls a direct method and returns its answer. */
  public async method(
    name: string,
    payload: unknown = {},
  ): Promise<{ readonly status: number; readonly payload: unknown }> {
    const id = String(++this.calls);
    const answer = this.until(() => this.answers.get(id));
    await this.publish(`$iothub/methods/POST/${name}/?$rid=${id}`, JSON.stringify(payload), 0);
    return answer;
  }

  /** Resolves with what `find` returns once it returns something; tried after each event of the hub. */
  public async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await once(this, "changed");
    }
  }

  /** What the module sent to an output so far. */
  public outputs(output: string): Record<string, unknown>[] {
    return this.sent.filter((sent) => sent.output === output).map(({ body }) => body);
  }

  private calls = 0;
  private readonly answers = new Map<string, { readonly status: number; readonly payload: unknown }>();

  private take({ topic, payload }: { readonly topic: string; readonly payload: string | Buffer }): void {
    const text = payload.toString();
    if (topic.startsWith(EVENTS)) {
      const properties = new URLSearchParams(topic.slice(EVENTS.length).replace(/\/$/, ""));
      const body = JSON.parse(text) as Record<string, unknown>;
      this.sent.push({ output: properties.get("$.on") ?? "", body, contentType: properties.get("$.ct") ?? undefined });
    } else if (topic.startsWith("$iothub/twin/GET/")) {
      const body = JSON.stringify({ desired: this.desired, reported: this.reported });
      void this.publish(`$iothub/twin/res/200/?$rid=${requestId(topic)}`, body, 0);
    } else if (topic.startsWith("$iothub/twin/PATCH/properties/reported/")) {
      this.reported = merge(this.reported, JSON.parse(text) as Record<string, unknown>);
      void this.publish(`$iothub/twin/res/204/?$rid=${requestId(topic)}&$version=2`, "", 0);
    } else if (topic.startsWith("$iothub/methods/res/")) {
      const status = Number(/^\$iothub\/methods\/res\/(\d+)\//.exec(topic)?.[1]);
      this.answers.set(requestId(topic), { status, payload: JSON.parse(text) });
    }
    this.emit("changed");
  }

  private publish(topic: string, payload: string, qos: 0 | 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const packet = { cmd: "publish", topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const;
      this.broker.publish(packet, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function requestId(topic: string): string {
  return /\$rid=([^&]+)/.exec(topic)?.[1] ?? "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The hub's merge: objects are merged, null takes a key out. */
function merge(into: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...into, ...patch };
  for (const [key, value] of Object.entries(patch)) {
    const before = into[key];
    if (isObject(value)) merged[key] = merge(isObject(before) ? before : {}, value);
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
