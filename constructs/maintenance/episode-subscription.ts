import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { byTopicIdentity, EPISODE_MESSAGES, type HubEvents } from "../hub/hub-events";
import type { AlertReceivers } from "../monitoring/alert-receivers";
import { addMetricAlert } from "../monitoring/metric-alert";
import { grantRole } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import type { DataLake } from "../storage/data-lake";
import type { WorkOrderQueue } from "./work-order-queue";

/** A hub whose devices see episodes. */
export interface EpisodeSource {
  /** Its messages. */
  readonly events: HubEvents;
  /** Name of a further hub of the environment; the alert's name ends in it. @default - the first hub */
  readonly stamp?: string;
  /** Changes of the hub that must be done first: Azure refuses two at the same time. */
  readonly after: readonly ITerraformDependable[];
}

/** What `EpisodeSubscription` needs. */
export interface EpisodeSubscriptionProps extends Omit<EpisodeSource, "stamp"> {
  /** Where its alert is created. */
  readonly resourceGroup: ResourceGroup;
  /** Where they go. */
  readonly queue: WorkOrderQueue;
  /** Where those go that could not be delivered for a day. */
  readonly lake: DataLake;
  /** Who is told of those. */
  readonly alertReceivers: AlertReceivers;
}

/** Container of the lake with what Event Grid could not deliver. */
export const UNDELIVERED_CONTAINER = "undelivered-events";

/** Name of the event subscription. */
export const EPISODE_SUBSCRIPTION = "episodes-to-work-orders";

/**
 * Brings to a queue of work orders what the ML module of each device says of episodes: alerts, their ends, and what operators said of
 * them. Event Grid delivers by its topic's identity and at least once; what it cannot deliver for a day is kept in the lake, and
 * people are told.
 */
export class EpisodeSubscription extends Construct {
  private readonly undelivered: StorageContainer;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: EpisodeSubscriptionProps,
  ) {
    super(scope, id);
    this.undelivered = new StorageContainer(this, "Undelivered", {
      name: UNDELIVERED_CONTAINER,
      storageAccountId: props.lake.resource.id,
      containerAccessType: "private",
    });
    this.subscribe(this, props);
  }

  /** Brings the episodes of a further hub to the same queue. */
  public addHub(scope: Construct, id: string, source: EpisodeSource & { readonly stamp: string }): void {
    this.subscribe(new Construct(scope, id), source);
  }

  private subscribe(scope: Construct, { events, stamp, after }: EpisodeSource): void {
    const { queue, lake, resourceGroup, alertReceivers } = this.props;
    const { undelivered } = this;
    const { principalId } = events;
    const roles = {
      sender: grantRole(scope, "SenderRole", {
        role: "Azure Service Bus Data Sender",
        scope: queue.queue.id,
        principalId,
        description: "Event Grid brings episodes to the queue of work orders",
      }),
      undelivered: grantRole(scope, "UndeliveredRole", {
        role: "Storage Blob Data Contributor",
        scope: undelivered.id,
        principalId,
        description: "Event Grid keeps what it could not deliver",
      }),
    };
    const propagation = new RolePropagation(scope, "Propagation", { assignments: roles });
    events.subscribe(scope, "Subscription", {
      name: EPISODE_SUBSCRIPTION,
      filters: EPISODE_MESSAGES,
      delivery: {
        ...byTopicIdentity({ endpointType: "ServiceBusQueue", properties: { resourceId: queue.queue.id } }),
        deadLetterWithResourceIdentity: {
          identity: { type: "SystemAssigned" },
          deadLetterDestination: {
            endpointType: "StorageBlob",
            properties: { resourceId: lake.resource.id, blobContainerName: undelivered.name },
          },
        },
      },
      after: [propagation.done, ...after],
    });
    // Metric: learn.microsoft.com/azure/event-grid/metrics
    addMetricAlert(
      scope,
      {
        id: "UndeliveredEvents",
        name: stamp === undefined ? "work-orders-undelivered" : `work-orders-undelivered-${stamp}`,
        description: `Event Grid could not deliver episodes to the queue for a day; they are in the lake, container ${UNDELIVERED_CONTAINER}.`,
        severity: 1,
        metric: "DeadLetteredCount",
        aggregation: "Total",
        operator: "GreaterThan",
        threshold: 0,
        window: "PT1H",
        dimensions: { EventSubscriptionName: EPISODE_SUBSCRIPTION },
      },
      {
        resourceGroup,
        target: { id: events.resource.id, type: "Microsoft.EventGrid/systemTopics" },
        receivers: alertReceivers,
      },
    );
  }
}
