import { LinuxVirtualMachine } from "@cdktf/provider-azurerm/lib/linux-virtual-machine";
import { NetworkInterface } from "@cdktf/provider-azurerm/lib/network-interface";
import { NetworkSecurityGroup } from "@cdktf/provider-azurerm/lib/network-security-group";
import { PublicIp } from "@cdktf/provider-azurerm/lib/public-ip";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Subnet } from "@cdktf/provider-azurerm/lib/subnet";
import { SubnetNetworkSecurityGroupAssociation } from "@cdktf/provider-azurerm/lib/subnet-network-security-group-association";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import { type ITerraformDependable, TerraformIterator, TerraformLocal, type TerraformResource, Token } from "cdktf";
import { Construct } from "constructs";
import { cloudInit, configToml } from "../../edge-manifests/device-config";
import { DEFAULT_STORAGE_FOLDER } from "../../edge-manifests/host-storage";
import { AzapiResource, AzapiResourceAction } from "@edge-anomaly-detection/terraform-bindings";
import { RolePropagation } from "../security/role-propagation";
import type { KeyVault } from "../security/key-vault";
import type { RoleName } from "@edge-anomaly-detection/azure-facts";
import { mustBeThere } from "../shared/expressions";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import { deviceSecretName, type EdgeDevice } from "./device-list";

/** What an environment decides about virtual machines that are devices. */
export interface EdgeVirtualMachineSettings {
  /** Size with 2 processors or more and 4 GB or more, x86-64. @default "Standard_B2s_v2" */
  readonly virtualMachineSize?: string;
}

/** What `EdgeVirtualMachine` needs. */
export interface EdgeVirtualMachineProps extends EdgeVirtualMachineSettings {
  /** Where they are created. */
  readonly resourceGroup: ResourceGroup;
  /** Devices that are virtual machines, at least one; their ids are the machines' names. */
  readonly devices: readonly EdgeDevice[];
  /** Tag of the runtime that they start with; deployments replace it. */
  readonly runtime: string;
  /** Folder of the machines for what must outlive containers. @default "/var/lib/edge-storage" */
  readonly storageFolder?: string;
  /** Host of the hub. */
  readonly hubHostname: string;
  /** Where their connection strings are. */
  readonly vault: KeyVault;
  /** What must exist first: devices, twins and secrets. */
  readonly after: readonly ITerraformDependable[];
}

/** Nobody can sign in by this name: the private half of its key was never kept. */
const ADMINISTRATOR = "edgeadmin";
const ADDRESSES = "10.64.0.0/24";
const SECRETS_ROLE: RoleName = "Key Vault Secrets User";
const COMPUTE_API = "2024-07-01";

/** Validation errors in an environment's settings for virtual machines. */
export function edgeVirtualMachineProblems(settings: EdgeVirtualMachineSettings): Problem[] {
  return collect(
    hasForm(
      "virtualMachineSize",
      settings.virtualMachineSize,
      /^Standard_[A-Z][A-Za-z0-9_]{1,40}$/,
      "a size of virtual machine, for example Standard_B2s_v2",
      "take one from `az vm list-sizes --location REGION`, or leave it out",
    ),
  );
}

/**
 * Small Ubuntu machines that become edge devices on their own: each has an identity that may read one secret of the vault,
 * its own connection string, and nothing else; containers do not reach it. The network lets nothing in; the public address is the way out alone. Nobody
 * signs in: `az vm run-command` and the serial console are there for repairs.
 */
export class EdgeVirtualMachine extends Construct {
  public readonly resource: LinuxVirtualMachine;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: EdgeVirtualMachineProps,
  ) {
    super(scope, id);
    validateProps(this, () => edgeVirtualMachineProblems(props));
    const devices = TerraformIterator.fromMap(
      Object.fromEntries(props.devices.map((device) => [device.id, { secret: deviceSecretName(device.id) }])),
    );
    const identities = this.addIdentities(devices);
    const propagation = this.allowSecret(devices, identities);
    const network = this.addNetwork(devices);
    this.resource = new LinuxVirtualMachine(this, "Resource", {
      forEach: devices,
      name: devices.key,
      computerName: devices.key,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      size: props.virtualMachineSize ?? "Standard_B2s_v2",
      networkInterfaceIds: [ofEach(network, "id")],
      adminUsername: ADMINISTRATOR,
      adminSshKey: [{ username: ADMINISTRATOR, publicKey: this.makeKey() }],
      disablePasswordAuthentication: true,
      identity: { type: "UserAssigned", identityIds: [ofEach(identities, "id")] },
      osDisk: { caching: "ReadWrite", storageAccountType: "StandardSSD_LRS" },
      sourceImageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
      secureBootEnabled: true,
      vtpmEnabled: true,
      patchMode: "AutomaticByPlatform",
      patchAssessmentMode: "AutomaticByPlatform",
      rebootSetting: "IfRequired",
      bootDiagnostics: {},
      customData: this.cloudInit(identities),
      dependsOn: [propagation.done, ...props.after],
    });
  }

  private addIdentities(devices: TerraformIterator): UserAssignedIdentity {
    const { resourceGroup } = this.props;
    return new UserAssignedIdentity(this, "Identity", {
      forEach: devices,
      name: "id-edge-${each.key}",
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
    });
  }

  /** Each identity may read the one secret that is its device's own. */
  private allowSecret(devices: TerraformIterator, identities: UserAssignedIdentity): RolePropagation {
    const role = new RoleAssignment(this, "SecretRole", {
      forEach: devices,
      scope: `${this.props.vault.resource.id}/secrets/\${each.value.secret}`,
      roleDefinitionName: SECRETS_ROLE,
      principalId: ofEach(identities, "principal_id"),
      principalType: "ServicePrincipal",
      skipServicePrincipalAadCheck: true,
      description: "The virtual machine reads its own connection string",
      dependsOn: [...this.props.after],
    });
    return new RolePropagation(this, "Propagation", { assignments: { secret: role } });
  }

  private addNetwork(devices: TerraformIterator): NetworkInterface {
    const { resourceGroup } = this.props;
    const place = { resourceGroupName: resourceGroup.name, location: resourceGroup.location };
    const network = new VirtualNetwork(this, "Network", { ...place, name: "vnet-edge", addressSpace: [ADDRESSES] });
    const subnet = new Subnet(this, "Subnet", {
      name: "snet-edge",
      resourceGroupName: resourceGroup.name,
      virtualNetworkName: network.name,
      addressPrefixes: [ADDRESSES],
      defaultOutboundAccessEnabled: false,
    });
    const rules = new NetworkSecurityGroup(this, "Rules", {
      ...place,
      name: "nsg-edge",
      securityRule: [
        {
          name: "deny-everything-in",
          priority: 4096,
          direction: "Inbound",
          access: "Deny",
          protocol: "*",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "*",
        },
      ],
    });
    const association = new SubnetNetworkSecurityGroupAssociation(this, "RulesOnSubnet", {
      subnetId: subnet.id,
      networkSecurityGroupId: rules.id,
    });
    const address = new PublicIp(this, "WayOut", {
      ...place,
      forEach: devices,
      name: "pip-${each.key}",
      allocationMethod: "Static",
      sku: "Standard",
    });
    return new NetworkInterface(this, "Interface", {
      ...place,
      forEach: devices,
      name: "nic-${each.key}",
      ipConfiguration: [
        {
          name: "internal",
          subnetId: subnet.id,
          privateIpAddressAllocation: "Dynamic",
          publicIpAddressId: ofEach(address, "id"),
        },
      ],
      // No machine is on the network before the rules are.
      dependsOn: [association],
    });
  }

  /** Azure wants a key for every administrator. It makes this one, and only the public half is taken from its answer. */
  private makeKey(): string {
    const { resourceGroup } = this.props;
    const key = new AzapiResource(this, "Key", {
      type: `Microsoft.Compute/sshPublicKeys@${COMPUTE_API}`,
      name: "sshkey-edge",
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      body: { properties: {} },
    });
    const pair = new AzapiResourceAction(this, "KeyPair", {
      type: `Microsoft.Compute/sshPublicKeys@${COMPUTE_API}`,
      resourceId: key.id,
      action: "generateKeyPair",
      responseExportValues: { publicKey: "publicKey" },
      lifecycle: {
        postcondition: [
          mustBeThere(
            ["self.output.publicKey"],
            "Azure answered no public key for the virtual machine. Apply again with -replace and the address of this resource, " +
              "which Terraform names here.",
          ),
        ],
      },
    });
    return Token.asString(`\${${addressOf(pair)}.output.publicKey}`);
  }

  /** One text for all machines, in which Terraform puts what is each machine's own. */
  private cloudInit(identities: UserAssignedIdentity): string {
    const { vault, hubHostname, runtime, storageFolder = DEFAULT_STORAGE_FOLDER } = this.props;
    const vaultUri = vault.resource.vaultUri;
    const secretName = "DEVICE_SECRET_NAME";
    const identityClientId = "DEVICE_IDENTITY_CLIENT_ID";
    const signIn = { kind: "symmetricKeys", vaultUri, secretName } as const;
    const text = new TerraformLocal(
      this,
      "CloudInit",
      cloudInit({
        vaultUri,
        secretName,
        identityClientId,
        configToml: configToml({ id: "", hubHostname, runtime, signIn, storageFolder }),
        storageFolder,
      }),
    );
    const withSecret = `replace(local.${text.friendlyUniqueId}, "${secretName}", each.value.secret)`;
    const clientId = `${addressOf(identities)}[each.key].client_id`;
    return Token.asString(`\${base64encode(replace(${withSecret}, "${identityClientId}", ${clientId}))}`);
  }
}

/** An attribute of the resource that belongs to the current entry. */
const ofEach = (resource: TerraformResource, attribute: string): string =>
  Token.asString(`\${${addressOf(resource)}[each.key].${attribute}}`);

/** A resource's address, to be written into expressions: its `fqn` would bring braces of its own. */
const addressOf = (resource: TerraformResource): string =>
  `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
