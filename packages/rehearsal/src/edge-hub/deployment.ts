import type { DeploymentLayer } from "../input";
import { isObject, type JsonObject, type JsonValue } from "./json";
import { parseRoute, type Route } from "./route-grammar";

/** A module as the agent would start it. */
export interface DeployedModule {
  readonly image: string;
  readonly status: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A route of the merged deployment. */
export interface DeployedRoute {
  readonly name: string;
  readonly text: string;
  readonly route: Route;
  /** 0 (first) to 9; routes without one come after all others. */
  readonly priority: number;
  /** Seconds for which its messages wait for their reader. */
  readonly timeToLiveSeconds: number;
}

/** What a device runs, once IoT Hub has merged the layers that reach it. */
export interface Deployment {
  readonly modules: Readonly<Record<string, DeployedModule>>;
  readonly routes: readonly DeployedRoute[];
  /** Desired properties of each twin that the layers set, by module. */
  readonly desired: Readonly<Record<string, JsonObject>>;
  /** Bytes that waiting messages may take on disk, where the deployment limits them. */
  readonly storeLimitBytes?: number;
}

/** Rank of routes without a priority (Azure/iotedge, `RouteFactory.DefaultPriority`). */
export const DEFAULT_ROUTE_PRIORITY = 2_000_000_000;

/** Why layers make no deployment: all reasons at once. */
export class DeploymentError extends Error {
  public constructor(public readonly reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.name = "DeploymentError";
  }
}

/**
 * Merges the layers that reach a device, as IoT Hub does: the base (the one with `properties.desired`) that ranks highest
 * holds alone, layers that rank below it are left out, and of two that set the same path the higher one wins
 * (learn.microsoft.com/azure/iot-edge/module-deployment-monitoring, layered deployments).
 *
 * @throws DeploymentError where there is no base, or a route or setting that the edge hub refuses
 */
export function mergeLayers(layers: readonly DeploymentLayer[]): Deployment {
  const ranked = [...layers].sort((a, b) => a.priority - b.priority);
  const base = ranked.filter(isBase).at(-1);
  if (base === undefined) {
    throw new DeploymentError(["no layer is a base: one must set properties.desired of $edgeAgent and $edgeHub whole"]);
  }
  const twins: Record<string, JsonObject> = {};
  for (const { content } of [base, ...ranked.filter((each) => !isBase(each) && each.priority > base.priority)]) {
    for (const [module, settings] of Object.entries(content)) {
      for (const [path, value] of Object.entries(settings)) {
        twins[module] = setAt(twins[module] ?? {}, path.split(".").slice(2), value as JsonValue);
      }
    }
  }
  return readTwins(twins);
}

const isBase = ({ content }: DeploymentLayer): boolean =>
  isObject(content.$edgeAgent) && "properties.desired" in content.$edgeAgent;

/** Sets the value whole, as a layer does: what was at the path before is gone. */
function setAt(into: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) {
    return isObject(value) ? value : into;
  }
  const inner = into[key];
  return {
    ...into,
    [key]: rest.length === 0 ? value : setAt(isObject(inner) ? inner : {}, rest, value),
  };
}

function readTwins(twins: Readonly<Record<string, JsonObject>>): Deployment {
  const { $edgeAgent: agent = {}, $edgeHub: hub = {}, ...desired } = twins;
  const store = objectOf(hub.storeAndForwardConfiguration);
  const timeToLive = typeof store.timeToLiveSecs === "number" ? store.timeToLiveSecs : 0;
  const limits = objectOf(store.storeLimits);
  const errors: string[] = [];
  const routes = Object.entries(objectOf(hub.routes)).flatMap(([name, value]) => {
    const settings = typeof value === "string" ? { route: value } : objectOf(value);
    try {
      return [readRoute(name, settings, timeToLive)];
    } catch (error) {
      errors.push(`route ${name}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (errors.length > 0) {
    throw new DeploymentError(errors);
  }
  return {
    modules: Object.fromEntries(Object.entries(objectOf(agent.modules)).map(([id, value]) => [id, readModule(value)])),
    routes,
    desired,
    ...(typeof limits.maxSizeBytes === "number" && { storeLimitBytes: limits.maxSizeBytes }),
  };
}

function readRoute(name: string, settings: JsonObject, timeToLive: number): DeployedRoute {
  const { route, priority = DEFAULT_ROUTE_PRIORITY, timeToLiveSecs = timeToLive } = settings;
  if (typeof route !== "string") {
    throw new Error("it has no text");
  }
  if (typeof priority !== "number" || (priority !== DEFAULT_ROUTE_PRIORITY && !(priority >= 0 && priority <= 9))) {
    throw new Error(`its priority is ${JSON.stringify(priority)}; allowed: 0 to 9`);
  }
  // 0 is "as the store says" (Azure/iotedge, RoutingServiceConfig).
  const seconds = typeof timeToLiveSecs === "number" && timeToLiveSecs > 0 ? timeToLiveSecs : timeToLive;
  return { name, text: route, route: parseRoute(route), priority, timeToLiveSeconds: seconds };
}

function readModule(value: JsonValue | undefined): DeployedModule {
  const { settings, status, env } = objectOf(value);
  const image = objectOf(settings).image;
  return {
    image: typeof image === "string" ? image : "",
    status: typeof status === "string" ? status : "running",
    env: Object.fromEntries(
      Object.entries(objectOf(env)).map(([name, entry]) => [name, textOf(objectOf(entry).value)]),
    ),
  };
}

const textOf = (value: JsonValue | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

const objectOf = (value: unknown): JsonObject => (isObject(value) ? (value as JsonObject) : {});
