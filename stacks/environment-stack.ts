import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import { Aspects, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { MachineLearningWorkspace } from "../constructs/machine-learning/machine-learning-workspace";
import { AlertReceivers } from "../constructs/monitoring/alert-receivers";
import { serviceAccess } from "../constructs/network/network-settings";
import { Policy } from "../constructs/policy/policy";
import type { KeyVault } from "../constructs/security/key-vault";
import { IndependentStack } from "../constructs/shared/faster-synthesis";
import * as names from "../constructs/shared/names";
import { Tags } from "../constructs/shared/tags";
import { validateForAll } from "../constructs/shared/validate-props";
import type { DataLake } from "../constructs/storage/data-lake";
import { DEFAULT_JOB_NAME } from "../constructs/stream-analytics/edge-job";
import type { EnvironmentConfig, OrganizationConfig } from "../environments/environment-config";
import { environmentProblems } from "../environments/validation/environment-problems";
import { nameParts } from "../environments/validation/name-parts";
import { addBackend } from "./backends/terraform-backend";
import { createAccess, createHubAccess } from "./environment/access";
import type { EnvironmentBase, EnvironmentContext } from "./environment/context";
import { bringEpisodes, createDigitalTwins } from "./environment/digital-twins";
import { createEdge } from "./environment/edge-devices";
import { createHubs, type EnvironmentHubs } from "./environment/hub";
import { createMachineLearning, createRegistry } from "./environment/machine-learning";
import { createWorkOrderQueue, subscribeToEpisodes } from "./environment/maintenance";
import { createLogAnalytics, createMonitoring } from "./environment/monitoring";
import { connectPrivately } from "./environment/private-access";
import { createProvisioning } from "./environment/provisioning";
import { createLake, createPackageStorage, createVault } from "./environment/storage";
import { createStreamAnalytics } from "./environment/stream-analytics";
import { addEnvironmentProviders } from "./providers";

/** What `EnvironmentStack` needs. */
export interface EnvironmentStackProps {
  /** What all environments share. */
  readonly organization: OrganizationConfig;
  /** The environment that this stack is. */
  readonly environment: EnvironmentConfig;
}

/** Everything of one environment, created from its configuration in the order in which data flows. */
export class EnvironmentStack extends IndependentStack {
  /** The configuration that it was created from. */
  public readonly environment: EnvironmentConfig;

  public constructor(scope: Construct, id: string, { organization, environment }: EnvironmentStackProps) {
    super(scope, id);
    validateForAll(this, () => environmentProblems(organization, environment));
    this.environment = environment;
    addBackend(this, environment.name, environment.backend);
    addEnvironmentProviders(this, environment);
    this.addAspects(organization);

    const context = this.createContext(organization);
    const vault = createVault(context, "Vault", names.keyVaultName(context.parts));
    const lake = createLake(context);
    const hubs = createHubs(context, lake);
    const packages = createPackageStorage(context);
    const edgePackage = packages && createStreamAnalytics(context, packages);
    const registry = createRegistry(context);
    const machineLearning = createMachineLearning(context, lake, registry);
    const provisioning = createProvisioning(context, hubs);
    const twins = createDigitalTwins(context);
    const access = createAccess(context, hubs[0], vault, lake, packages, provisioning);
    const queue = createWorkOrderQueue(context);
    const services = { hubs, lake, vault, registry, queue, provisioning, twins, ...machineLearning };
    const reachable = connectPrivately(context, services);
    const after = new Map(
      hubs.map((hub, index) => {
        const own = index === 0 ? [] : [createHubAccess(context, hub).propagation.done];
        return [hub.name, [access.propagation.done, ...own, ...(reachable.get(hub.name) ?? [])]];
      }),
    );
    createEdge(context, { hubs, vault, registry, edgePackage, after });
    createMonitoring(context, hubs);
    subscribeToEpisodes(context, { hubs, queue, lake, after: reachable });
    bringEpisodes(context, hubs, twins, reachable);
    this.createOutputs(context, hubs, vault, lake, machineLearning.workspace);
    if (provisioning !== undefined) {
      // Devices know the service by it: `npm run -s device -- provision` asks for it.
      new TerraformOutput(this, "provisioning_id_scope", { value: provisioning.idScope, staticId: true });
    }
  }

  private addAspects(organization: OrganizationConfig): void {
    const { environment } = this;
    Aspects.of(this).add(
      new Tags({
        purpose: "anomaly-detection",
        ...organization.tags,
        ...environment.tags,
        environment: environment.name,
      }),
    );
    Aspects.of(this).add(
      new Policy({
        ...environment.policy,
        location: environment.location,
        preventDestroy: environment.protection.preventDestroy,
      }),
    );
  }

  private createContext(organization: OrganizationConfig): EnvironmentContext {
    const { environment } = this;
    const { preventDestroy } = environment.protection;
    const parts = nameParts(organization, environment);
    const deployer = new DataAzurermClientConfig(this, "Deployer");
    const resourceGroup = new ResourceGroup(this, "ResourceGroup", {
      name: names.resourceGroupName(parts),
      location: environment.location,
      lifecycle: { preventDestroy },
    });
    const base: EnvironmentBase = {
      stack: this,
      organization,
      environment,
      parts,
      deployer,
      resourceGroup,
      preventDestroy,
      access: serviceAccess(environment.network),
      anomalyModules: [environment.streamAnalytics?.jobName ?? DEFAULT_JOB_NAME, DETECTOR_MODULE],
    };
    return {
      ...base,
      logAnalytics: createLogAnalytics(base),
      receivers: new AlertReceivers(this, "AlertReceivers", {
        resourceGroup,
        name: names.actionGroupName(parts),
        receivers: environment.alerts.receivers,
      }),
    };
  }

  private createOutputs(
    { resourceGroup }: EnvironmentContext,
    hubs: EnvironmentHubs,
    vault: KeyVault,
    lake: DataLake,
    workspace: MachineLearningWorkspace,
  ): void {
    const outputs = {
      resource_group: resourceGroup.name,
      iot_hub_hostname: hubs[0].hub.resource.hostname,
      ...(hubs.length > 1 && {
        iot_hub_hostnames: Object.fromEntries(hubs.map(({ name, hub }) => [name, hub.resource.hostname])),
      }),
      key_vault_uri: vault.resource.vaultUri,
      lake_blob_endpoint: lake.resource.primaryBlobEndpoint,
      machine_learning_workspace: workspace.resource.name,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}
