import { type ApiRequest, reasonOf, RemoteError, send } from "@edge-anomaly-detection/common";

/** How requests to a service are sent. */
export interface ServiceApiOptions {
  /** `https://HOST`. */
  readonly address: string;
  readonly apiVersion: string;
  readonly token: () => Promise<string>;
  /** What to do about a status, for whoever runs the command. */
  readonly remedies: Readonly<Record<number, string>>;
  /** Where the address comes from: a setting. */
  readonly setting: string;
  /** What to do about any other status. @default "try again" */
  readonly remedy?: string;
  /** @default - a timer */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** One request. */
export interface ServiceRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below the service's address, each part encoded. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are answers and no failures. @default - 2xx alone */
  readonly accepted?: readonly number[];
}

/** A service's REST API, signed in to with Entra ID; throttled requests are sent again when the service asks for it. */
export class ServiceApi {
  public constructor(private readonly options: ServiceApiOptions) {}

  /** @throws RemoteError where no answer comes, or one that is not accepted */
  public async request({ method, path, body, headers = {}, accepted = [] }: ServiceRequest): Promise<Response> {
    const { address, apiVersion, token, remedies, setting, remedy = "try again", wait } = this.options;
    const url = new URL(`${path}?api-version=${apiVersion}`, address);
    const request: ApiRequest = {
      method,
      url,
      headers: { authorization: `Bearer ${await token()}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body }),
    };
    const answer = await send(request, {
      // A PUT or DELETE that got no answer is sent again with the same ETag: it fails where the first one was carried out.
      again: (one) => one instanceof Error || one.status === 429 || one.status >= 500,
      ...(wait !== undefined && { wait }),
    });
    if (answer instanceof Error) {
      throw new RemoteError(`${url.host} gives no answer: ${reasonOf(answer)}`, `check the network and ${setting}`);
    }
    if (!answer.ok && !accepted.includes(answer.status)) {
      const what = `${method} ${url.pathname} on ${url.host} was answered with ${answer.status}`;
      throw new RemoteError(what, remedies[answer.status] ?? remedy, answer.status);
    }
    return answer;
  }
}

/** An ETag as a header has it. */
export const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);
