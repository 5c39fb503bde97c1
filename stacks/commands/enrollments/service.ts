import { quoted, ServiceApi } from "../service-api";
import { type FoundGroup, foundGroup, type WantedGroup } from "./group";

/** Version of the service API (learn.microsoft.com/rest/api/iot-dps/service/enrollment-group). */
export const API_VERSION = "2021-10-01";

/** Scope of a token for any Device Provisioning Service. */
export const DPS_SCOPE = "https://azure-devices-provisioning.net/.default";

/** A Device Provisioning Service, as far as enrollment groups go. */
export class EnrollmentService {
  private readonly api: ServiceApi;

  public constructor(
    /** `https://NAME.azure-devices-provisioning.net`. */
    address: string,
    token: () => Promise<string>,
    wait?: (milliseconds: number) => Promise<void>,
  ) {
    const setting = "provisioning.service";
    this.api = new ServiceApi({
      address,
      token,
      wait,
      setting,
      apiVersion: API_VERSION,
      remedies: REMEDIES,
      remedy: "apply again; what is done stays done",
    });
  }

  /** Every enrollment group of the service, page by page. */
  public async list(): Promise<FoundGroup[]> {
    const groups: FoundGroup[] = [];
    let continuation: string | undefined;
    do {
      const answer = await this.api.request({
        method: "POST",
        path: "/enrollmentGroups/query",
        body: { query: "SELECT * FROM enrollmentGroups" },
        headers: {
          "x-ms-max-item-count": "100",
          ...(continuation !== undefined && { "x-ms-continuation": continuation }),
        },
      });
      const page: unknown = await answer.json();
      groups.push(...(Array.isArray(page) ? page.flatMap((one) => foundGroup(one) ?? []) : []));
      continuation = answer.headers.get("x-ms-continuation") ?? undefined;
    } while (continuation !== undefined && continuation !== "");
    return groups;
  }

  /** Creates a group, or changes the one that was read with this ETag. */
  public async put({ id, body }: WantedGroup, etag?: string): Promise<void> {
    await this.api.request({
      method: "PUT",
      path: pathOf(id),
      body,
      headers: etag === undefined ? {} : { "if-match": quoted(etag) },
    });
  }

  /** Removes the group that was read with this ETag. One that is gone already is what was wanted. */
  public async remove({ id, etag }: FoundGroup): Promise<void> {
    const headers = { "if-match": quoted(etag) };
    await this.api.request({ method: "DELETE", path: pathOf(id), headers, accepted: [404] });
  }
}

const pathOf = (id: string): string => `/enrollmentGroups/${encodeURIComponent(id)}`;

const REMEDIES: Readonly<Record<number, string>> = {
  401: "sign in with az login, to the tenant of the service",
  403: "take the role Device Provisioning Service Data Contributor on the service (to plan: Data Reader)",
  404: "check provisioning.service",
  409: "somebody changed the group meanwhile: plan again",
  412: "somebody changed the group meanwhile: plan again",
  429: "the service takes 1,000 operations a minute: apply again later, what is done stays done",
};
