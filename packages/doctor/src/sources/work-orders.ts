import { at, number, text } from "../json";
import { arm, metricsOf, resourcePath } from "./arm";
import type { Around } from "./around";

/** How episodes come to the queue of work orders, and what waits in it. */
export interface WorkOrders {
  /** Undefined where there is no queue. */
  readonly queue: { readonly status: string; readonly waiting: number; readonly deadLetters: number } | undefined;
  /** Provisioning state of the event subscription; undefined where there is none. */
  readonly subscription: string | undefined;
  /** Events of the last day that Event Grid gave up; 0 where the anomaly feed counts them. */
  readonly undelivered: number;
}

/** The queue of work orders and its subscription; undefined where the environment has none. */
export async function workOrders(around: Around): Promise<WorkOrders | undefined> {
  const expected = around.expected.workOrders;
  if (expected === undefined) {
    return undefined;
  }
  const topic = resourcePath(around, "Microsoft.EventGrid/systemTopics", expected.topic);
  const namespace = resourcePath(around, "Microsoft.ServiceBus/namespaces", expected.namespace);
  const counts = ["DroppedEventCount", "DeadLetteredCount"];
  const [queue, subscription] = await Promise.all([
    around.http.find(arm(around, `${namespace}/queues/${expected.queue}`, "2024-01-01")),
    around.http.find(arm(around, `${topic}/eventSubscriptions/${expected.subscription}`, "2022-06-15")),
  ]);
  const isCounted = around.expected.logs.feed !== undefined || subscription === undefined;
  const undelivered = isCounted ? [] : [...(await metricsOf(around, topic, counts, "Total")).values()];
  const details = at(queue?.body, "properties", "countDetails");
  return {
    queue: queue && {
      status: text(queue.body, "properties", "status") ?? "unknown",
      waiting: number(details, "activeMessageCount") ?? 0,
      deadLetters: number(details, "deadLetterMessageCount") ?? 0,
    },
    subscription: subscription && (text(subscription.body, "properties", "provisioningState") ?? "unknown"),
    undelivered: undelivered.reduce((sum, { value }) => sum + value, 0),
  };
}
