import { isObject } from "@edge-anomaly-detection/common";
import { type GithubApi, GithubError } from "./api";
import {
  DEPLOYED_BRANCH,
  type EnvironmentSettings,
  type Finding,
  protectionFindings,
  type Reviewer,
  type WantedEnvironment,
} from "./protection";

type Json = Readonly<Record<string, unknown>>;

const path = (repository: string, environment: string): string =>
  `/repos/${repository}/environments/${encodeURIComponent(environment)}`;

/**
 * Reads a GitHub environment; undefined where there is none.
 *
 * @throws GithubError
 */
export async function readEnvironment(
  api: GithubApi,
  repository: string,
  name: string,
): Promise<EnvironmentSettings | undefined> {
  const found = await api.find(path(repository, name));
  if (found === undefined) {
    return undefined;
  }
  const rules = Array.isArray(found.protection_rules) ? found.protection_rules.filter(isObject) : [];
  const review = rules.find(({ type }) => type === "required_reviewers");
  const timer = rules.find(({ type }) => type === "wait_timer");
  return {
    reviewers: Array.isArray(review?.reviewers) ? review.reviewers.filter(isObject).flatMap(reviewerIn) : [],
    preventSelfReview: review?.prevent_self_review === true,
    waitTimer: typeof timer?.wait_timer === "number" ? timer.wait_timer : 0,
    adminsBypass: found.can_admins_bypass !== false,
    branches: await branchesOf(api, repository, name, found.deployment_branch_policy),
  };
}

function reviewerIn({ type, reviewer }: Json): Reviewer[] {
  const { id, login, slug } = isObject(reviewer) ? reviewer : {};
  return (type === "User" || type === "Team") && typeof id === "number"
    ? [{ type, id, name: String(type === "User" ? login : slug) }]
    : [];
}

async function branchesOf(
  api: GithubApi,
  repository: string,
  name: string,
  policy: unknown,
): Promise<EnvironmentSettings["branches"]> {
  if (!isObject(policy)) {
    return undefined;
  }
  if (policy.custom_branch_policies !== true) {
    return policy.protected_branches === true ? "protected" : undefined;
  }
  const policies = await branchPolicies(api, repository, name);
  return policies.map((one) => one.pattern).sort();
}

async function branchPolicies(
  api: GithubApi,
  repository: string,
  name: string,
): Promise<{ readonly id: number; readonly pattern: string }[]> {
  const listed = await api.list(`${path(repository, name)}/deployment-branch-policies`, "branch_policies");
  return listed.map(({ id, name: pattern, type }) => ({
    id: Number(id),
    pattern: type === "tag" ? `tag ${String(pattern)}` : String(pattern),
  }));
}

/**
 * Protects an environment, or creates it protected: reviewers and branch policy are in the same request, and until its branch is
 * named no branch may use it. What is stricter than wanted stays.
 *
 * @param reviewers those to add where it needs reviewers and has none
 * @throws GithubError
 */
export async function protectEnvironment(
  api: GithubApi,
  repository: string,
  wanted: WantedEnvironment,
  settings: EnvironmentSettings | undefined,
  reviewers: readonly Reviewer[],
): Promise<void> {
  const keeps = settings?.reviewers ?? [];
  const all = wanted.reviewed && keeps.length === 0 ? reviewers : keeps;
  if (wanted.reviewed && all.length === 0) {
    throw new GithubError(`${wanted.name} needs reviewers`, "say who: --reviewers jane-doe,contoso/platform-team");
  }
  const hadPolicy = settings?.branches !== undefined && settings.branches !== "protected";
  await api.write("PUT", path(repository, wanted.name), {
    // Left out where there is nothing to say: plans without these rules refuse them.
    ...(all.length > 0 && {
      prevent_self_review: wanted.reviewed || settings?.preventSelfReview === true,
      reviewers: all.map(({ type, id }) => ({ type, id })),
    }),
    ...(settings !== undefined && settings.waitTimer > 0 && { wait_timer: settings.waitTimer }),
    deployment_branch_policy:
      wanted.deployedBranchOnly || hadPolicy
        ? { protected_branches: false, custom_branch_policies: true }
        : settings?.branches === "protected"
          ? { protected_branches: true, custom_branch_policies: false }
          : null,
  });
  if (!wanted.deployedBranchOnly) {
    return;
  }
  const place = `${path(repository, wanted.name)}/deployment-branch-policies`;
  const policies = await branchPolicies(api, repository, wanted.name);
  for (const { id, pattern } of policies) {
    if (pattern !== DEPLOYED_BRANCH) {
      await api.write("DELETE", `${place}/${id}`);
    }
  }
  if (policies.every(({ pattern }) => pattern !== DEPLOYED_BRANCH)) {
    await api.write("POST", place, { name: DEPLOYED_BRANCH, type: "branch" });
  }
}

/**
 * What is wrong with the branch that is deployed: an environment for `main` alone protects nothing where everybody may push to it.
 *
 * @throws GithubError
 */
export async function branchFindings(api: GithubApi, repository: string): Promise<Finding[]> {
  const branch = await api.find(`/repos/${repository}/branches/${DEPLOYED_BRANCH}`);
  const rules =
    branch?.protected === true ? [] : await api.list(`/repos/${repository}/rules/branches/${DEPLOYED_BRANCH}`);
  return branch?.protected === true || rules.some(({ type }) => type === "pull_request")
    ? []
    : [
        {
          level: "error",
          where: DEPLOYED_BRANCH,
          what: "branch",
          is: branch === undefined ? "missing" : "not protected",
          wanted: "changed by pull requests alone",
          remedy: "protect it: Settings, Rules, Rulesets, Require a pull request before merging",
        },
      ];
}

/** What is wrong with one environment, read from GitHub. */
export async function environmentFindings(
  api: GithubApi,
  repository: string,
  wanted: WantedEnvironment,
): Promise<{ readonly settings: EnvironmentSettings | undefined; readonly findings: readonly Finding[] }> {
  const settings = await readEnvironment(api, repository, wanted.name);
  return { settings, findings: protectionFindings(wanted, settings) };
}

/**
 * Finds users by login and teams by `organisation/slug`.
 *
 * @throws GithubError for a name that GitHub does not know
 */
export async function findReviewers(api: GithubApi, names: readonly string[]): Promise<Reviewer[]> {
  const found: Reviewer[] = [];
  for (const name of names) {
    const [owner = "", slug] = name.split("/");
    const answer = await api.find(
      slug === undefined
        ? `/users/${encodeURIComponent(owner)}`
        : `/orgs/${encodeURIComponent(owner)}/teams/${encodeURIComponent(slug)}`,
    );
    if (typeof answer?.id !== "number") {
      throw new GithubError(
        `GitHub knows no ${slug === undefined ? "user" : "team"} ${name}`,
        "write users as jane-doe and teams as contoso/platform-team; to see a team the token needs read:org",
      );
    }
    found.push({ type: slug === undefined ? "User" : "Team", id: answer.id, name });
  }
  return found;
}
