import { type ApiRequest, reasonOf, RemoteError, send } from "@edge-anomaly-detection/common";
import { type FoundGroup, foundGroup, type WantedGroup } from "./group";

/** Version of the service API (learn.microsoft.com/rest/api/iot-dps/service/enrollment-group). */
const API_VERSION = "2021-10-01";

/** Scope of a token for any Device Provisioning Service. */
export const DPS_SCOPE = "https://azure-devices-provisioning.net/.default";

/** A Device Provisioning Service, as far as enrollment groups go. */
export class EnrollmentService {
  public constructor(
    /** `https://NAME.azure-devices-provisioning.net`. */
    private readonly address: string,
    private readonly token: () => Promise<string>,
    private readonly wait?: (milliseconds: number) => Promise<void>,
  ) {}

  /** Every enrollment group of the service, page by page. */
  public async list(): Promise<FoundGroup[]> {
    const groups: FoundGroup[] = [];
    let continuation: string | undefined;
    do {
      const answer = await this.request(
        "POST",
        "query",
        { query: "SELECT * FROM enrollmentGroups" },
        {
          "x-ms-max-item-count": "100",
          ...(continuation !== undefined && { "x-ms-continuation": continuation }),
        },
      );
      const page: unknown = await answer.json();
      groups.push(...(Array.isArray(page) ? page.flatMap((one) => foundGroup(one) ?? []) : []));
      continuation = answer.headers.get("x-ms-continuation") ?? undefined;
    } while (continuation !== undefined && continuation !== "");
    return groups;
  }

  /** Creates a group, or changes the one that was read with this ETag. */
  public async put({ id, body }: WantedGroup, etag?: string): Promise<void> {
    await this.request("PUT", encodeURIComponent(id), body, etag === undefined ? {} : { "if-match": quoted(etag) });
  }

  /** Removes the group that was read with this ETag. One that is gone already is what was wanted. */
  public async remove({ id, etag }: FoundGroup): Promise<void> {
    await this.request("DELETE", encodeURIComponent(id), undefined, { "if-match": quoted(etag) }, [404]);
  }

  private async request(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    accepted: readonly number[] = [],
  ): Promise<Response> {
    const url = new URL(`/enrollmentGroups/${path}?api-version=${API_VERSION}`, this.address);
    const request: ApiRequest = {
      method,
      url,
      headers: { authorization: `Bearer ${await this.token()}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body }),
    };
    const answer = await send(request, {
      // A PUT or DELETE that got no answer is sent again with the same ETag: it fails where the first one was carried out.
      again: (one) => one instanceof Error || one.status === 429 || one.status >= 500,
      ...(this.wait !== undefined && { wait: this.wait }),
    });
    if (answer instanceof Error) {
      throw new RemoteError(
        `${url.host} gives no answer: ${reasonOf(answer)}`,
        "check the network and provisioning.service",
      );
    }
    if (!answer.ok && !accepted.includes(answer.status)) {
      throw failure(answer.status, `${method} ${url.pathname} on ${url.host}`);
    }
    return answer;
  }
}

const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

const REMEDIES: Readonly<Record<number, string>> = {
  401: "sign in with az login, to the tenant of the service",
  403: "take the role Device Provisioning Service Data Contributor on the service (to plan: Data Reader)",
  404: "check provisioning.service",
  409: "somebody changed the group meanwhile: plan again",
  412: "somebody changed the group meanwhile: plan again",
  429: "the service takes 1,000 operations a minute: apply again later, what is done stays done",
};

const failure = (status: number, what: string): RemoteError =>
  new RemoteError(
    `${what} was answered with ${status}`,
    REMEDIES[status] ?? "apply again; what is done stays done",
    status,
  );
