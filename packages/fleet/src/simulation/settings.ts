import type { RetryPolicy } from "./retry";

/** A hub that is linked to the service. */
export interface SimulatedHub {
  /** Part of new devices that it gets: 1 to 1,000 (learn.microsoft.com/azure/iot-dps/how-to-use-allocation-policies). @default 1 */
  readonly weight?: number;
  /** Devices that it takes. */
  readonly maxDevices: number;
  /** Devices a minute whose identities, and those of their modules, it creates. */
  readonly creationsAMinute: number;
  /** New connections of devices that it takes a minute. */
  readonly connectionsAMinute: number;
}

/**
 * How the service chooses a hub among those that take part, under the portal's names of the policies:
 *
 * - `evenlyWeighted`: by a hash of the registration id, weighted by the hubs. Azure does not say which hash: here the set of hubs
 *   that take part belongs to what is hashed.
 * - `lowestLatency`: the hub nearest to the device's site; equally near ones by the weighted hash.
 * - `static`: the hub that belongs to the device's site.
 *
 * Device `i` is at site `i` modulo the number of sites.
 */
export type Allocation =
  | { readonly kind: "evenlyWeighted" }
  /** Milliseconds from each site to each hub. */
  | { readonly kind: "lowestLatency"; readonly latencies: readonly (readonly number[])[] }
  /** Index of the hub of each site. */
  | { readonly kind: "static"; readonly hubs: readonly number[] };

/** A hub that nobody reaches for a while. */
export interface HubOutage {
  /** Index of the hub. */
  readonly hub: number;
  /** Minute in which it begins, or `allConnected`: as soon as every device has been connected. */
  readonly from: number | "allConnected";
  /** Minutes that it lasts. */
  readonly minutes: number;
  /** Minutes after its begin in which somebody takes the hub out of allocation, until it is back. @default - nobody does */
  readonly withdrawnAfter?: number;
}

/** What is simulated. */
export interface SimulationSettings {
  /** Devices: 1 to 16,777,216. */
  readonly devices: number;
  /** Hubs that are linked: 1 to 1,000. */
  readonly hubs: readonly SimulatedHub[];
  /** Registrations that the service accepts a minute; it refuses more with 429. */
  readonly registrationsAMinute: number;
  readonly allocation: Allocation;
  /**
   * What becomes of a device that registers again: with `never` it stays on its hub, whatever allocation says. Otherwise the
   * service removes its identity from the hub that it had. Azure does not say what happens where that hub cannot be reached: here
   * the identity stays there. @default "move"
   */
  readonly reprovision?: "move" | "never";
  /** What a device does after a request that failed. */
  readonly retry: RetryPolicy;
  /** Minutes over which devices are switched on, evenly. @default 0 - all at once */
  readonly powerOnMinutes?: number;
  /** @default - every hub is always there */
  readonly outages?: readonly HubOutage[];
  /** The same number gives the same run. @default 1 */
  readonly seed?: number;
}

/**
 * Minutes for which a device tries the hub that it knows before it registers again: "they try to reconnect directly to the same
 * IoT hub for 15-30 minutes" (learn.microsoft.com/azure/iot-dps/concepts-deploy-at-scale, 2025-08).
 */
export const RECONNECT_MINUTES = { min: 15, max: 30 } as const;

/**
 * Minutes for which a device waits for its assignment: the IoT Edge runtime asks for 130 s
 * (github.com/Azure/iot-identity-service, `DPS_ASSIGNMENT_TIMEOUT_SECS`).
 */
export const ASSIGNMENT_MINUTES = 2;
