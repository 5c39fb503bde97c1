import { Iothub } from "@cdktf/provider-azurerm/lib/iothub";
import { IothubConsumerGroup } from "@cdktf/provider-azurerm/lib/iothub-consumer-group";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { type ITerraformDependable, TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { HUB_TIERS, type HubTierName } from "@edge-anomaly-detection/azure-facts";
import { allDifferent, collect, type Problem, problemIf, withDefaults } from "@edge-anomaly-detection/common";
import { EVERYBODY, explainPublicAccess, hubRules, isPublic, type ServiceAccess } from "../network/service-access";
import { validateProps } from "../shared/validate-props";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";

/** What a size of hub allows. */
interface SkuLimits {
  /** Messages a day for each unit, in 4 KB pieces (0.5 KB for F1). */
  readonly dailyMessages: number;
  readonly maxUnits: number;
  readonly maxPartitions: number;
  readonly maxRetentionDays: number;
  readonly maxEndpoints: number;
  readonly maxEnrichments: number;
}

const STANDARD = { maxPartitions: 32, maxRetentionDays: 7, maxEndpoints: 10, maxEnrichments: 10 } as const;
const sizeOf = (tier: HubTierName): Pick<SkuLimits, "dailyMessages" | "maxUnits"> => ({
  dailyMessages: HUB_TIERS[tier].dailyMessages.value,
  maxUnits: HUB_TIERS[tier].maxUnits.value,
});

/**
 * The sizes that have IoT Edge, device twins and deployments; the basic tier (B1 to B3) has none of them.
 * Source: `HUB_TIERS`, and for what else is here learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling and the
 * ARM type RoutingProperties (one custom endpoint on a free hub, ten on others).
 */
export const IOT_HUB_SKUS = {
  F1: { ...sizeOf("F1"), maxPartitions: 2, maxRetentionDays: 1, maxEndpoints: 1, maxEnrichments: 2 },
  S1: { ...sizeOf("S1"), ...STANDARD },
  S2: { ...sizeOf("S2"), ...STANDARD },
  S3: { ...sizeOf("S3"), ...STANDARD },
} as const satisfies Record<HubTierName, SkuLimits>;

/** Size of a hub. */
export type IotHubSku = keyof typeof IOT_HUB_SKUS;

/** What an environment decides about its hub. */
export interface IotHubSettings {
  /** Size: F1 (free, one in a subscription), S1, S2 or S3. @default "S1" */
  readonly sku?: IotHubSku;
  /** Units of that size, 1 to 200 (F1: 1, S3: 10). @default 1 */
  readonly units?: number;
  /** Partitions of the built-in endpoint, 2 to 32 (F1: 2). Azure sets them when the hub is made and never again: another number needs a new hub, which loses every device. @default 2 */
  readonly partitions?: number;
  /** Days for which the built-in endpoint keeps messages, 1 to 7 (F1: 1). @default 1 */
  readonly retentionDays?: number;
  /** Who reads the built-in endpoint; each gets a consumer group of that name, so that readers do not take each other's place. @default - nobody */
  readonly readers?: readonly string[];
}

/** What `IotHub` needs. */
export interface IotHubProps extends IotHubSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure: 3 to 50 lower-case letters, digits and hyphens, not ending in a hyphen. */
  readonly name: string;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction, which loses every device identity. */
  readonly preventDestroy: boolean;
}

/** Defaults of what an environment leaves open. */
export const IOT_HUB_DEFAULTS = { sku: "S1", units: 1, partitions: 2, retentionDays: 1 } as const;

/** Validation errors in an environment's settings for hub. */
export function iotHubProblems(settings: IotHubSettings): Problem[] {
  const skus = Object.keys(IOT_HUB_SKUS) as IotHubSku[];
  const sku = settings.sku ?? IOT_HUB_DEFAULTS.sku;
  // An unknown size is one validation error, not four: the widest limits are used in place of its own.
  const limits: SkuLimits = skus.includes(sku) ? IOT_HUB_SKUS[sku] : IOT_HUB_SKUS.S2;
  const readers = settings.readers ?? [];
  return collect(
    oneOf(
      "sku",
      settings.sku,
      skus,
      "choose S1 or larger (or F1 to try things out): the basic tier B1 to B3 has no IoT Edge, device twins or deployments",
    ),
    inRange(
      "units",
      settings.units,
      { min: 1, max: limits.maxUnits, unit: `units of ${sku}` },
      "choose a number of units, or a larger size",
    ),
    inRange(
      "partitions",
      settings.partitions,
      { min: 2, max: limits.maxPartitions, unit: `partitions on ${sku}` },
      "it cannot be changed later: another number needs a new hub, which loses every device identity",
    ),
    inRange(
      "retentionDays",
      settings.retentionDays,
      { min: 1, max: limits.maxRetentionDays, unit: `days on ${sku}` },
      "choose how long a reader may be away",
    ),
    ...readers.map((reader, index) =>
      hasForm(
        `readers[${index}]`,
        reader,
        /^(?!\$default$)[0-9a-z._-]{1,50}$/i,
        "1 to 50 letters, digits, dots, hyphens and underscores, not $Default",
        "name the consumer group after its reader",
      ),
    ),
    allDifferent(
      readers.map((value, index) => ({ path: `readers[${index}]`, value })),
      "give each reader its own consumer group",
    ),
    problemIf(
      readers.length > 20,
      "readers.length",
      readers.length,
      "at most 20 consumer groups",
      "share a consumer group between readers that take turns",
    ),
  );
}

/**
 * A hub that trusts Entra ID alone on its service side, with a consumer group for each reader.
 *
 * Endpoints, routes and enrichments are separate resources (`LakeRouting`) and must never be written into
 * the hub itself as well: azurerm then undoes one with the other at every apply.
 */
export class IotHub extends Construct {
  public readonly resource: Iothub;
  /** Its size, which limits endpoints and enrichments. */
  public readonly sku: IotHubSku;
  /** Everything in this construct that changes the hub after it is made; Azure refuses another change at the same time. */
  public readonly changes: readonly ITerraformDependable[];
  /** Messages that it takes in a day. */
  public readonly dailyMessageQuota: number;

  public constructor(scope: Construct, id: string, props: IotHubProps) {
    super(scope, id);
    validateProps(this, () => iotHubProblems(props));
    const { sku, units } = withDefaults(IOT_HUB_DEFAULTS, props);
    const { access = EVERYBODY } = props;
    this.sku = sku;
    this.dailyMessageQuota = IOT_HUB_SKUS[sku].dailyMessages * units;
    this.resource = new Iothub(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      sku: { name: sku, capacity: units },
      eventHubPartitionCount: props.partitions ?? IOT_HUB_DEFAULTS.partitions,
      eventHubRetentionInDays: props.retentionDays ?? IOT_HUB_DEFAULTS.retentionDays,
      // Turns off the hub's own policies (iothubowner and the like); devices keep their keys and certificates.
      localAuthenticationEnabled: false,
      // From creation on, because adding it later replaces the hub.
      minTlsVersion: "1.2",
      publicNetworkAccessEnabled: isPublic(access),
      networkRuleSet: hubRules(access),
      identity: { type: "SystemAssigned" },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(this.resource, access);
    this.changes = [];
    if (props.readers !== undefined && props.readers.length > 0) {
      const readers = TerraformIterator.fromList([...props.readers].sort());
      const groups = new IothubConsumerGroup(this, "Readers", {
        forEach: readers,
        name: readers.value as string,
        iothubName: this.resource.name,
        eventhubEndpointName: "events",
        resourceGroupName: props.resourceGroup.name,
      });
      this.changes = [groups];
    }
  }

  /** Object id of the hub's own identity. */
  public get principalId(): string {
    return this.resource.identity.principalId;
  }
}
