import { isObject, type JsonObject, RemoteError } from "@edge-anomaly-detection/common";
import { quoted, ServiceApi, type ServiceApiOptions } from "../service-api";

/** A device identity as its hub answers it: everything that is not read here is sent back as it came. */
export interface HubIdentity {
  readonly body: JsonObject;
  readonly etag: string;
  readonly isEnabled: boolean;
  readonly isConnected: boolean;
  /** When it connected or disconnected last; undefined where it never did. */
  readonly connectionChanged?: Date;
  readonly keys?: DeviceKeys;
}

/** The two keys of a device; either of them signs it in. */
export interface DeviceKeys {
  readonly primary: string;
  readonly secondary: string;
}

/** One of the two. */
export type KeySlot = keyof DeviceKeys;

type Connection = Pick<ServiceApiOptions, "address" | "token" | "wait">;

const SIGN_IN = "sign in with az login, to the tenant of the service";

/** Device identities of a hub (learn.microsoft.com/rest/api/iothub/service/devices). */
export class HubRegistry {
  private readonly api: ServiceApi;

  public constructor(connection: Connection) {
    this.api = new ServiceApi({
      ...connection,
      apiVersion: "2021-04-12",
      setting: "hub",
      remedies: {
        401: SIGN_IN,
        403: "take the role IoT Hub Data Contributor on the hub",
        412: "somebody changed the device meanwhile: do it again",
        429: "the hub takes 100 identity operations a minute and unit: do it again later",
      },
    });
  }

  /** The identity; undefined where the hub has none. */
  public async get(id: string): Promise<HubIdentity | undefined> {
    const answer = await this.api.request({ method: "GET", path: pathOf(id), accepted: [404] });
    const body: unknown = answer.status === 404 ? undefined : await answer.json();
    return isObject(body) ? identityOf(body as JsonObject) : undefined;
  }

  /** Writes what differs from the identity that was read. */
  public async update({ body, etag }: HubIdentity, change: JsonObject): Promise<void> {
    const id = textOf(body.deviceId);
    const headers = { "if-match": quoted(etag) };
    await this.api.request({ method: "PUT", path: pathOf(id), body: { ...body, ...change }, headers });
  }
}

/** Text of an answer; nothing where it is none. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const pathOf = (id: string): string => `/devices/${encodeURIComponent(id)}`;

function identityOf(body: JsonObject): HubIdentity {
  const authentication = isObject(body.authentication) ? body.authentication : {};
  const key = isObject(authentication.symmetricKey) ? authentication.symmetricKey : {};
  const { primaryKey, secondaryKey } = key;
  const changed = new Date(textOf(body.connectionStateUpdatedTime));
  // A device that never connected has the year 1.
  const hasConnected = changed.getUTCFullYear() > 1970;
  return {
    body,
    etag: textOf(body.etag),
    isEnabled: body.status === "enabled",
    isConnected: body.connectionState === "Connected",
    ...(hasConnected && { connectionChanged: changed }),
    ...(authentication.type === "sas" &&
      typeof primaryKey === "string" &&
      typeof secondaryKey === "string" && { keys: { primary: primaryKey, secondary: secondaryKey } }),
  };
}

/** A secret with what must stay when it gets another value. */
export interface VaultSecret {
  readonly value: string;
  readonly updated: Date;
  readonly kept: JsonObject;
}

/** Secrets of a vault (learn.microsoft.com/rest/api/keyvault/secrets). */
export class Vault {
  private readonly api: ServiceApi;

  public constructor(connection: Connection) {
    this.api = new ServiceApi({
      ...connection,
      apiVersion: "7.4",
      setting: "keyVault",
      remedies: {
        401: SIGN_IN,
        403: "take the role Key Vault Secrets Officer on the vault, and reach it from its network",
      },
    });
  }

  /** @throws RemoteError where there is none of that name */
  public async get(name: string): Promise<VaultSecret> {
    const answer = await this.api.request({ method: "GET", path: `/secrets/${name}`, accepted: [404] });
    const body: unknown = answer.status === 404 ? undefined : await answer.json();
    const attributes = isObject(body) && isObject(body.attributes) ? body.attributes : {};
    if (!isObject(body) || typeof body.value !== "string") {
      throw new RemoteError(
        `the vault has no secret ${name}`,
        "rotate keys of devices whose connection string is in the vault; others renew a certificate, or derive a key anew",
      );
    }
    const { enabled, exp, nbf } = attributes;
    return {
      value: body.value,
      updated: new Date(Number(attributes.updated) * 1000),
      kept: JSON.parse(
        JSON.stringify({ contentType: body.contentType, tags: body.tags, attributes: { enabled, exp, nbf } }),
      ) as JsonObject,
    };
  }

  public async set(name: string, value: string, { kept }: VaultSecret): Promise<void> {
    await this.api.request({ method: "PUT", path: `/secrets/${name}`, body: { ...kept, value } });
  }
}

/** Individual enrollments and registrations of a Device Provisioning Service, as far as one device goes. */
export class Registrations {
  private readonly api: ServiceApi;

  public constructor(connection: Connection) {
    this.api = new ServiceApi({
      ...connection,
      apiVersion: "2021-10-01",
      setting: "provisioning.service",
      remedies: { 401: SIGN_IN, 403: "take the role Device Provisioning Service Data Contributor on the service" },
    });
  }

  /** The device's own enrollment; undefined where it has none, so that its group decides. */
  public async enrollment(id: string): Promise<JsonObject | undefined> {
    const answer = await this.api.request({ method: "GET", path: enrollmentPath(id), accepted: [404] });
    return answer.status === 404 ? undefined : ((await answer.json()) as JsonObject);
  }

  /** Writes the device's own enrollment, which goes before its group's. */
  public async write(id: string, body: JsonObject, etag?: string): Promise<void> {
    const condition = etag !== undefined && { headers: { "if-match": quoted(etag) } };
    await this.api.request({ method: "PUT", path: enrollmentPath(id), body, ...condition });
  }

  public async removeEnrollment(id: string): Promise<void> {
    await this.api.request({ method: "DELETE", path: enrollmentPath(id), accepted: [404] });
  }

  /** Forgets that the device was registered. */
  public async forget(id: string): Promise<void> {
    await this.api.request({ method: "DELETE", path: `/registrations/${encodeURIComponent(id)}`, accepted: [404] });
  }
}

const enrollmentPath = (id: string): string => `/enrollments/${encodeURIComponent(id)}`;
