import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MaintenanceEvent } from "../../src/event";

/** What goes wrong with one request. `lost` has its effect, and its answer does not come. */
export type Fault = "none" | "429" | "500" | "503" | "lost" | "cut" | "expired";

interface Order {
  readonly id: string;
  readonly reference: string;
  status: "open" | "completed";
  readonly event: MaintenanceEvent;
}

/** A maintenance system that makes an order of every request, twice where it is asked twice, and that breaks as it is told. */
export class MockErp {
  public readonly orders: Order[] = [];
  public readonly events: MaintenanceEvent[] = [];
  /** Faults of the next requests. */
  public faults: Fault[] = [];
  /** Whether it is down. */
  public isDown = false;
  /** Episodes that it refuses for good. */
  public readonly refused = new Set<string>();
  private session = 1;
  private count = 0;
  private readonly server: Server;

  public constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/orders`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The token of the session that is valid now. */
  public get token(): string {
    return `session-${this.session}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const fault = this.faults.shift() ?? "none";
    if (fault === "expired") this.session += 1;
    if (this.isDown || fault === "cut") {
      request.socket.destroy();
      return;
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401).end();
      return;
    }
    if (fault === "429" || fault === "500" || fault === "503") {
      response.writeHead(Number(fault), { "Retry-After": "1" }).end();
      return;
    }
    const reply =
      request.method === "GET" ? this.list(request.url ?? "") : this.take(JSON.parse(body) as MaintenanceEvent);
    if (fault === "lost") {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { "Content-Type": "application/json" }).end(JSON.stringify(reply.body));
  }

  private list(url: string): { readonly status: number; readonly body: unknown } {
    const reference = new URL(url, "http://erp").searchParams.get("reference");
    const found = this.orders.filter((order) => order.reference === reference);
    return { status: 200, body: found.map(({ id, status }) => ({ id, status })) };
  }

  private take(event: MaintenanceEvent): { readonly status: number; readonly body: unknown } {
    const reference = event.data.WorkAlert.ID;
    if (this.refused.has(reference)) return { status: 422, body: { error: "unknown equipment" } };
    this.events.push(event);
    if (event.id.endsWith(":requested")) {
      this.count += 1;
      this.orders.push({ id: `10${this.count}`, reference, status: "open", event });
      return { status: 201, body: {} };
    }
    for (const order of this.orders) {
      if (order.reference === reference) order.status = "completed";
    }
    return { status: 200, body: {} };
  }
}
