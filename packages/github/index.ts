export { GithubApi, GithubError } from "./src/api";
export { branchFindings, environmentFindings, findReviewers, protectEnvironment } from "./src/deployment-environment";
export type { Finding, WantedEnvironment } from "./src/protection";
