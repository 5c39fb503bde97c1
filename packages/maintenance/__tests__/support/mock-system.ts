import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with one request. `lost` has its effect, and its answer does not come. */
export type Fault = "none" | "429" | "500" | "503" | "lost" | "cut" | "expired";

/** An order as a system keeps it. */
export interface Order {
  readonly id: string;
  /** What it was created for, as the system keeps it. */
  readonly reference: string;
  status: "open" | "completed";
  /** What it was created from. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface MockRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A maintenance system that breaks as it is told. */
export abstract class MockSystem {
  public readonly orders: Order[] = [];
  /** Faults of the next requests. */
  public faults: Fault[] = [];
  /** Whether it is down. */
  public isDown = false;
  /** Requests that were answered. */
  public requests = 0;
  /** References that it refuses for good. */
  public readonly refused = new Set<string>();
  protected session = 1;
  private readonly server: Server;

  public constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** How an episode's order is referred to. */
  public abstract referenceOf(episodeId: string): string;

  protected abstract reply(request: MockRequest): Reply;

  /** Its address. */
  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  public reset(): void {
    this.orders.length = 0;
    this.faults = [];
    this.isDown = false;
    this.refused.clear();
  }

  public statusesOf(episodeId: string): string[] {
    return this.orders.filter(({ reference }) => reference === this.referenceOf(episodeId)).map(({ status }) => status);
  }

  /** The token of the session that is valid now. */
  public get token(): string {
    return `session-${this.session}`;
  }

  protected create(reference: string, body: Readonly<Record<string, unknown>>): Order {
    const order: Order = { id: `10${this.orders.length + 1}`, reference, status: "open", body };
    this.orders.push(order);
    return order;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const fault = this.faults.shift() ?? "none";
    if (fault === "expired") this.session += 1;
    if (this.isDown || fault === "cut") {
      request.socket.destroy();
      return;
    }
    this.requests += 1;
    if (fault === "429" || fault === "500" || fault === "503") {
      response.writeHead(Number(fault), { "Retry-After": "1" }).end();
      return;
    }
    const body = (text === "" ? {} : JSON.parse(text)) as MockRequest["body"];
    const url = new URL(request.url ?? "/", "http://system");
    const reply = this.reply({ method: request.method ?? "", url, headers: request.headers, body });
    if (fault === "lost") {
      request.socket.destroy();
      return;
    }
    response
      .writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers })
      .end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }
}
