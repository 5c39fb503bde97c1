import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "../../packages/common/__tests__/support/local-server";

type Json = Record<string, unknown>;

interface StoredEnvironment {
  reviewers: { readonly type: string; readonly id: number }[];
  preventSelfReview: boolean;
  waitTimer: number;
  policy: Json | null;
  adminsBypass: boolean;
  readonly patterns: { readonly id: number; readonly name: string; readonly type: string }[];
}

/** Answers before the API's own do: by method and path, a status and headers, as often as they are listed. */
type Interruption = readonly [status: number, headers: Readonly<Record<string, string>>, body?: string];

export const GITHUB_TOKEN = "token-of-the-stand-in";
export const REPOSITORY = "contoso/edge";

/**
 * Stands in for GitHub's REST API: environments, their branch policies, branches, rules, users and teams, as docs.github.com/rest
 * documents requests, answers, pages and errors. Lists have pages of two, whatever is asked. An environment that exists with
 * nothing set is what GitHub makes when a workflow names it.
 */
export class GithubStandIn extends LocalServer {
  public readonly received: { readonly method: string; readonly path: string; readonly body: unknown }[] = [];
  public readonly environments = new Map<string, StoredEnvironment>();
  public readonly interruptions = new Map<string, Interruption[]>();
  public readonly users = new Map([["jane-doe", 11]]);
  public readonly teams = new Map([["contoso/platform", 22]]);
  public branchProtected = true;
  public rules: Json[] = [];
  /** Whether the plan has required reviewers: not on private repositories below GitHub Enterprise. */
  public hasReviewers = true;
  private count = 100;

  public start(): Promise<string> {
    return this.listen();
  }

  public get writes(): string[] {
    return this.received.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
  }

  /** An environment with nothing but what is given. */
  public add(name: string, settings: Partial<StoredEnvironment> = {}, branches?: readonly string[]): StoredEnvironment {
    const stored: StoredEnvironment = {
      reviewers: [],
      preventSelfReview: false,
      waitTimer: 0,
      policy: branches === undefined ? null : { protected_branches: false, custom_branch_policies: true },
      adminsBypass: false,
      patterns: (branches ?? []).map((branch) => ({ id: (this.count += 1), name: branch, type: "branch" })),
      ...settings,
    };
    this.environments.set(name.toLowerCase(), stored);
    return stored;
  }

  /** One that is protected as the pipelines want it. */
  public addProtected(name: string): StoredEnvironment {
    return this.add(name, { reviewers: [{ type: "Team", id: 22 }], preventSelfReview: true }, ["main"]);
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.address);
    const text = (await request.toArray()).join("");
    const body = (text === "" ? undefined : JSON.parse(text)) as Json | undefined;
    const method = request.method ?? "";
    this.received.push({ method, path: url.pathname, body });
    const interruption = this.interruptions.get(`${method} ${url.pathname}`)?.shift();
    if (interruption !== undefined) {
      const [status, headers, answer = JSON.stringify({ message: "interrupted" })] = interruption;
      response.writeHead(status, headers).end(answer);
    } else if (request.headers.authorization !== `Bearer ${GITHUB_TOKEN}`) {
      send(response, 401, { message: "Bad credentials" });
    } else {
      this.route(method, url, body ?? {}, response);
    }
  }

  private route(method: string, url: URL, body: Json, response: ServerResponse): void {
    const path = decodeURIComponent(url.pathname);
    const environment =
      /^\/repos\/contoso\/edge\/environments\/([^/]+)(\/deployment-branch-policies)?(?:\/(\d+))?$/.exec(path);
    const [, name = "", policies, id] = environment ?? [];
    const stored = this.environments.get(name.toLowerCase());
    const member = /^\/users\/(.+)$/.exec(path)?.[1] ?? /^\/orgs\/(.+)\/teams\/(.+)$/.exec(path)?.slice(1).join("/");
    if (member !== undefined) {
      const found = this.users.get(member) ?? this.teams.get(member);
      send(response, found === undefined ? 404 : 200, found === undefined ? NOT_FOUND : { id: found });
    } else if (path === "/repos/contoso/edge/branches/main") {
      send(response, 200, { name: "main", protected: this.branchProtected });
    } else if (path === "/repos/contoso/edge/rules/branches/main") {
      this.page(url, this.rules, response);
    } else if (environment !== null && policies === undefined && method === "PUT") {
      this.put(name, body, response);
    } else if (stored === undefined) {
      send(response, 404, NOT_FOUND);
    } else if (policies === undefined) {
      send(response, 200, shown(name, stored));
    } else if (method === "GET") {
      this.page(url, stored.patterns, response, "branch_policies");
    } else if (method === "POST") {
      stored.patterns.push({ id: (this.count += 1), name: String(body.name), type: String(body.type) });
      send(response, 200, {});
    } else {
      const index = stored.patterns.findIndex((one) => String(one.id) === id);
      stored.patterns.splice(index, 1);
      response.writeHead(204).end();
    }
  }

  /** What the request leaves out goes back to nothing, as GitHub documents it. */
  private put(name: string, body: Json, response: ServerResponse): void {
    const reviewers = (body.reviewers ?? []) as StoredEnvironment["reviewers"];
    if (!this.hasReviewers && ("reviewers" in body || "wait_timer" in body)) {
      send(response, 422, {
        message:
          "Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers protection rule.",
      });
      return;
    }
    const policy = body.deployment_branch_policy as Json | null;
    const kept =
      policy?.custom_branch_policies === true ? (this.environments.get(name.toLowerCase())?.patterns ?? []) : [];
    const stored = this.add(name, {
      reviewers,
      preventSelfReview: body.prevent_self_review === true,
      waitTimer: Number(body.wait_timer ?? 0),
      policy,
      patterns: [...kept],
    });
    send(response, 200, shown(name, stored));
  }

  private page(url: URL, list: readonly unknown[], response: ServerResponse, field?: string): void {
    const size = 2;
    const page = Number(url.searchParams.get("page") ?? "1");
    const shownNow = list.slice((page - 1) * size, page * size);
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    if (page * size < list.length) {
      response.setHeader("link", `<${next.href}>; rel="next", <${next.href}>; rel="last"`);
    }
    send(response, 200, field === undefined ? shownNow : { total_count: list.length, [field]: shownNow });
  }
}

const NOT_FOUND = { message: "Not Found" };

function shown(
  name: string,
  { reviewers, preventSelfReview, waitTimer, policy, adminsBypass }: StoredEnvironment,
): Json {
  return {
    name,
    can_admins_bypass: adminsBypass,
    deployment_branch_policy: policy,
    protection_rules: [
      ...(waitTimer > 0 ? [{ type: "wait_timer", wait_timer: waitTimer }] : []),
      ...(reviewers.length > 0
        ? [
            {
              type: "required_reviewers",
              prevent_self_review: preventSelfReview,
              reviewers: reviewers.map(({ type, id }) => ({
                type,
                reviewer: { id, login: "jane-doe", slug: "platform" },
              })),
            },
          ]
        : []),
      ...(policy === null ? [] : [{ type: "branch_policy" }]),
    ],
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
