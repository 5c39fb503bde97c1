import type { GithubRepository } from "../constructs/deployment-identity/federated-trust";
import type { Operators } from "../constructs/deployment-identity/operators-group";
import type { StateStorageSettings } from "../constructs/deployment-identity/state-storage";
import type { BackendConfig } from "./environment-config";

/** What pipelines need before they can deploy an environment; deployed once by a person. */
export interface BootstrapConfig {
  /** Subscription of the environments that name none of their own, and of the state storage. Required as soon as one names its own. @default - `ARM_SUBSCRIPTION_ID` where Terraform runs */
  readonly subscriptionId?: string;
  /** Where Terraform keeps the bootstrap's own state. */
  readonly backend: BackendConfig;
  /** People who run the bootstrap, look after the environments and approve what pipelines apply: object ids of users under names that you choose. */
  readonly operators: Operators;
  /** Repository whose workflows deploy. An environment `dev` is planned by jobs of the GitHub environment `dev-plan` and applied by those of `dev`. Required where an environment's backend is `azurerm`. @default - no workflow can sign in */
  readonly github?: GithubRepository;
  /** Create what the workflows that build images and promote models sign in as; which registry and workspace they may use, an environment's `access` says. Needs `github`. @default false */
  readonly promotion?: boolean;
  /** Environments, by name, whose state is read to plan pull requests. Each needs a GitHub environment `NAME-pull-request` with reviewers, because what runs there is the pull request's own code. @default - pull requests are reviewed without credentials */
  readonly pullRequestPlans?: readonly string[];
  /** What is the same for every workspace in HCP Terraform. @default - `Default Project` */
  readonly hcpTerraform?: {
    /** Project that the environments' workspaces are in. */
    readonly project: string;
  };
  /** Account for the states of environments whose backend is `azurerm`. @default - none is made */
  readonly stateStorage?: StateStorageSettings;
}
