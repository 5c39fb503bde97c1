import { Broker } from "./broker";
import type { Credentials } from "./credentials";
import type { Deployment } from "./deployment";
import type { JsonObject } from "./json";
import type { Entry } from "./lane";
import { MessageStore, StoreFullError } from "./message-store";
import { type MethodResult, Methods } from "./methods";
import type { QueuedMessage } from "./queued-message";
import { Router, UPSTREAM } from "./router";
import { Senders, WrittenProperties } from "./senders";
import {
  type Identity,
  inputFilter,
  METHOD_RESULT,
  requestIdOf,
  TWIN_GET,
  TWIN_REPORT,
  twinPatch,
  twinResult,
} from "./topics";
import { type SavedTwin, TwinError, Twins } from "./twins";

/** A message that the hub has stored. */
export interface Accepted {
  readonly message: QueuedMessage;
  /** Names of the routes that took it. */
  readonly routes: readonly string[];
}

export interface EdgeHubOptions {
  readonly deviceId: string;
  readonly deployment: Deployment;
  readonly credentials: Credentials;
  /** Folder of messages and twins. */
  readonly folder: string;
  /** Bytes of messages on disk, where the deployment does not say. @default - the store's own */
  readonly limitBytes?: number;
  /** 0 for any that is free. */
  readonly port: number;
  /** Devices without modules that may connect. */
  readonly leafDevices: readonly string[];
  /** The message is acknowledged when the promise resolves, so that whoever watches misses none that its sender thinks safe. */
  readonly onAccepted: (accepted: Accepted) => Promise<void>;
  /** A message's time to live is over. */
  readonly onExpired: (message: QueuedMessage) => void;
  /** A message was not taken, because those that wait have all the disk that they may: its sender keeps it. */
  readonly onFull: () => void;
  /** Sends a message to the cloud; `settle` is called when the cloud has it. */
  readonly onUpstream: (message: QueuedMessage, settle: () => void) => void;
}

/** Bytes of a message with its properties (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling). */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/**
 * Messages to one endpoint that are not acknowledged yet. As many come again after a kill, and the ML module knows a repetition
 * among its last 32 messages of a machine: with 512 it alerted an anomaly again after a later one.
 */
const UNDER_WAY = 64;
const CLEANUP_MS = 1000;

const read = (text: string | undefined): SavedTwin | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as SavedTwin);

/** A reader of one endpoint: at most `UNDER_WAY` messages at once, in order. */
interface Reader {
  underWay: number;
  isReading: boolean;
}

/** What `$edgeHub` does: takes messages, routes them, keeps them until they are read, and holds the modules' twins. */
export class EdgeHub {
  public readonly methods: Methods;
  private readonly twins: Twins;
  private readonly broker: Broker;
  private readonly readers = new Map<string, Reader>();
  private readonly cleanup: NodeJS.Timeout;
  private readonly senders: Senders;
  private readonly written = new WrittenProperties();
  private isCloudConnected = true;

  private constructor(
    private readonly options: EdgeHubOptions,
    private readonly store: MessageStore,
  ) {
    const { deployment, credentials, deviceId } = options;
    this.senders = new Senders(new Router(deployment.routes));
    this.twins = new Twins({
      read: (module) => read(store.read(`twin/${module}`)),
      write: (module, twin) => {
        store.write(`twin/${module}`, JSON.stringify(twin));
      },
    });
    this.broker = new Broker(credentials, {
      onPublish: (identity, topic, body) => this.take(identity, topic, body),
      onReader: (module) => {
        for (const endpoint of this.endpointsOf(module)) this.attach(endpoint);
      },
      onReaderGone: (module) => {
        for (const endpoint of this.endpointsOf(module)) this.detach(endpoint);
      },
      isKnown: ({ deviceId: id, module }) =>
        module === undefined ? options.leafDevices.includes(id) : id === deviceId && module in deployment.modules,
    });
    this.methods = new Methods((module, topic, body) => this.broker.send(module, topic, body));
    for (const module of Object.keys(deployment.modules)) {
      this.twins.deploy(module, deployment.desired[module] ?? {});
    }
    this.attach(UPSTREAM);
    this.cleanup = setInterval(() => void store.removeExpired(), CLEANUP_MS);
  }

  /** Opens the store and listens. */
  public static async start(options: EdgeHubOptions): Promise<EdgeHub> {
    const limitBytes = options.deployment.storeLimitBytes ?? options.limitBytes;
    const store = await MessageStore.open({
      folder: options.folder,
      ...(limitBytes !== undefined && { limitBytes }),
      onExpired: (_endpoint, message) => {
        options.onExpired(message);
      },
    });
    const hub = new EdgeHub(options, store);
    await hub.broker.listen(options.port);
    return hub;
  }

  public get port(): number {
    return this.broker.port;
  }

  /** Messages that wait, by endpoint; bytes of them on disk. */
  public get waiting(): { readonly messages: Readonly<Record<string, number>>; readonly bytes: number } {
    return { messages: this.store.waitingMessages(), bytes: this.store.bytes };
  }

  /** Cuts the way to the cloud, or opens it again. What was under way is sent again. */
  public setCloud(isConnected: boolean): void {
    if (this.isCloudConnected === isConnected) return;
    this.isCloudConnected = isConnected;
    if (isConnected) this.attach(UPSTREAM);
    else this.detach(UPSTREAM);
  }

  public callMethod(module: string, name: string, payload: unknown, timeoutMs: number): Promise<MethodResult> {
    return this.methods.call(module, name, payload, timeoutMs);
  }

  /** Changes desired properties, as a service does, and tells the module. */
  public patchDesired(module: string, patch: JsonObject): void {
    const sent = this.twins.patchDesired(module, patch);
    this.broker.send(module, twinPatch(Number(sent.$version)), JSON.stringify(sent));
  }

  public reported(module: string): JsonObject {
    return this.twins.get(module).reported;
  }

  public async stop(): Promise<void> {
    clearInterval(this.cleanup);
    await this.broker.close();
    await this.store.close();
  }

  private endpointsOf(module: string): string[] {
    const routed = this.options.deployment.routes.flatMap(({ route: { endpoint } }) =>
      endpoint.kind === "module" && endpoint.module === module ? [`${module}/${endpoint.input}`] : [],
    );
    return [...new Set(routed)];
  }

  private async take(identity: Identity, topic: string, body: Buffer): Promise<void> {
    const { module } = identity;
    if (topic.startsWith(METHOD_RESULT)) {
      this.methods.answer(topic, body.toString());
      return;
    }
    if (module !== undefined && topic.startsWith(TWIN_GET)) {
      this.broker.send(module, twinResult(200, requestIdOf(topic)), JSON.stringify(this.twins.get(module)));
      return;
    }
    if (module !== undefined && topic.startsWith(TWIN_REPORT)) {
      this.report(module, topic, body);
      return;
    }
    await this.accept(identity, topic, body);
  }

  private report(module: string, topic: string, body: Buffer): void {
    try {
      const version = this.twins.report(module, JSON.parse(body.toString()) as JsonObject);
      this.broker.send(module, twinResult(204, requestIdOf(topic), version), "");
    } catch (error) {
      const isTooLarge = error instanceof TwinError;
      const message = error instanceof Error ? error.message : String(error);
      this.broker.send(module, twinResult(isTooLarge ? 413 : 400, requestIdOf(topic)), JSON.stringify({ message }));
    }
  }

  private async accept(identity: Identity, topic: string, body: Buffer): Promise<void> {
    const sender = this.senders.get(identity, topic);
    if (body.length + topic.length > MAX_MESSAGE_BYTES) {
      throw new Error(`a message has ${body.length} bytes; allowed: ${MAX_MESSAGE_BYTES}`);
    }
    const { from, properties, systemProperties } = sender;
    const { routes, targets } = this.senders.route(sender, body);
    const time = performance.timeOrigin + performance.now();
    const message = { id: this.store.makeId(), from, time, body, properties, systemProperties };
    try {
      await this.store.append(
        targets.map(({ endpoint, priority, timeToLiveSeconds }) => ({
          endpoint,
          priority,
          expiresAt: time + timeToLiveSeconds * 1000,
          message,
        })),
      );
    } catch (error) {
      if (error instanceof StoreFullError) this.options.onFull();
      throw error;
    }
    for (const { endpoint } of targets) this.pump(endpoint);
    await this.options.onAccepted({ message, routes });
  }

  private attach(endpoint: string): void {
    this.store.rewind(endpoint);
    this.readers.set(endpoint, { underWay: 0, isReading: false });
    this.pump(endpoint);
  }

  private detach(endpoint: string): void {
    this.readers.delete(endpoint);
    this.store.rewind(endpoint);
  }

  /** Sends what waits, as far as the reader may have messages under way. */
  private pump(endpoint: string): void {
    const reader = this.readers.get(endpoint);
    if (reader === undefined || reader.isReading) return;
    while (reader.underWay < UNDER_WAY) {
      const entry = this.store.next(endpoint);
      if (entry === undefined) break;
      this.deliver(endpoint, reader, entry);
    }
    if (reader.underWay < UNDER_WAY && this.store.hasNext(endpoint)) {
      reader.isReading = true;
      void this.store.load(endpoint).then(() => {
        reader.isReading = false;
        // The reader that asked may be gone; the one that is there asks for itself.
        if (this.readers.get(endpoint) === reader) this.pump(endpoint);
      });
    }
  }

  private deliver(endpoint: string, reader: Reader, entry: Entry): void {
    reader.underWay += 1;
    let isSettled = false;
    const settle = (): void => {
      // An acknowledgement of a connection that is gone says nothing of the one that is there now.
      if (isSettled || this.readers.get(endpoint) !== reader) return;
      isSettled = true;
      reader.underWay -= 1;
      this.store.remove(entry);
      this.pump(endpoint);
    };
    const { message } = entry;
    if (endpoint === UPSTREAM) {
      this.options.onUpstream(message, settle);
      return;
    }
    const slash = endpoint.indexOf("/");
    const [module, input] = [endpoint.slice(0, slash), endpoint.slice(slash + 1)];
    const topic = `${inputFilter({ deviceId: this.options.deviceId, module })}${input}/${this.written.of(message)}`;
    this.broker.deliver(module, topic, message.body, settle);
  }
}
