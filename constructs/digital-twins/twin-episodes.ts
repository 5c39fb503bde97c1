import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { byTopicIdentity, EPISODE_MESSAGES, type HubEvents } from "../hub/hub-events";
import type { AlertReceivers } from "../monitoring/alert-receivers";
import { addMetricAlert } from "../monitoring/metric-alert";
import { grantRole } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import type { DigitalTwins } from "./digital-twins";

/** What `TwinEpisodes` needs. */
export interface TwinEpisodesProps {
  /** Where its alert is created. */
  readonly resourceGroup: ResourceGroup;
  /** Messages of the hub whose devices see episodes. */
  readonly events: HubEvents;
  /** Name of a further hub of the environment; the alert's name ends in it. @default - the first hub */
  readonly stamp?: string;
  /** Whose queue they go to. */
  readonly twins: DigitalTwins;
  /** Who is told of what could not be delivered. */
  readonly alertReceivers: AlertReceivers;
  /** Changes of the hub that must be done first: Azure refuses two at the same time. */
  readonly after: readonly ITerraformDependable[];
}

const SUBSCRIPTION = "episodes-to-twins";
/** Seconds for which a message waits in the queue: a week, in which `npm run -s twin -- follow` may be away. */
const WAIT_SECONDS = 7 * 86_400;

/**
 * Brings to a twin's queue what the ML module of each device says of episodes: alerts, their ends, and what operators said of them. Event
 * Grid delivers by its topic's identity, at least once; people are told of what it gives up after a day.
 */
export class TwinEpisodes extends Construct {
  public constructor(scope: Construct, id: string, props: TwinEpisodesProps) {
    super(scope, id);
    const { events, stamp, twins, resourceGroup, alertReceivers: receivers } = props;
    const sender = grantRole(this, "SenderRole", {
      role: "Storage Queue Data Message Sender",
      scope: twins.queue.id,
      principalId: events.principalId,
      description: "Event Grid brings episodes to the queue of the twin",
    });
    const propagation = new RolePropagation(this, "Propagation", { assignments: { sender } });
    events.subscribe(this, "Subscription", {
      name: SUBSCRIPTION,
      filters: EPISODE_MESSAGES,
      delivery: byTopicIdentity({
        endpointType: "StorageQueue",
        properties: {
          resourceId: twins.storage.id,
          queueName: twins.queue.name,
          queueMessageTimeToLiveInSeconds: WAIT_SECONDS,
        },
      }),
      after: [propagation.done, ...props.after],
    });
    // Metric: learn.microsoft.com/azure/event-grid/metrics
    addMetricAlert(
      this,
      {
        id: "DroppedEvents",
        name: stamp === undefined ? "twin-dropped-events" : `twin-dropped-events-${stamp}`,
        description:
          "Event Grid could not bring episodes to the twin's queue for a day and gave them up: health in twins may be wrong.",
        severity: 2,
        metric: "DroppedEventCount",
        aggregation: "Total",
        operator: "GreaterThan",
        threshold: 0,
        window: "PT1H",
        dimensions: { EventSubscriptionName: SUBSCRIPTION },
      },
      { resourceGroup, target: { id: events.resource.id, type: "Microsoft.EventGrid/systemTopics" }, receivers },
    );
  }
}
