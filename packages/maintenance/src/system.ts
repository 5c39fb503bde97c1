import { isObject, reasonOf, redacted, RemoteError, retryAfter, send } from "@edge-anomaly-detection/common";
import type { MaintenanceEvent } from "./event";

/** An order or notification of a maintenance system that came from here. */
export interface WorkOrder {
  /** Id in the system. */
  readonly id: string;
  readonly isCompleted: boolean;
}

/** A system that plans maintenance. Each call may fail with `RemoteError`, and may then have had its effect all the same. */
export interface MaintenanceSystem {
  /** The order of an episode; undefined where there is none. */
  find(episodeId: string): Promise<WorkOrder | undefined>;
  /** Asks for what the event says. */
  submit(event: MaintenanceEvent): Promise<void>;
}

/** How a webhook is reached. */
export interface WebhookOptions {
  /** Address of the orders. */
  readonly url: string;
  /** A token for `Authorization: Bearer`; asked for again after a refusal. @default - no sign-in */
  readonly tokenFor?: (isRefused: boolean) => Promise<string>;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Longest that a run waits for a system that asks it to, in milliseconds; after that the queue waits. */
const LONGEST_WAIT_MS = 30_000;

/**
 * A system behind a plain webhook, or an integration in front of one:
 * `GET url?reference=EPISODE` answers a list of orders, each `{ "id", "status": "open" | "completed" }`;
 * `POST url` takes an event as `application/cloudevents+json`, with `Idempotency-Key` its id.
 */
export class Webhook implements MaintenanceSystem {
  public constructor(private readonly options: WebhookOptions) {}

  public async find(episodeId: string): Promise<WorkOrder | undefined> {
    const url = new URL(this.options.url);
    url.searchParams.set("reference", episodeId);
    const answer = await this.request("GET", url);
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
    await this.request("POST", new URL(this.options.url), event);
  }

  private async request(method: "GET" | "POST", url: URL, event?: MaintenanceEvent): Promise<Response> {
    const { tokenFor, wait } = this.options;
    for (const isRefused of [false, true]) {
      const token = await tokenFor?.(isRefused);
      const answer = await send(
        {
          method,
          url,
          headers: {
            Accept: "application/json",
            ...(token !== undefined && { Authorization: `Bearer ${token}` }),
            ...(event !== undefined && { "Content-Type": "application/cloudevents+json", "Idempotency-Key": event.id }),
          },
          body: event,
        },
        { again: (last) => mayRepeat(method, last), ...(wait !== undefined && { wait }) },
      );
      if (answer instanceof Error) {
        throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "nothing is lost: the queue waits");
      }
      // A session that has ended: once more with a new token.
      if (answer.status === 401 && !isRefused && tokenFor !== undefined) {
        continue;
      }
      if (!answer.ok) {
        throw new RemoteError(
          `${method} ${url.host}${url.pathname} was refused with status ${answer.status}: ${await excerpt(answer)}`,
          "nothing is lost: the queue waits, and keeps what is refused for good among its dead letters",
          answer.status,
        );
      }
      return answer;
    }
    throw new RemoteError(
      `${url.host} refuses the sign-in`,
      "check the identity's rights in the maintenance system",
      401,
    );
  }
}

/** A POST without an answer may have had its effect: whether it had is asked before it is sent again, by the next delivery. */
function mayRepeat(method: "GET" | "POST", last: Response | Error): boolean {
  if (last instanceof Error || last.status >= 500) {
    return method === "GET";
  }
  return last.status === 429 && (retryAfter(last) ?? 0) <= LONGEST_WAIT_MS;
}

async function excerpt(answer: Response): Promise<string> {
  return redacted((await answer.text().catch(() => "")).split("\n")[0] ?? "").slice(0, 200);
}
