import { isObject, LONGEST_WAIT_MS, reasonOf, RemoteError, retryAfter, send } from "@edge-anomaly-detection/common";

/** A refusal of GitHub's API, or an answer that cannot be read. */
export class GithubError extends RemoteError {}

/** Where GitHub's API is and how it is spoken to. */
export interface GithubApiOptions {
  /** Address of the API: `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly address: string;
  /** Bearer token; sent to this address only, never printed. */
  readonly token: string;
  /** Waits between attempts. @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Milliseconds since 1970. @default - the clock */
  readonly now?: () => number;
}

type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** The API's own maximum. */
const PAGE_SIZE = 100;
/** More pages than any list that is read here has. */
const MAX_PAGES = 100;

/**
 * GitHub's REST API, version 2022-11-28 (docs.github.com/rest). A server's error and a broken connection are tried again where
 * sending twice does no harm, and a rate limit where GitHub asks for half a minute or less.
 */
export class GithubApi {
  public constructor(private readonly options: GithubApiOptions) {}

  /**
   * Reads one object; undefined where the API answers 404, which is also what it answers to a token that may not see it.
   *
   * @throws GithubError
   */
  public async find(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      const body = await this.json("GET", this.url(path));
      return isObject(body) ? body : unreadable(path);
    } catch (error) {
      if (error instanceof GithubError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Reads all pages of a list.
   *
   * @param field where the list is in the answer; undefined where the answer is the list
   * @throws GithubError
   */
  public async list(path: string, field?: string): Promise<Readonly<Record<string, unknown>>[]> {
    const found: Readonly<Record<string, unknown>>[] = [];
    let url: URL | undefined = this.url(path);
    url.searchParams.set("per_page", String(PAGE_SIZE));
    for (let page = 1; url !== undefined; page += 1) {
      const answer = await this.request("GET", url);
      const body = await jsonOf(answer, path);
      const entries: unknown = field === undefined ? body : isObject(body) ? body[field] : undefined;
      if (!Array.isArray(entries) || !entries.every(isObject)) {
        return unreadable(path);
      }
      found.push(...entries);
      url = page < MAX_PAGES ? this.next(answer) : unreadable(path);
    }
    return found;
  }

  /** @throws GithubError */
  public async write(method: Exclude<Method, "GET">, path: string, body?: unknown): Promise<void> {
    await this.request(method, this.url(path), body);
  }

  private url(path: string): URL {
    return new URL(`${this.options.address.replace(/\/$/, "")}${path}`);
  }

  /** The next page, where it is at the same address: the token goes nowhere else. */
  private next(answer: Response): URL | undefined {
    const link = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    if (link === undefined || !URL.canParse(link)) {
      return undefined;
    }
    const url = new URL(link);
    return url.origin === new URL(this.options.address).origin ? url : undefined;
  }

  private async json(method: Method, url: URL): Promise<unknown> {
    return jsonOf(await this.request(method, url), url.pathname);
  }

  private async request(method: Method, url: URL, body?: unknown): Promise<Response> {
    const { token, address, wait, now = Date.now } = this.options;
    const answer = await send(
      {
        method,
        url,
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: "application/vnd.github+json",
          "X-GitHub-Api-Version": "2022-11-28",
          "User-Agent": "azure-edge-anomaly-detection",
        },
        body,
      },
      { again: (last) => mayTryAgain(method, last), wait },
    );
    if (answer instanceof Error) {
      throw new GithubError(
        `${address} cannot be reached: ${reasonOf(answer)}`,
        "check the network, the proxy and GITHUB_API_URL",
      );
    }
    if (!answer.ok) {
      throw await refusal(method, url.pathname, answer, now());
    }
    return answer;
  }
}

function mayTryAgain(method: Method, answer: Response | Error): boolean {
  if (answer instanceof Error || answer.status >= 500) {
    return method !== "POST";
  }
  const asked = retryAfter(answer);
  return [403, 429].includes(answer.status) && asked !== undefined && asked <= LONGEST_WAIT_MS;
}

async function jsonOf(answer: Response, path: string): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    return unreadable(path);
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: "the token is wrong or has expired: export GH_TOKEN=$(gh auth token)",
  404: "it is not there, or the token may not see it, which GitHub does not tell apart: check the repository in environments/bootstrap.ts, and that the token may read the repository and its Actions",
  422: "correct what it names; reviewers must be able to read the repository, and on private repositories required reviewers need GitHub Enterprise",
};

async function refusal(method: Method, path: string, answer: Response, now: number): Promise<GithubError> {
  const message = await messageIn(answer);
  const problem = `GitHub refused ${method} ${path} with status ${answer.status}${message === "" ? "" : `: ${message}`}`;
  return new GithubError(problem, remedyFor(answer, now), answer.status);
}

function remedyFor(answer: Response, now: number): string {
  const { headers, status } = answer;
  const asked = retryAfter(answer);
  if (status === 429 || headers.get("x-ratelimit-remaining") === "0" || (status === 403 && asked !== undefined)) {
    const reset = Number(headers.get("x-ratelimit-reset")) * 1000;
    const milliseconds = asked ?? (reset > now ? reset - now : 60_000);
    return `GitHub's rate limit is reached: try again in ${Math.ceil(milliseconds / 60_000)} min`;
  }
  if (status === 403) {
    const needed = headers.get("x-accepted-github-permissions");
    return `the token may not do this${needed === null ? "" : `; it needs ${needed}`}: to check takes the permission actions: read, to apply administration: write`;
  }
  return REMEDIES[status] ?? "try again later; https://www.githubstatus.com says whether something is wrong there";
}

async function messageIn(answer: Response): Promise<string> {
  try {
    const body: unknown = await answer.json();
    return isObject(body) && typeof body.message === "string" ? body.message : "";
  } catch {
    return "";
  }
}

function unreadable(path: string): never {
  throw new GithubError(
    `the answer to ${path} is not what GitHub's API documents`,
    "check GITHUB_API_URL; a proxy may have answered in its place",
  );
}
