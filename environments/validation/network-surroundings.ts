import { buildsImages } from "../../constructs/edge/edge-settings";
import { WORK_ORDER_QUEUE_DEFAULTS } from "../../constructs/maintenance/work-order-queue";
import type { NetworkSurroundings } from "../../constructs/network/network-settings";
import type { EnvironmentConfig } from "../environment-config";

/** What of an environment's configuration matters for its network. */
export function networkSurroundings({
  edge,
  logs,
  machineLearning,
  maintenance,
  policy,
}: EnvironmentConfig): NetworkSurroundings {
  return {
    registrySku: machineLearning?.registrySku ?? "Basic",
    virtualMachines: (edge?.devices ?? []).flatMap(({ id, virtualMachine }) => (virtualMachine === true ? [id] : [])),
    hasEdge: edge !== undefined,
    buildsImages: (edge !== undefined && buildsImages(edge)) || buildsTraining(machineLearning),
    hasAnomalyFeed: logs?.anomalyFeed ?? true,
    ...(maintenance?.queue && { queueSku: maintenance.queue.sku ?? WORK_ORDER_QUEUE_DEFAULTS.sku }),
    exceptions: (policy?.exceptions ?? []).flatMap(({ rule }, index) =>
      rule === "public-network-access" ? [index] : [],
    ),
  };
}

const buildsTraining = (machineLearning: EnvironmentConfig["machineLearning"]): boolean =>
  machineLearning?.training !== undefined && machineLearning.training.image === undefined;
