import { ContainerRegistry as ContainerRegistryResource } from "@cdktf/provider-azurerm/lib/container-registry";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { EVERYBODY, explainPublicAccess, isPublic, registryRules, type ServiceAccess } from "../network/service-access";
import { validateProps } from "../shared/validate-props";
import { oneOf } from "@edge-anomaly-detection/common/rules";

const SKUS = ["Basic", "Standard", "Premium"] as const;

/** What an environment decides about its registry. */
export interface ContainerRegistrySettings {
  /** Size: 10, 100 or 500 GB included. @default "Basic" */
  readonly registrySku?: (typeof SKUS)[number];
}

/** What `ContainerRegistry` needs. */
export interface ContainerRegistryProps extends ContainerRegistrySettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure, 5 to 50 lower-case letters and digits. */
  readonly name: string;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Validation errors in an environment's settings for registry. */
export function containerRegistryProblems(settings: ContainerRegistrySettings): Problem[] {
  return collect(oneOf("registrySku", settings.registrySku, SKUS, "choose how much space the images need"));
}

/** Images of edge modules and of training environments, pulled and pushed by identities alone. */
export class ContainerRegistry extends Construct {
  public readonly resource: ContainerRegistryResource;

  public constructor(scope: Construct, id: string, props: ContainerRegistryProps) {
    super(scope, id);
    validateProps(this, () => containerRegistryProblems(props));
    const { access = EVERYBODY } = props;
    const sku = props.registrySku ?? "Basic";
    this.resource = new ContainerRegistryResource(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      sku,
      adminEnabled: false,
      anonymousPullEnabled: false,
      publicNetworkAccessEnabled: isPublic(access),
      ...(sku === "Premium" && {
        networkRuleSet: registryRules(access),
        ...(access.kind !== "everybody" && { networkRuleBypassOption: "AzureServices" }),
      }),
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(
      this.resource,
      access,
      sku === "Premium"
        ? undefined
        : `A registry of the tier ${sku} has no address rules; every pull and push signs in.`,
    );
  }
}
