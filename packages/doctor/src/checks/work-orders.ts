import { type Check, check } from "./check";

/** Messages that a healthy `npm run work-orders`, started every minute, never leaves waiting. */
const WAITING = 100;

/** Checks of the way from episodes to work orders, where the environment has a queue for them. */
export const WORK_ORDER_CHECKS: readonly Check[] = [
  check({
    id: "work-order-queue",
    level: "broken",
    phases: ["after"],
    needs: ["workOrders", "resources"],
    holds: "episodes reach the queue of work orders",
    why: "nobody is asked to look at a machine",
    remedy: "npx cdktf deploy creates what is missing; a queue is activated again in Azure's portal",
    page: "docs/maintenance.md#the-queue",
    find: ({ workOrders, resources = [] }, { workOrders: expected }) => {
      // A namespace or topic that is missing is named as such.
      const isThere = (name: string): boolean => resources.some((one) => one.name === name);
      if (workOrders === undefined || expected === undefined) {
        return [];
      }
      const { queue, subscriptions } = workOrders;
      return [
        ...(queue === undefined && isThere(expected.namespace)
          ? [{ subject: expected.queue, what: "there is no such queue" }]
          : []),
        ...(queue !== undefined && queue.status !== "Active"
          ? [{ subject: expected.queue, what: `the queue is ${queue.status}` }]
          : []),
        ...subscriptions
          .filter(({ topic, state }) => (state === undefined ? isThere(topic) : state !== "Succeeded"))
          .map(({ topic, state }) => ({
            subject: `${topic}/${expected.subscription}`,
            what: state === undefined ? "there is no such event subscription" : `the event subscription is ${state}`,
          })),
      ];
    },
  }),
  check({
    id: "work-order-dead-letters",
    level: "finding",
    phases: ["after"],
    needs: ["workOrders"],
    holds: "every episode becomes a work order",
    why: "the maintenance system refused them, or was away too long: no order was made",
    remedy:
      "read them in Azure's portal, Service Bus Explorer; once the cause is gone, send them again, which makes no order twice",
    page: "docs/maintenance.md#the-queue",
    find: ({ workOrders }, { workOrders: expected }) => [
      ...(workOrders !== undefined && (workOrders.queue?.deadLetters ?? 0) > 0
        ? [{ subject: expected?.queue ?? "", what: `it has ${workOrders.queue?.deadLetters ?? 0} dead letters` }]
        : []),
      ...(workOrders?.subscriptions ?? [])
        .filter(({ undelivered }) => undelivered > 0)
        .map(({ topic, undelivered }) => ({
          subject: topic,
          what: `${undelivered} events were given up within a day`,
        })),
    ],
  }),
  check({
    id: "work-orders-waiting",
    level: "finding",
    phases: ["after"],
    needs: ["workOrders"],
    holds: "somebody takes messages out of the queue of work orders",
    why: "machines wait for an order that nobody makes",
    remedy: "see whether npm run work-orders runs every minute, and what it says",
    page: "docs/maintenance.md#the-queue",
    find: ({ workOrders }, { workOrders: expected }) => {
      const waiting = workOrders?.queue?.waiting ?? 0;
      return waiting > WAITING ? [{ subject: expected?.queue ?? "", what: `${waiting} messages wait` }] : [];
    },
  }),
];
