import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { Construct } from "constructs";
import { declareException } from "../shared/policy-exception";
import type { RoleName } from "@edge-anomaly-detection/azure-facts";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import {
  type Replication,
  StorageAccount,
  storageAccountProblems,
  type StorageAccountSettings,
} from "../storage/storage-account";
import type { PipelineIdentity } from "./pipeline-identity";

/** What is decided about the account that keeps Terraform's states. */
export interface StateStorageSettings extends StorageAccountSettings {
  /** Azure region by its programmatic name. A change replaces the account. */
  readonly location: string;
  /** Group that is made for it, 1 to 90 characters. */
  readonly resourceGroupName: string;
  /** Name in all of Azure, 3 to 24 lower-case letters and digits. */
  readonly storageAccountName: string;
  /** Copies of the states. @default "GRS" */
  readonly replication?: Replication;
  /** Days for which a deleted state can be recovered, 1 to 365. @default 90 */
  readonly softDeleteDays?: number;
}

/** One environment's part of the account. */
export interface StateContainer {
  /** Name of the container: 3 to 57 lower-case letters, digits and single hyphens. Saved plans are in another, with `-plans` behind it. */
  readonly container: string;
  /** Who plans: reads the state. */
  readonly plan: PipelineIdentity;
  /** Who applies: locks and writes the state. */
  readonly apply: PipelineIdentity;
}

/** What `StateStorage` needs. */
export interface StateStorageProps extends StateStorageSettings {
  /** The environments' parts, by the environments' names. */
  readonly containers: Readonly<Record<string, StateContainer>>;
}

/** Container of an environment's saved plans, beside the one of its state. */
export const planContainerName = (container: string): string => `${container}-plans`;

/** Validation errors in what is decided about the account. */
export function stateStorageProblems(settings: StateStorageSettings): Problem[] {
  return [
    ...collect(
      hasForm(
        "location",
        settings.location,
        /^[a-z]+[0-9]?$/,
        "a region's programmatic name: lower-case letters, at most one digit at the end",
        "write for example westeurope or eastus2, as `az account list-locations --query [].name` prints it",
      ),
      hasForm(
        "resourceGroupName",
        settings.resourceGroupName,
        /^[\w.()-]{0,89}[\w()-]$/,
        "1 to 90 letters, digits, _ - . ( ), not ending in a dot",
        "name a group that does not exist yet",
      ),
      hasForm(
        "storageAccountName",
        settings.storageAccountName,
        /^[a-z0-9]{3,24}$/,
        "3 to 24 lower-case letters and digits",
        "choose a name that nobody in Azure has",
      ),
    ),
    ...storageAccountProblems(settings),
  ];
}

/**
 * The account for states of environments whose backend is `azurerm`: each version of a state is kept, nobody has a key, and
 * Terraform refuses to destroy any of it. Each environment has a container of its own, which no other environment's
 * identities can read.
 *
 * An identity that plans reads its state and cannot lock it, because a lock is a write: a plan runs with `-lock=false`.
 *
 * Beside it is a container for saved plans, which hold the same secrets: who plans puts them there, who applies takes them.
 */
export class StateStorage extends Construct {
  /** Name of the account. */
  public readonly accountName: string;

  public constructor(scope: Construct, id: string, props: StateStorageProps) {
    super(scope, id);
    validateProps(this, () => stateStorageProblems(props));
    const resourceGroup = new ResourceGroup(this, "ResourceGroup", {
      name: props.resourceGroupName,
      location: props.location,
      lifecycle: { preventDestroy: true },
    });
    const account = new StorageAccount(this, "Account", {
      resourceGroup,
      name: props.storageAccountName,
      replication: props.replication ?? "GRS",
      softDeleteDays: props.softDeleteDays ?? 90,
      hierarchicalNamespace: false,
      sharedKeys: false,
      versioning: true,
      preventDestroy: true,
    }).resource;
    this.accountName = account.name;
    declareException(
      this,
      "public-network-access",
      "GitHub's and HCP Terraform's runners connect from anywhere; nothing answers without a sign-in.",
    );
    declareException(
      this,
      "diagnostics-present",
      "Log Analytics belongs to the environments, and this account is there before them.",
    );
    for (const [environment, { container, plan, apply }] of Object.entries(props.containers)) {
      const place = new Construct(this, environment);
      const resource = new StorageContainer(place, "Container", {
        name: container,
        storageAccountId: account.id,
        containerAccessType: "private",
        lifecycle: { preventDestroy: true },
      });
      grant(place, "PlanRole", "Storage Blob Data Reader", resource, plan, STATE);
      grant(place, "ApplyRole", "Storage Blob Data Contributor", resource, apply, STATE);
      const plans = new StorageContainer(place, "Plans", {
        name: planContainerName(container),
        storageAccountId: account.id,
        containerAccessType: "private",
      });
      grant(place, "PlansPlanRole", "Storage Blob Data Contributor", plans, plan, SAVED_PLANS);
      grant(place, "PlansApplyRole", "Storage Blob Data Contributor", plans, apply, SAVED_PLANS);
    }
  }
}

const STATE = "Terraform's state of one environment";
const SAVED_PLANS = "Saved plans of one environment";

function grant(
  scope: Construct,
  id: string,
  role: RoleName,
  container: StorageContainer,
  identity: PipelineIdentity,
  description: string,
): RoleAssignment {
  return new RoleAssignment(scope, id, {
    scope: container.id,
    roleDefinitionName: role,
    principalId: identity.objectId,
    principalType: "ServicePrincipal",
    skipServicePrincipalAadCheck: true,
    description,
  });
}
