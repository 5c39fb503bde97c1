import { PrivateEndpoint } from "@cdktf/provider-azurerm/lib/private-endpoint";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Sleep } from "@cdktf/provider-time/lib/sleep";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ENDPOINT_TARGETS, type EndpointTarget } from "@edge-anomaly-detection/azure-facts";
import type { ExistingNetwork } from "./network-settings";

/** Where private endpoints are put. */
export interface EndpointNetwork {
  /** ARM id of the subnet. */
  readonly subnetId: string;
  /** What must exist before anything goes through an endpoint: links, peerings, rules. */
  readonly ready: readonly ITerraformDependable[];
  /** ARM id of a private DNS zone; undefined where somebody else registers endpoints. */
  zoneId(name: string): string | undefined;
}

/** One service that is reached through an endpoint. */
export interface EndpointSpecification {
  /** Name of the endpoint after `pe-`: lower-case letters and hyphens. */
  readonly name: string;
  /** What of the service it connects to. */
  readonly target: EndpointTarget;
  /** ARM id of the service. */
  readonly resourceId: string;
  /** What must be done with the service before: those that take one change at a time collide otherwise. @default - nothing */
  readonly after?: readonly ITerraformDependable[];
}

/** What `PrivateEndpoints` needs. */
export interface PrivateEndpointsProps {
  /** Where they are created. */
  readonly resourceGroup: ResourceGroup;
  /** Where their addresses are. */
  readonly network: EndpointNetwork;
  /** The services, by construct ids. */
  readonly endpoints: Readonly<Record<string, EndpointSpecification>>;
}

/** Seconds between an endpoint's registration and its use: records have a time to live of 10, resolvers remember that there was none. Our choice. */
const REGISTRATION_SECONDS = 90;

/**
 * A private endpoint for each service, registered in its zones.
 *
 * What reads or writes data of a service depends on `reachable`; Terraform so creates endpoints first and destroys them last.
 */
export class PrivateEndpoints extends Construct {
  /** Depend on this before the first request that goes through an endpoint. */
  public readonly reachable: ITerraformDependable;

  public constructor(scope: Construct, id: string, props: PrivateEndpointsProps) {
    super(scope, id);
    const { resourceGroup, network } = props;
    const created = Object.entries(props.endpoints).map(([endpointId, { name, target, resourceId, after = [] }]) => {
      const zoneIds = ENDPOINT_TARGETS[target].flatMap((zone) => network.zoneId(zone) ?? []);
      return [
        name,
        new PrivateEndpoint(this, endpointId, {
          name: `pe-${name}`,
          resourceGroupName: resourceGroup.name,
          location: resourceGroup.location,
          subnetId: network.subnetId,
          privateServiceConnection: {
            name,
            privateConnectionResourceId: resourceId,
            subresourceNames: [target],
            isManualConnection: false,
          },
          ...(zoneIds.length > 0
            ? { privateDnsZoneGroup: { name: "default", privateDnsZoneIds: zoneIds } }
            : // Azure Policy writes the group, which must not be taken away again.
              { lifecycle: { ignoreChanges: ["private_dns_zone_group"] } }),
          dependsOn: [...network.ready, ...after],
        }),
      ] as const;
    });
    this.reachable = new Sleep(this, "Registered", {
      createDuration: `${REGISTRATION_SECONDS}s`,
      triggers: Object.fromEntries(created.map(([name, endpoint]) => [name, endpoint.id])),
    });
  }
}

/** The company's subnet and zones: nothing is created. */
export function existingNetwork({ endpointSubnet, dnsZonesResourceGroup }: ExistingNetwork): EndpointNetwork {
  return {
    subnetId: endpointSubnet,
    ready: [],
    zoneId: (name) =>
      dnsZonesResourceGroup === undefined
        ? undefined
        : `${dnsZonesResourceGroup}/providers/Microsoft.Network/privateDnsZones/${name}`,
  };
}
