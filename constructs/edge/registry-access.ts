import { ContainerRegistryScopeMap } from "@cdktf/provider-azurerm/lib/container-registry-scope-map";
import { ContainerRegistryToken } from "@cdktf/provider-azurerm/lib/container-registry-token";
import { ContainerRegistryTokenPassword } from "@cdktf/provider-azurerm/lib/container-registry-token-password";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Offset } from "@cdktf/provider-time/lib/offset";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { RegistryCredential } from "@edge-anomaly-detection/edge-manifest-tools";
import { validateProps } from "../shared/validate-props";
import type { ContainerRegistry } from "../machine-learning/container-registry";
import {
  REGISTRY_TOKENS,
  type RegistryTokenName,
  registryTokenProblems,
  type RegistryTokenSettings,
  registryTokensOf,
} from "./registry-tokens";

/** What `RegistryAccess` needs. */
export interface RegistryAccessProps extends RegistryTokenSettings {
  /** Where the registry is. */
  readonly resourceGroup: ResourceGroup;
  /** The registry. */
  readonly registry: ContainerRegistry;
  /** The one repository that devices may pull from. */
  readonly repository: string;
}

/** Construct ids and names by token; constant, because they are addresses in the state. */
const TOKENS: Readonly<Record<RegistryTokenName, { readonly prefix: string; readonly name: string }>> = {
  first: { prefix: "", name: "edge-devices" },
  second: { prefix: "Second", name: "edge-devices-2" },
};

const DEFAULT_VALID_DAYS = 365;
/** Days before its end from which on every plan warns of it. */
const WARN_DAYS = 30;

/**
 * Tokens by which devices pull the images of one repository and do nothing else: one, and a second to change passwords
 * without a pause. Azure gives a token two passwords, but azurerm makes both anew where the end of either changes, so the two
 * that devices use in turn belong to two tokens.
 *
 * IoT Edge takes user name and password in the deployment alone, and the hub's deployments have no write-only part: the
 * password is in the state and in the device's twin (docs/secrets.md). It opens nothing but these images, and ends.
 */
export class RegistryAccess extends Construct {
  /** What devices sign in with; the password is a reference to a sensitive value. */
  public readonly credential: RegistryCredential;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: RegistryAccessProps,
  ) {
    super(scope, id);
    validateProps(this, () => registryTokenProblems(props));
    const { resourceGroup, registry, repository, active = "first" } = props;
    const place = { containerRegistryName: registry.resource.name, resourceGroupName: resourceGroup.name };
    const rights = new ContainerRegistryScopeMap(this, "Rights", {
      ...place,
      name: "edge-devices",
      description: "Edge devices pull their modules",
      actions: [`repositories/${repository}/content/read`, `repositories/${repository}/metadata/read`],
    });
    const generations = registryTokensOf(props);
    const credentials = REGISTRY_TOKENS.flatMap((name) => {
      const generation = generations[name];
      return generation === undefined ? [] : [[name, this.makeToken(name, generation, rights)] as const];
    });
    const credential = new Map(credentials).get(active);
    if (credential === undefined) {
      throw new Error(`there is no token ${active}`);
    }
    this.credential = credential;
  }

  private makeToken(
    name: RegistryTokenName,
    generation: number,
    rights: ContainerRegistryScopeMap,
  ): RegistryCredential {
    const { resourceGroup, registry, validDays = DEFAULT_VALID_DAYS, active = "first" } = this.props;
    const { prefix, name: tokenName } = TOKENS[name];
    const token = new ContainerRegistryToken(this, prefix === "" ? "Resource" : `${prefix}Token`, {
      containerRegistryName: registry.resource.name,
      resourceGroupName: resourceGroup.name,
      name: tokenName,
      scopeMapId: rights.id,
      enabled: true,
    });
    const end = new Offset(this, `${prefix}End`, {
      offsetDays: validDays,
      triggers: { generation: String(generation) },
      // Otherwise a change of the setting would end both passwords at once, that of devices which are away included.
      lifecycle: { ignoreChanges: ["offset_days"] },
    });
    const password = new ContainerRegistryTokenPassword(this, `${prefix}Password`, {
      containerRegistryTokenId: token.id,
      password1: { expiry: end.rfc3339 },
    });
    if (name === active) {
      this.warnBefore(end);
    }
    return {
      address: registry.resource.loginServer,
      username: token.name,
      password: password.password1.value,
    };
  }

  /** A check of Terraform's: a plan or an apply near the end shows a warning and goes on. */
  private warnBefore(end: Offset): void {
    const address = `${end.terraformResourceType}.${end.friendlyUniqueId}`;
    TerraformStack.of(this).addOverride(`check.${end.friendlyUniqueId}`, {
      assert: [
        {
          condition: `\${timecmp(plantimestamp(), timeadd(${address}.rfc3339, "-${WARN_DAYS * 24}h")) < 0}`,
          error_message: `The password by which devices pull images ends in less than ${WARN_DAYS} days. Change it: docs/constructs/edge.md, rotation.`,
        },
      ],
    });
  }
}
