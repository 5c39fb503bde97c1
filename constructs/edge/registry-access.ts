import { ContainerRegistryScopeMap } from "@cdktf/provider-azurerm/lib/container-registry-scope-map";
import { ContainerRegistryToken } from "@cdktf/provider-azurerm/lib/container-registry-token";
import { ContainerRegistryTokenPassword } from "@cdktf/provider-azurerm/lib/container-registry-token-password";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import type { RegistryCredential } from "../../edge-manifests/manifest";
import type { ContainerRegistry } from "../workspace/container-registry";

/** What `RegistryAccess` needs. */
export interface RegistryAccessProps {
  /** Where the registry is. */
  readonly resourceGroup: ResourceGroup;
  /** The registry. */
  readonly registry: ContainerRegistry;
  /** The one repository that devices may pull from. */
  readonly repository: string;
}

/**
 * A token by which devices pull the images of one repository and do nothing else.
 *
 * IoT Edge takes user name and password in the deployment alone, and the hub's deployments have no write-only part: the
 * password stands in the state and in the device's twin (docs/secrets.md). It opens nothing but these images.
 */
export class RegistryAccess extends Construct {
  /** What devices sign in with; the password is a reference to a sensitive value. */
  public readonly credential: RegistryCredential;

  public constructor(scope: Construct, id: string, { resourceGroup, registry, repository }: RegistryAccessProps) {
    super(scope, id);
    const place = { containerRegistryName: registry.resource.name, resourceGroupName: resourceGroup.name };
    const rights = new ContainerRegistryScopeMap(this, "Rights", {
      ...place,
      name: "edge-devices",
      description: "Edge devices pull their modules",
      actions: [`repositories/${repository}/content/read`, `repositories/${repository}/metadata/read`],
    });
    const token = new ContainerRegistryToken(this, "Resource", {
      ...place,
      name: "edge-devices",
      scopeMapId: rights.id,
      enabled: true,
    });
    const password = new ContainerRegistryTokenPassword(this, "Password", {
      containerRegistryTokenId: token.id,
      password1: {},
    });
    this.credential = {
      address: registry.resource.loginServer,
      username: token.name,
      password: password.password1.value,
    };
  }
}
