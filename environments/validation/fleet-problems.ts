import { HUB_TIERS, type HubTier } from "@edge-anomaly-detection/azure-facts";
import { collect, type Finding, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { inRange } from "@edge-anomaly-detection/common/rules";
import { IOT_HUB_DEFAULTS } from "../../constructs/hub/iot-hub";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { fleetSize } from "./fleet-size";
import { type HubShare, hubShares } from "./hub-shares";

/** Largest fleet that is computed: as many devices as the hubs of a subscription take. */
export const MAX_FLEET = 50_000_000;

/** What a fleet passes of the hub's limits; every limit is named with its number and its source. */
export function fleetProblems(organization: OrganizationConfig, environment: EnvironmentConfig): Problem[] {
  const { edge, fleet } = environment;
  const size = inRange(
    "fleet.devices",
    fleet?.devices,
    { min: 1, max: MAX_FLEET, unit: "devices" },
    "count the edge devices that the environment is to carry",
  );
  if (size !== undefined) {
    return collect(size);
  }
  const edgeDevices = (edge?.devices ?? []).filter((device) => device.edge !== false).length;
  return collect(
    problemIf(
      fleet !== undefined && fleet.devices < edgeDevices,
      "fleet.devices",
      fleet?.devices,
      `at least ${edgeDevices}, the edge devices in edge.devices`,
      "count those as well, or leave it out",
    ),
    hubShares(environment)
      .map((share) => identityProblem(organization, share))
      .find((problem) => problem !== undefined),
  );
}

/** More identities than the hub takes. */
function identityProblem(organization: OrganizationConfig, { where, environment }: HubShare): Finding {
  const { edge, fleet, hub } = environment;
  const listed = edge?.devices ?? [];
  const edgeDevices = listed.filter((device) => device.edge !== false).length;
  const sku = hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const { identities }: HubTier = Object.hasOwn(HUB_TIERS, sku) ? HUB_TIERS[sku] : HUB_TIERS.S1;
  const devices = Math.max(fleet?.devices ?? 0, edgeDevices);
  if (devices === 0) {
    return undefined;
  }
  const { identitiesPerDevice } = fleetSize(organization, environment, devices);
  const needed = devices * identitiesPerDevice + (listed.length - edgeDevices);
  // On a free hub Azure counts devices.
  const counted = sku === "F1" ? devices + listed.length - edgeDevices : needed;
  return problemIf(
    counted > identities.value && (fleet !== undefined || sku !== "F1"),
    fleet === undefined ? "edge.devices" : "fleet.devices",
    `${count(devices)} devices${where}, ${count(counted)} ${sku === "F1" ? "in all" : `identities (${identitiesPerDevice} for each device and its modules)`}`,
    `at most ${count(identities.value)} on one ${sku} hub: "${identities.quote}" (${identities.source.url})`,
    "add hubs as hub.stamps, or ask Azure's support for more; npm run -s fleet -- size shows how many hubs they need",
  );
}

const count = (value: number): string => value.toLocaleString("en");
