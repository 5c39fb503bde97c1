import { reasonOf, redacted, RemoteError, retryAfter, send } from "@edge-anomaly-detection/common";

/** How a maintenance system is signed in to and waited for. */
export interface SessionOptions {
  /** Value of the header `Authorization`; asked for again after a refusal. @default - no sign-in */
  readonly authorization?: (isRefused: boolean) => Promise<string>;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** A request to a maintenance system. */
export interface SystemRequest {
  readonly method: "GET" | "PATCH" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whether a second time does no harm; otherwise it is sent again only where the system has not taken it (429). @default - true for GET */
  readonly isRepeatable?: boolean;
  /** Statuses that are an answer, beside those of success. @default - none */
  readonly accepts?: readonly number[];
}

/** Longest that a run waits for a system that asks it to, in milliseconds; after that the queue waits. */
const LONGEST_WAIT_MS = 30_000;

/** Statuses by which a system says that it may take the same request later. */
const FOR_NOW: readonly number[] = [401, 403, 404, 408, 409, 412, 423, 425, 428, 429];

/** Whether a system will never take what it was sent. */
export const isFinal = ({ status }: RemoteError): boolean =>
  status !== undefined && status >= 400 && status < 500 && !FOR_NOW.includes(status);

/** Requests to one system: sends again what may be sent again, and signs in again, once, where a session has ended. */
export class Session {
  public constructor(private readonly options: SessionOptions) {}

  /** @throws RemoteError where no answer comes, or one that is neither success nor accepted */
  public async request({ method, url, headers, body, isRepeatable, accepts = [] }: SystemRequest): Promise<Response> {
    const { authorization, wait } = this.options;
    const isSafe = isRepeatable ?? method === "GET";
    for (const isRefused of [false, true]) {
      const signedIn = await authorization?.(isRefused);
      const answer = await send(
        {
          method,
          url,
          headers: {
            Accept: "application/json",
            ...(body !== undefined && { "Content-Type": "application/json" }),
            ...(signedIn !== undefined && { Authorization: signedIn }),
            ...headers,
          },
          body,
        },
        { again: (last) => mayRepeat(isSafe, last), ...(wait !== undefined && { wait }) },
      );
      if (answer instanceof Error) {
        throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "nothing is lost: the queue waits");
      }
      // A session that has ended: once more with a new token.
      if (answer.status === 401 && !isRefused && authorization !== undefined) {
        continue;
      }
      if (!answer.ok && !accepts.includes(answer.status)) {
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

/** What has no answer may have had its effect: whether it had is asked before it is sent again, by the next delivery. */
function mayRepeat(isSafe: boolean, last: Response | Error): boolean {
  if (last instanceof Error || last.status >= 500) {
    return isSafe;
  }
  return last.status === 429 && (retryAfter(last) ?? 0) <= LONGEST_WAIT_MS;
}

async function excerpt(answer: Response): Promise<string> {
  return redacted((await answer.text().catch(() => "")).split("\n")[0] ?? "").slice(0, 200);
}
