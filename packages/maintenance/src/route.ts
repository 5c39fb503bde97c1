import type { Episode } from "./words";

/** Which maintenance system a machine belongs to: names, of which the first gets new orders. */
export interface Routes {
  /** By machine. */
  readonly machines: Readonly<Record<string, readonly string[]>>;
  /** By site. */
  readonly sites: Readonly<Record<string, readonly string[]>>;
  /** Sites of devices, where they are known. Others are taken from their messages. */
  readonly siteOfDevice: Readonly<Record<string, string>>;
  /** All others. */
  readonly otherwise: readonly string[];
}

/**
 * The systems of an episode: its machine's own, else its site's, else the default. The same for every message of an episode, so that no two
 * systems get an order of it.
 */
export function systemsOf({ machineId, deviceId, site }: Episode, routes: Routes): readonly string[] {
  const own = valueOf(routes.machines, machineId);
  const place = valueOf(routes.siteOfDevice, deviceId) ?? site;
  return own ?? (place === undefined ? undefined : valueOf(routes.sites, place)) ?? routes.otherwise;
}

const valueOf = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
