import { detectorInput } from "../../constructs/edge/edge-settings";
import { COMPUTE_DEFAULTS, ComputeCluster } from "../../constructs/machine-learning/compute-cluster";
import { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import { LakeDatastores } from "../../constructs/machine-learning/lake-datastores";
import { MachineLearningWorkspace } from "../../constructs/machine-learning/machine-learning-workspace";
import { PromotionAccess } from "../../constructs/machine-learning/promotion-access";
import { RegistryImage } from "../../constructs/machine-learning/registry-image";
import { TrainingPipeline, type TrainingPipelineProps } from "../../constructs/machine-learning/training-pipeline";
import { ApplicationInsights } from "../../constructs/monitoring/application-insights";
import type { KeyVault } from "../../constructs/security/key-vault";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
import { WorkspaceStorage } from "../../constructs/storage/workspace-storage";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import { registryHost } from "../../environments/validation/edge-surroundings";
import { type EnvironmentContext, sendDiagnostics, sendStorageDiagnostics } from "./context";
import { createVault } from "./storage";

export function createRegistry(context: EnvironmentContext): ContainerRegistry {
  const registry = new ContainerRegistry(context.stack, "Registry", {
    ...context.environment.machineLearning,
    resourceGroup: context.resourceGroup,
    name: names.containerRegistryName(context.parts),
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, registry, "containerRegistry", registry.resource.id);
  return registry;
}

/** The workspace and what belongs to it alone. */
export interface MachineLearning {
  readonly workspace: MachineLearningWorkspace;
  readonly workspaceVault: KeyVault;
  readonly workspaceStorage: WorkspaceStorage;
  readonly applicationInsights: ApplicationInsights;
}

export function createMachineLearning(
  context: EnvironmentContext,
  lake: DataLake,
  registry: ContainerRegistry,
): MachineLearning {
  const { stack, resourceGroup, preventDestroy } = context;
  const storage = new WorkspaceStorage(stack, "WorkspaceStorage", {
    ...context.environment.accounts,
    resourceGroup,
    name: names.storageAccountName(context.parts, "ml"),
    access: context.access,
    preventDestroy,
  });
  sendStorageDiagnostics(context, storage, storage.resource.id);
  const workspaceVault = createVault(context, "WorkspaceVault", names.workspaceVaultName(context.parts));
  const applicationInsights = new ApplicationInsights(stack, "ApplicationInsights", {
    resourceGroup,
    name: names.applicationInsightsName(context.parts),
    logAnalytics: context.logAnalytics,
  });
  const workspace = new MachineLearningWorkspace(stack, "Workspace", {
    resourceGroup,
    name: names.machineLearningWorkspaceName(context.parts),
    identityName: names.userAssignedIdentityName(context.parts, "workspace"),
    vault: workspaceVault,
    storage,
    applicationInsights,
    access: context.access,
    computeName: context.environment.machineLearning?.computeName ?? COMPUTE_DEFAULTS.computeName,
    registry,
    lake,
    purgeOnDestroy: context.environment.protection.purgeOnDestroy,
    preventDestroy,
  });
  sendDiagnostics(context, workspace, "machineLearningWorkspace", workspace.resource.id);
  const datastores = new LakeDatastores(stack, "LakeDatastores", { workspace, lake });
  const compute = new ComputeCluster(stack, "Compute", {
    ...context.environment.machineLearning,
    resourceGroup,
    identityName: names.userAssignedIdentityName(context.parts, "training"),
    workspace,
    storage,
    registry,
    lake,
  });
  new PromotionAccess(stack, "PromotionAccess", { ...context.environment.access, registry, lake, workspace });
  createTraining(context, { workspace, compute }, registry, datastores);
  return { workspace, workspaceVault, workspaceStorage: storage, applicationInsights };
}

function createTraining(
  { stack, environment, parts }: EnvironmentContext,
  where: Pick<TrainingPipelineProps, "compute" | "workspace">,
  registry: ContainerRegistry,
  datastores: LakeDatastores,
): void {
  const training = environment.machineLearning?.training;
  if (training === undefined) {
    return;
  }
  const built =
    training.image === undefined
      ? new RegistryImage(stack, "TrainingImage", { registry, source: IMAGE_SOURCES.training })
      : undefined;
  new TrainingPipeline(stack, "Training", {
    ...training,
    ...where,
    registryHost: registryHost(parts),
    image: training.image ?? built?.tag ?? "",
    ...detectorInput(environment.streamAnalytics ?? {}),
    after: [datastores.resource, ...(built === undefined ? [] : [built.resource])],
  });
}
