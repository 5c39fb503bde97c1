/** GitHub environments that the workflows use for one of ours. */
export interface GithubEnvironments {
  /** Plans what is on `main`, as the plan identity. */
  readonly plan: string;
  /** Applies, as the apply identity, after a reviewer's approval. */
  readonly apply: string;
  /** Plans a pull request, as the plan identity, after a reviewer's approval. */
  readonly pullRequest: string;
}

/** GitHub environments of the workflows that build images and promote models; `main` alone may use them. */
export const PROMOTION_ENVIRONMENTS = { images: "images", models: "models" } as const;

/**
 * Names of the GitHub environments of one of ours. GitHub does not tell upper from lower case in them, and creates one without
 * any protection as soon as a workflow names it.
 */
export const githubEnvironments = (environment: string): GithubEnvironments => ({
  plan: `${environment}-plan`,
  apply: environment,
  pullRequest: `${environment}-pull-request`,
});
