import type { ITerraformDependable } from "cdktf";
import { EpisodeSubscription } from "../../constructs/maintenance/episode-subscription";
import { WorkOrderQueue } from "../../constructs/maintenance/work-order-queue";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
import { type EnvironmentContext, sendDiagnostics } from "./context";
import type { EnvironmentHubs } from "./hub";

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
  readonly hubs: EnvironmentHubs;
  readonly queue: WorkOrderQueue | undefined;
  readonly lake: DataLake;
  /** Changes of each hub that must be done first, by its name. */
  readonly after: ReadonlyMap<string, readonly ITerraformDependable[]>;
}

/** Brings episodes of all hubs to the queue of work orders, where there is one. */
export function subscribeToEpisodes(context: EnvironmentContext, { hubs, queue, lake, after }: EpisodeFlow): void {
  const [first, ...others] = hubs;
  if (first.events === undefined || queue === undefined) {
    return;
  }
  const episodes = new EpisodeSubscription(context.stack, "Episodes", {
    resourceGroup: context.resourceGroup,
    events: first.events,
    queue,
    lake,
    alertReceivers: context.receivers,
    after: after.get(first.name) ?? [],
  });
  for (const { name, stamp, scope, events } of others) {
    if (events !== undefined && stamp !== undefined) {
      episodes.addHub(scope, "Episodes", { events, stamp, after: after.get(name) ?? [] });
    }
  }
}
