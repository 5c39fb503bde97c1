import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "../../packages/common/__tests__/support/local-server";

type Json = Readonly<Record<string, unknown>>;

export interface PullRequest {
  readonly number: number;
  readonly head: string;
  title: string;
  body: string;
  state: string;
}

/**
 * Stands in for the part of GitHub's REST API that proposes a change: references, contents, pull requests and comments of
 * `contoso/edge`, as docs.github.com/rest documents requests and answers. A branch is its files.
 */
export class PullRequestStandIn extends LocalServer {
  public readonly branches = new Map<string, Map<string, string>>();
  public readonly pulls: PullRequest[] = [];
  public readonly comments: string[] = [];
  public readonly writes: string[] = [];

  public constructor(private readonly token: string) {
    super();
  }

  public start(): Promise<string> {
    return this.listen();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const text = (await request.toArray()).join("");
    const body = (text === "" ? {} : JSON.parse(text)) as Json;
    const method = request.method ?? "";
    if (method !== "GET") this.writes.push(`${method} ${url.pathname}`);
    const [status, answer] =
      request.headers.authorization === `Bearer ${this.token}`
        ? this.route(method, url, body)
        : [401, { message: "Bad credentials" }];
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(status === 204 ? "" : JSON.stringify(answer));
  }

  private route(method: string, url: URL, body: Json): readonly [number, unknown] {
    const path = decodeURIComponent(url.pathname).replace("/repos/contoso/edge/", "");
    const missing = [404, { message: "Not Found" }] as const;
    const [, reference] = /^git\/refs?\/heads\/(.+)$/.exec(path) ?? [];
    const [, file] = /^contents\/(.+)$/.exec(path) ?? [];
    const [, number] = /^pulls\/(\d+)$/.exec(path) ?? [];
    if (path === "git/refs") {
      const name = String(body.ref).replace("refs/heads/", "");
      return this.branches.has(name)
        ? [422, { message: "Reference already exists" }]
        : [201, this.point(name, body.sha)];
    }
    if (reference !== undefined) {
      if (!this.branches.has(reference)) return missing;
      if (method === "DELETE") return [204, this.branches.delete(reference)];
      return [200, method === "PATCH" ? this.point(reference, body.sha) : { object: { sha: this.shaOf(reference) } }];
    }
    if (file !== undefined) {
      const branch = this.branches.get(String(method === "PUT" ? body.branch : url.searchParams.get("ref")));
      const content = branch?.get(file);
      if (branch === undefined || content === undefined) return missing;
      if (method === "GET") return [200, { sha: sha(content), content: Buffer.from(content).toString("base64") }];
      if (body.sha !== sha(content)) return [409, { message: `${file} does not match ${String(body.sha)}` }];
      branch.set(file, Buffer.from(String(body.content), "base64").toString());
      return [200, {}];
    }
    if (path === "pulls" && method === "GET") {
      const head = url.searchParams.get("head");
      return [200, this.pulls.filter((one) => one.state === "open" && `contoso:${one.head}` === head)];
    }
    if (path === "pulls") {
      const [head, title, text] = [String(body.head), String(body.title), String(body.body)];
      this.pulls.push({ number: this.pulls.length + 1, head, title, body: text, state: "open" });
      return [201, {}];
    }
    if (number !== undefined) return [200, Object.assign(this.pulls[Number(number) - 1] ?? {}, body)];
    if (/^issues\/\d+\/comments$/.test(path)) return [201, this.comments.push(String(body.body))];
    return missing;
  }

  private point(name: string, commit: unknown): Json {
    const from = [...this.branches.keys()].find((one) => this.shaOf(one) === commit) ?? "";
    this.branches.set(name, new Map(this.branches.get(from)));
    return {};
  }

  private shaOf(branch: string): string {
    return sha(JSON.stringify([...(this.branches.get(branch) ?? [])]));
  }
}

const sha = (text: string): string => createHash("sha1").update(text).digest("hex");
