import type { MaintenanceEvent } from "../../src/event";
import { type MockRequest, MockSystem, type Reply } from "./mock-system";

/** A system behind a webhook that makes an order of every request, twice where it is asked twice. */
export class MockErp extends MockSystem {
  public readonly events: MaintenanceEvent[] = [];

  public override async start(): Promise<string> {
    return `${await super.start()}/orders`;
  }

  public override reset(): void {
    super.reset();
    this.events.length = 0;
  }

  public referenceOf(episodeId: string): string {
    return episodeId;
  }

  protected reply({ method, url, headers, body }: MockRequest): Reply {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401 };
    if (method === "GET") {
      const reference = url.searchParams.get("reference");
      const found = this.orders.filter((order) => order.reference === reference);
      return { status: 200, body: found.map(({ id, status }) => ({ id, status })) };
    }
    const event = body as unknown as MaintenanceEvent;
    const reference = event.data.WorkAlert.ID;
    if (this.refused.has(reference)) return { status: 422, body: { error: "unknown equipment" } };
    this.events.push(event);
    if (event.id.endsWith(":requested")) {
      this.create(reference, body);
      return { status: 201, body: {} };
    }
    for (const order of this.orders) {
      if (order.reference === reference) order.status = "completed";
    }
    return { status: 200, body: {} };
  }
}
