import {
  DPS_LIMITS,
  HUB_RATES_SOURCE,
  HUB_TIERS,
  type HubRate,
  HUBS_OF_SUBSCRIPTION,
  rateOf,
  type ServiceLimit,
} from "@edge-anomaly-detection/azure-facts";
import type { FleetSize, TierSize } from "../../environments/validation/fleet-size";

/** A limit, what the fleet needs of it, and where it is stated. */
export interface LimitLine {
  /** Tier of the hubs; undefined where it is the same for all. */
  readonly tier?: TierSize["tier"];
  readonly what: string;
  readonly needed: number;
  readonly limit: number;
  readonly isPassed: boolean;
  readonly isAdjustable: boolean;
  readonly quote: string;
  readonly source: string;
}

/** Every limit that the fleet's size is held against. */
export function limitLines(size: FleetSize): LimitLine[] {
  const line = (what: string, needed: number, limit: ServiceLimit, tier?: TierSize["tier"]): LimitLine => ({
    ...(tier !== undefined && { tier }),
    what,
    needed,
    limit: limit.value,
    isPassed: needed > limit.value,
    isAdjustable: limit.isAdjustable ?? false,
    quote: limit.quote,
    source: limit.source.url,
  });
  return [
    // A changed deployment stands beside its predecessor for a moment.
    line("deployments on each hub while all are replaced", 2 * size.deployments, HUB_TIERS.S1.deployments),
    line("device provisioning services", size.dpsServices, DPS_LIMITS.services),
    ...size.tiers.flatMap((one) => {
      const { tier, hubs, units } = one;
      const perHub = Math.ceil(size.devices / hubs) * size.identitiesPerDevice;
      return [
        line("identities on each hub", perHub, HUB_TIERS[tier].identities, tier),
        line("units of each hub", units, HUB_TIERS[tier].maxUnits, tier),
        line("hubs in one subscription", hubs, HUBS_OF_SUBSCRIPTION, tier),
        line("hubs linked to one DPS", hubs, DPS_LIMITS.linkedHubs, tier),
      ];
    }),
  ];
}

/** A rate by which a duration was computed. */
export interface RateLine {
  readonly what: string;
  readonly rate: string;
  readonly quote: string;
  readonly source: string;
}

/** The rates behind the durations of one tier. */
export function rateLines({ tier, units }: TierSize): RateLine[] {
  const limits = HUB_TIERS[tier];
  const line = (what: string, rate: HubRate, per: string): RateLine => ({
    what,
    rate: `${rateOf(rate, units).toLocaleString("en")} a ${per}`,
    quote: rate.quote,
    source: HUB_RATES_SOURCE.url,
  });
  return [
    {
      what: "registrations of the DPS",
      rate: `${DPS_LIMITS.registrationsAMinute.value.toLocaleString("en")} a minute`,
      quote: DPS_LIMITS.registrationsAMinute.quote,
      source: DPS_LIMITS.registrationsAMinute.source.url,
    },
    line("identities created on each hub", limits.identityOperations, "minute"),
    line("new connections to each hub", limits.connections, "second"),
    line("twin updates on each hub", limits.twinUpdates, "second"),
    line("deployments created on each hub", limits.deploymentOperations, "minute"),
  ];
}
