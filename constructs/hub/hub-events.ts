import { EventgridSystemTopic } from "@cdktf/provider-azurerm/lib/eventgrid-system-topic";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { assertValid, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { AzapiResource, type Body, type Json } from "@edge-anomaly-detection/terraform-bindings";
import { DETECTOR, DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import type { IotHub } from "./iot-hub";

/** What `HubEvents` needs. */
export interface HubEventsProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name of the topic, unique in the resource group: 3 to 50 letters, digits and hyphens. */
  readonly name: string;
  /** The hub whose messages become events. */
  readonly hub: IotHub;
  /** Changes of the hub that must be done before the first subscription: Azure refuses two at the same time. */
  readonly after: readonly ITerraformDependable[];
}

/** A condition that an event must meet: Event Grid's advanced filters for texts. An event has 25 values in all filters at most. */
export interface MessageFilter {
  readonly operatorType: "StringIn" | "StringNotIn";
  /** Path in the event: `data.properties.NAME` is an application property of the message. */
  readonly key: string;
  readonly values: readonly string[];
}

/** Which messages of a hub go where. */
export interface HubSubscription {
  /** Name of the event subscription: 3 to 64 letters, digits and hyphens. */
  readonly name: string;
  /** Conditions, all of which a message must meet. */
  readonly filters: readonly MessageFilter[];
  /** Properties of the subscription that say where messages go: `destination`, or `deliveryWithResourceIdentity`. */
  readonly delivery: Readonly<Record<string, Json>>;
  /** Write-only part of the body. @default - none */
  readonly sensitiveBody?: { readonly body: Body; readonly versions: Readonly<Record<string, string>> };
  /** What must be there first: roles and destinations. @default - nothing */
  readonly after?: readonly ITerraformDependable[];
}

/** Attempts and minutes for which Event Grid tries to deliver an event; its largest values. */
export const DELIVERY = { maxAttempts: 30, minutes: 1440 } as const;

/** Messages that modules of these ids sent. */
export const fromModules = (moduleIds: readonly string[]): MessageFilter => ({
  operatorType: "StringIn",
  key: "data.systemProperties.iothub-connection-module-id",
  values: moduleIds,
});

/** Messages by the output of the ML module that they left through; `StringNotIn` takes those of other modules too. */
export const byOutput = (operatorType: MessageFilter["operatorType"], outputs: readonly string[]): MessageFilter => ({
  operatorType,
  key: `data.properties.${DETECTOR.outputProperty}`,
  values: outputs,
});

/** Messages of the ML module about episodes: alerts, their ends, and what operators said of them. */
export const EPISODE_MESSAGES: readonly MessageFilter[] = [
  fromModules([DETECTOR_MODULE]),
  byOutput("StringIn", [DETECTOR.alertOutput, DETECTOR.feedbackOutput]),
];

/** Delivery by the topic's own identity, which must have a role on the destination. */
export const byTopicIdentity = (destination: Json): Body => ({
  deliveryWithResourceIdentity: { identity: { type: "SystemAssigned" }, destination },
});

/** Validation errors in what is subscribed to. */
function hubSubscriptionProblems(filters: readonly MessageFilter[]): Problem[] {
  const values = filters.flatMap((filter) => filter.values);
  return collect(
    problemIf(
      values.length > 25 || filters.some((filter) => filter.values.length === 0),
      "filters",
      filters.map((filter) => `${filter.key}: ${filter.values.join(", ")}`),
      "at least one value for each filter and 25 in all, as many as Event Grid takes",
      "name fewer modules",
    ),
  );
}

/**
 * The messages of a hub as events, by Event Grid: a system topic, of which Azure allows one for each hub, and the subscriptions that parts
 * of an environment add to it. Its identity delivers to queues and storage without keys, through their firewalls as a trusted
 * service (learn.microsoft.com/azure/event-grid/managed-service-identity).
 */
export class HubEvents extends Construct {
  public readonly resource: EventgridSystemTopic;
  private last: readonly ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: HubEventsProps) {
    super(scope, id);
    const { resourceGroup, name, hub } = props;
    this.resource = new EventgridSystemTopic(this, "Resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      sourceResourceId: hub.resource.id,
      topicType: "Microsoft.Devices.IoTHubs",
      identity: { type: "SystemAssigned" },
    });
    this.last = props.after;
  }

  /** Object id of the topic's own identity. */
  public get principalId(): string {
    return this.resource.identity.principalId;
  }

  /**
   * Sends messages of devices to where `subscription` says, in `scope`. Subscriptions change the hub: each comes after the one that was
   * added before it.
   */
  public subscribe(scope: Construct, id: string, subscription: HubSubscription): AzapiResource {
    const { name, filters, delivery, sensitiveBody, after = [] } = subscription;
    assertValid(scope.node.path, hubSubscriptionProblems(filters));
    const created = new AzapiResource(scope, id, {
      type: "Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15",
      name,
      parentId: this.resource.id,
      body: {
        properties: {
          ...delivery,
          eventDeliverySchema: "EventGridSchema",
          filter: {
            includedEventTypes: ["Microsoft.Devices.DeviceTelemetry"],
            advancedFilters: filters.map((filter) => ({ ...filter, values: [...filter.values] })),
          },
          retryPolicy: { maxDeliveryAttempts: DELIVERY.maxAttempts, eventTimeToLiveInMinutes: DELIVERY.minutes },
        },
      },
      ...(sensitiveBody && { sensitiveBody: sensitiveBody.body, sensitiveBodyVersion: sensitiveBody.versions }),
      dependsOn: [...after, ...this.last],
    });
    this.last = [created];
    return created;
  }
}
