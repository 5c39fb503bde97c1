import { reasonOf, RemoteError, send } from "@edge-anomaly-detection/common";

/** A message that is locked for whoever received it. */
export interface QueueMessage {
  readonly body: string;
  /** Takes it out of the queue. A message that is not completed comes again when its lock has ended. */
  complete(): Promise<void>;
}

/** A queue that is read by locking its messages. */
export interface Queue {
  /** The next message; undefined where there is none. */
  receive(): Promise<QueueMessage | undefined>;
}

/** How a Service Bus queue is reached. */
export interface ServiceBusOptions {
  /** `https://NAMESPACE.servicebus.windows.net/QUEUE` */
  readonly url: string;
  /** Token for the scope `https://servicebus.azure.net/.default`. */
  readonly tokenFor: (scope: string) => Promise<string>;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const SCOPE = "https://servicebus.azure.net/.default";

/**
 * A Service Bus queue by its REST interface, signed in with Entra ID: peek-lock, and deletion of the lock
 * (learn.microsoft.com/rest/api/servicebus/peek-lock-message-non-destructive-read).
 */
export class ServiceBusQueue implements Queue {
  public constructor(private readonly options: ServiceBusOptions) {}

  public async receive(): Promise<QueueMessage | undefined> {
    const answer = await this.request("POST", new URL(`${this.options.url}/messages/head?timeout=5`));
    if (answer.status === 204) {
      return undefined;
    }
    const location = answer.headers.get("location") ?? "";
    const lock = URL.canParse(location) ? new URL(location) : undefined;
    // The token goes to the queue alone.
    if (lock?.origin !== new URL(this.options.url).origin) {
      throw new RemoteError("the queue answered no lock of its own", "check the queue's address");
    }
    const body = await answer.text();
    return {
      body,
      complete: async () => {
        await this.request("DELETE", lock);
      },
    };
  }

  private async request(method: "POST" | "DELETE", url: URL): Promise<Response> {
    const headers = { Authorization: `Bearer ${await this.options.tokenFor(SCOPE)}` };
    const { wait } = this.options;
    const answer = await send(
      { method, url, headers },
      {
        again: (last) => last instanceof Error || last.status === 429 || last.status >= 500,
        ...(wait !== undefined && { wait }),
      },
    );
    if (answer instanceof Error) {
      throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "check the network and the proxy");
    }
    // A lock that has ended: the message comes again, and is then known.
    if (!answer.ok && !(method === "DELETE" && [404, 410].includes(answer.status))) {
      throw new RemoteError(
        `${method} ${url.host}${url.pathname} was refused with status ${answer.status}`,
        "the identity needs Azure Service Bus Data Receiver on the queue",
        answer.status,
      );
    }
    return answer;
  }
}
