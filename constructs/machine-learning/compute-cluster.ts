import { MachineLearningComputeCluster } from "@cdktf/provider-azurerm/lib/machine-learning-compute-cluster";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Construct } from "constructs";
import { grantRole, grantRoles, type RoleNeed } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import { collect, type Problem, problemIf, withDefaults } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import type { DataLake } from "../storage/data-lake";
import type { WorkspaceStorage } from "../storage/workspace-storage";
import type { ContainerRegistry } from "./container-registry";
import type { MachineLearningWorkspace } from "./machine-learning-workspace";

/** What an environment decides about its compute cluster. */
export interface ComputeClusterSettings {
  /** Name in the workspace, 3 to 32 letters, digits and hyphens. A change replaces the cluster. @default "cpu-cluster" */
  readonly computeName?: string;
  /** Size of a node. A change replaces the cluster. The Dv2, DSv2 and older D series retire on 2028-05-01. @default "Standard_D4ds_v5" */
  readonly vmSize?: string;
  /** Nodes that run without work, 0 to `maxNodes`; each costs all day. @default 0 */
  readonly minNodes?: number;
  /** Nodes at most, 1 to 100; the subscription needs quota for them. @default 4 */
  readonly maxNodes?: number;
  /** Minutes without work after which a node is given back, 1 to 1,440. @default 15 */
  readonly idleMinutes?: number;
}

/** What `ComputeCluster` needs. */
export interface ComputeClusterProps extends ComputeClusterSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name of the identity that training runs as, in the resource group. */
  readonly identityName: string;
  /** The workspace that it serves. */
  readonly workspace: MachineLearningWorkspace;
  /** That workspace's account. */
  readonly storage: WorkspaceStorage;
  /** Where its images are. */
  readonly registry: ContainerRegistry;
  /** Where training data is read and models are written. */
  readonly lake: DataLake;
}

export const COMPUTE_DEFAULTS = {
  computeName: "cpu-cluster",
  vmSize: "Standard_D4ds_v5",
  minNodes: 0,
  maxNodes: 4,
  idleMinutes: 15,
} as const;

/** Validation errors in an environment's settings for compute cluster. */
export function computeClusterProblems(settings: ComputeClusterSettings): Problem[] {
  const { minNodes, maxNodes } = withDefaults(COMPUTE_DEFAULTS, settings);
  return collect(
    hasForm(
      "computeName",
      settings.computeName,
      /^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$/,
      "3 to 32 letters, digits and hyphens, starting with a letter, not ending in a hyphen",
      "rename the cluster",
    ),
    hasForm(
      "vmSize",
      settings.vmSize,
      /^Standard_[A-Z]+\d+[a-z0-9-]*(_[A-Za-z0-9]+)*$/i,
      "a size as Azure spells it, for example Standard_D4ds_v5",
      "take one that `az vm list-skus --location <region>` lists and the subscription has quota for",
    ),
    inRange(
      "maxNodes",
      settings.maxNodes,
      { min: 1, max: 100, unit: "nodes" },
      "choose how many may work at the same time",
    ),
    inRange(
      "minNodes",
      settings.minNodes,
      { min: 0, max: 100, unit: "nodes" },
      "choose how many run without work; 0 costs nothing",
    ),
    problemIf(minNodes > maxNodes, "minNodes", minNodes, `at most maxNodes, which is ${maxNodes}`, "lower it"),
    inRange(
      "idleMinutes",
      settings.idleMinutes,
      { min: 1, max: 1_440, unit: "minutes" },
      "choose how long a node waits for more work",
    ),
  );
}

/** What training may do, and no more. */
const TRAINING_ROLES: readonly RoleNeed<ComputeClusterProps>[] = [
  {
    id: "WorkspaceRole",
    role: "AzureML Data Scientist",
    on: ({ workspace }) => workspace.resource.id,
    description: "Training registers models and logs metrics",
  },
  {
    id: "StorageBlobRole",
    role: "Storage Blob Data Contributor",
    on: ({ storage }) => storage.resource.id,
    description: "Training reads its code and writes its output",
  },
  {
    id: "StorageFileRole",
    role: "Storage File Data Privileged Contributor",
    on: ({ storage }) => storage.resource.id,
    description: "Training mounts the workspace's file share",
  },
  {
    id: "LakeRole",
    role: "Storage Blob Data Contributor",
    on: ({ lake }) => lake.resource.id,
    description: "Training reads telemetry and writes models",
  },
  {
    id: "RegistryRole",
    role: "AcrPull",
    on: ({ registry }) => registry.resource.id,
    description: "Training pulls its images",
  },
];

/**
 * Nodes on which models are trained, none while there is nothing to do.
 *
 * Training runs as an identity of its own, which outlives the cluster: a change of the node size replaces the cluster but no
 * role. Low-priority nodes are left out: Azure Batch ended them for Azure ML on 2026-03-31.
 */
export class ComputeCluster extends Construct {
  public readonly resource: MachineLearningComputeCluster;
  public readonly identity: UserAssignedIdentity;

  public constructor(scope: Construct, id: string, props: ComputeClusterProps) {
    super(scope, id);
    validateProps(this, () => computeClusterProblems(props));
    const { resourceGroup, workspace } = props;
    this.identity = new UserAssignedIdentity(this, "Identity", {
      name: props.identityName,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
    });
    const propagation = new RolePropagation(this, "Propagation", {
      assignments: {
        ...grantRoles(this, this.identity.principalId, TRAINING_ROLES, props),
        OperatorRole: grantRole(this, "OperatorRole", {
          role: "Managed Identity Operator",
          scope: this.identity.id,
          principalId: workspace.identity.principalId,
          description: "Azure ML puts this identity on its nodes",
        }),
      },
    });
    this.resource = new MachineLearningComputeCluster(this, "Resource", {
      name: props.computeName ?? COMPUTE_DEFAULTS.computeName,
      machineLearningWorkspaceId: workspace.resource.id,
      location: resourceGroup.location,
      vmSize: props.vmSize ?? COMPUTE_DEFAULTS.vmSize,
      vmPriority: "Dedicated",
      localAuthEnabled: false,
      sshPublicAccessEnabled: false,
      nodePublicIpEnabled: true,
      identity: { type: "UserAssigned", identityIds: [this.identity.id] },
      scaleSettings: {
        minNodeCount: props.minNodes ?? COMPUTE_DEFAULTS.minNodes,
        maxNodeCount: props.maxNodes ?? COMPUTE_DEFAULTS.maxNodes,
        scaleDownNodesAfterIdleDuration: `PT${props.idleMinutes ?? COMPUTE_DEFAULTS.idleMinutes}M`,
      },
      dependsOn: [propagation.done],
    });
  }
}
