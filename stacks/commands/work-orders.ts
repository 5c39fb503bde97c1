import { readArguments, RemoteError, runCommand } from "@edge-anomaly-detection/common";
import { signIn } from "@edge-anomaly-detection/doctor";
import {
  drain,
  type Drained,
  type Outcome,
  type Queue,
  ServiceBusQueue,
  Webhook,
} from "@edge-anomaly-detection/maintenance";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { loadConfiguration } from "../../environments/validation/load";
import { bearer, queueAddress, routeIn, type SystemAccess, systemsIn } from "./work-order-systems";

const HELP = `Brings what waits in a Service Bus queue to maintenance systems: an order for each episode of an anomaly, completed at its end.

  npm run -s work-orders -- ENV [--queue URL] [--webhook URL [--scope SCOPE]] [--json]

  --queue URL      https://NAMESPACE.servicebus.windows.net/QUEUE, filled by Event Grid with the hub's telemetry events.
                   Default: that of the environment's maintenance.queue
  --webhook URL    one system, where the environment names none in maintenance.systems: GET URL?reference=EPISODE lists its orders,
                   POST URL takes a request as CloudEvents 1.0
  --scope SCOPE    sign in to the webhook with a token of Entra ID for this scope. Default: no sign-in
  --json           the counts as JSON

Runs until the queue is empty; start it every minute where the maintenance systems can be reached, and one at a time. Whatever fails,
and however often, an episode becomes one order. What becomes a request, the systems and the machines' records are the environment's
\`maintenance\`. Users and passwords come from WORK_ORDERS_NAME_USER and WORK_ORDERS_NAME_PASSWORD, by the name of the system.
docs/maintenance.md has the way of a message and what each system must have.
Exit status: 0 the queue is empty; 1 invalid arguments or configuration; 2 something is away or refuses, and the queue waits.`;

/** What the command stands on; tests put their own in its place. */
export interface WorkOrderSurroundings extends SystemAccess {
  readonly organization: OrganizationConfig;
  readonly environments: readonly EnvironmentConfig[];
  readonly queueAt: (url: string) => Queue;
  readonly now?: () => Date;
}

/** Runs the command; returns its exit status. */
export async function workOrders(args: readonly string[], given?: WorkOrderSurroundings): Promise<number> {
  const { words, flags, values, invalid } = readArguments(
    args,
    ["--json", "--help", "-h"],
    ["--queue", "--webhook", "--scope"],
  );
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const mistake = invalid ?? (words.length === 1 ? undefined : "name one environment");
  if (mistake !== undefined) {
    return unusable(mistake);
  }
  const around = given ?? surroundings();
  const environment = around.environments.find(({ name }) => name === words[0]);
  if (environment === undefined) {
    return unusable(`name one of the environments ${around.environments.map(({ name }) => name).join(", ")}`);
  }
  const queue = values.get("--queue") ?? queueAddress(around.organization, environment);
  const webhook = values.get("--webhook");
  const isRouted = environment.maintenance?.systems !== undefined;
  const problem = queueProblem(queue) ?? webhookProblem(webhook, isRouted);
  if (queue === undefined || problem !== undefined) {
    return unusable(problem ?? "");
  }
  const drained = await drain({
    queue: around.queueAt(queue),
    ...(isRouted
      ? { systems: systemsIn(environment, around), systemsOf: routeIn(environment) }
      : { systems: { webhook: webhookAt(webhook ?? "", values.get("--scope"), around) } }),
    policy: environment.maintenance ?? {},
    ...(around.now !== undefined && { now: around.now }),
    onWord: ({ episode, says }, outcome, refusal) => {
      if (refusal !== undefined) {
        console.error(`${episode.machineId} ${episode.episodeId}: ${refusal.message}`);
      }
      if (!flags.has("--json") && outcome !== "ignored") {
        console.log(`${episode.machineId} ${episode.episodeId}: ${says}, ${WORDS[outcome]}`);
      }
    },
  });
  return report(drained, flags.has("--json"));
}

function webhookAt(url: string, scope: string | undefined, around: WorkOrderSurroundings): Webhook {
  return new Webhook({
    url,
    ...(scope !== undefined && { authorization: bearer(scope, around) }),
    ...(around.wait !== undefined && { wait: around.wait }),
  });
}

function queueProblem(queue: string | undefined): string | undefined {
  return queue === undefined
    ? "--queue is needed: the environment has no maintenance.queue"
    : /^https:\/\/[^/]+\.servicebus\.[^/]+\/[^/?]+$/.test(queue)
      ? undefined
      : "--queue is https://NAMESPACE.servicebus.windows.net/QUEUE";
}

function webhookProblem(webhook: string | undefined, isRouted: boolean): string | undefined {
  if (isRouted) {
    return webhook === undefined ? undefined : "--webhook does not go with the environment's maintenance.systems";
  }
  return isWebAddress(webhook ?? "")
    ? undefined
    : "--webhook is an address, https unless it is on this machine; or name systems in the environment's maintenance";
}

const WORDS: Readonly<Record<Outcome, string>> = {
  created: "an order was created",
  completed: "its order was completed",
  known: "known already",
  ignored: "no request",
  wait: "waits for its beginning",
  refused: "refused",
};

function report({ messages, outcomes, problem }: Drained, asJson: boolean): number {
  if (asJson) {
    console.log(JSON.stringify({ messages, outcomes, problem: problem?.problem ?? null }, undefined, 2));
  } else {
    console.log(
      `${messages} messages: ${outcomes.created} created, ${outcomes.completed} completed, ${outcomes.wait} wait` +
        (outcomes.refused === 0 ? "" : `, ${outcomes.refused} refused`),
    );
  }
  if (problem !== undefined) {
    console.error(problem.message);
    return 2;
  }
  return outcomes.refused === 0 ? 0 : 2;
}

const isWebAddress = (url: string): boolean =>
  URL.canParse(url) && /^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url);

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 1;
}

function surroundings(): WorkOrderSurroundings {
  const tokenFor = signIn();
  const configuration = loadConfiguration();
  return {
    organization: configuration.organization,
    environments: configuration.environments,
    tokenFor,
    variables: process.env,
    queueAt: (url) => new ServiceBusQueue({ url, tokenFor }),
  };
}

if (require.main === module) {
  runCommand(async () => {
    try {
      return await workOrders(process.argv.slice(2));
    } catch (error) {
      if (!(error instanceof RemoteError)) {
        throw error;
      }
      console.error(error.message);
      return 2;
    }
  });
}
