/** A type whose objects hold what cannot be made again from the configuration. */
export interface StatefulType {
  /** What is lost when an object is deleted or replaced, a sentence that ends in a full stop. */
  readonly loses: string;
  /** Arguments whose change replaces the object, by Terraform path without indices (`identity.type`). */
  readonly forcedBy: readonly string[];
}

/** By Terraform type; an `azapi_resource` by `azapi_resource:` and its ARM type without version, in lower case. */
const STATEFUL_TYPES: Readonly<Record<string, StatefulType>> = {
  azurerm_iothub: {
    loses:
      "Every device identity, twin and deployment in the hub is lost; devices cannot connect until they are registered again.",
    forcedBy: ["name", "resource_group_name", "location", "event_hub_partition_count", "min_tls_version"],
  },
};

/**
 * What is known of a type's objects, or nothing where they hold no data.
 *
 * @param type Terraform's type
 * @param armType the argument `type` of an `azapi_resource`, with or without `@version`
 */
export function statefulType(type: string, armType?: string): StatefulType | undefined {
  const key = armType === undefined ? type : `${type}:${(armType.split("@")[0] ?? "").toLowerCase()}`;
  return Object.hasOwn(STATEFUL_TYPES, key) ? STATEFUL_TYPES[key] : undefined;
}
