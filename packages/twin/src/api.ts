import { isObject, reasonOf, redacted, RemoteError, send } from "@edge-anomaly-detection/common";
import type { Relationship, Twin } from "./graph";
import type { Model } from "./models";
import type { PatchOperation } from "./state";

/** Version of the data plane (learn.microsoft.com/rest/api/digital-twins/dataplane). */
const API_VERSION = "2023-10-31";
const SCOPE = "https://digitaltwins.azure.net/.default";
/** Models in one request. */
const MAX_MODELS = 250;

/** How an instance is reached. */
export interface InstanceOptions {
  /** `https://NAME.api.REGION.digitaltwins.azure.net` */
  readonly address: string;
  readonly tokenFor: (scope: string) => Promise<string>;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** A twin as the instance has it. */
export interface ReadTwin {
  readonly etag: string;
  readonly twin: Readonly<Record<string, unknown>>;
}

/** An import job. */
export interface ImportJob {
  readonly status: string;
  /** What went wrong, where the service says. */
  readonly problem?: string;
}

/** The data plane of an instance of Azure Digital Twins, as far as this project uses it. */
export class Instance {
  public constructor(private readonly options: InstanceOptions) {}

  /** DTMIs of all models. */
  public async models(): Promise<string[]> {
    const ids: string[] = [];
    let path: string | undefined = "models";
    while (path !== undefined) {
      const page: unknown = await (await this.request("GET", path)).json();
      if (!isObject(page) || !Array.isArray(page.value)) {
        throw this.unreadable("models");
      }
      ids.push(...page.value.filter(isObject).map(({ id }) => String(id)));
      path = typeof page.nextLink === "string" && page.nextLink !== "" ? page.nextLink : undefined;
    }
    return ids;
  }

  public async addModels(models: readonly Model[]): Promise<void> {
    for (let from = 0; from < models.length; from += MAX_MODELS) {
      // Added by an attempt before whose answer was lost.
      await this.request("POST", "models", { body: models.slice(from, from + MAX_MODELS), accepted: [409] });
    }
  }

  /** All rows of a query. */
  public async query(query: string): Promise<Readonly<Record<string, unknown>>[]> {
    const rows: Readonly<Record<string, unknown>>[] = [];
    let continuationToken: unknown;
    do {
      const body = continuationToken === undefined ? { query } : { continuationToken };
      const page: unknown = await (await this.request("POST", "query", { body })).json();
      if (!isObject(page) || !Array.isArray(page.value)) {
        throw this.unreadable("query");
      }
      rows.push(...page.value.filter(isObject));
      continuationToken = page.continuationToken ?? undefined;
    } while (typeof continuationToken === "string" && continuationToken !== "");
    return rows;
  }

  /** Undefined where there is no such twin. */
  public async twin(id: string): Promise<ReadTwin | undefined> {
    const answer = await this.request("GET", twinPath(id), { accepted: [404] });
    if (answer.status === 404) {
      return undefined;
    }
    const twin: unknown = await answer.json();
    const etag = answer.headers.get("etag") ?? (isObject(twin) ? twin.$etag : undefined);
    if (!isObject(twin) || typeof etag !== "string") {
      throw this.unreadable(id);
    }
    return { twin, etag };
  }

  /** Creates a twin; one that is there already stays as it is. */
  public async addTwin({ $dtId, ...body }: Twin): Promise<void> {
    await this.request("PUT", twinPath($dtId), { body, headers: { "If-None-Match": "*" }, accepted: [412] });
  }

  /** Changes a twin that nobody has changed since it was read; false where somebody has. */
  public async patchTwin(id: string, etag: string, patch: readonly PatchOperation[]): Promise<boolean> {
    const answer = await this.request("PATCH", twinPath(id), {
      body: patch,
      headers: { "If-Match": etag, "Content-Type": "application/json-patch+json" },
      accepted: [404, 412],
    });
    return answer.ok;
  }

  public async removeTwin(id: string): Promise<void> {
    await this.request("DELETE", twinPath(id), { accepted: [404] });
  }

  /** Creates a relationship; one that is there already stays as it is. */
  public async addRelationship({ $dtId, $relationshipId, ...body }: Relationship): Promise<void> {
    const path = relationshipPath($dtId, $relationshipId);
    await this.request("PUT", path, { body, headers: { "If-None-Match": "*" }, accepted: [412] });
  }

  public async removeRelationship(source: string, id: string): Promise<void> {
    await this.request("DELETE", relationshipPath(source, id), { accepted: [404] });
  }

  /** Starts an import job. */
  public async startImport(id: string, inputBlobUri: string, outputBlobUri: string): Promise<void> {
    // One that an attempt before has started, whose answer was lost.
    await this.request("PUT", importPath(id), { body: { inputBlobUri, outputBlobUri }, accepted: [409] });
  }

  public async importJob(id: string): Promise<ImportJob> {
    const job: unknown = await (await this.request("GET", importPath(id))).json();
    if (!isObject(job) || typeof job.status !== "string") {
      throw this.unreadable(id);
    }
    const message = isObject(job.error) ? job.error.message : undefined;
    return { status: job.status.toLowerCase(), ...(typeof message === "string" && { problem: redacted(message) }) };
  }

  private unreadable(what: string): RemoteError {
    return new RemoteError(`${this.options.address} answered ${what} in an unknown form`, "check the address");
  }

  private async request(
    method: string,
    path: string,
    { body, headers = {}, accepted = [] }: RequestOptions = {},
  ): Promise<Response> {
    const { address, tokenFor, wait } = this.options;
    const url = new URL(path, address);
    // A page's link comes from the service; the token goes to the instance alone.
    if (url.origin !== new URL(address).origin) {
      throw this.unreadable("a page");
    }
    url.searchParams.set("api-version", API_VERSION);
    const answer = await send(
      {
        method,
        url,
        headers: { Authorization: `Bearer ${await tokenFor(SCOPE)}`, "Content-Type": "application/json", ...headers },
        ...(body !== undefined && { body }),
      },
      {
        // Every request may be sent twice: creations and changes carry conditions, a second deletion finds nothing.
        again: (last) => last instanceof Error || last.status === 429 || last.status >= 500,
        ...(wait !== undefined && { wait }),
      },
    );
    if (answer instanceof Error) {
      throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "check the network and the address");
    }
    if (!answer.ok && !accepted.includes(answer.status)) {
      const text = redacted(await answer.text().catch(() => "")).slice(0, 300);
      throw new RemoteError(
        `${method} ${url.host}${url.pathname} was refused with status ${answer.status}: ${text}`,
        REMEDIES[answer.status] ?? "run it again; what is done stays done",
        answer.status,
      );
    }
    return answer;
  }
}

interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are no errors. */
  readonly accepted?: readonly number[];
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: "sign in with az login, to the tenant of the instance",
  403: "take the role Azure Digital Twins Data Owner on the instance (to plan: Data Reader)",
  429: "the instance is busy: run it again later, what is done stays done",
};

const twinPath = (id: string): string => `digitaltwins/${encodeURIComponent(id)}`;
const relationshipPath = (source: string, id: string): string =>
  `${twinPath(source)}/relationships/${encodeURIComponent(id)}`;
const importPath = (id: string): string => `jobs/imports/${encodeURIComponent(id)}`;
