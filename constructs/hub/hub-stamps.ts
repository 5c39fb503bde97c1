import { HUBS_OF_SUBSCRIPTION } from "@edge-anomaly-detection/azure-facts";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import type { IotHubSku } from "./iot-hub";

const STATES = ["active", "draining", "removed"] as const;

/** Where a further hub of an environment is in its life. */
export type HubStampState = (typeof STATES)[number];

/** A further hub of an environment. */
export interface HubStampSettings {
  /** `draining`: devices that register get another hub, and nobody is notified when none is connected. `removed`: hub, devices and deployments are destroyed; take the entry out after the apply. @default "active" */
  readonly state?: HubStampState;
}

/** The hubs of an environment. */
export interface HubStampsSettings {
  /** Further hubs like the first, with the same routes, layers and alerts, under names that you choose: 1 to 12 lower-case letters and digits, starting with a letter, not `first`. The name is a part of the hub's and of addresses in the state. @default - one hub, `first` */
  readonly stamps?: Readonly<Record<string, HubStampSettings>>;
}

/** Name of the hub that every environment has. */
export const FIRST_HUB = "first";

/** The part that a hub has in names: nothing for the first, so that they are those of an environment with one hub. */
export const stampOf = (hub: string): string | undefined => (hub === FIRST_HUB ? undefined : hub);

/** A hub of an environment by name. */
export interface HubStamp {
  readonly name: string;
  readonly state: HubStampState;
}

/** The hubs of an environment that there are or that are to be removed: the first one, and its stamps by name. */
export function hubStamps({ stamps = {} }: HubStampsSettings): [HubStamp, ...HubStamp[]] {
  const further = Object.entries(stamps).map(([name, { state = "active" }]): HubStamp => ({ name, state }));
  return [{ name: FIRST_HUB, state: "active" }, ...further.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

/** Names of the hubs that exist, or only of those in one state. */
export function hubNames(settings: HubStampsSettings, state?: HubStampState): string[] {
  return hubStamps(settings)
    .filter((stamp) => (state === undefined ? stamp.state !== "removed" : stamp.state === state))
    .map(({ name }) => name);
}

/** Validation errors in an environment's further hubs. */
export function hubStampProblems(settings: HubStampsSettings & { readonly sku?: IotHubSku }): Problem[] {
  const stamps = Object.entries(settings.stamps ?? {});
  const hubs = hubNames(settings).length;
  return collect(
    ...stamps.flatMap(([name, { state }]) => [
      hasForm(
        `stamps.${name}`,
        name,
        /^(?!first$)[a-z][a-z0-9]{0,11}$/,
        "1 to 12 lower-case letters and digits, starting with a letter, not first, which is the hub that every environment has",
        "rename the stamp, for example second",
      ),
      oneOf(`stamps.${name}.state`, state, STATES, "choose where the hub is in its life, or leave state out"),
    ]),
    problemIf(
      settings.sku === "F1" && hubs > 1,
      "stamps",
      `${hubs} hubs`,
      "no stamps where sku is F1: a subscription has one free hub",
      "choose S1 or larger, or leave stamps out",
    ),
    problemIf(
      hubs > HUBS_OF_SUBSCRIPTION.value,
      "stamps",
      `${hubs} hubs with the first`,
      `at most ${HUBS_OF_SUBSCRIPTION.value}: "${HUBS_OF_SUBSCRIPTION.quote}" (${HUBS_OF_SUBSCRIPTION.source.url})`,
      "divide the devices over environments in several subscriptions, or choose a larger sku",
    ),
  );
}
