import { once } from "node:events";
import { createServer, type Server, type TLSSocket } from "node:tls";
import Aedes, { type AuthenticateError, type Client, type PublishPacket } from "aedes";
import { type Credentials, identityOf, isAccessToken } from "./credentials";
import { Deliveries } from "./deliveries";
import { type Identity, inputFilter } from "./topics";

/** What clients do, as the broker passes it on. */
export interface BrokerEvents {
  /** A client sent something; it is acknowledged when the promise resolves, and cut off when it rejects. */
  onPublish(identity: Identity, topic: string, body: Buffer): Promise<void>;
  /** A module reads its inputs from now on. */
  onReader(module: string): void;
  /** It has gone. */
  onReaderGone(module: string): void;
  /** Whether an identity may connect. */
  isKnown(identity: Identity): boolean;
}

/** Milliseconds for which a connection may do nothing before it signs in. */
const CONNECT_TIMEOUT_MS = 10_000;

/** MQTT 3.1.1 over TLS on loopback, for clients that signed in with this rehearsal's key. */
export class Broker {
  public port = 0;
  private readonly deliveries = new Deliveries();
  private readonly aedes: Aedes;
  private readonly server: Server;
  private readonly sockets = new Set<TLSSocket>();
  private readonly identities = new WeakMap<Client, Identity>();
  private readonly clients = new Map<string, Client>();
  private readonly filters = new WeakMap<Client, Set<string>>();

  public constructor(
    private readonly credentials: Credentials,
    private readonly events: BrokerEvents,
  ) {
    this.aedes = new Aedes({
      persistence: this.deliveries.persistence,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // As long as what an MQTT client may have under way.
      queueLimit: 65_535,
      maxClientsIdLength: 300,
      authenticate: (client, user, password, done) => {
        this.authenticate(client, user, password, done);
      },
      authorizePublish: (client, packet, done) => {
        this.take(client, packet, done);
      },
    });
    this.aedes.on("subscribe", (subscriptions, client) => {
      const identity = this.identities.get(client);
      if (identity?.module === undefined) return;
      const filters = this.filters.get(client) ?? new Set();
      for (const { topic } of subscriptions) filters.add(topic.replace(/#$/, ""));
      this.filters.set(client, filters);
      const filter = inputFilter(identity);
      if (subscriptions.some(({ topic }) => topic.startsWith(filter))) this.events.onReader(identity.module);
    });
    this.aedes.on("clientDisconnect", (client) => {
      this.forget(client);
    });
    const { certificate: cert, privateKey: key } = credentials;
    this.server = createServer({ cert, key }, (socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
      this.aedes.handle(socket);
    });
  }

  /** Listens on loopback; on a port that is free for 0. */
  public async listen(port: number): Promise<void> {
    this.server.listen(port, "localhost");
    await once(this.server, "listening");
    const address = this.server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  /** Sends without waiting for an answer; false where the module has not subscribed to the topic. */
  public send(module: string, topic: string, body: string): boolean {
    const client = this.clients.get(module);
    const filters = client && this.filters.get(client);
    if (client === undefined || ![...(filters ?? [])].some((filter) => topic.startsWith(filter))) return false;
    client.publish(packetOf(topic, Buffer.from(body), 0), () => undefined);
    return true;
  }

  /** Sends a message that the module has to acknowledge; false where it is not connected. */
  public deliver(module: string, topic: string, body: Buffer, onAcknowledged: () => void): boolean {
    const client = this.clients.get(module);
    if (client === undefined) return false;
    // A view of its own: the acknowledgement is found by the buffer, and one body goes to several modules.
    const payload = Buffer.from(body.buffer, body.byteOffset, body.length);
    this.deliveries.expect(payload, onAcknowledged);
    client.publish(packetOf(topic, payload, 1), () => undefined);
    return true;
  }

  public async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
    await new Promise<void>((resolve) => {
      this.aedes.close(() => {
        resolve();
      });
    });
  }

  private authenticate(
    client: Client,
    user: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const identity = identityOf(user);
    const isTrusted =
      identity !== undefined &&
      this.events.isKnown(identity) &&
      isAccessToken(password?.toString() ?? "", this.credentials.accessKey);
    if (isTrusted) {
      this.identities.set(client, identity);
      // Packets to a client are found again by their ids, which the broker tells for lasting sessions alone.
      Object.assign(client, { clean: false });
      if (identity.module !== undefined) this.clients.set(identity.module, client);
    }
    done(null, isTrusted);
  }

  private take(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const identity = client === null ? undefined : this.identities.get(client);
    if (identity === undefined) {
      // The broker's own messages have no client.
      done(client === null ? null : new Error("not signed in"));
      return;
    }
    this.events.onPublish(identity, packet.topic, Buffer.from(packet.payload)).then(
      () => {
        done(null);
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  private forget(client: Client): void {
    const module = this.identities.get(client)?.module;
    // A module that was killed may have connected again before its old connection is noticed to be dead.
    if (module === undefined || this.clients.get(module) !== client) return;
    this.clients.delete(module);
    this.deliveries.forget(client.id);
    this.events.onReaderGone(module);
  }
}

const packetOf = (topic: string, payload: Buffer, qos: 0 | 1): PublishPacket => ({
  cmd: "publish",
  topic,
  payload,
  qos,
  retain: false,
  dup: false,
});
