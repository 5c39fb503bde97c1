export { GithubApi, GithubError } from "./src/api";
export { branchFindings, environmentFindings, findReviewers, protectEnvironment } from "./src/deployment-environment";
export { closePullRequest, openPullRequest, type ProposedChange } from "./src/pull-request";
export type { Finding, WantedEnvironment } from "./src/protection";
