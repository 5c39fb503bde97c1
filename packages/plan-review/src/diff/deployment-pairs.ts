import type { ResourceChange } from "../plan/plan";
import { property } from "../json-values";

/** What stands behind the name of a deployment to tell its contents apart: a hash, or a version. */
const SUFFIX = /[-_.](?:[0-9a-f]{6,64}|v?\d+(?:[-_.]\d+)*)$/i;

/** Whether a change is a deployment of IoT Edge that comes or goes: its successor may stand at another address. */
export function isComingOrGoing({ type, mode, deposed, change }: ResourceChange): boolean {
  const [action] = change.actions;
  return (
    type === "iothub_edge_deployment" &&
    mode !== "data" &&
    deposed === undefined &&
    change.actions.length === 1 &&
    (action === "create" || action === "delete")
  );
}

/**
 * Which deployment takes the place of which, where a new content has a new address: ids that differ in a hash or version at
 * their end, one that comes and one that goes.
 *
 * @returns those that go by those that come
 */
export function predecessorsOf(deployments: readonly ResourceChange[]): ReadonlyMap<ResourceChange, ResourceChange> {
  const byName = new Map<string, { coming: ResourceChange[]; going: ResourceChange[] }>();
  for (const deployment of deployments) {
    const isComing = deployment.change.actions[0] === "create";
    const id = property(isComing ? deployment.change.after : deployment.change.before, "deployment_id");
    if (typeof id === "string" && SUFFIX.test(id)) {
      const name = id.replace(SUFFIX, "");
      const group = byName.get(name) ?? { coming: [], going: [] };
      byName.set(name, group);
      group[isComing ? "coming" : "going"].push(deployment);
    }
  }
  const pairs = [...byName.values()].flatMap(({ coming: [next, ...more], going: [old, ...others] }) =>
    next !== undefined && old !== undefined && more.length + others.length === 0 ? [[next, old] as const] : [],
  );
  return new Map(pairs);
}
