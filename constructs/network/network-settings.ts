import { collect, type Finding, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { isPrivateRange, overlap, parseRange } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import { addressProblems, noRunners } from "./address-problems";
import { EVERYBODY, type ServiceAccess } from "./service-access";

/** Services answer the internet, but only the addresses that are named. */
export interface InternetNetwork {
  /** Says which of the three it is. */
  readonly kind: "internet";
  /** Addresses from which factories reach the internet, as IPv4 ranges like `203.0.113.0/28`. @default - none */
  readonly factoryAddresses?: readonly string[];
  /** Addresses of self-hosted runners, HCP agents and people who plan and apply, as IPv4 ranges. At least one. */
  readonly runnerAddresses: readonly string[];
}

/** A network of the environment's own, connected to one that exists; nothing answers the internet. */
export interface PrivateNetworkSettings {
  /** Says which of the three it is. */
  readonly kind: "private";
  /** Addresses of the network: a private IPv4 range from /16 to /26 that nothing else in reach uses. */
  readonly addressSpace: string;
  /** ARM id of the virtual network that runners are in and that leads to the factories. It is peered, and resolves the services' names. */
  readonly connectTo: string;
  /** Use the gateway (VPN, ExpressRoute) of that network, so that factories behind it reach the services. @default true */
  readonly useGateway?: boolean;
  /** Addresses of the factories, as private IPv4 ranges. @default - none */
  readonly factoryAddresses?: readonly string[];
  /** Addresses of runners, agents and people, as private IPv4 ranges. At least one. */
  readonly runnerAddresses: readonly string[];
}

/** The company's network: a subnet for endpoints and zones that are there already; nothing answers the internet. */
export interface ExistingNetwork {
  /** Says which of the three it is. */
  readonly kind: "existing";
  /** ARM id of the subnet for private endpoints, with 16 free addresses. */
  readonly endpointSubnet: string;
  /** ARM id of the resource group with the private DNS zones of all services, linked to the networks that resolve them. @default - none: the company's Azure Policy registers endpoints in its zones */
  readonly dnsZonesResourceGroup?: string;
}

/** How an environment's services are reached. */
export type NetworkSettings = InternetNetwork | PrivateNetworkSettings | ExistingNetwork;

/** What else of an environment matters for its network. */
export interface NetworkSurroundings {
  /** Tier of the container registry. */
  readonly registrySku: string;
  /** Ids of devices that are virtual machines with a way out to the internet. */
  readonly virtualMachines: readonly string[];
  /** Whether there are devices or deployments, which are written through the hub's own address. */
  readonly hasEdge: boolean;
  /** Whether images are built in the registry from this repository's sources. */
  readonly buildsImages: boolean;
  /** Whether anomalies are copied to Log Analytics as they come. */
  readonly hasAnomalyFeed: boolean;
  /** Tier of the namespace with the queue of work orders. @default - there is none */
  readonly queueSku?: string;
  /** Indexes of the environment's own exceptions from the rule `public-network-access`. */
  readonly exceptions: readonly number[];
}

/** Rules that a hub, a vault, an account and a registry take; the hub's are the fewest. */
export const MAX_ADDRESSES = 100;

const KINDS = ["internet", "private", "existing"] as const;
const RESOURCE_ID = "/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]{1,90}";
const NETWORK_ID = new RegExp(`^${RESOURCE_ID}/providers/Microsoft.Network/virtualNetworks/[^/]{2,64}$`, "i");
const SUBNET_ID = new RegExp(
  `^${RESOURCE_ID}/providers/Microsoft.Network/virtualNetworks/[^/]{2,64}/subnets/[^/]+$`,
  "i",
);
const GROUP_ID = new RegExp(`^${RESOURCE_ID}$`, "i");

/** Who reaches the services' own addresses. */
export function serviceAccess(network: NetworkSettings | undefined): ServiceAccess {
  if (network === undefined) {
    return EVERYBODY;
  }
  return network.kind === "internet"
    ? { kind: "addresses", addresses: [...(network.factoryAddresses ?? []), ...network.runnerAddresses] }
    : { kind: "privateEndpoints" };
}

/** What is wrong with a network, alone and with the rest of its environment. */
export function networkProblems(network: NetworkSettings, around: NetworkSurroundings): Problem[] {
  const kind = oneOf(
    "kind",
    network.kind,
    KINDS,
    "choose how the services are reached; docs/networks.md compares the three",
  );
  if (kind !== undefined) {
    return collect(kind);
  }
  if (network.kind === "internet") {
    return internetProblems(network, around);
  }
  return [
    ...(network.kind === "private" ? privateProblems(network, around) : existingProblems(network)),
    ...closedProblems(around),
  ];
}

function internetProblems(network: InternetNetwork, around: NetworkSurroundings): Problem[] {
  const { hasEdge, exceptions, registrySku, buildsImages } = around;
  const all = [...(network.factoryAddresses ?? []), ...network.runnerAddresses];
  return collect(
    ...addressProblems("factoryAddresses", network.factoryAddresses ?? [], "public"),
    ...addressProblems("runnerAddresses", network.runnerAddresses, "public"),
    noRunners(network.runnerAddresses),
    problemIf(
      hasEdge && (network.factoryAddresses ?? []).length === 0,
      "factoryAddresses",
      network.factoryAddresses,
      "at least one range where the environment has devices: the hub answers nobody else",
      "name the addresses from which the factories reach the internet",
    ),
    problemIf(
      all.length > MAX_ADDRESSES,
      "factoryAddresses",
      `${all.length} ranges with those of runners`,
      `at most ${MAX_ADDRESSES} ranges in all`,
      "write neighbouring addresses as one range",
    ),
    builtImages(buildsImages && registrySku === "Premium"),
    ...needlessExceptions(exceptions),
  );
}

function privateProblems(network: PrivateNetworkSettings, { hasEdge }: NetworkSurroundings): Problem[] {
  const space = parseRange(network.addressSpace);
  const inside = (path: string, ranges: readonly string[]): Finding[] =>
    ranges.map((range, index) => {
      const other = parseRange(range);
      return problemIf(
        space !== undefined && other !== undefined && overlap(space, other),
        `${path}[${index}]`,
        range,
        `a range outside of addressSpace, which is ${network.addressSpace}`,
        "name the addresses that they have in their own networks",
      );
    });
  return collect(
    problemIf(
      space === undefined || !isPrivateRange(space) || space.length < 16 || space.length > 26,
      "addressSpace",
      network.addressSpace,
      "a private IPv4 range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) from /16 to /26, starting at its first address",
      "ask who plans addresses for a range that nothing else in reach uses",
    ),
    hasForm(
      "connectTo",
      network.connectTo,
      NETWORK_ID,
      "the ARM id of a virtual network: /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…",
      "take it from `az network vnet show --query id`",
    ),
    ...addressProblems("factoryAddresses", network.factoryAddresses ?? [], "private"),
    ...addressProblems("runnerAddresses", network.runnerAddresses, "private"),
    ...inside("factoryAddresses", network.factoryAddresses ?? []),
    ...inside("runnerAddresses", network.runnerAddresses),
    noRunners(network.runnerAddresses),
    problemIf(
      hasEdge && (network.factoryAddresses ?? []).length === 0,
      "factoryAddresses",
      network.factoryAddresses,
      "at least one private range where the environment has devices: the hub is reached from nowhere else",
      'name the factories\' addresses behind VPN or ExpressRoute, or choose kind: "internet"',
    ),
    problemIf(
      hasEdge && network.useGateway === false,
      "useGateway",
      false,
      "true where the environment has devices: they reach the hub through that gateway",
      'connect to a network with a gateway to the factories, or choose kind: "internet"',
    ),
  );
}

function existingProblems(network: ExistingNetwork): Problem[] {
  return collect(
    hasForm(
      "endpointSubnet",
      network.endpointSubnet,
      SUBNET_ID,
      "the ARM id of a subnet: /subscriptions/…/virtualNetworks/…/subnets/…",
      "take it from `az network vnet subnet show --query id`",
    ),
    hasForm(
      "dnsZonesResourceGroup",
      network.dnsZonesResourceGroup,
      GROUP_ID,
      "the ARM id of a resource group: /subscriptions/…/resourceGroups/…",
      "take it from `az group show --query id`, or leave it out where Azure Policy registers endpoints",
    ),
  );
}

/** What does not work, or would not be private, where no service answers the internet. */
function closedProblems({
  registrySku,
  virtualMachines,
  hasAnomalyFeed,
  buildsImages,
  queueSku,
  exceptions,
}: NetworkSurroundings): Problem[] {
  return collect(
    problemIf(
      registrySku !== "Premium",
      "kind",
      `private endpoints and machineLearning.registrySku ${registrySku}`,
      "machineLearning.registrySku Premium: no other tier has private endpoints",
      'set machineLearning.registrySku to "Premium"',
    ),
    problemIf(
      virtualMachines.length > 0,
      "kind",
      `private endpoints and virtual machines as devices: ${virtualMachines.join(", ")}`,
      "devices in factories: a virtual machine here has a network of its own that reaches the internet alone",
      'take virtualMachine out of edge.devices, or choose kind: "internet"',
    ),
    builtImages(buildsImages),
    problemIf(
      hasAnomalyFeed,
      "kind",
      "private endpoints and logs.anomalyFeed",
      "logs.anomalyFeed false: Event Grid delivers to no private endpoint, so the feed's workflow has an address on the internet",
      "set logs.anomalyFeed to false; anomalies are in the lake and at the built-in endpoint",
    ),
    problemIf(
      queueSku !== undefined && queueSku !== "Premium",
      "kind",
      `private endpoints and maintenance.queue.sku ${queueSku ?? ""}`,
      "maintenance.queue.sku Premium: no other tier has private endpoints",
      'set maintenance.queue.sku to "Premium", or leave maintenance.queue out',
    ),
    ...needlessExceptions(exceptions),
  );
}

/** `network_rule_bypass_allowed_for_tasks` is in azurerm from 4.81 on. */
const builtImages = (buildsImages: boolean): Finding =>
  problemIf(
    buildsImages,
    "kind",
    "a registry with network rules and images that it builds from sources",
    "images that are pushed to it: the registry's own tasks come from addresses that its rules do not name",
    "name images by their tags and digests in edge.versions and machineLearning.training.image",
  );

/** An exception for everything would hide a service that answers after all. */
const needlessExceptions = (exceptions: readonly number[]): Finding[] =>
  exceptions.map((index) => ({
    path: `policy.exceptions[${index}]`,
    value: "public-network-access",
    allowed: "no exception of the environment's own where it has a network: constructs except what Azure forces",
    remedy: "remove the exception",
  }));
