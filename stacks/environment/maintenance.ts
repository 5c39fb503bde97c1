import type { ITerraformDependable } from "cdktf";
import type { HubEvents } from "../../constructs/hub/hub-events";
import { EpisodeSubscription } from "../../constructs/maintenance/episode-subscription";
import { WorkOrderQueue } from "../../constructs/maintenance/work-order-queue";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
import { type EnvironmentContext, sendDiagnostics } from "./context";

/** Nothing of it where the environment's configuration has no queue. */
export function createWorkOrderQueue(context: EnvironmentContext): WorkOrderQueue | undefined {
  const settings = context.environment.maintenance?.queue;
  if (settings === undefined) {
    return undefined;
  }
  const queue = new WorkOrderQueue(context.stack, "WorkOrderQueue", {
    ...settings,
    resourceGroup: context.resourceGroup,
    name: names.serviceBusNamespaceName(context.parts),
    alertReceivers: context.receivers,
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, queue, "serviceBusNamespace", queue.resource.id);
  return queue;
}

/** Where episodes come from and go to. */
export interface EpisodeFlow {
  readonly events: HubEvents | undefined;
  readonly queue: WorkOrderQueue | undefined;
  readonly lake: DataLake;
  /** Changes of the hub that must be done first. */
  readonly after: readonly ITerraformDependable[];
}

/** Brings episodes to the queue of work orders, where there is one. */
export function subscribeToEpisodes(context: EnvironmentContext, { events, queue, lake, after }: EpisodeFlow): void {
  if (events !== undefined && queue !== undefined) {
    new EpisodeSubscription(context.stack, "Episodes", {
      resourceGroup: context.resourceGroup,
      events,
      queue,
      lake,
      alertReceivers: context.receivers,
      after,
    });
  }
}
