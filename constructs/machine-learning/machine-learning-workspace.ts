import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Construct } from "constructs";
import { AzapiResource, type Json } from "@edge-anomaly-detection/terraform-bindings";
import type { ApplicationInsights } from "../monitoring/application-insights";
import type { KeyVault } from "../security/key-vault";
import { grantRoles, type RoleNeed } from "../security/role-grant";
import { EVERYBODY, explainPublicAccess, isPublic, type ServiceAccess } from "../network/service-access";
import { RolePropagation } from "../security/role-propagation";
import type { DataLake } from "../storage/data-lake";
import type { WorkspaceStorage } from "../storage/workspace-storage";
import type { ContainerRegistry } from "./container-registry";

/** What `MachineLearningWorkspace` needs. */
export interface MachineLearningWorkspaceProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in the resource group, 3 to 33 characters. */
  readonly name: string;
  /** Name of its identity in the resource group, 3 to 128 characters. */
  readonly identityName: string;
  /** Its own vault: the workspace administers everything in it. */
  readonly vault: KeyVault;
  /** Its own flat account. */
  readonly storage: WorkspaceStorage;
  /** Where it writes what jobs and endpoints report. */
  readonly applicationInsights: ApplicationInsights;
  /** Where it keeps the images that it builds. */
  readonly registry: ContainerRegistry;
  /** Where training data is read and models are written. */
  readonly lake: DataLake;
  /** Delete permanently when it is destroyed, instead of leaving it recoverable under its name for 14 days. */
  readonly purgeOnDestroy: boolean;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Name of the cluster that builds images where the registry is private: Azure's own builders do not reach it. @default - Azure's builders */
  readonly computeName?: string;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Has `systemDatastoresAuthMode`; a stable version in the types of azapi 2.12 and in the SDK of azurerm 5. */
export const MACHINE_LEARNING_API = "2025-06-01";

/**
 * What a workspace with an identity of its own needs on what it uses
 * (learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication, user-assigned identity;
 * the two storage data roles: how-to-disable-local-auth-storage).
 */
const WORKSPACE_ROLES: readonly RoleNeed<MachineLearningWorkspaceProps>[] = [
  {
    id: "StorageRole",
    role: "Contributor",
    on: ({ storage }) => storage.resource.id,
    description: "Azure ML manages its own account",
  },
  {
    id: "StorageBlobRole",
    role: "Storage Blob Data Contributor",
    on: ({ storage }) => storage.resource.id,
    description: "Azure ML reads and writes job output without keys",
  },
  {
    id: "StorageFileRole",
    role: "Storage File Data Privileged Contributor",
    on: ({ storage }) => storage.resource.id,
    description: "Azure ML reads and writes notebooks without keys",
  },
  {
    id: "VaultRole",
    role: "Contributor",
    on: ({ vault }) => vault.resource.id,
    description: "Azure ML manages its own vault",
  },
  {
    id: "VaultDataRole",
    role: "Key Vault Administrator",
    on: ({ vault }) => vault.resource.id,
    description: "Azure ML keeps connection secrets in its own vault",
  },
  {
    id: "RegistryRole",
    role: "Contributor",
    on: ({ registry }) => registry.resource.id,
    description: "Azure ML builds, pushes and pulls images",
  },
  {
    id: "InsightsRole",
    role: "Contributor",
    on: ({ applicationInsights }) => applicationInsights.resource.id,
    description: "Azure ML reports what jobs and endpoints do",
  },
  {
    id: "LakeRole",
    role: "Storage Blob Data Contributor",
    on: ({ lake }) => lake.resource.id,
    description: "Azure ML reads training data and writes models",
  },
];

/** Contributor covers it on what else the managed network connects to. */
const LAKE_CONNECTION: RoleNeed<MachineLearningWorkspaceProps> = {
  id: "LakeConnectionRole",
  role: "Azure AI Enterprise Network Connection Approver",
  on: ({ lake }) => lake.resource.id,
  description: "Azure ML approves its managed network's own endpoints to the lake",
};

/**
 * The network that Azure ML makes for its compute. Endpoints to the workspace's own account, vault and registry are made by
 * itself; those to the lake are written here. Training gets packages from the internet: rules by name would need Azure
 * Firewall, which is billed (learn.microsoft.com/azure/machine-learning/how-to-managed-network).
 */
function managedNetwork(lakeId: string): Json {
  const toLake = (subresourceTarget: string): Json => ({
    type: "PrivateEndpoint",
    category: "UserDefined",
    destination: { serviceResourceId: lakeId, subresourceTarget, sparkEnabled: false },
  });
  return {
    isolationMode: "AllowInternetOutbound",
    outboundRules: { "lake-blob": toLake("blob"), "lake-dfs": toLake("dfs") },
  };
}

/**
 * The workspace in which models are trained, reaching all of its storage by identity.
 *
 * Its identity is user-assigned, because everything it needs is then granted before the workspace exists. A system identity
 * gets some of these roles from Azure ML itself while the workspace is created, and Terraform's own assignment of the same
 * role then fails with RoleAssignmentExists (MicrosoftDocs/azure-docs#80040, #80686).
 *
 * The workspace is an azapi resource, because azurerm 4.55 cannot say `systemDatastoresAuthMode` and Azure refuses to create
 * a workspace by account key on an account whose keys are off.
 */
export class MachineLearningWorkspace extends Construct {
  public readonly resource: AzapiResource;
  public readonly identity: UserAssignedIdentity;

  public constructor(scope: Construct, id: string, props: MachineLearningWorkspaceProps) {
    super(scope, id);
    const { resourceGroup, access = EVERYBODY } = props;
    this.identity = new UserAssignedIdentity(this, "Identity", {
      name: props.identityName,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
    });
    const needs = isPublic(access) ? WORKSPACE_ROLES : [...WORKSPACE_ROLES, LAKE_CONNECTION];
    const assignments = grantRoles(this, this.identity.principalId, needs, props);
    const propagation = new RolePropagation(this, "Propagation", { assignments });
    this.resource = new AzapiResource(this, "Resource", {
      type: `Microsoft.MachineLearningServices/workspaces@${MACHINE_LEARNING_API}`,
      name: props.name,
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      identity: { type: "UserAssigned", identityIds: [this.identity.id] },
      body: {
        kind: "Default",
        sku: { name: "Basic", tier: "Basic" },
        properties: {
          friendlyName: props.name,
          applicationInsights: props.applicationInsights.resource.id,
          containerRegistry: props.registry.resource.id,
          keyVault: props.vault.resource.id,
          storageAccount: props.storage.resource.id,
          primaryUserAssignedIdentity: this.identity.id,
          systemDatastoresAuthMode: "Identity",
          publicNetworkAccess: isPublic(access) ? "Enabled" : "Disabled",
          ...(!isPublic(access) && {
            ...(props.computeName !== undefined && { imageBuildCompute: props.computeName }),
            managedNetwork: managedNetwork(props.lake.resource.id),
          }),
          hbiWorkspace: false,
          v1LegacyMode: false,
        },
      },
      // Fixed at creation by Azure.
      replaceTriggersRefs: ["properties.storageAccount", "properties.keyVault", "properties.hbiWorkspace"],
      // Azure ML answers with ids in lower case.
      ignoreCasing: true,
      ...(props.purgeOnDestroy && { deleteQueryParameters: { forceToPurge: ["true"] } }),
      dependsOn: [propagation.done],
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(
      this.resource,
      access,
      "The workspace has no address rules in this version of its API; every request signs in with Entra ID, and its data is in accounts with rules.",
    );
  }
}
