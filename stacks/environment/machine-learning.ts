import { detectorInput } from "../../constructs/edge/edge-settings";
import { ComputeCluster } from "../../constructs/machine-learning/compute-cluster";
import { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import { LakeDatastores } from "../../constructs/machine-learning/lake-datastores";
import { MachineLearningWorkspace } from "../../constructs/machine-learning/machine-learning-workspace";
import { RegistryImage } from "../../constructs/machine-learning/registry-image";
import { TrainingPipeline, type TrainingPipelineProps } from "../../constructs/machine-learning/training-pipeline";
import { ApplicationInsights } from "../../constructs/monitoring/application-insights";
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
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, registry, "containerRegistry", registry.resource.id);
  return registry;
}

export function createMachineLearning(
  context: EnvironmentContext,
  lake: DataLake,
  registry: ContainerRegistry,
): MachineLearningWorkspace {
  const { stack, resourceGroup, preventDestroy } = context;
  const storage = new WorkspaceStorage(stack, "WorkspaceStorage", {
    ...context.environment.accounts,
    resourceGroup,
    name: names.storageAccountName(context.parts, "ml"),
    preventDestroy,
  });
  sendStorageDiagnostics(context, storage, storage.resource.id);
  const workspace = new MachineLearningWorkspace(stack, "Workspace", {
    resourceGroup,
    name: names.machineLearningWorkspaceName(context.parts),
    identityName: names.userAssignedIdentityName(context.parts, "workspace"),
    vault: createVault(context, "WorkspaceVault", names.workspaceVaultName(context.parts)),
    storage,
    applicationInsights: new ApplicationInsights(stack, "ApplicationInsights", {
      resourceGroup,
      name: names.applicationInsightsName(context.parts),
      logAnalytics: context.logAnalytics,
    }),
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
  createTraining(context, { workspace, compute }, registry, datastores);
  return workspace;
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
