import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import { MAX_ADDRESSES } from "../../constructs/network/network-settings";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { organization } from "../support/environments";
import { networkEnvironments } from "../support/networks";
import { paths } from "../support/synth";

const { internet, private: closed, existing } = networkEnvironments;
const problems = (environment: EnvironmentConfig): string[] => paths(environmentProblems(organization, environment));

test.each(Object.entries(networkEnvironments))("%s is valid", (_kind, environment) => {
  expect(environmentProblems(organization, environment)).toEqual([]);
});

test("an unknown kind is one error", () => {
  expect(problems({ ...internet, network: { kind: "vpn" } } as unknown as EnvironmentConfig)).toEqual(["network.kind"]);
});

test("a private network with everything wrong is told all of it at once", () => {
  const found = environmentProblems(organization, {
    ...closed,
    machineLearning: { registrySku: "Standard" },
    logs: { anomalyFeed: true },
    edge: {
      versions: { v1: { detector: "1.0.0" } },
      rings: { all: { version: "v1" } },
      devices: [{ id: "press-01", virtualMachine: true }],
    },
    policy: { exceptions: [{ rule: "public-network-access", reason: "Because it has always been so." }] },
    network: {
      kind: "private",
      addressSpace: "10.60.0.0/28",
      connectTo: "vnet-hub",
      useGateway: false,
      factoryAddresses: ["203.0.113.0/24", "10.60.0.0/29"],
      runnerAddresses: [],
    },
  });
  expect(paths(found)).toEqual([
    "network.addressSpace",
    "network.connectTo",
    "network.factoryAddresses[0]",
    "network.factoryAddresses[1]",
    "network.runnerAddresses",
    "network.useGateway",
    "network.kind",
    "network.kind",
    "network.kind",
    "policy.exceptions[0]",
  ]);
  for (const { allowed, remedy } of found) {
    expect(allowed.length).toBeGreaterThan(10);
    expect(remedy.length).toBeGreaterThan(10);
  }
});

test("a hub behind endpoints needs factories that reach it", () => {
  expect(problems({ ...closed, network: { ...closed.network, factoryAddresses: [] } })).toEqual([
    "network.factoryAddresses",
  ]);
  expect(problems({ ...closed, edge: undefined, network: { ...closed.network, factoryAddresses: [] } })).toEqual([]);
});

test.each(["Standard", undefined] as const)("a queue of work orders of the tier %s has no endpoints", (sku) => {
  const receivers = { scheduler: { objectId: "77777777-7777-4777-8777-777777777777", type: "User" as const } };
  const maintenance = { queue: { receivers, sku } };
  expect(problems({ ...existing, maintenance })).toEqual(["network.kind"]);
  expect(problems({ ...internet, maintenance })).toEqual([]);
  expect(problems({ ...existing, maintenance: { queue: { receivers, sku: "Premium" } } })).toEqual([]);
});

test.each(["Basic", "Standard", undefined] as const)("a registry of the tier %s has no endpoints", (registrySku) => {
  expect(problems({ ...existing, machineLearning: { registrySku } })).toEqual(["network.kind"]);
  expect(problems({ ...internet, machineLearning: { registrySku } })).toEqual([]);
});

test.each([
  "10.0.0.0/16",
  "127.0.0.1/32",
  "100.64.0.0/10",
  "0.0.0.0/0",
  "224.0.0.0/8",
  "169.254.1.0/24",
  "anywhere",
  "203.0.113.7",
])("%s is no address that a factory comes from over the internet", (range) => {
  expect(problems({ ...internet, network: { ...internet.network, factoryAddresses: [range] } })).toEqual([
    "network.factoryAddresses[0]",
  ]);
});

test("as many ranges as a hub takes, and not one more", () => {
  const ranges = (count: number): string[] => Array.from({ length: count }, (_, index) => `203.0.113.${index}/32`);
  const network = { ...internet.network, runnerAddresses: ["192.0.2.0/32"] };
  expect(problems({ ...internet, network: { ...network, factoryAddresses: ranges(MAX_ADDRESSES - 1) } })).toEqual([]);
  expect(problems({ ...internet, network: { ...network, factoryAddresses: ranges(MAX_ADDRESSES) } })).toEqual([
    "network.factoryAddresses",
  ]);
});

test("ids of an existing network have their form", () => {
  const network = {
    kind: "existing",
    endpointSubnet: closed.network.connectTo,
    dnsZonesResourceGroup: "rg-dns",
  } as const;
  expect(problems({ ...existing, network })).toEqual(["network.endpointSubnet", "network.dnsZonesResourceGroup"]);
});

test("a registry with rules builds no images from sources", () => {
  const edge = { versions: { v1: { detector: FROM_SOURCE } }, rings: { all: { version: "v1" } } };
  expect(problems({ ...existing, edge })).toEqual(["network.kind"]);
  expect(problems({ ...internet, edge })).toEqual(["network.kind"]);
  expect(problems({ ...internet, edge, machineLearning: {} })).toEqual([]);
});
