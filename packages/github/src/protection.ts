/** The one branch that is deployed. */
export const DEPLOYED_BRANCH = "main";

/** What must hold of a GitHub environment. */
export interface WantedEnvironment {
  /** Its name. */
  readonly name: string;
  /** Whether a reviewer must let each job in, and not the person who started it. */
  readonly reviewed: boolean;
  /** Whether jobs of `main` alone may name it. Where not, which branches may is not looked at. */
  readonly deployedBranchOnly: boolean;
}

/** Somebody who may let a job in. */
export interface Reviewer {
  readonly type: "User" | "Team";
  /** GitHub's number of the user or team. */
  readonly id: number;
  /** Login of the user, slug of the team. */
  readonly name: string;
}

/** A GitHub environment as it is. */
export interface EnvironmentSettings {
  readonly reviewers: readonly Reviewer[];
  readonly preventSelfReview: boolean;
  /** Minutes that a job waits before it starts. */
  readonly waitTimer: number;
  /** Whether administrators may start a job that nobody approved. */
  readonly adminsBypass: boolean;
  /** Branches and tags whose jobs may name it, as GitHub's patterns; `undefined` for all, `"protected"` for every protected branch. */
  readonly branches: readonly string[] | "protected" | undefined;
}

/** Something that is not as it must be. */
export interface Finding {
  /** `error` stops the pipelines, `warning` does not. */
  readonly level: "error" | "warning";
  /** The GitHub environment, or the branch. */
  readonly where: string;
  readonly what: string;
  readonly is: string;
  readonly wanted: string;
  readonly remedy: string;
}

const REMEDY = "npm run -s pipelines -- apply --reviewers NAMES";

/** What is wrong with an environment; `undefined` where there is none, which GitHub would create without protection. */
export function protectionFindings(
  { name, reviewed, deployedBranchOnly }: WantedEnvironment,
  settings: EnvironmentSettings | undefined,
): Finding[] {
  const error = (what: string, is: string, wanted: string, remedy = REMEDY): Finding[] => [
    { level: "error", where: name, what, is, wanted, remedy },
  ];
  if (settings === undefined) {
    return error(
      "environment",
      "missing",
      "there, before a workflow names it: GitHub would create it without protection",
    );
  }
  const { reviewers, preventSelfReview, adminsBypass, branches } = settings;
  return [
    ...(deployedBranchOnly && !(Array.isArray(branches) && branches.join() === DEPLOYED_BRANCH)
      ? error("branches", describeBranches(branches), `${DEPLOYED_BRANCH} alone`)
      : []),
    ...(reviewed && reviewers.length === 0
      ? error(
          "required reviewers",
          "none",
          "1 to 6 people or teams",
          `${REMEDY}; on a private repository GitHub has required reviewers with GitHub Enterprise only (docs/pipelines.md)`,
        )
      : []),
    ...(reviewed && reviewers.length > 0 && !preventSelfReview ? error("self-review", "allowed", "prevented") : []),
    ...(reviewed && adminsBypass
      ? [
          {
            level: "warning" as const,
            where: name,
            what: "administrators",
            is: "may skip reviewers",
            wanted: "may not",
            remedy: `clear "Allow administrators to bypass" in Settings, Environments, ${name}; GitHub's API cannot`,
          },
        ]
      : []),
  ];
}

function describeBranches(branches: EnvironmentSettings["branches"]): string {
  if (branches === undefined) {
    return "all";
  }
  return branches === "protected" ? "every protected branch" : branches.join(", ") || "none";
}
