import type { PipelinePhase } from "../shared/names";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";

/** Whose tokens Entra ID takes for an application's own: no secret is needed, and none can leak. */
export interface FederatedTrust {
  /** Name of the credential in the application; a change replaces it. */
  readonly name: string;
  /** Who signs the tokens: an address without a slash at its end. */
  readonly issuer: string;
  /** What a token must say of itself, to the letter. At most 600 characters. */
  readonly subject: string;
  /** What it is for, in a few words. */
  readonly description: string;
}

/** A repository on github.com. */
export interface GithubRepository {
  /** Organisation or person that has it. */
  readonly owner: string;
  /** Its name. */
  readonly repository: string;
  /** Number of the owner, together with `repositoryId`: GitHub puts both into the tokens of repositories that were made or renamed since 15 July 2026, and of those that opted in. `gh api repos/OWNER/REPOSITORY --jq .owner.id` prints it. @default - a repository whose tokens hold names alone */
  readonly ownerId?: number;
  /** Number of the repository. `gh api repos/OWNER/REPOSITORY --jq .id` prints it. @default - a repository whose tokens hold names alone */
  readonly repositoryId?: number;
}

/** A workspace of HCP Terraform or Terraform Enterprise. */
export interface HcpTerraformWorkspace {
  /** Host of the installation. @default "app.terraform.io" */
  readonly hostname?: string;
  /** Organisation that the workspace is in. */
  readonly organization: string;
  /** Project that the workspace is in. */
  readonly project: string;
  /** Name of the workspace. */
  readonly workspace: string;
}

/** Validation errors in what is said of a repository. */
export function githubRepositoryProblems({ owner, repository, ownerId, repositoryId }: GithubRepository): Problem[] {
  const numbers = Object.entries({ ownerId, repositoryId });
  return collect(
    hasForm(
      "owner",
      owner,
      /^[a-z0-9](?:-?[a-z0-9]){0,38}$/i,
      "1 to 39 letters, digits and single hyphens",
      "write the organisation or person as the repository's address has it",
    ),
    hasForm(
      "repository",
      repository,
      /^(?!\.{1,2}$)[\w.-]{1,100}$/,
      "1 to 100 letters, digits, dots, hyphens and underscores",
      "write the name as the repository's address has it, without the owner",
    ),
    ...numbers.map(([field, value]) =>
      problemIf(
        value !== undefined && !(Number.isSafeInteger(value) && value > 0),
        field,
        value,
        "a whole number above 0",
        "take it from `gh api repos/OWNER/REPOSITORY`",
      ),
    ),
    problemIf(
      (ownerId === undefined) !== (repositoryId === undefined),
      ownerId === undefined ? "ownerId" : "repositoryId",
      undefined,
      "a number where the other of the two is given",
      "write both, or none for a repository whose tokens hold names alone",
    ),
  );
}

/**
 * Jobs of one GitHub environment
 * (docs.github.com/actions/reference/security/oidc; github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens).
 */
export function githubTrust(from: GithubRepository, environment: string, name = "github"): FederatedTrust {
  const withNumber = (text: string, id: number | undefined): string => (id === undefined ? text : `${text}@${id}`);
  const repository = `${withNumber(from.owner, from.ownerId)}/${withNumber(from.repository, from.repositoryId)}`;
  return {
    name,
    issuer: "https://token.actions.githubusercontent.com",
    subject: `repo:${repository}:environment:${environment}`,
    description: `Jobs of the GitHub environment ${environment}`,
  };
}

/**
 * One phase of a workspace's runs
 * (developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/azure-configuration).
 */
export function hcpTerraformTrust(from: HcpTerraformWorkspace, phase: PipelinePhase): FederatedTrust {
  const { hostname = "app.terraform.io", organization, project, workspace } = from;
  return {
    name: "hcp-terraform",
    issuer: `https://${hostname}`,
    subject: `organization:${organization}:project:${project}:workspace:${workspace}:run_phase:${phase}`,
    description: `The ${phase} phase of runs in the workspace ${workspace}`,
  };
}
