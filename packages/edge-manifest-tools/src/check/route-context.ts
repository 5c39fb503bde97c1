import { isObject } from "@edge-anomaly-detection/common";
import {
  DETECTOR,
  DETECTOR_ENDPOINTS,
  DETECTOR_MODULE,
  IMAGE_REPOSITORIES,
  type ModuleEndpoints,
  SIMULATED_SENSOR_ENDPOINTS,
} from "../modules";
import type { Route } from "../routing/syntax";
import type { Findings } from "./finding";
import { repositoryOf } from "../image-reference";
import type { ModuleEntry } from "./module-rules";

/** What is known about the device that routes are for. */
export interface RouteContext {
  /** All modules on the device, whichever layer brings them. */
  readonly modules: ReadonlyMap<string, ModuleEntry>;
  /** Aliases of Stream Analytics jobs by name. */
  readonly jobs: Readonly<Record<string, ModuleEndpoints>>;
  /** Whether other layers may bring modules that are not seen here. */
  readonly isPartial: boolean;
  /** Schema version of `$edgeHub` on the device. @default - unknown */
  readonly hubSchema?: unknown;
}

/** Whether a module runs a Stream Analytics job. */
export function isJob(id: string, module: ModuleEntry | undefined, context: RouteContext): boolean {
  return Object.hasOwn(context.jobs, id) || imageOf(module) === IMAGE_REPOSITORIES.streamAnalytics;
}

/** What a module reads and writes, where it is known. */
export function endpointsOf(
  id: string,
  module: ModuleEntry | undefined,
  context: RouteContext,
): ModuleEndpoints | undefined {
  const image = imageOf(module);
  if (Object.hasOwn(context.jobs, id)) {
    return context.jobs[id];
  }
  if (image === IMAGE_REPOSITORIES.simulatedSensor) {
    return SIMULATED_SENSOR_ENDPOINTS;
  }
  // Others may call a module so as well.
  return id === DETECTOR_MODULE && image.split("/").at(-1) === DETECTOR.imageRepository
    ? DETECTOR_ENDPOINTS
    : undefined;
}

function imageOf(module: ModuleEntry | undefined): string {
  const settings = isObject(module?.value) ? module.value.settings : undefined;
  return repositoryOf(isObject(settings) ? settings.image : undefined);
}

/**
 * Modules that no route reads from or leads to, of those that are known to send or read messages. Others may do their work
 * by direct methods, twins or ports alone.
 */
export function checkReach(
  own: readonly ModuleEntry[],
  routes: readonly Route[],
  context: RouteContext,
  findings: Findings,
): void {
  const readsAll = routes.some(({ source }) => ["everything", "messages", "modules"].includes(source.reads));
  if (context.isPartial || readsAll) {
    return;
  }
  const reached = new Set(
    routes
      .flatMap(({ source, endpoint }) => [source.module, endpoint.kind === "module" ? endpoint.module : undefined])
      .map((name) => name?.toLowerCase()),
  );
  for (const module of own) {
    const usesMessages = endpointsOf(module.id, module, context) !== undefined || isJob(module.id, module, context);
    if (!module.isSystem && usesMessages && !reached.has(module.id.toLowerCase())) {
      findings.warning(
        "module-unreached",
        module.pointer,
        `no route reads ${module.id} or leads to it`,
        "add a route, or leave the module out if it has nothing to say",
      );
    }
  }
}
