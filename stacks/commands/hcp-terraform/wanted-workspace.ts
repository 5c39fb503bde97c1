import type { CloudBackendConfig } from "../../../environments/environment-config";
import type { PipelineIdentities } from "./identities";

/** Host where a configuration names none. */
export const DEFAULT_HOST = "app.terraform.io";

/** A workspace as it should be. */
export interface WantedWorkspace {
  /** Name of the environment. */
  readonly environment: string;
  readonly host: string;
  readonly organization: string;
  readonly project: string;
  readonly name: string;
  /** Settings by their name in the API. */
  readonly settings: Readonly<Record<string, string | boolean | null>>;
  /** Environment variables of the workspace's runs; none of them is a secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What all workspaces share. */
export interface WorkspaceBasis {
  readonly project: string;
  /** Exact version, `1.14.8`. */
  readonly terraformVersion: string;
}

/** What a workspace of an environment should be. */
export function wantedWorkspace(
  environment: string,
  backend: CloudBackendConfig,
  { project, terraformVersion }: WorkspaceBasis,
  subscriptionId: string,
  identities: PipelineIdentities,
): WantedWorkspace {
  return {
    environment,
    host: hostOf(backend),
    organization: backend.organization,
    project,
    name: backend.workspace,
    settings: {
      // Dynamic credentials are made for runs that HCP Terraform runs itself.
      "execution-mode": "remote",
      // A plan is approved where it is reviewed.
      "auto-apply": false,
      "terraform-version": terraformVersion,
      // Runs come from the pipeline; a connected repository would start its own, beside it.
      "vcs-repo": null,
    },
    variables: {
      TFC_AZURE_PROVIDER_AUTH: "true",
      TFC_AZURE_PLAN_CLIENT_ID: identities.planClientId,
      TFC_AZURE_APPLY_CLIENT_ID: identities.applyClientId,
      ARM_TENANT_ID: identities.tenantId,
      ARM_SUBSCRIPTION_ID: subscriptionId,
    },
  };
}

/** Host of an environment's workspace. */
export const hostOf = (backend: CloudBackendConfig): string => backend.hostname ?? DEFAULT_HOST;
