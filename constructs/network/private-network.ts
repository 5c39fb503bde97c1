import { NetworkSecurityGroup } from "@cdktf/provider-azurerm/lib/network-security-group";
import { PrivateDnsZone } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Subnet } from "@cdktf/provider-azurerm/lib/subnet";
import { SubnetNetworkSecurityGroupAssociation } from "@cdktf/provider-azurerm/lib/subnet-network-security-group-association";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import { type ITerraformDependable, propertyAccess, TerraformIterator, Token } from "cdktf";
import { Construct } from "constructs";
import { type EndpointTarget, zonesOf } from "@edge-anomaly-detection/azure-facts";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import type { PrivateNetworkSettings } from "./network-settings";
import type { EndpointNetwork } from "./private-endpoints";

/** What `PrivateNetwork` needs. */
export interface PrivateNetworkProps extends Omit<PrivateNetworkSettings, "kind"> {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** What endpoints in it connect to; decides about the zones. */
  readonly targets: readonly EndpointTarget[];
}

const NETWORK_API = "2024-05-01";
const ZONE_LINK_API = "2024-06-01";
/** HTTPS for all, AMQP and MQTT for the hub. */
const PORTS = ["443", "5671", "8883"];

/**
 * A network for private endpoints alone, peered both ways with the one that runners are in and that leads to the factories, and
 * the zones by which both find the endpoints.
 *
 * Links and peerings are azapi resources: azurerm 4 and 5 name a link's zone differently, and azurerm cannot create the other
 * network's peering where that network is in another subscription.
 */
export class PrivateNetwork extends Construct implements EndpointNetwork {
  public readonly subnetId: string;
  /** The ways in. What goes through an endpoint is ordered after them, and is so destroyed before them. */
  public readonly ready: readonly ITerraformDependable[];
  private readonly zones: PrivateDnsZone;

  public constructor(scope: Construct, id: string, props: PrivateNetworkProps) {
    super(scope, id);
    const { resourceGroup, connectTo } = props;
    const network = new VirtualNetwork(this, "Resource", {
      name: "vnet-services",
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      addressSpace: [props.addressSpace],
    });
    const subnet = new Subnet(this, "Subnet", {
      name: "snet-endpoints",
      resourceGroupName: resourceGroup.name,
      virtualNetworkName: network.name,
      addressPrefixes: [props.addressSpace],
      defaultOutboundAccessEnabled: false,
      // Otherwise the rules would not be asked for endpoints.
      privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
    });
    this.subnetId = subnet.id;
    const rules = this.addRules(props, subnet);
    const there = this.peer("PeeringThere", network.id, connectTo, { useRemoteGateways: props.useGateway ?? true });
    // A network takes one change at a time.
    const back = this.peer(
      "PeeringBack",
      connectTo,
      network.id,
      { allowGatewayTransit: props.useGateway ?? true },
      there,
    );

    const names = TerraformIterator.fromList(zonesOf(props.targets));
    this.zones = new PrivateDnsZone(this, "Zones", {
      forEach: names,
      name: names.value as string,
      resourceGroupName: resourceGroup.name,
    });
    this.ready = [
      rules,
      back,
      this.link("Link", "services", network.id, names),
      this.link("LinkBack", "connected", connectTo, names),
    ];
  }

  /** ARM id of one of its zones. */
  public zoneId(name: string): string {
    return Token.asString(propertyAccess(this.zones.fqn, [name, "id"]));
  }

  private addRules(props: PrivateNetworkProps, subnet: Subnet): ITerraformDependable {
    const { resourceGroup, addressSpace, factoryAddresses = [], runnerAddresses } = props;
    const inbound = { direction: "Inbound", sourcePortRange: "*", destinationAddressPrefix: "*" } as const;
    const group = new NetworkSecurityGroup(this, "Rules", {
      name: "nsg-endpoints",
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      securityRule: [
        {
          ...inbound,
          name: "factories-and-runners-in",
          priority: 100,
          access: "Allow",
          protocol: "Tcp",
          sourceAddressPrefixes: [...new Set([...factoryAddresses, ...runnerAddresses, addressSpace])].sort(),
          destinationPortRanges: PORTS,
        },
        {
          ...inbound,
          name: "deny-everything-else-in",
          priority: 4096,
          access: "Deny",
          protocol: "*",
          sourceAddressPrefix: "*",
          destinationPortRange: "*",
        },
      ],
    });
    return new SubnetNetworkSecurityGroupAssociation(this, "RulesOnSubnet", {
      subnetId: subnet.id,
      networkSecurityGroupId: group.id,
    });
  }

  private peer(id: string, from: string, to: string, gateway: object, after?: AzapiResource): AzapiResource {
    return new AzapiResource(this, id, {
      type: `Microsoft.Network/virtualNetworks/virtualNetworkPeerings@${NETWORK_API}`,
      name: "services-of-edge-anomaly-detection",
      parentId: from,
      body: {
        properties: {
          remoteVirtualNetwork: { id: to },
          allowVirtualNetworkAccess: true,
          allowForwardedTraffic: true,
          ...gateway,
        },
      },
      ignoreCasing: true,
      ...(after !== undefined && { dependsOn: [after] }),
    });
  }

  private link(id: string, name: string, networkId: string, names: TerraformIterator): AzapiResource {
    return new AzapiResource(this, id, {
      forEach: names,
      type: `Microsoft.Network/privateDnsZones/virtualNetworkLinks@${ZONE_LINK_API}`,
      name,
      parentId: Token.asString(`\${${this.zones.fqn}[each.key].id}`),
      location: "global",
      body: { properties: { virtualNetwork: { id: networkId }, registrationEnabled: false } },
      ignoreCasing: true,
    });
  }
}
