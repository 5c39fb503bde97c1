import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { graphProblems, type PlantTwin, type Relationship, type Twin } from "../../index";

/** What goes wrong with one request. `lost` has its effect, and its answer does not come. */
export type Fault = "none" | "429" | "500" | "503" | "lost" | "cut";

type Json = Record<string, unknown>;

/** An instance of Azure Digital Twins with the account of its imports and its queue, all at one address; it breaks as it is told. */
export class AzureStandIn {
  public readonly models = new Map<string, Json>();
  public readonly twins = new Map<string, { twin: Json; etag: number }>();
  public readonly relationships = new Map<string, Json>();
  public readonly blobs = new Map<string, string>();
  public readonly jobs = new Map<string, Json>();
  public readonly queue: { id: string; text: string; hidden: boolean }[] = [];
  public readonly requests: string[] = [];
  /** Faults of the next requests. */
  public faults: Fault[] = [];
  public isDown = false;
  /** Status of each import job's end. */
  public jobEnd: "succeeded" | "failed" = "succeeded";
  /** Called before a twin is patched: somebody else may be faster. */
  public beforePatch: ((id: string) => void) | undefined;
  /** Twins whose patches are refused for good. */
  public readonly refused = new Set<string>();
  private count = 0;
  private readonly server: Server;

  public constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Puts an event into the queue, as Event Grid writes it. */
  public send(event: unknown): void {
    this.queue.push({
      id: `m-${(this.count += 1)}`,
      text: Buffer.from(JSON.stringify(event)).toString("base64"),
      hidden: false,
    });
  }

  /** The time after which messages that were received and not deleted come again. */
  public endOfVisibilityTimeout(): void {
    for (const message of this.queue) message.hidden = false;
  }

  public twin(id: string): Json {
    return this.twins.get(id)?.twin ?? {};
  }

  public store(twin: Json): void {
    this.twins.set(String(twin.$dtId), { twin, etag: (this.count += 1) });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? "", "http://azure");
    this.requests.push(`${request.method ?? ""} ${url.pathname}`);
    const fault = this.faults.shift() ?? "none";
    if (this.isDown || fault === "cut") {
      request.socket.destroy();
      return;
    }
    if (fault === "429" || fault === "500" || fault === "503") {
      response.writeHead(Number(fault), { "Retry-After": "1" }).end();
      return;
    }
    const isStorage = request.headers["x-ms-version"] !== undefined;
    const scope = isStorage ? "https://storage.azure.com/.default" : "https://digitaltwins.azure.net/.default";
    const reply =
      request.headers.authorization === `Bearer token of ${scope}`
        ? isStorage
          ? this.storage(request, url, body)
          : this.dataPlane(request, url, body)
        : { status: 401 };
    if (fault === "lost") {
      request.socket.destroy();
      return;
    }
    const { status, headers = {}, text, json } = reply;
    response.writeHead(status, headers).end(text ?? (json === undefined ? undefined : JSON.stringify(json)));
  }

  private storage({ method, headers }: IncomingMessage, url: URL, body: string): Reply {
    const { pathname } = url;
    if (method === "PUT" && headers["x-ms-blob-type"] === "BlockBlob") {
      this.blobs.set(`${this.address}${pathname}`, body);
      return { status: 201 };
    }
    if (method === "GET" && pathname.endsWith("/messages")) {
      const next = this.queue.find(({ hidden }) => !hidden);
      if (next !== undefined) next.hidden = true;
      const message =
        next === undefined
          ? ""
          : `<QueueMessage><MessageId>${next.id}</MessageId><PopReceipt>r&amp;${next.id}</PopReceipt><MessageText>${next.text}</MessageText></QueueMessage>`;
      return { status: 200, text: `<?xml version="1.0"?><QueueMessagesList>${message}</QueueMessagesList>` };
    }
    const id = pathname.split("/").pop() ?? "";
    const index = this.queue.findIndex((message) => message.id === id);
    if (method === "DELETE" && index >= 0 && url.searchParams.get("popreceipt") === `r&${id}`) {
      this.queue.splice(index, 1);
      return { status: 204 };
    }
    return { status: 404 };
  }

  private dataPlane({ method, headers }: IncomingMessage, url: URL, body: string): Reply {
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    const [kind = "", id = "", , relationship] = parts;
    const content = (body === "" ? undefined : JSON.parse(body)) as Json;
    switch (`${method ?? ""} ${kind}${relationship === undefined ? "" : " relationship"}`) {
      case "GET models":
        return { status: 200, json: { value: [...this.models.keys()].map((one) => ({ id: one })) } };
      case "POST models":
        return this.addModels(content as unknown as Json[]);
      case "POST query":
        return this.query(content);
      case "GET digitaltwins":
        return this.read(id);
      case "PUT digitaltwins":
        if (headers["if-none-match"] === "*" && this.twins.has(id)) return { status: 412 };
        return (
          this.checked({ twins: [{ $dtId: id, ...content } as unknown as Twin] }) ?? this.put({ $dtId: id, ...content })
        );
      case "PATCH digitaltwins":
        return this.patch(id, headers["if-match"], content as unknown as Json[]);
      case "DELETE digitaltwins":
        if ([...this.relationships.values()].some(({ $sourceId, $targetId }) => $sourceId === id || $targetId === id)) {
          return { status: 400, json: { error: { message: "the twin has relationships" } } };
        }
        return { status: this.twins.delete(id) ? 204 : 404 };
      case "PUT digitaltwins relationship":
        return this.putRelationship(id, relationship ?? "", content, headers["if-none-match"] === "*");
      case "DELETE digitaltwins relationship":
        return { status: this.relationships.delete(`${id} ${relationship ?? ""}`) ? 204 : 404 };
      case "PUT jobs relationship":
        return { status: 404 };
      default:
        return kind === "jobs" ? this.job(method ?? "", parts[2] ?? "", content) : { status: 404 };
    }
  }

  private addModels(models: readonly Json[]): Reply {
    if (models.some((model) => this.models.has(String(model["@id"])))) return { status: 409 };
    for (const model of models) this.models.set(String(model["@id"]), model);
    return { status: 201, json: [] };
  }

  /** Pages of two rows, to have several. */
  private query({ query, continuationToken }: Json): Reply {
    const [table = "", from = "0"] = (typeof continuationToken === "string" ? continuationToken : "").split("@");
    const wanted = typeof query === "string" ? query : table;
    const rows = wanted.includes("RELATIONSHIPS")
      ? [...this.relationships.values()]
      : [...this.twins.values()].map(({ twin }) => twin);
    const end = Number(from) + 2;
    return {
      status: 200,
      json: {
        value: rows.slice(Number(from), end),
        continuationToken: end < rows.length ? `${wanted}@${end}` : null,
      },
    };
  }

  private read(id: string): Reply {
    const found = this.twins.get(id);
    return found === undefined
      ? { status: 404 }
      : { status: 200, headers: { ETag: `W/"${found.etag}"` }, json: { ...found.twin, $etag: `W/"${found.etag}"` } };
  }

  private put(twin: Json): Reply {
    this.store(twin);
    return { status: 200, json: twin };
  }

  private patch(id: string, etag: string | undefined, operations: readonly Json[]): Reply {
    this.beforePatch?.(id);
    const found = this.twins.get(id);
    if (found === undefined) return { status: 404 };
    if (this.refused.has(id)) return { status: 400, json: { error: { message: "not valid" } } };
    if (etag !== `W/"${found.etag}"`) return { status: 412 };
    const twin = structuredClone(found.twin);
    for (const { op, path, value } of operations) {
      const keys = String(path).split("/").slice(1);
      const last = keys.pop() ?? "";
      const parent = keys.reduce<Json>((inner, key) => inner[key] as Json, twin);
      // As RFC 6902 and the service have it.
      if (op !== "add" && !(last in parent)) return { status: 400, json: { error: { message: `no ${String(path)}` } } };
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- what an operation of JSON Patch is
      if (op === "remove") delete parent[last];
      else parent[last] = value;
    }
    return this.checked({ twins: [twin as unknown as Twin] }) ?? { ...this.put(twin), status: 204 };
  }

  private putRelationship(source: string, id: string, content: Json, isNew: boolean): Reply {
    const key = `${source} ${id}`;
    if (isNew && this.relationships.has(key)) return { status: 412 };
    const { $targetId, $relationshipName } = content;
    const one = { $dtId: source, $relationshipId: id, $targetId, $relationshipName } as Relationship;
    const twins = [source, String($targetId)].flatMap((end) => this.twins.get(end)?.twin ?? []);
    const problem = this.checked({ twins: twins as unknown as Twin[], relationships: [one] });
    if (problem !== undefined) return problem;
    this.relationships.set(key, { $sourceId: source, $relationshipId: id, $targetId, $relationshipName });
    return { status: 200, json: {} };
  }

  /** What does not fit the models is refused. */
  private checked(graph: Partial<PlantTwin>): Reply | undefined {
    const models = [...this.models.values()] as unknown as PlantTwin["models"];
    const [problem] = graphProblems({ models, twins: [], relationships: [], ...graph });
    return problem === undefined ? undefined : { status: 400, json: { error: { message: JSON.stringify(problem) } } };
  }

  private job(method: string, id: string, content: Json): Reply {
    if (method === "GET") return { status: 200, json: this.jobs.get(id) };
    if (this.jobs.has(id)) return { status: 409 };
    const input = this.blobs.get(String(content.inputBlobUri));
    if (input === undefined) return { status: 400 };
    this.jobs.set(id, { id, status: this.jobEnd, ...(this.jobEnd === "failed" && { error: { message: "no role" } }) });
    if (this.jobEnd === "succeeded") this.import(input);
    return { status: 201, json: {} };
  }

  private import(text: string): void {
    let section = "";
    for (const line of text
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one) as Json)) {
      if (typeof line.Section === "string") section = line.Section;
      else if (section === "Models") this.models.set(String(line["@id"]), line);
      else if (section === "Twins") this.store(line);
      else if (section === "Relationships") {
        const { $dtId, $relationshipId, $targetId, $relationshipName } = line;
        this.relationships.set(`${String($dtId)} ${String($relationshipId)}`, {
          $sourceId: $dtId,
          $relationshipId,
          $targetId,
          $relationshipName,
        });
      }
    }
  }
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly text?: string;
}
