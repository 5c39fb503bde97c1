import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "../../packages/common/__tests__/support/local-server";

/** A request that came, without its token. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

interface StoredObject {
  readonly id: string;
  readonly type: string;
  attributes: Record<string, unknown>;
  relationships: Record<string, unknown>;
}

interface Document {
  readonly data: Partial<StoredObject>;
}

/** Answers before the API's own do: by method and path, a status and headers, as often as they are listed. */
type Interruption = readonly [status: number, headers: Readonly<Record<string, string>>];

export const TOKEN = "token-of-the-stand-in";

/**
 * Stands in for HCP Terraform's API: projects, workspaces and variables, as
 * https://developer.hashicorp.com/terraform/cloud-docs/api-docs documents their requests, answers, pages and errors. Lists
 * have pages of two. It keeps nothing back of what it was asked.
 */
export class HcpTerraformStandIn extends LocalServer {
  public readonly received: Received[] = [];
  public readonly projects: StoredObject[] = [];
  public readonly workspaces: StoredObject[] = [];
  public readonly variables = new Map<string, StoredObject[]>();
  public readonly interruptions = new Map<string, Interruption[]>();
  /** Answers to GET by path, for what is not stored here. */
  public readonly pages = new Map<string, (response: ServerResponse) => void>();
  private count = 0;

  public constructor(private readonly organization: string) {
    super();
  }

  public start(): Promise<string> {
    return this.listen();
  }

  /** Requests that change something. */
  public get writes(): string[] {
    return this.received.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
  }

  public addProject(name: string): StoredObject {
    return this.store(this.projects, "prj", "projects", { attributes: { name } });
  }

  public addWorkspace(attributes: Record<string, unknown>, project: string): StoredObject {
    const relationships = { project: { data: { type: "projects", id: project } } };
    const workspace = this.store(this.workspaces, "ws", "workspaces", { attributes, relationships });
    this.variables.set(workspace.id, []);
    return workspace;
  }

  public addVariable(workspace: string, attributes: Record<string, unknown>): StoredObject {
    return this.store(this.variables.get(workspace) ?? [], "var", "vars", {
      attributes: { category: "env", hcl: false, sensitive: false, ...attributes },
    });
  }

  private store(list: StoredObject[], prefix: string, type: string, data: Partial<StoredObject>): StoredObject {
    this.count += 1;
    const stored = {
      id: `${prefix}-${this.count}`,
      type,
      attributes: { ...data.attributes },
      relationships: { ...data.relationships },
    };
    list.push(stored);
    return stored;
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://stand-in");
    const text = (await request.toArray()).join("");
    const body = (text === "" ? undefined : JSON.parse(text)) as Document | undefined;
    const method = request.method ?? "";
    const path = url.pathname.replace("/api/v2", "");
    this.received.push({ method, path, body });
    const interruption = this.interruptions.get(`${method} ${path}`)?.shift();
    if (interruption !== undefined) {
      const [status, headers] = interruption;
      response.writeHead(status, headers);
      response.end(JSON.stringify({ errors: [{ status: String(status), title: "interrupted" }] }));
    } else if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      fail(response, 401, "unauthorized");
    } else if (this.pages.has(path)) {
      this.pages.get(path)?.(response);
    } else {
      this.route(method, path.split("/").slice(1), url.searchParams, body?.data ?? {}, response);
    }
  }

  private route(
    method: string,
    [first, second = "", third, fourth]: readonly string[],
    query: URLSearchParams,
    data: Partial<StoredObject>,
    response: ServerResponse,
  ): void {
    const variables = this.variables.get(second);
    const workspace = this.workspaces.find(({ id }) => id === second);
    if (first === "organizations" && second === this.organization && third === "projects") {
      const named = this.projects.filter(
        ({ attributes }) => String(attributes.name).toLowerCase() === query.get("filter[names]")?.toLowerCase(),
      );
      this.collection(method, this.projects, named, "prj", data, query, response);
    } else if (
      first === "organizations" &&
      second === this.organization &&
      third === "workspaces" &&
      fourth !== undefined
    ) {
      const found = this.workspaces.find(({ attributes }) => attributes.name === fourth);
      if (found === undefined) {
        fail(response, 404, "not found");
      } else {
        send(response, 200, { data: found });
      }
    } else if (
      first === "organizations" &&
      second === this.organization &&
      third === "workspaces" &&
      method === "POST"
    ) {
      if (this.workspaces.some(({ attributes }) => attributes.name === data.attributes?.name)) {
        fail(response, 422, "invalid attribute", "Name has already been taken");
      } else {
        const made = this.addWorkspace({ "vcs-repo": null, ...data.attributes }, "");
        made.relationships = { ...data.relationships };
        send(response, 201, { data: made });
      }
    } else if (first === "workspaces" && workspace !== undefined && third === undefined && method === "PATCH") {
      merge(workspace, data);
      send(response, 200, { data: workspace });
    } else if (first === "workspaces" && variables !== undefined && third === "vars" && fourth === undefined) {
      this.collection(method, variables, variables, "var", data, query, response);
    } else if (first === "workspaces" && variables !== undefined && third === "vars") {
      const index = variables.findIndex(({ id }) => id === fourth);
      const [found] = variables.slice(index, index + 1);
      if (index < 0 || found === undefined) {
        fail(response, 404, "not found");
      } else if (method === "DELETE") {
        variables.splice(index, 1);
        response.writeHead(204).end();
      } else {
        merge(found, data);
        send(response, 200, { data: found });
      }
    } else {
      fail(response, 404, "not found");
    }
  }

  private collection(
    method: string,
    list: StoredObject[],
    shown: readonly StoredObject[],
    prefix: string,
    data: Partial<StoredObject>,
    query: URLSearchParams,
    response: ServerResponse,
  ): void {
    if (method === "POST") {
      send(response, 201, { data: this.store(list, prefix, data.type ?? "", data) });
      return;
    }
    const size = 2;
    const current = Number(query.get("page[number]") ?? "1");
    const total = Math.max(1, Math.ceil(shown.length / size));
    send(response, 200, {
      data: shown.slice((current - 1) * size, current * size).map(withoutSecrets),
      meta: {
        pagination: {
          "current-page": current,
          "next-page": current < total ? current + 1 : null,
          "total-pages": total,
        },
      },
    });
  }
}

function merge(stored: StoredObject, data: Partial<StoredObject>): void {
  stored.attributes = { ...stored.attributes, ...data.attributes };
  stored.relationships = { ...stored.relationships, ...data.relationships };
}

/** The value of a sensitive variable is written once and not visible thereafter. */
const withoutSecrets = (stored: StoredObject): StoredObject =>
  stored.attributes.sensitive === true ? { ...stored, attributes: { ...stored.attributes, value: null } } : stored;

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/vnd.api+json" });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, title: string, detail?: string): void {
  send(response, status, { errors: [{ status: String(status), title, ...(detail !== undefined && { detail }) }] });
}
