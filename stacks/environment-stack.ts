import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { Aspects, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { AlertReceivers } from "../constructs/monitoring/alert-receivers";
import { AnomalyFeed } from "../constructs/monitoring/anomaly-feed";
import { ApplicationInsights } from "../constructs/monitoring/application-insights";
import { type DiagnosticKind, DiagnosticSetting } from "../constructs/monitoring/diagnostic-setting";
import { HubAlerts } from "../constructs/monitoring/hub-alerts";
import { LogAnalytics } from "../constructs/monitoring/log-analytics";
import { MonthlyBudget } from "../constructs/monitoring/monthly-budget";
import { Workbook } from "../constructs/monitoring/workbook";
import { DeviceSecrets } from "../constructs/edge/device-secrets";
import { EdgeRollout } from "../constructs/edge/edge-rollout";
import { gatewaysOf, hasStreamAnalytics } from "../constructs/edge/edge-settings";
import { EdgeVirtualMachine } from "../constructs/edge/edge-virtual-machine";
import { HubDataPlane } from "../constructs/edge/hub-data-plane";
import { IothubDevice } from "../constructs/edge/iothub-device";
import { RegistryAccess } from "../constructs/edge/registry-access";
import { IotHub } from "../constructs/hub/iot-hub";
import { LakeRouting } from "../constructs/hub/lake-routing";
import { Policy } from "../constructs/policy/policy";
import { DataAccess } from "../constructs/security/data-access";
import { KeyVault } from "../constructs/security/key-vault";
import * as names from "../constructs/shared/names";
import { Tags } from "../constructs/shared/tags";
import { validateForAll } from "../constructs/shared/validate-props";
import { DataLake } from "../constructs/storage/data-lake";
import { PackageStorage } from "../constructs/storage/package-storage";
import { WorkspaceStorage } from "../constructs/storage/workspace-storage";
import { DEFAULT_JOB_NAME, EdgeJob } from "../constructs/stream-analytics/edge-job";
import { EdgePackage } from "../constructs/stream-analytics/edge-package";
import { ComputeCluster } from "../constructs/machine-learning/compute-cluster";
import { ContainerRegistry } from "../constructs/machine-learning/container-registry";
import { LakeDatastores } from "../constructs/machine-learning/lake-datastores";
import { MachineLearningWorkspace } from "../constructs/machine-learning/machine-learning-workspace";
import { DEFAULT_RUNTIME } from "../edge-manifests/base-layer";
import { DETECTOR, DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import type { EnvironmentConfig, OrganizationConfig } from "../environments/environment-config";
import { AzapiProvider } from "@edge-anomaly-detection/terraform-bindings";
import { edgeSurroundings } from "../environments/validation/edge-surroundings";
import { environmentProblems } from "../environments/validation/environment-problems";
import { nameParts } from "../environments/validation/name-parts";
import { IndependentStack } from "../constructs/shared/faster-synthesis";
import { addBackend } from "./terraform-backend";

/** What `EnvironmentStack` needs. */
export interface EnvironmentStackProps {
  /** What all environments share. */
  readonly organization: OrganizationConfig;
  /** The environment that this stack is. */
  readonly environment: EnvironmentConfig;
}

/** What the devices of an environment are built upon. */
interface EdgeNeighbours {
  readonly organization: OrganizationConfig;
  readonly hub: IotHub;
  readonly vault: KeyVault;
  readonly registry: ContainerRegistry;
  readonly access: DataAccess;
  readonly edgePackage: EdgePackage | undefined;
}

/** Resource providers that the stack's resources belong to; a subscription must have them registered. */
export const RESOURCE_PROVIDERS: readonly string[] = [
  "Microsoft.AlertsManagement",
  "Microsoft.Authorization",
  "Microsoft.Compute",
  "Microsoft.Consumption",
  "Microsoft.ContainerRegistry",
  "Microsoft.Devices",
  "Microsoft.EventGrid",
  "Microsoft.Insights",
  "Microsoft.KeyVault",
  "Microsoft.Logic",
  "Microsoft.MachineLearningServices",
  "Microsoft.ManagedIdentity",
  "Microsoft.Network",
  "Microsoft.OperationalInsights",
  "Microsoft.Storage",
  "Microsoft.StreamAnalytics",
];

/** The cloud half of one environment: what its record says, built from the constructs in the order in which data flows. */
export class EnvironmentStack extends IndependentStack {
  /** The record that it was made from. */
  public readonly environment: EnvironmentConfig;
  private readonly parts: names.NameParts;
  private readonly deployer: DataAzurermClientConfig;
  private readonly resourceGroup: ResourceGroup;
  private readonly preventDestroy: boolean;
  private readonly logAnalytics: LogAnalytics;
  private readonly receivers: AlertReceivers;
  private readonly anomalyModules: readonly string[];

  public constructor(scope: Construct, id: string, { organization, environment }: EnvironmentStackProps) {
    super(scope, id);
    validateForAll(this, () => environmentProblems(organization, environment));
    this.environment = environment;
    this.parts = nameParts(organization, environment);
    this.preventDestroy = environment.protection.preventDestroy;
    this.anomalyModules = [environment.streamAnalytics?.jobName ?? DEFAULT_JOB_NAME, DETECTOR_MODULE];
    addBackend(this, environment.name, environment.backend);
    this.addProviders();
    Aspects.of(this).add(
      new Tags({
        purpose: "anomaly-detection",
        ...organization.tags,
        ...environment.tags,
        environment: environment.name,
      }),
    );

    Aspects.of(this).add(
      new Policy({ ...environment.policy, location: environment.location, preventDestroy: this.preventDestroy }),
    );

    this.deployer = new DataAzurermClientConfig(this, "Deployer");
    this.resourceGroup = new ResourceGroup(this, "ResourceGroup", {
      name: names.resourceGroupName(this.parts),
      location: environment.location,
      lifecycle: { preventDestroy: this.preventDestroy },
    });
    this.logAnalytics = this.createLogAnalytics();
    this.receivers = new AlertReceivers(this, "AlertReceivers", {
      resourceGroup: this.resourceGroup,
      name: names.actionGroupName(this.parts),
      receivers: environment.alerts.receivers,
    });

    const vault = this.createVault("Vault", names.keyVaultName(this.parts));
    const lake = this.createLake();
    const hub = this.createHub();
    const routing = this.createRouting(hub, lake);
    const packages = this.createPackageStorage();
    const edgePackage = packages && this.createStreamAnalytics(packages);
    const registry = this.createRegistry();
    const workspace = this.createMachineLearning(lake, registry);
    const access = this.createAccess(hub, vault, lake, packages);
    this.createEdge({ organization, hub, vault, registry, access, edgePackage });
    this.createObservability(hub, routing);
    this.createOutputs(hub, vault, lake, workspace);
  }

  private addProviders(): void {
    const { subscriptionId, protection } = this.environment;
    const purge = protection.purgeOnDestroy;
    new AzurermProvider(this, "Azurerm", {
      subscriptionId,
      storageUseAzuread: true,
      resourceProviderRegistrations: "none",
      resourceProvidersToRegister: [...RESOURCE_PROVIDERS],
      features: [
        {
          applicationInsights: [{ disableGeneratedRule: true }],
          keyVault: [{ purgeSoftDeleteOnDestroy: purge, recoverSoftDeletedKeyVaults: true }],
          logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: purge }],
          // Azure adds resources of its own to a group, such as smart detection's action group.
          resourceGroup: [{ preventDeletionIfContainsResources: !purge }],
          // Nothing here needs a storage account's data plane, which a runner may not reach.
          storage: [{ dataPlaneAvailable: false }],
        },
      ],
    });
    new AzapiProvider(this, "Azapi", { subscriptionId, disableDefaultOutput: true });
    new TimeProvider(this, "Time");
    // The bindings name exact versions of the day they were made; these accept what has come since.
    this.addOverride("terraform.required_providers.azurerm.version", "~> 4.55");
    this.addOverride("terraform.required_providers.time.version", "~> 0.13");
    this.addOverride("terraform.required_version", ">= 1.11");
  }

  private createLogAnalytics(): LogAnalytics {
    const logAnalytics = new LogAnalytics(this, "LogAnalytics", {
      ...this.environment.logs,
      resourceGroup: this.resourceGroup,
      name: names.logAnalyticsWorkspaceName(this.parts),
      preventDestroy: this.preventDestroy,
    });
    new DiagnosticSetting(logAnalytics, "Diagnostics", {
      targetId: logAnalytics.resource.id,
      kind: "logAnalyticsWorkspace",
      logAnalytics,
    });
    return logAnalytics;
  }

  private createVault(id: string, name: string): KeyVault {
    const vault = new KeyVault(this, id, {
      ...this.environment.keyVault,
      resourceGroup: this.resourceGroup,
      name,
      deployer: this.deployer,
      preventDestroy: this.preventDestroy,
    });
    this.watch(vault, "keyVault", vault.resource.id);
    return vault;
  }

  private createLake(): DataLake {
    const lake = new DataLake(this, "Lake", {
      ...this.environment.lake,
      resourceGroup: this.resourceGroup,
      name: names.storageAccountName(this.parts, "lake"),
      preventDestroy: this.preventDestroy,
    });
    this.watchStorage(lake, lake.resource.id);
    return lake;
  }

  private createHub(): IotHub {
    const settings = this.environment.hub ?? {};
    const hub = new IotHub(this, "Hub", {
      ...settings,
      resourceGroup: this.resourceGroup,
      name: names.iotHubName(this.parts),
      preventDestroy: this.preventDestroy,
    });
    this.watch(hub, "iotHub", hub.resource.id, settings.logCategories);
    return hub;
  }

  private createRouting(hub: IotHub, lake: DataLake): LakeRouting {
    return new LakeRouting(this, "Routing", {
      ...this.environment.routing,
      resourceGroup: this.resourceGroup,
      hub,
      lake,
      anomalyModules: this.anomalyModules,
    });
  }

  /** Nothing of it where devices do without: a failing publication must not keep an environment from being deployed. */
  private createPackageStorage(): PackageStorage | undefined {
    if (!hasStreamAnalytics(this.environment.edge)) {
      return undefined;
    }
    const packages = new PackageStorage(this, "PackageStorage", {
      ...this.environment.accounts,
      resourceGroup: this.resourceGroup,
      name: names.storageAccountName(this.parts, "asa"),
      preventDestroy: this.preventDestroy,
    });
    this.watchStorage(packages, packages.resource.id);
    return packages;
  }

  private createStreamAnalytics(packages: PackageStorage): EdgePackage {
    const job = new EdgeJob(this, "EdgeJob", {
      ...this.environment.streamAnalytics,
      resourceGroup: this.resourceGroup,
      packages,
    });
    this.watch(job, "streamAnalyticsJob", job.resource.id);
    return new EdgePackage(this, "EdgePackage", { ...this.environment.streamAnalytics, job });
  }

  private createRegistry(): ContainerRegistry {
    const registry = new ContainerRegistry(this, "Registry", {
      ...this.environment.machineLearning,
      resourceGroup: this.resourceGroup,
      name: names.containerRegistryName(this.parts),
      preventDestroy: this.preventDestroy,
    });
    this.watch(registry, "containerRegistry", registry.resource.id);
    return registry;
  }

  private createMachineLearning(lake: DataLake, registry: ContainerRegistry): MachineLearningWorkspace {
    const { resourceGroup, preventDestroy } = this;
    const storage = new WorkspaceStorage(this, "WorkspaceStorage", {
      ...this.environment.accounts,
      resourceGroup,
      name: names.storageAccountName(this.parts, "ml"),
      preventDestroy,
    });
    this.watchStorage(storage, storage.resource.id);
    const workspace = new MachineLearningWorkspace(this, "Workspace", {
      resourceGroup,
      name: names.machineLearningWorkspaceName(this.parts),
      identityName: names.userAssignedIdentityName(this.parts, "workspace"),
      vault: this.createVault("WorkspaceVault", names.workspaceVaultName(this.parts)),
      storage,
      applicationInsights: new ApplicationInsights(this, "ApplicationInsights", {
        resourceGroup,
        name: names.applicationInsightsName(this.parts),
        logAnalytics: this.logAnalytics,
      }),
      registry,
      lake,
      purgeOnDestroy: this.environment.protection.purgeOnDestroy,
      preventDestroy,
    });
    this.watch(workspace, "machineLearningWorkspace", workspace.resource.id);
    new LakeDatastores(this, "LakeDatastores", { workspace, lake });
    new ComputeCluster(this, "Compute", {
      ...this.environment.machineLearning,
      resourceGroup,
      identityName: names.userAssignedIdentityName(this.parts, "training"),
      workspace,
      storage,
      registry,
      lake,
    });
    return workspace;
  }

  private createAccess(hub: IotHub, vault: KeyVault, lake: DataLake, packages?: PackageStorage): DataAccess {
    return new DataAccess(this, "Access", {
      ...this.environment.access,
      deployer: this.deployer,
      roles: {
        Hub: {
          scope: hub.resource.id,
          contributorRole: "IoT Hub Data Contributor",
          readerRole: "IoT Hub Data Reader",
        },
        Vault: {
          scope: vault.resource.id,
          contributorRole: "Key Vault Secrets Officer",
          readerRole: "Key Vault Secrets User",
        },
        Lake: {
          scope: lake.resource.id,
          contributorRole: "Storage Blob Data Contributor",
          readerRole: "Storage Blob Data Reader",
          analystRole: "Storage Blob Data Reader",
        },
        // A plan compares the key that Stream Analytics was given last with the account's own.
        ...(packages && { Packages: { scope: packages.resource.id, readerRole: "Reader and Data Access" } }),
      },
    });
  }

  private createEdge(around: EdgeNeighbours): void {
    const { edge } = this.environment;
    if (edge === undefined) {
      return;
    }
    const { organization, hub, vault, registry, access, edgePackage } = around;
    const { resourceGroup } = this;
    const after = [access.propagation.done];
    new HubDataPlane(this, "HubDataPlane", { hostname: hub.resource.hostname });
    new EdgeRollout(this, "Rollout", {
      settings: edge,
      surroundings: edgeSurroundings(organization, this.environment),
      package: edgePackage,
      registryAccess:
        (edge.analysers?.detector ?? true)
          ? new RegistryAccess(this, "RegistryAccess", {
              resourceGroup,
              registry,
              repository: DETECTOR.imageRepository,
              ...edge.registryTokens,
            })
          : undefined,
      after,
    });
    if (edge.devices === undefined || edge.devices.length === 0) {
      return;
    }
    const gateways = gatewaysOf(edge);
    const devices = new IothubDevice(this, "Devices", {
      devices: edge.devices.map((device) => ({ ...device, gateway: gateways.has(device.id) })),
      environment: this.environment.name,
      after,
    });
    const secrets = new DeviceSecrets(this, "DeviceSecrets", { devices, vault, after });
    const machines = edge.devices.filter(({ virtualMachine }) => virtualMachine === true);
    if (machines.length > 0) {
      new EdgeVirtualMachine(this, "EdgeVirtualMachine", {
        ...edge,
        resourceGroup,
        devices: machines,
        runtime: DEFAULT_RUNTIME,
        hubHostname: hub.resource.hostname,
        vault,
        after: [devices.twins, ...(secrets.resource === undefined ? [] : [secrets.resource])],
      });
    }
  }

  private createObservability(hub: IotHub, routing: LakeRouting): void {
    const { resourceGroup, logAnalytics, receivers, environment } = this;
    const anomalyFeed =
      (environment.logs?.anomalyFeed ?? true)
        ? new AnomalyFeed(this, "AnomalyFeed", {
            resourceGroup,
            hub,
            logAnalytics,
            anomalyModules: this.anomalyModules,
            after: routing.parts,
          })
        : undefined;
    new HubAlerts(this, "Alerts", {
      ...environment.alerts,
      resourceGroup,
      hub,
      logAnalytics,
      receivers,
      anomalyFeed,
    });
    new Workbook(this, "Workbook", {
      resourceGroup,
      uuid: names.stableUuid(this.parts, "workbook"),
      displayName: `Anomaly detection ${environment.name}`,
      hub,
      logAnalytics,
      anomalyFeed,
    });
    new MonthlyBudget(this, "Budget", {
      ...environment.budget,
      resourceGroup,
      name: names.budgetName(this.parts),
      receivers,
    });
  }

  private createOutputs(hub: IotHub, vault: KeyVault, lake: DataLake, workspace: MachineLearningWorkspace): void {
    const outputs = {
      resource_group: this.resourceGroup.name,
      iot_hub_hostname: hub.resource.hostname,
      key_vault_uri: vault.resource.vaultUri,
      lake_blob_endpoint: lake.resource.primaryBlobEndpoint,
      machine_learning_workspace: workspace.resource.name,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }

  /** Logs and metrics of a resource go to Log Analytics. */
  private watch(owner: Construct, kind: DiagnosticKind, targetId: string, logCategories?: readonly string[]): void {
    new DiagnosticSetting(owner, "Diagnostics", { kind, targetId, logCategories, logAnalytics: this.logAnalytics });
  }

  /** An account has metrics; its requests are logged by the blob service in it. */
  private watchStorage(owner: Construct, accountId: string): void {
    const { logAnalytics } = this;
    this.watch(owner, "storageAccount", accountId);
    new DiagnosticSetting(owner, "BlobDiagnostics", {
      kind: "blobService",
      targetId: `${accountId}/blobServices/default`,
      logAnalytics,
    });
  }
}
