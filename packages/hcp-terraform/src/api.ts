import { isObject, reasonOf, send } from "@edge-anomaly-detection/common";
import { HcpTerraformError } from "./error";

/** An object of the API, as JSON:API writes it. */
export interface ApiObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships: Readonly<Record<string, unknown>>;
}

/** What is sent to create or change an object. */
export interface ApiInput {
  readonly id?: string;
  readonly type: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly relationships?: Readonly<Record<string, unknown>>;
}

/** Where the API is and how it is spoken to. */
export interface ApiOptions {
  /** Scheme and host: `https://app.terraform.io`. */
  readonly address: string;
  /** Bearer token; sent to this address only, never printed. */
  readonly token: string;
  /** Waits between attempts. @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

const MEDIA_TYPE = "application/vnd.api+json";
/** The API's own maximum. */
const PAGE_SIZE = 100;

/**
 * HCP Terraform's API, version 2 (https://developer.hashicorp.com/terraform/cloud-docs/api-docs). Requests that it has no time
 * for are sent again: status 429 always, a server's error or a broken connection where sending twice does no harm.
 */
export class HcpTerraformApi {
  public constructor(private readonly options: ApiOptions) {}

  /**
   * Reads one object; nothing where the API answers 404, which is also what it answers to a token that may not see it.
   *
   * @throws HcpTerraformError
   */
  public async find(path: string): Promise<ApiObject | undefined> {
    try {
      return objectIn(await this.json("GET", path), path);
    } catch (error) {
      if (error instanceof HcpTerraformError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Reads all pages of a list.
   *
   * @throws HcpTerraformError
   */
  public async list(path: string): Promise<ApiObject[]> {
    const found: ApiObject[] = [];
    for (let page: number | undefined = 1; page !== undefined;) {
      const joint = path.includes("?") ? "&" : "?";
      const body = await this.json("GET", `${path}${joint}page%5Bnumber%5D=${page}&page%5Bsize%5D=${PAGE_SIZE}`);
      const data: readonly unknown[] = isObject(body) && Array.isArray(body.data) ? body.data : unreadable(path);
      found.push(...data.map((entry) => toObject(entry, path)));
      const next = nextPage(body);
      // A list that names no later page has ended, whatever it says.
      page = next !== undefined && next > page ? next : undefined;
    }
    return found;
  }

  /** @throws HcpTerraformError */
  public async create(path: string, data: ApiInput): Promise<ApiObject> {
    return objectIn(await this.json("POST", path, { data }), path);
  }

  /** @throws HcpTerraformError */
  public async update(path: string, data: ApiInput): Promise<ApiObject> {
    return objectIn(await this.json("PATCH", path, { data }), path);
  }

  /** @throws HcpTerraformError */
  public async remove(path: string): Promise<void> {
    await this.send("DELETE", path);
  }

  /**
   * Sends a request; an answer that redirects is returned, not followed.
   *
   * @throws HcpTerraformError where the answer is an error
   */
  public async send(method: Method, path: string, body?: unknown): Promise<Response> {
    const answer = await send(
      {
        method,
        url: new URL(`/api/v2${path}`, this.options.address),
        headers: { Authorization: `Bearer ${this.options.token}`, "Content-Type": MEDIA_TYPE },
        body,
      },
      {
        again: (last) => (last instanceof Error ? method !== "POST" : mayTryAgain(method, last.status)),
        wait: this.options.wait,
      },
    );
    if (answer instanceof Error) {
      throw new HcpTerraformError(
        `${this.options.address} cannot be reached: ${reasonOf(answer)}`,
        "check the network, the proxy and the host in the environment's record",
      );
    }
    if (answer.status >= 400) {
      throw await refusal(method, path, answer);
    }
    return answer;
  }

  private async json(method: Method, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, path, body);
    try {
      return await answer.json();
    } catch {
      return unreadable(path);
    }
  }
}

function mayTryAgain(method: Method, status: number): boolean {
  return status === 429 || (status >= 500 && method !== "POST");
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: "the token is wrong or has expired: run `terraform login`, or renew the team's token",
  403: "the token may not do this: its team needs to manage projects and workspaces",
  404: "it is not there, or the token may not see it, which HCP Terraform does not tell apart: check organization and workspace in the environment's record, and that the token's team manages projects and workspaces (an organization's token cannot read plans)",
  409: "somebody else changed it meanwhile: run the command again",
  422: "correct what it names in the environment's record or in HCP Terraform",
  429: "HCP Terraform takes 30 requests a second from a user: try again in a minute",
};

async function refusal(method: Method, path: string, answer: Response): Promise<HcpTerraformError> {
  const details = await errorsIn(answer);
  return new HcpTerraformError(
    `HCP Terraform refused ${method} ${path} with status ${answer.status}${details === "" ? "" : `: ${details}`}`,
    REMEDIES[answer.status] ?? "try again later; https://status.hashicorp.com says whether something is wrong there",
    answer.status,
  );
}

async function errorsIn(answer: Response): Promise<string> {
  try {
    const body: unknown = await answer.json();
    const errors: readonly unknown[] = isObject(body) && Array.isArray(body.errors) ? body.errors : [];
    return errors
      .filter(isObject)
      .map(({ title, detail }) => [title, detail].filter((text) => typeof text === "string").join(": "))
      .join("; ");
  } catch {
    return "";
  }
}

function objectIn(body: unknown, path: string): ApiObject {
  return toObject(isObject(body) ? body.data : undefined, path);
}

function toObject(value: unknown, path: string): ApiObject {
  if (!isObject(value) || typeof value.id !== "string" || typeof value.type !== "string") {
    return unreadable(path);
  }
  return {
    id: value.id,
    type: value.type,
    attributes: isObject(value.attributes) ? value.attributes : {},
    relationships: isObject(value.relationships) ? value.relationships : {},
  };
}

function nextPage(body: unknown): number | undefined {
  const meta = isObject(body) ? body.meta : undefined;
  const pagination = isObject(meta) ? meta.pagination : undefined;
  const next = isObject(pagination) ? pagination["next-page"] : undefined;
  return typeof next === "number" ? next : undefined;
}

function unreadable(path: string): never {
  throw new HcpTerraformError(
    `the answer to ${path} is not what HCP Terraform's API documents`,
    "check the host in the environment's record; a proxy may have answered in its place",
  );
}
