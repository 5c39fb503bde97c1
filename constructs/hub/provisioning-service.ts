import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import { Construct } from "constructs";
import {
  EVERYBODY,
  explainPublicAccess,
  isPublic,
  provisioningRules,
  type ServiceAccess,
} from "../network/service-access";
import { grantRole } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import type { IotHub } from "./iot-hub";

/** The first stable version that links hubs by identity and can switch keys off. azapi 2.12 does not have its types yet. */
export const PROVISIONING_API = "2026-08-31";

/** A hub to which devices are assigned. */
export interface LinkedHub {
  /** The hub. */
  readonly hub: IotHub;
  /** Whether devices that register get it; a hub that does not take part keeps its devices. @default true */
  readonly takesPart?: boolean;
}

/** What `ProvisioningService` needs. */
export interface ProvisioningServiceProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure: 3 to 64 lower-case letters, digits and hyphens, not ending in a hyphen. */
  readonly name: string;
  /** Name of the identity by which it registers devices in the hubs. */
  readonly identityName: string;
  /** The hubs, by constant names that are a part of addresses in the state: 1 to 50. */
  readonly hubs: Readonly<Record<string, LinkedHub>>;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction, after which devices no longer find it by its ID scope. */
  readonly preventDestroy: boolean;
}

/**
 * A Device Provisioning Service that is linked to its hubs by identity, so that no key of a hub or of its own is anywhere.
 *
 * It is an azapi resource, because azurerm's link is a hub's connection string. The identity is user-assigned: its roles on the
 * hubs are granted before the service, which has the links in it, is created.
 */
export class ProvisioningService extends Construct {
  public readonly resource: AzapiResource;
  public readonly identity: UserAssignedIdentity;

  public constructor(scope: Construct, id: string, props: ProvisioningServiceProps) {
    super(scope, id);
    const { resourceGroup, hubs, access = EVERYBODY } = props;
    this.identity = new UserAssignedIdentity(this, "Identity", {
      name: props.identityName,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
    });
    const assignments = Object.fromEntries(
      Object.entries(hubs).map(([name, { hub }]) => [
        name,
        grantRole(this, `${name}Role`, {
          role: "IoT Hub Data Contributor",
          scope: hub.resource.id,
          principalId: this.identity.principalId,
          description: "The Device Provisioning Service registers devices and writes their first twins",
        }),
      ]),
    );
    const propagation = new RolePropagation(this, "Propagation", { assignments });
    const rules = provisioningRules(access);
    this.resource = new AzapiResource(this, "Resource", {
      type: `Microsoft.Devices/provisioningServices@${PROVISIONING_API}`,
      name: props.name,
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      identity: { type: "UserAssigned", identityIds: [this.identity.id] },
      body: {
        sku: { name: "S1", capacity: 1 },
        properties: {
          allocationPolicy: "Hashed",
          disableLocalAuth: true,
          enableDataResidency: false,
          publicNetworkAccess: isPublic(access) ? "Enabled" : "Disabled",
          ...(rules !== undefined && { ipFilterRules: rules }),
          iotHubs: Object.values(hubs).map(({ hub, takesPart = true }) => ({
            hostName: hub.resource.hostname,
            location: hub.resource.location,
            authenticationType: "UserAssigned",
            selectedUserAssignedIdentityResourceId: this.identity.id,
            applyAllocationPolicy: takesPart,
            allocationWeight: 1,
          })),
        },
      },
      // The provider's copy of the types ends before this version.
      schemaValidationEnabled: false,
      // Azure answers with regions and ids in forms of its own.
      ignoreCasing: true,
      responseExportValues: { idScope: "properties.idScope" },
      dependsOn: [propagation.done],
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(this.resource, access);
  }

  /** What devices know the service by. */
  public get idScope(): string {
    return this.resource.output("idScope");
  }
}
