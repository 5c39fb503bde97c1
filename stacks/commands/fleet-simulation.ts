import { DPS_LIMITS } from "@edge-anomaly-detection/azure-facts";
import {
  DEVICE_SDK_RETRY,
  EDGE_RUNTIME_RETRY,
  type RetryPolicy,
  type SimulationSettings,
  spreadRetry,
} from "@edge-anomaly-detection/fleet";
import { IOT_HUB_DEFAULTS } from "../../constructs/hub/iot-hub";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { fleetSize, hubCapacity, type TierSize } from "../../environments/validation/fleet-size";

/** Retry policies by the names that the command takes. */
export const RETRY_POLICIES = {
  "edge-runtime": () => EDGE_RUNTIME_RETRY,
  "device-sdk": () => DEVICE_SDK_RETRY,
  spread: spreadRetry,
} as const satisfies Record<string, (devices: number, registrationsAMinute: number) => RetryPolicy>;

/** Name of a retry policy. */
export type RetryPolicyName = keyof typeof RETRY_POLICIES;

/** Largest fleet that is simulated: what 16 services register, at 22 bytes for each device. */
export const MAX_SIMULATED = 16_000_000;

/** Minutes after which whoever operates the fleet is assumed to have taken a lost hub out of allocation. */
export const WITHDRAWN_AFTER_MINUTES = 30;

/** What the command was asked for. */
export interface SimulationRequest {
  readonly devices: number;
  readonly retry: RetryPolicyName;
  /** Hours over which devices are switched on. */
  readonly powerOnHours: number;
  /** Hours for which the first hub is lost after all devices are connected; 0 for no outage. */
  readonly outageHours: number;
  /** Hubs. @default - as many as `fleet size` says */
  readonly hubs?: number | undefined;
  readonly seed?: number | undefined;
}

/** A request with what it means for the environment. */
export interface PreparedSimulation {
  readonly settings: SimulationSettings;
  readonly tier: TierSize["tier"];
  readonly units: number;
  readonly dpsServices: number;
}

/** What to simulate for so many devices like those of the environment, on hubs as `fleet size` computes them. */
export function prepareSimulation(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  { devices, retry, powerOnHours, outageHours, hubs, seed }: SimulationRequest,
): PreparedSimulation {
  const size = fleetSize(organization, environment, devices);
  const sku = environment.hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  // A free hub holds no fleet: S1 is the least that does.
  const own = size.tiers.find(({ tier }) => tier === sku) ?? size.tiers[0];
  if (own === undefined) {
    throw new Error("no tier was computed");
  }
  const hub = hubCapacity(own.tier, own.units, size.identitiesPerDevice);
  const registrationsAMinute = DPS_LIMITS.registrationsAMinute.value * size.dpsServices;
  return {
    tier: own.tier,
    units: own.units,
    dpsServices: size.dpsServices,
    settings: {
      devices,
      hubs: Array.from({ length: hubs ?? own.hubs }, () => hub),
      registrationsAMinute,
      allocation: { kind: "evenlyWeighted" },
      retry: RETRY_POLICIES[retry](devices, registrationsAMinute),
      powerOnMinutes: Math.round(powerOnHours * 60),
      ...(seed !== undefined && { seed }),
      ...(outageHours > 0 && {
        outages: [
          {
            hub: 0,
            from: "allConnected",
            minutes: Math.round(outageHours * 60),
            withdrawnAfter: WITHDRAWN_AFTER_MINUTES,
          },
        ],
      }),
    },
  };
}
