import { DETECTOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import type { MachineRecord } from "@edge-anomaly-detection/maintenance";
import type { Plant, PlantDevice, PlantMachine } from "@edge-anomaly-detection/twin";
import { type AnomalyQuery, DEFAULT_SIGNALS } from "../../edge-manifests/anomaly-query";
import type { EdgeDevice } from "../edge/device-list";
import { type EdgeSettings, hasStreamAnalytics } from "../edge/edge-settings";
import { DEFAULT_JOB_NAME } from "../stream-analytics/edge-job";

/** What of an environment its plant is made from. */
export interface PlantSources {
  /** Name of the environment. */
  readonly name: string;
  readonly edge?: EdgeSettings;
  readonly streamAnalytics?: AnomalyQuery & { readonly jobName?: string };
  readonly maintenance?: { readonly machines?: Readonly<Record<string, MachineRecord>> };
  readonly twin?: { readonly machines?: Readonly<Record<string, PlantMachine>> };
}

/** The plant of an environment: from the same devices, signals and records that everything else is made from. */
export function plantOf({ name, edge, streamAnalytics, maintenance, twin }: PlantSources): Plant {
  const machineIds = streamAnalytics?.machines?.ids;
  return {
    name,
    devices: (edge?.devices ?? []).map(plantDevice),
    modules: [
      ...((edge?.analysers?.detector ?? true) ? [DETECTOR_MODULE] : []),
      ...(hasStreamAnalytics(edge) ? [streamAnalytics?.jobName ?? DEFAULT_JOB_NAME] : []),
    ],
    signals: (streamAnalytics?.signals ?? DEFAULT_SIGNALS).map(({ name: signal, unit }) => ({
      name: signal,
      ...(unit !== undefined && { unit }),
    })),
    ...(machineIds !== undefined && { machineIds }),
    ...(twin?.machines !== undefined && { machines: twin.machines }),
    ...(maintenance?.machines !== undefined && { records: maintenance.machines }),
  };
}

function plantDevice({ id, edge, parent, tags = {} }: EdgeDevice): PlantDevice {
  const { site, line } = tags;
  return {
    id,
    ...(edge !== undefined && { isEdge: edge }),
    ...(parent !== undefined && { parent }),
    ...(site !== undefined && { site }),
    ...(line !== undefined && { line }),
  };
}
