import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { ProvisioningService } from "../../constructs/hub/provisioning-service";
import type { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import type { DigitalTwins } from "../../constructs/digital-twins/digital-twins";
import type { WorkOrderQueue } from "../../constructs/maintenance/work-order-queue";
import { LogLinkScope } from "../../constructs/network/log-link-scope";
import type { NetworkSettings } from "../../constructs/network/network-settings";
import {
  type EndpointNetwork,
  type EndpointSpecification,
  existingNetwork,
  PrivateEndpoints,
} from "../../constructs/network/private-endpoints";
import { PrivateNetwork } from "../../constructs/network/private-network";
import type { KeyVault } from "../../constructs/security/key-vault";
import type { DataLake } from "../../constructs/storage/data-lake";
import type { EnvironmentContext } from "./context";
import type { EnvironmentHub, EnvironmentHubs } from "./hub";
import type { MachineLearning } from "./machine-learning";

/** What answers nobody at its own address, and is reached through endpoints. */
export interface PrivateServices extends MachineLearning {
  readonly hubs: EnvironmentHubs;
  readonly lake: DataLake;
  readonly vault: KeyVault;
  readonly registry: ContainerRegistry;
  readonly queue: WorkOrderQueue | undefined;
  readonly provisioning: ProvisioningService | undefined;
  readonly twins: DigitalTwins | undefined;
}

/**
 * Connects an environment's services to its network, where it has one of its own or the company's.
 *
 * @returns what data of a hub, and of everything that there is once, may be read and written after, by the hub's name; nothing
 *   where the services answer at their own addresses
 */
export function connectPrivately(
  context: EnvironmentContext,
  services: PrivateServices,
): ReadonlyMap<string, readonly ITerraformDependable[]> {
  const { stack, resourceGroup, logAnalytics } = context;
  const { network: settings } = context.environment;
  if (settings === undefined || settings.kind === "internet") {
    return new Map();
  }
  const { applicationInsights, hubs } = services;
  const [first, ...others] = hubs;
  const linkScope = new LogLinkScope(stack, "LogLinkScope", { resourceGroup, logAnalytics, applicationInsights });
  const endpoints = endpointsOf(services, first, linkScope);
  const network = networkOf(stack, resourceGroup, settings, endpoints);
  const { reachable } = new PrivateEndpoints(stack, "PrivateEndpoints", { resourceGroup, endpoints, network });
  return new Map([
    [first.name, [reachable]],
    // Apart from the others, so that a hub more or less changes nothing of theirs.
    ...others.map((hub): [string, ITerraformDependable[]] => {
      const own = new PrivateEndpoints(hub.scope, "PrivateEndpoints", {
        resourceGroup,
        endpoints: { Hub: endpointOf(hub) },
        network,
      });
      return [hub.name, [reachable, own.reachable]];
    }),
  ]);
}

function networkOf(
  scope: Construct,
  resourceGroup: ResourceGroup,
  network: Exclude<NetworkSettings, { kind: "internet" }>,
  endpoints: Readonly<Record<string, EndpointSpecification>>,
): EndpointNetwork {
  const targets = Object.values(endpoints).map(({ target }) => target);
  return network.kind === "existing"
    ? existingNetwork(network)
    : new PrivateNetwork(scope, "Network", { ...network, resourceGroup, targets });
}

/** A hub takes one change at a time, and an endpoint is one. */
const endpointOf = ({ stamp, hub, routing }: EnvironmentHub): EndpointSpecification => ({
  name: stamp === undefined ? "hub" : `hub-${stamp}`,
  target: "iotHub",
  resourceId: hub.resource.id,
  after: [...hub.changes, ...routing.parts],
});

function endpointsOf(
  services: PrivateServices,
  first: EnvironmentHub,
  linkScope: LogLinkScope,
): Record<string, EndpointSpecification> {
  const { lake, vault, registry, queue, twins, workspace, workspaceVault, workspaceStorage } = services;
  const ofLake = lake.resource.id;
  const ofWorkspace = workspaceStorage.resource.id;
  return {
    Hub: endpointOf(first),
    LakeBlob: { name: "lake-blob", target: "blob", resourceId: ofLake },
    LakeDfs: { name: "lake-dfs", target: "dfs", resourceId: ofLake },
    Vault: { name: "vault", target: "vault", resourceId: vault.resource.id },
    ...(services.provisioning !== undefined && {
      Provisioning: { name: "provisioning", target: "iotDps", resourceId: services.provisioning.resource.id },
    }),
    Registry: { name: "registry", target: "registry", resourceId: registry.resource.id },
    Workspace: { name: "workspace", target: "amlworkspace", resourceId: workspace.resource.id },
    WorkspaceVault: { name: "workspace-vault", target: "vault", resourceId: workspaceVault.resource.id },
    WorkspaceBlob: { name: "workspace-blob", target: "blob", resourceId: ofWorkspace },
    WorkspaceFile: { name: "workspace-file", target: "file", resourceId: ofWorkspace },
    ...(queue && { WorkOrders: { name: "work-orders", target: "namespace", resourceId: queue.resource.id } }),
    ...(twins && {
      DigitalTwins: { name: "digital-twins", target: "API", resourceId: twins.resource.id },
      TwinBlob: { name: "twin-blob", target: "blob", resourceId: twins.storage.id },
      TwinQueue: { name: "twin-queue", target: "queue", resourceId: twins.storage.id },
    }),
    Logs: {
      name: "logs",
      target: "azuremonitor",
      resourceId: linkScope.resource.id,
      after: linkScope.members,
    },
  };
}
