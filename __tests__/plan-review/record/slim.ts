import { isObject } from "@edge-anomaly-detection/common";

/** Parts of a plan that a review reads; the others repeat values and configuration. */
const KEPT = [
  "format_version",
  "terraform_version",
  "resource_changes",
  "output_changes",
  "resource_drift",
  "errored",
  "complete",
  "applyable",
  "deferred_changes",
];

/** A plan as it is kept beside the tests: without what no review reads, and without the values of objects that stay as they are. */
export function slim(plan: unknown): unknown {
  if (!isObject(plan)) {
    return plan;
  }
  const parts = Object.entries(plan).filter(([name]) => KEPT.includes(name));
  return Object.fromEntries(
    parts.map(([name, value]) => [name, Array.isArray(value) ? value.map(withoutUnchanged) : value]),
  );
}

function withoutUnchanged(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry.change) || !Array.isArray(entry.change.actions)) {
    return entry;
  }
  return entry.change.actions.includes("no-op") ? { ...entry, change: { actions: entry.change.actions } } : entry;
}
