import { isObject, property } from "../json-values";
import type { ValueChange } from "../plan/plan";
import { type Place, wholeOf } from "../plan/sensitive";
import type { Action } from "../report/report";
import { below } from "../show-values";
import type { Clean } from "./addresses";
import { creationOf } from "./creation";
import { type Differences, differencesOf } from "./differences";
import { manifestDetails } from "./manifest-differences";

/** The arguments that a change sets or changes. */
export function contentOf(
  type: string,
  change: ValueChange,
  action: Action,
  forcedBy: readonly string[],
  clean: Clean,
): Differences {
  if (action === "create") {
    return creationOf(type, change, clean);
  }
  if (action === "delete" || action === "forget" || action === "move" || action === "import") {
    return { details: [], folded: [] };
  }
  const { before, metricsFolded } = withNewId(type, change);
  const place: Place = wholeOf(type);
  const { details, folded } = differencesOf(
    {
      before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMark: change.before_sensitive,
      afterMark: change.after_sensitive,
    },
    { clean, place, forcedBy, documentDetails: manifestDetails },
  );
  return { details, folded: [...folded, ...metricsFolded] };
}

/** A deployment's metrics ask for its own id; a new id alone is no difference in them. */
function withNewId(type: string, { before, after }: ValueChange): { before: unknown; metricsFolded: string[] } {
  const [old, next] = [before, after].map((side) => property(side, "deployment_id"));
  const metrics = property(before, "metrics");
  if (type !== "iothub_edge_deployment" || typeof old !== "string" || typeof next !== "string" || !isObject(metrics)) {
    return { before, metricsFolded: [] };
  }
  const renamed = Object.entries(metrics).map(([name, query]): [string, unknown] => [
    name,
    typeof query === "string" && old !== "" ? query.replaceAll(old, next) : query,
  ]);
  return {
    before: { ...(before as object), metrics: Object.fromEntries(renamed) },
    metricsFolded: old === next ? [] : renamed.map(([name]) => below("metrics", name)),
  };
}
