import { at, number, text } from "../json";
import { arm, metricsOf, resourcePath } from "./arm";
import type { Around } from "./around";

/** How episodes come to the queue of work orders, and what waits in it. */
export interface WorkOrders {
  /** Undefined where there is no queue. */
  readonly queue: { readonly status: string; readonly waiting: number; readonly deadLetters: number } | undefined;
  /** Each hub's event subscription. */
  readonly subscriptions: readonly EpisodeSubscription[];
}

/** What of a hub's messages goes to the queue. */
export interface EpisodeSubscription {
  readonly topic: string;
  /** Provisioning state; undefined where there is none. */
  readonly state: string | undefined;
  /** Events of the last day that Event Grid gave up; 0 where the anomaly feed counts them. */
  readonly undelivered: number;
}

/** The queue of work orders and its subscription; undefined where the environment has none. */
export async function workOrders(around: Around): Promise<WorkOrders | undefined> {
  const expected = around.expected.workOrders;
  if (expected === undefined) {
    return undefined;
  }
  const namespace = resourcePath(around, "Microsoft.ServiceBus/namespaces", expected.namespace);
  const [queue, subscriptions] = await Promise.all([
    around.http.find(arm(around, `${namespace}/queues/${expected.queue}`, "2024-01-01")),
    Promise.all(expected.topics.map((topic) => subscriptionOf(around, topic, expected.subscription))),
  ]);
  const details = at(queue?.body, "properties", "countDetails");
  return {
    queue: queue && {
      status: text(queue.body, "properties", "status") ?? "unknown",
      waiting: number(details, "activeMessageCount") ?? 0,
      deadLetters: number(details, "deadLetterMessageCount") ?? 0,
    },
    subscriptions,
  };
}

async function subscriptionOf(around: Around, topic: string, name: string): Promise<EpisodeSubscription> {
  const path = resourcePath(around, "Microsoft.EventGrid/systemTopics", topic);
  const found = await around.http.find(arm(around, `${path}/eventSubscriptions/${name}`, "2022-06-15"));
  const isCounted = around.expected.logs.feed?.topics.includes(topic) === true || found === undefined;
  const counts = isCounted
    ? undefined
    : await metricsOf(around, path, ["DroppedEventCount", "DeadLetteredCount"], "Total");
  return {
    topic,
    state: found && (text(found.body, "properties", "provisioningState") ?? "unknown"),
    undelivered: [...(counts?.values() ?? [])].reduce((sum, { value }) => sum + value, 0),
  };
}
