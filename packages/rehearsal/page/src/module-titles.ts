import type { Description } from "../../src/server/frames";
import { CLOUD, LEAF } from "./diagram-layout";

/** What the page calls a module: by the part it plays, else by its name. */
export function titleOf(module: string, roles: Description["roles"]): string {
  const titles = new Map<string | undefined, string>([
    [roles.detector, "Detector"],
    [roles.streamAnalytics, "Stream Analytics"],
    [roles.sensor, module === LEAF ? "Leaf devices" : "Sensor"],
    [CLOUD, "Cloud"],
    ["$edgeHub", "Edge hub"],
  ]);
  return titles.get(module) ?? module;
}
