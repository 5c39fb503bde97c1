import { isObject, reasonOf, redacted, RemoteError, retryAfter, send } from "@edge-anomaly-detection/common";
import { requiredList } from "./json";

/** Tokens for requests, by the scope that the service asks for. */
export type TokenFor = (scope: string) => Promise<string>;

/** What requests depend on. */
export interface HttpOptions {
  readonly tokenFor: TokenFor;
  /** Milliseconds in which everything must be done. */
  readonly limitMs: number;
  /** Requests under way at once. @default 6 */
  readonly concurrency?: number;
  /** @default - `Date.now` */
  readonly now?: () => number;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** One request to Azure. */
export interface AzureRequest {
  /** @default "GET" */
  readonly method?: "GET" | "POST" | "HEAD";
  readonly url: URL;
  /** Scope of the token; none for addresses that ask for no sign-in. */
  readonly scope?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a form. */
  readonly body?: unknown;
}

/** An answer with its headers. */
export interface Answer {
  readonly body: unknown;
  readonly headers: Headers;
}

/** A request that the service refused because of who asks. */
export const REFUSED: readonly number[] = [401, 403];

const timer = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Requests to Azure's APIs: signed in, some at a time, again where the service asks to wait, and none after the deadline.
 * Every request only reads; those sent by POST are questions with a body.
 */
export class AzureHttp {
  /** Requests that were sent, repeated ones included. */
  public requests = 0;
  private readonly deadline: number;
  private readonly now: () => number;
  private readonly waiting: (() => void)[] = [];
  private underWay = 0;

  public constructor(private readonly options: HttpOptions) {
    this.now = options.now ?? Date.now;
    this.deadline = this.now() + options.limitMs;
  }

  /** The token for a scope, for services that exchange it for their own. */
  public token(scope: string): Promise<string> {
    return this.options.tokenFor(scope);
  }

  /**
   * The JSON that a request is answered with; undefined where there is no such thing (404).
   *
   * @throws RemoteError where it is refused, the service cannot be reached or answers no JSON
   */
  public async find(request: AzureRequest): Promise<Answer | undefined> {
    const response = await this.send(request);
    if (response.status === 404) {
      return undefined;
    }
    if (!response.ok) {
      throw await refusal(request, response);
    }
    return { body: request.method === "HEAD" ? undefined : await jsonOf(request, response), headers: response.headers };
  }

  /** The same of what must be there. */
  public async get(request: AzureRequest): Promise<Answer> {
    const answer = await this.find(request);
    if (answer === undefined) {
      throw new RemoteError(`${placeOf(request)} is not there`, "check the environment's subscription and region", 404);
    }
    return answer;
  }

  /** Every element of a list that ARM gives in pages; undefined where there is no such thing. */
  public async pages(request: AzureRequest): Promise<readonly unknown[] | undefined> {
    const found: unknown[] = [];
    let url: URL | undefined = request.url;
    while (url !== undefined) {
      const answer: Answer | undefined = await this.find({ ...request, url });
      if (answer === undefined) {
        return undefined;
      }
      found.push(...requiredList(answer.body, "value", url));
      url = nextPage(answer.body, url);
    }
    return found;
  }

  /** The answer whatever its status. */
  public async send(request: AzureRequest): Promise<Response> {
    await this.enter();
    try {
      return await this.sendNow(request);
    } finally {
      this.underWay -= 1;
      this.waiting.shift()?.();
    }
  }

  private async enter(): Promise<void> {
    if (this.underWay >= (this.options.concurrency ?? 6)) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.underWay += 1;
  }

  private async sendNow(request: AzureRequest): Promise<Response> {
    const { scope, url, method = "GET", headers, body } = request;
    const token = scope === undefined ? undefined : await this.options.tokenFor(scope);
    if (this.now() >= this.deadline) {
      throw this.late(request);
    }
    const wait = this.options.wait ?? timer;
    const state = { isLate: false };
    this.requests += 1;
    const answer = await send(
      {
        method,
        url,
        headers: {
          Accept: "application/json",
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...(body !== undefined && !(body instanceof URLSearchParams) && { "Content-Type": "application/json" }),
          ...headers,
        },
        body,
      },
      {
        again: (last) => {
          if (!isPassing(last)) {
            return false;
          }
          state.isLate = this.now() + (retryAfter(last) ?? 0) >= this.deadline;
          return !state.isLate;
        },
        wait: async (milliseconds) => {
          await wait(milliseconds);
          this.requests += 1;
        },
      },
    );
    if (state.isLate) {
      throw this.late(request);
    }
    if (answer instanceof Error) {
      throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "check the network and the proxy");
    }
    return answer;
  }

  private late(request: AzureRequest): RemoteError {
    return new RemoteError(
      `${placeOf(request)} gave no answer within ${Math.round(this.options.limitMs / 1000)} s`,
      "try again later, or give it longer with --limit SECONDS",
    );
  }
}

/** Whether another attempt may come to something: throttling, and faults of the service. */
const isPassing = (answer: Response | Error): boolean =>
  answer instanceof Error
    ? !/ENOTFOUND|ECONNREFUSED/.test(codeOf(answer))
    : answer.status === 429 || answer.status >= 500;

function codeOf(error: Error): string {
  const { cause } = error;
  return isObject(cause) && typeof cause.code === "string" ? cause.code : "";
}

const placeOf = ({ url }: AzureRequest): string => `${url.host}${url.pathname}`;

/** The next page, where it is at the same address: the token goes nowhere else. */
function nextPage(body: unknown, at: URL): URL | undefined {
  const link = isObject(body) && typeof body.nextLink === "string" ? body.nextLink : "";
  const next = URL.canParse(link) ? new URL(link) : undefined;
  return next?.origin === at.origin ? next : undefined;
}

async function jsonOf(request: AzureRequest, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new RemoteError(
      `the answer to ${placeOf(request)} is not JSON`,
      "try again; a proxy may have answered in Azure's place",
    );
  }
}

async function refusal(request: AzureRequest, response: Response): Promise<RemoteError> {
  const message = await messageIn(response);
  const text = `${request.method ?? "GET"} ${placeOf(request)} was refused with status ${response.status}`;
  return new RemoteError(
    message === "" ? text : `${text}: ${message}`,
    REFUSED.includes(response.status)
      ? "sign in as somebody who may read it: docs/doctor.md names the roles"
      : "try again later; https://azure.status.microsoft says whether something is wrong there",
    response.status,
  );
}

/** The first line of what ARM, the hub or the registry says; nothing that signs in. */
async function messageIn(response: Response): Promise<string> {
  try {
    const body: unknown = await response.json();
    const inner = isObject(body) && isObject(body.error) ? body.error : body;
    const message = isObject(inner) ? (inner.message ?? inner.Message) : undefined;
    return typeof message === "string" ? redacted(message.split("\n")[0] ?? "").slice(0, 300) : "";
  } catch {
    return "";
  }
}
