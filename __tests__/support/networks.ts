import type { EnvironmentConfig } from "../../environments/environment-config";
import { minimal } from "./environments";

const devices = {
  devices: [
    { id: "press-01", hostname: "press-01.plant.example" },
    { id: "press-02", parent: "press-01", edge: false },
  ],
  versions: { v1: { detector: "1.0.0" } },
  rings: { all: { version: "v1" } },
} as const;

const base: EnvironmentConfig = {
  ...minimal,
  protection: { preventDestroy: false, purgeOnDestroy: true },
  edge: devices,
  hub: { readers: ["historian"] },
  policy: {},
};
const receivers = {
  "work-orders": { objectId: "77777777-7777-4777-8777-777777777777", type: "ServicePrincipal" },
} as const;
const twin = { instance: { updaters: receivers } };
const closed: EnvironmentConfig = {
  ...base,
  maintenance: { queue: { receivers, sku: "Premium" } },
  twin,
  logs: { anomalyFeed: false },
  machineLearning: { registrySku: "Premium" },
};
const SUBSCRIPTION = "/subscriptions/44444444-4444-4444-8444-444444444444";
const NETWORKS = `${SUBSCRIPTION}/resourceGroups/rg-connectivity/providers/Microsoft.Network/virtualNetworks`;

/** Three hubs, one of them draining, with devices on two of them, and a service that registers others. */
const stamps = {
  hub: { readers: ["historian"], stamps: { second: {}, third: { state: "draining" } } },
  edge: {
    ...devices,
    devices: [...devices.devices, { id: "mill-01", hub: "second", hostname: "mill-01.plant.example" }],
  },
  provisioning: {
    kind: "dps",
    enrollmentGroups: { fleet: { attestation: { kind: "symmetricKey" }, tags: { ring: "fleet" } } },
  },
} as const satisfies Partial<EnvironmentConfig>;

/** One environment of each kind of network, with everything that the kind reaches. */
export const networkEnvironments = {
  internet: {
    ...base,
    name: "internet",
    code: "int",
    maintenance: { queue: { receivers } },
    twin,
    machineLearning: { registrySku: "Premium" },
    network: {
      kind: "internet",
      factoryAddresses: ["203.0.113.0/28", "198.51.100.7/32", "198.51.100.8/31"],
      runnerAddresses: ["192.0.2.0/29"],
    },
  },
  private: {
    ...closed,
    name: "private",
    code: "prv",
    network: {
      kind: "private",
      addressSpace: "10.60.0.0/24",
      connectTo: `${NETWORKS}/vnet-hub`,
      factoryAddresses: ["10.20.0.0/16", "10.21.0.0/16"],
      runnerAddresses: ["10.10.4.0/26"],
    },
  },
  existing: {
    ...closed,
    name: "existing",
    code: "exs",
    network: {
      kind: "existing",
      endpointSubnet: `${NETWORKS}/vnet-plant/subnets/snet-endpoints`,
      dnsZonesResourceGroup: `${SUBSCRIPTION}/resourceGroups/rg-dns`,
    },
  },
  existingWithPolicy: {
    ...closed,
    name: "existing-policy",
    code: "exp",
    network: { kind: "existing", endpointSubnet: `${NETWORKS}/vnet-plant/subnets/snet-endpoints` },
  },
} as const satisfies Record<string, EnvironmentConfig>;

/** The same with several hubs. */
export const stampEnvironments = {
  stamps: { ...networkEnvironments.internet, ...stamps, name: "stamps", code: "stm" },
  stampsPrivate: { ...networkEnvironments.private, ...stamps, name: "stamps-private", code: "sta" },
} as const satisfies Record<string, EnvironmentConfig>;
