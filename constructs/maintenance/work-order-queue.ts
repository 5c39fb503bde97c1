import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { ServicebusNamespace } from "@cdktf/provider-azurerm/lib/servicebus-namespace";
import { ServicebusQueue } from "@cdktf/provider-azurerm/lib/servicebus-queue";
import { Construct } from "constructs";
import { collect, type Problem, problemIf, under, withDefaults } from "@edge-anomaly-detection/common";
import { inRange, oneOf } from "@edge-anomaly-detection/common/rules";
import type { AlertReceivers } from "../monitoring/alert-receivers";
import { addMetricAlert } from "../monitoring/metric-alert";
import {
  EVERYBODY,
  explainPublicAccess,
  isPublic,
  namespaceRules,
  type ServiceAccess,
} from "../network/service-access";
import { assignRole, principalProblems, type Principals } from "../security/principals";
import { validateProps } from "../shared/validate-props";

const SKUS = ["Standard", "Premium"] as const;

/** What an environment decides about the queue of its work orders. */
export interface WorkOrderQueueSettings {
  /** Who may take messages out: the identities that `npm run work-orders` runs as. At least one. */
  readonly receivers: Principals;
  /** Tier of the Service Bus namespace. Address rules and private endpoints need `Premium`, which is billed by the hour. A change to or from `Premium` replaces the queue with what waits in it. @default "Standard" */
  readonly sku?: (typeof SKUS)[number];
  /** Days for which a message waits before it becomes a dead letter, 1 to 365. @default 14 */
  readonly messageDays?: number;
}

/** What `WorkOrderQueue` needs. */
export interface WorkOrderQueueProps extends WorkOrderQueueSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name of the namespace in all of Azure, 6 to 50 letters, digits and hyphens. */
  readonly name: string;
  /** Who is told of dead letters. */
  readonly alertReceivers: AlertReceivers;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Name of the queue in its namespace. */
export const WORK_ORDER_QUEUE = "work-orders";

/** Defaults of what an environment leaves open. */
export const WORK_ORDER_QUEUE_DEFAULTS = { sku: "Standard", messageDays: 14 } as const;

/** Longest lock that Service Bus gives, in minutes: a message that could not be delivered comes again after it. */
const LOCK_MINUTES = 5;
/** Deliveries of a message before it becomes a dead letter, the most that Service Bus takes: a week of attempts, one after each lock. */
const MAX_DELIVERIES = 2000;

/** Validation errors in an environment's settings for the queue. */
export function workOrderQueueProblems(settings: WorkOrderQueueSettings): Problem[] {
  return [
    ...under("receivers", principalProblems(settings.receivers)),
    ...collect(
      problemIf(
        Object.keys(settings.receivers).length === 0,
        "receivers",
        settings.receivers,
        "at least one principal",
        "name the identity that npm run work-orders runs as",
      ),
      oneOf("sku", settings.sku, SKUS, "choose Premium for address rules and private endpoints"),
      inRange(
        "messageDays",
        settings.messageDays,
        { min: 1, max: 365, unit: "days" },
        "choose how long the maintenance system may be away",
      ),
    ),
  ];
}

/**
 * Where messages about episodes wait for `npm run work-orders`: a Service Bus queue without keys, in a namespace of its own. What could not be
 * delivered in a week of attempts or in `messageDays` becomes a dead letter, which people are told of; of what waits for six hours they are
 * told before.
 *
 * Event Grid gives an event the same message id at each attempt (learn.microsoft.com/azure/event-grid/handler-service-bus), so the
 * queue drops what Event Grid delivers twice within its own time of delivery, a day.
 */
export class WorkOrderQueue extends Construct {
  /** The namespace. */
  public readonly resource: ServicebusNamespace;
  public readonly queue: ServicebusQueue;

  public constructor(scope: Construct, id: string, props: WorkOrderQueueProps) {
    super(scope, id);
    validateProps(this, () => workOrderQueueProblems(props));
    const { sku, messageDays, access } = withDefaults({ ...WORK_ORDER_QUEUE_DEFAULTS, access: EVERYBODY }, props);
    const isPremium = sku === "Premium";
    this.resource = new ServicebusNamespace(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      sku,
      ...(isPremium && { capacity: 1, premiumMessagingPartitions: 1, networkRuleSet: namespaceRules(access) }),
      localAuthEnabled: false,
      minimumTlsVersion: "1.2",
      publicNetworkAccessEnabled: isPublic(access),
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(
      this.resource,
      access,
      isPremium
        ? undefined
        : "A Service Bus namespace of the tier Standard has no address rules; whoever sends or receives signs in.",
    );
    this.queue = new ServicebusQueue(this, "Queue", {
      name: WORK_ORDER_QUEUE,
      namespaceId: this.resource.id,
      requiresDuplicateDetection: true,
      // At least as long as Event Grid tries to deliver.
      duplicateDetectionHistoryTimeWindow: "P1D",
      lockDuration: `PT${LOCK_MINUTES}M`,
      maxDeliveryCount: MAX_DELIVERIES,
      defaultMessageTtl: `P${messageDays}D`,
      deadLetteringOnMessageExpiration: true,
    });
    assignRole(this, "Receivers", this.queue.id, "Azure Service Bus Data Receiver", props.receivers);
    this.addAlerts(props);
  }

  private addAlerts({ resourceGroup, alertReceivers: receivers }: WorkOrderQueueProps): void {
    const target = { id: this.resource.id, type: "Microsoft.ServiceBus/namespaces" };
    // Metrics: learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference
    const common = { operator: "GreaterThan", threshold: 0, dimensions: { EntityName: WORK_ORDER_QUEUE } } as const;
    const props = { resourceGroup, target, receivers };
    addMetricAlert(
      this,
      {
        ...common,
        id: "DeadLetters",
        name: "work-orders-dead-letters",
        description: "Messages became no work order: the maintenance system refused them, or was away too long.",
        severity: 1,
        metric: "DeadletteredMessages",
        aggregation: "Maximum",
        window: "PT15M",
      },
      props,
    );
    addMetricAlert(
      this,
      {
        ...common,
        id: "NotTaken",
        name: "work-orders-not-taken",
        description:
          "Messages have waited for six hours: npm run work-orders does not run, or the system is away or refuses them.",
        severity: 2,
        metric: "ActiveMessages",
        aggregation: "Minimum",
        window: "PT6H",
      },
      props,
    );
  }
}
