import { isObject, RemoteError } from "@edge-anomaly-detection/common";
import type { MaintenanceEvent } from "./event";
import { Session, type SessionOptions } from "./http";
import type { MaintenanceSystem, WorkOrder } from "./system";

/** How a webhook is reached. */
export interface WebhookOptions extends SessionOptions {
  /** Address of the orders. */
  readonly url: string;
}

/**
 * A system behind a plain webhook, or an integration in front of one:
 * `GET url?reference=EPISODE` answers a list of orders, each `{ "id", "status": "open" | "completed" }`;
 * `POST url` takes an event as `application/cloudevents+json`, with `Idempotency-Key` its id.
 */
export class Webhook implements MaintenanceSystem {
  private readonly session: Session;

  public constructor(private readonly options: WebhookOptions) {
    this.session = new Session(options);
  }

  public async find(episodeId: string): Promise<WorkOrder | undefined> {
    const url = new URL(this.options.url);
    url.searchParams.set("reference", episodeId);
    const answer = await this.session.request({ method: "GET", url });
    const body: unknown = await answer.json().catch(() => undefined);
    if (!Array.isArray(body)) {
      throw new RemoteError(`${url.host}${url.pathname} answered no list of orders`, "check the webhook's address");
    }
    const orders = (body as unknown[]).filter(isObject);
    const [order] = orders;
    return order === undefined
      ? undefined
      : { id: String(order.id), isCompleted: orders.every(({ status }) => status === "completed") };
  }

  public async submit(event: MaintenanceEvent): Promise<void> {
    await this.session.request({
      method: "POST",
      url: new URL(this.options.url),
      headers: { "Content-Type": "application/cloudevents+json", "Idempotency-Key": event.id },
      body: event,
    });
  }
}
