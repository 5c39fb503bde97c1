import { hubStamps } from "../../constructs/hub/hub-stamps";
import { deviceHub } from "../../constructs/edge/device-list";
import type { EnvironmentConfig } from "../environment-config";

/** What one of an environment's hubs carries. */
export interface HubShare {
  readonly hub: string;
  /** Which hub it is, after what is said of it: ` on hub second`; empty where there is one. */
  readonly where: string;
  /** The environment as if it had this hub alone, with the devices that are on it. */
  readonly environment: EnvironmentConfig;
}

/**
 * An environment's hubs with what each carries: devices of the list on the hub that they name, those that register on their own
 * divided evenly over the active hubs. With one hub it is the environment as it is.
 */
export function hubShares(environment: EnvironmentConfig): HubShare[] {
  const { stamps, ...hub } = environment.hub ?? {};
  const hubs = hubStamps({ stamps }).filter(({ state }) => state !== "removed");
  const [first] = hubs;
  if (first !== undefined && hubs.length === 1) {
    return [{ hub: first.name, where: "", environment }];
  }
  const { edge, fleet } = environment;
  const listed = edge?.devices ?? [];
  const others = Math.max(0, (fleet?.devices ?? 0) - listed.filter((device) => device.edge !== false).length);
  const active = hubs.filter(({ state }) => state === "active").length;
  return hubs.map(({ name, state }) => {
    const devices = listed.filter((device) => deviceHub(device) === name);
    const gateways = devices.filter((device) => device.edge !== false).length;
    const carried = gateways + (state === "active" ? Math.ceil(others / active) : 0);
    return {
      hub: name,
      where: ` on hub ${name}`,
      environment: {
        ...environment,
        hub,
        ...(edge !== undefined && { edge: { ...edge, devices } }),
        fleet: fleet === undefined || carried === 0 ? undefined : { ...fleet, devices: carried },
      },
    };
  });
}
