import { HUBS_OF_SUBSCRIPTION } from "@edge-anomaly-detection/azure-facts";
import { allDifferent, collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { oneOf } from "@edge-anomaly-detection/common/rules";
import { deviceHub } from "../../constructs/edge/device-list";
import { hubNames } from "../../constructs/hub/hub-stamps";
import type { EnvironmentConfig } from "../environment-config";

/** Hubs that devices and enrollment groups name, and which are not theirs to name. */
export function stampProblems({ hub, edge, provisioning }: EnvironmentConfig): Problem[] {
  const hubs = hubNames(hub ?? {});
  const devices = edge?.devices ?? [];
  const hubOf = new Map(devices.map((device) => [device.id, deviceHub(device)]));
  return [
    ...devices.flatMap((device, index) => {
      const above = device.parent === undefined ? undefined : hubOf.get(device.parent);
      return collect(
        oneOf(
          `edge.devices[${index}].hub`,
          device.hub,
          hubs,
          "name a hub that is there: first, or one of hub.stamps that is not removed",
        ),
        problemIf(
          above !== undefined && above !== deviceHub(device),
          `edge.devices[${index}].hub`,
          deviceHub(device),
          `${above ?? ""}, the hub of its parent ${device.parent ?? ""}`,
          "put a device on the hub that it reaches",
        ),
      );
    }),
    ...Object.entries(provisioning?.enrollmentGroups ?? {}).flatMap(([id, group]) =>
      under(`provisioning.enrollmentGroups.${id}`, groupProblems(group.hubs, hubNames(hub ?? {}, "active"))),
    ),
  ];
}

function groupProblems(hubs: readonly string[] | undefined, active: readonly string[]): Problem[] {
  const entries = (hubs ?? []).map((value, index) => ({ path: `hubs[${index}]`, value }));
  return collect(
    problemIf(hubs?.length === 0, "hubs", hubs, "at least one hub", "leave it out for all active hubs"),
    ...entries.map(({ path, value }) =>
      oneOf(
        path,
        value,
        active,
        "name an active hub: first, or one of hub.stamps that is neither draining nor removed",
      ),
    ),
    allDifferent(entries, "name each hub once"),
  );
}

/** More hubs in one subscription than Azure takes, those of all environments in it counted; one problem for each subscription. */
export function subscriptionProblems(environments: readonly EnvironmentConfig[]): Problem[] {
  const bySubscription = new Map<string, number[]>();
  environments.forEach(({ subscriptionId = "" }, index) => {
    const id = subscriptionId.toLowerCase();
    bySubscription.set(id, [...(bySubscription.get(id) ?? []), index]);
  });
  return [...bySubscription.values()].flatMap((indexes) => {
    const counts = indexes.map((index) => hubNames(environments[index]?.hub ?? {}).length);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const largest = indexes[counts.indexOf(Math.max(...counts))] ?? 0;
    return collect(
      problemIf(
        // An environment that alone has too many says so itself.
        total > HUBS_OF_SUBSCRIPTION.value && indexes.length > 1,
        `[${largest}].hub.stamps`,
        `${total} hubs in the subscription: ${indexes.map((index, position) => `${environments[index]?.name ?? ""} ${counts[position] ?? 0}`).join(", ")}`,
        `at most ${HUBS_OF_SUBSCRIPTION.value}: "${HUBS_OF_SUBSCRIPTION.quote}" (${HUBS_OF_SUBSCRIPTION.source.url})`,
        "give environments subscriptions of their own",
      ),
    );
  });
}
