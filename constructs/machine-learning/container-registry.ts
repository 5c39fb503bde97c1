import { ContainerRegistry as ContainerRegistryResource } from "@cdktf/provider-azurerm/lib/container-registry";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
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
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Mistakes in what an environment decides about its registry. */
export function containerRegistryProblems(settings: ContainerRegistrySettings): Problem[] {
  return collect(oneOf("registrySku", settings.registrySku, SKUS, "choose how much space the images need"));
}

/** Images of edge modules and of training environments, pulled and pushed by identities alone. */
export class ContainerRegistry extends Construct {
  public readonly resource: ContainerRegistryResource;

  public constructor(scope: Construct, id: string, props: ContainerRegistryProps) {
    super(scope, id);
    validateProps(this, () => containerRegistryProblems(props));
    this.resource = new ContainerRegistryResource(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      sku: props.registrySku ?? "Basic",
      adminEnabled: false,
      anonymousPullEnabled: false,
      publicNetworkAccessEnabled: true,
      lifecycle: { preventDestroy: props.preventDestroy },
    });
  }
}
