/** A page that states limits, and the date of the version that was read. */
export interface LimitSource {
  readonly url: string;
  /** Date of the page, as it says of itself or as it was read. */
  readonly dated: string;
}

const HUB_QUOTAS: LimitSource = {
  url: "https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling",
  dated: "2026-11",
};
const HUB_PRICING: LimitSource = { url: "https://azure.microsoft.com/pricing/details/iot-hub/", dated: "2026-11" };
/** Columns of the table there that has messages and units of each tier. */
export const TIER_COLUMNS = ["S1", "S2", "S3", "F1"] as const;
const SUBSCRIPTION_LIMITS: LimitSource = {
  url: "https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits",
  dated: "2026-11",
};
const DPS_PAGE: LimitSource = {
  url: "https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits",
  dated: "2026-04-24",
};

/** One number that a service enforces, with the words of its page: a test reads the number out of them. */
export interface ServiceLimit {
  readonly value: number;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** The cell or sentence of the page that holds the number. */
  readonly quote: string;
  readonly source: LimitSource;
  /** Whether Azure's support can raise it. @default - no */
  readonly isAdjustable?: true;
}

/** A rate that grows with the units of a hub, in its own unit of time. */
export interface HubRate {
  /** For each unit of the hub; 0 where units do not matter. */
  readonly perUnit: number;
  /** What a hub has however few units it has; 0 where only units matter. */
  readonly atLeast: number;
  readonly quote: string;
}

/** What a tier of IoT Hub takes. */
export interface HubTier {
  /** Messages a day for each unit, in pieces of {@link HubTier.pieceBytes}. */
  readonly dailyMessages: ServiceLimit;
  readonly maxUnits: ServiceLimit;
  /** Bytes that count as one message: 0.5 KB on a free hub, 4 KB on others. */
  readonly pieceBytes: number;
  readonly deployments: ServiceLimit;
  /** Device and module identities of a hub. */
  readonly identities: ServiceLimit;
  /** Creating, reading, changing and deleting identities, a minute. */
  readonly identityOperations: HubRate;
  /** New connections a second. */
  readonly connections: HubRate;
  /** Messages sent a second, whatever their size. */
  readonly sends: HubRate;
  /** Twin updates a second. */
  readonly twinUpdates: HubRate;
  /** Creating, changing and deleting deployments, a minute. */
  readonly deploymentOperations: HubRate;
}

const messages = (value: number): ServiceLimit => ({
  value,
  unit: "messages a day for each unit",
  quote: "Messages/day | 400,000 | 6,000,000 | 300,000,000 | 8,000",
  source: SUBSCRIPTION_LIMITS,
});
const units = (value: number): ServiceLimit => ({
  value,
  unit: "units",
  quote: "Maximum units | 200 | 200 | 10 | 1",
  source: SUBSCRIPTION_LIMITS,
  isAdjustable: true,
});

const PAID_DEPLOYMENTS: ServiceLimit = {
  value: 100,
  unit: "deployments",
  quote: "100 deployments (including layered deployments) per paid SKU hub",
  source: HUB_QUOTAS,
};
const IDENTITIES: ServiceLimit = {
  value: 1_000_000,
  unit: "identities of devices and modules",
  quote: "The total number of devices plus modules that can be registered to a single IoT hub is capped at 1,000,000",
  source: HUB_QUOTAS,
  isAdjustable: true,
};
const DEPLOYMENT_OPERATIONS: HubRate = { perUnit: 20, atLeast: 0, quote: "0.33/sec/unit (20/min/unit)" };
const HUNDRED_A_MINUTE: HubRate = { perUnit: 100, atLeast: 0, quote: "1.67/sec/unit (100/min/unit)" };
const S1_RATES = {
  identityOperations: HUNDRED_A_MINUTE,
  connections: { perUnit: 12, atLeast: 100, quote: "Higher of 100/sec or 12/sec/unit" },
  sends: { perUnit: 12, atLeast: 100, quote: "Higher of 100 send operations/sec or 12 send operations/sec/unit" },
  twinUpdates: { perUnit: 0, atLeast: 50, quote: "50/sec" },
  deploymentOperations: DEPLOYMENT_OPERATIONS,
} as const;

/**
 * Tiers of IoT Hub that have IoT Edge. The page of quotas has one column for the free tier and S1.
 * The free tier's 500 devices and the largest numbers of units are on other pages than its rates.
 */
export const HUB_TIERS = {
  F1: {
    dailyMessages: messages(8_000),
    maxUnits: units(1),
    pieceBytes: 512,
    deployments: {
      value: 10,
      unit: "deployments",
      quote: "10 deployments per free SKU hub",
      source: HUB_QUOTAS,
    },
    identities: {
      value: 500,
      unit: "identities of devices and modules",
      quote: "register up to 500 device identities",
      source: HUB_PRICING,
    },
    ...S1_RATES,
  },
  S1: {
    dailyMessages: messages(400_000),
    maxUnits: units(200),
    pieceBytes: 4096,
    deployments: PAID_DEPLOYMENTS,
    identities: IDENTITIES,
    ...S1_RATES,
  },
  S2: {
    dailyMessages: messages(6_000_000),
    maxUnits: units(200),
    pieceBytes: 4096,
    deployments: PAID_DEPLOYMENTS,
    identities: IDENTITIES,
    identityOperations: HUNDRED_A_MINUTE,
    connections: { perUnit: 120, atLeast: 0, quote: "120 new connections/sec/unit" },
    sends: { perUnit: 120, atLeast: 0, quote: "120 send operations/sec/unit" },
    twinUpdates: { perUnit: 5, atLeast: 50, quote: "Higher of 50/sec or 5/sec/unit" },
    deploymentOperations: DEPLOYMENT_OPERATIONS,
  },
  S3: {
    dailyMessages: messages(300_000_000),
    maxUnits: units(10),
    pieceBytes: 4096,
    deployments: PAID_DEPLOYMENTS,
    identities: IDENTITIES,
    identityOperations: { perUnit: 5_000, atLeast: 0, quote: "83.33/sec/unit (5,000/min/unit)" },
    connections: { perUnit: 6_000, atLeast: 0, quote: "6,000 new connections/sec/unit" },
    sends: { perUnit: 6_000, atLeast: 0, quote: "6,000 send operations/sec/unit" },
    twinUpdates: { perUnit: 250, atLeast: 0, quote: "250/sec/unit" },
    deploymentOperations: DEPLOYMENT_OPERATIONS,
  },
} as const satisfies Record<string, HubTier>;

/** A tier of IoT Hub that has IoT Edge. */
export type HubTierName = keyof typeof HUB_TIERS;

/** Where the rates of {@link HUB_TIERS} are stated. */
export const HUB_RATES_SOURCE = HUB_QUOTAS;

/** Hubs of a subscription. */
export const HUBS_OF_SUBSCRIPTION: ServiceLimit = {
  value: 50,
  unit: "hubs in a subscription",
  quote: "Each Azure subscription can have at most 50 IoT hubs",
  source: HUB_QUOTAS,
};

/** What one Device Provisioning Service takes. */
export const DPS_LIMITS = {
  services: {
    value: 10,
    unit: "services in a subscription",
    quote: "Maximum device provisioning services per Azure subscription | 10 | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
  registrations: {
    value: 1_000_000,
    unit: "registrations",
    quote: "Maximum number of registrations | 1,000,000 | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
  certificateGroups: {
    value: 100,
    unit: "X.509 enrollment groups",
    quote: "Maximum number of enrollment groups (X.509 certificate) | 100 | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
  symmetricGroups: {
    value: 100,
    unit: "symmetric key enrollment groups",
    quote: "Maximum number of enrollment groups (symmetric key) | 100 | No",
    source: DPS_PAGE,
  },
  certificateAuthorities: {
    value: 25,
    unit: "certificate authorities",
    quote: "Maximum number of CAs | 25 | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
  linkedHubs: {
    value: 50,
    unit: "linked hubs",
    quote: "Maximum number of linked IoT hubs | 50 | No",
    source: DPS_PAGE,
  },
  operationsAMinute: {
    value: 1_000,
    unit: "operations of its service API a minute",
    quote: "Operations | 1,000/min/service | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
  registrationsAMinute: {
    value: 1_000,
    unit: "registrations a minute",
    quote: "Device registrations | 1,000/min/service | Yes",
    source: DPS_PAGE,
    isAdjustable: true,
  },
} as const satisfies Record<string, ServiceLimit>;

/** What a rate is on a hub with so many units. */
export function rateOf({ perUnit, atLeast }: HubRate, unitCount: number): number {
  return Math.max(atLeast, perUnit * unitCount);
}
