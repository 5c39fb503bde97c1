/** An error that whoever runs a command can do something about; needs no stack trace. */
export class RemoteError extends Error {
  public constructor(
    /** What is wrong and where. */
    public readonly problem: string,
    /** What to do about it. */
    public readonly remedy: string,
    /** HTTP status that the service answered with, where it answered. */
    public readonly status?: number,
  ) {
    super(`${problem}\n  do: ${remedy}`);
    this.name = new.target.name;
  }
}

/** A request to an API. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** The token is among them; they go to `url` only, because redirects are not followed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; `URLSearchParams` as a form. @default - no body */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. @default - `body` */
  readonly text?: string;
}

/** When a request is sent again, and how long to wait before. */
export interface Patience {
  /** Whether an answer, or an error where none came, is worth another attempt. */
  readonly again: (answer: Response | Error) => boolean;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const ATTEMPTS = 5;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longest wait that a server is granted, in milliseconds. */
export const LONGEST_WAIT_MS = 30_000;

const timer = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends a request up to five times; returns the last answer, or the error where none came. Redirects are returned as they are. */
export async function send(request: ApiRequest, { again, wait = timer }: Patience): Promise<Response | Error> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(request);
    if (attempt >= ATTEMPTS || !again(answer)) {
      return answer;
    }
    await wait(pause(attempt, answer));
  }
}

async function sendOnce({ method, url, headers, body, text }: ApiRequest): Promise<Response | Error> {
  try {
    return await fetch(url, {
      method,
      headers,
      // A redirect followed here would take the token along.
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(text !== undefined && { body: text }),
      ...(body !== undefined &&
        text === undefined && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What the server asks for, otherwise one second, doubled from attempt to attempt. */
function pause(attempt: number, answer: Response | Error): number {
  return Math.min(retryAfter(answer) ?? 1000 * 2 ** (attempt - 1), LONGEST_WAIT_MS);
}

/** Milliseconds that the server asks to wait; undefined where it says nothing. */
export function retryAfter(answer: Response | Error): number | undefined {
  const asked = answer instanceof Error ? Number.NaN : Number.parseFloat(answer.headers.get("retry-after") ?? "");
  return Number.isFinite(asked) && asked >= 0 ? asked * 1000 : undefined;
}

/** Why no answer came. */
export function reasonOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
