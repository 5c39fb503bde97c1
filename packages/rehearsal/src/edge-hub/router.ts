import type { DeployedRoute } from "./deployment";
import { type RoutedMessage, routeMatches } from "./route-grammar";

/** Where the edge hub queues messages: `$upstream`, or `MODULE/INPUT`. */
export const UPSTREAM = "$upstream";

/** A queue that a message goes to. */
export interface Target {
  readonly endpoint: string;
  readonly priority: number;
  readonly timeToLiveSeconds: number;
}

export interface Routing {
  /** Names of the routes that took the message. */
  readonly routes: readonly string[];
  readonly targets: readonly Target[];
}

/** The queue that a route leads to. */
export function endpointOf({ route: { endpoint } }: Pick<DeployedRoute, "route">): string {
  return endpoint.kind === "upstream" ? UPSTREAM : `${endpoint.module}/${endpoint.input}`;
}

/** Finds the routes that a message takes. */
export class Router {
  private readonly routes: readonly (DeployedRoute & { readonly endpoint: string })[];

  public constructor(routes: readonly DeployedRoute[]) {
    this.routes = routes.map((route) => ({ ...route, endpoint: endpointOf(route) }));
  }

  /**
   * A message reaches an endpoint once, however many of its routes take it: by the one with the highest priority, and of
   * equal ones by the longest time to live (Azure/iotedge, `Routing.Core/Evaluator`).
   */
  public route(message: RoutedMessage): Routing {
    const taken = this.routes.filter(({ route }) => routeMatches(route, message));
    const targets = new Map<string, Target>();
    for (const { endpoint, priority, timeToLiveSeconds } of taken) {
      const known = targets.get(endpoint);
      const isBetter =
        known === undefined ||
        priority < known.priority ||
        (priority === known.priority && timeToLiveSeconds > known.timeToLiveSeconds);
      if (isBetter) {
        targets.set(endpoint, { endpoint, priority, timeToLiveSeconds });
      }
    }
    return { routes: taken.map(({ name }) => name), targets: [...targets.values()] };
  }
}
