import { isObject } from "@edge-anomaly-detection/common";
import { type GithubApi, GithubError } from "./api";

/** A change of one file that a pull request proposes; the branch is this pull request's own. */
export interface ProposedChange {
  /** Branch that is created, or set anew: never one that people work on. */
  readonly branch: string;
  /** Branch that it is to be merged into. */
  readonly base: string;
  /** File, from the root of the repository. */
  readonly path: string;
  /** Text that the file had where the change was made from. */
  readonly before: string;
  /** Text that it is to have. */
  readonly after: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/**
 * Opens a pull request with one commit on top of the base, or brings the open one of that branch up to date.
 *
 * @param repository `OWNER/NAME`
 * @throws GithubError, also where the base's file is no longer what the change was made from
 */
export async function openPullRequest(
  api: GithubApi,
  repository: string,
  change: ProposedChange,
): Promise<"opened" | "updated" | "unchanged"> {
  const { branch, base, path, before, after, title, body } = change;
  const repo = `/repos/${repository}`;
  const original = await fileAt(api, repo, path, base);
  if (original?.text !== before) {
    throw new GithubError(`${path} has changed on ${base} since the change was made`, "run the promotion again");
  }
  const open = await openOf(api, repository, branch);
  const proposed = open === undefined ? undefined : await fileAt(api, repo, path, branch);
  if (open !== undefined && proposed?.text === after && open.title === title && open.body === body) {
    return "unchanged";
  }
  if (proposed?.text !== after) {
    const sha = await commitOf(api, repo, base);
    const reference = `${repo}/git/refs/heads/${branch}`;
    if ((await commitOf(api, repo, branch)) === undefined) {
      await api.write("POST", `${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha });
    } else {
      await api.write("PATCH", reference, { sha, force: true });
    }
    const content = Buffer.from(after).toString("base64");
    await api.write("PUT", `${repo}/contents/${path}`, { message: title, content, sha: original.sha, branch });
  }
  if (open === undefined) {
    await api.write("POST", `${repo}/pulls`, { title, body, head: branch, base });
    return "opened";
  }
  await api.write("PATCH", `${repo}/pulls/${open.number}`, { title, body });
  return "updated";
}

/**
 * Closes the open pull request of a branch, with the reason as a comment, and deletes the branch.
 *
 * @throws GithubError
 */
export async function closePullRequest(
  api: GithubApi,
  repository: string,
  branch: string,
  reason: string,
): Promise<"closed" | "none"> {
  const repo = `/repos/${repository}`;
  const open = await openOf(api, repository, branch);
  if (open === undefined) {
    return "none";
  }
  await api.write("POST", `${repo}/issues/${open.number}/comments`, { body: reason });
  await api.write("PATCH", `${repo}/pulls/${open.number}`, { state: "closed" });
  await api.write("DELETE", `${repo}/git/refs/heads/${branch}`);
  return "closed";
}

interface OpenPullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

async function openOf(api: GithubApi, repository: string, branch: string): Promise<OpenPullRequest | undefined> {
  const [owner = ""] = repository.split("/");
  const query = new URLSearchParams({ state: "open", head: `${owner}:${branch}` });
  const [found] = await api.list(`/repos/${repository}/pulls?${query.toString()}`);
  return found === undefined
    ? undefined
    : { number: Number(found.number), title: textOf(found.title), body: textOf(found.body) };
}

async function fileAt(
  api: GithubApi,
  repo: string,
  path: string,
  branch: string,
): Promise<{ readonly text: string; readonly sha: string } | undefined> {
  const found = await api.find(`${repo}/contents/${path}?ref=${encodeURIComponent(branch)}`);
  return found && { text: Buffer.from(textOf(found.content), "base64").toString(), sha: textOf(found.sha) };
}

async function commitOf(api: GithubApi, repo: string, branch: string): Promise<string | undefined> {
  const found = await api.find(`${repo}/git/ref/heads/${branch}`);
  return found && isObject(found.object) ? textOf(found.object.sha) : undefined;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
