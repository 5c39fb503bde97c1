import { Testing } from "cdktf";
import { armOperations } from "@edge-anomaly-detection/azure-facts";
import { type NeededOperations, neededOperations, resourceUses } from "../../constructs/security/needed-operations";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { OPTIONAL_PARTS, REMOVABLE_TYPES } from "../../stacks/optional-parts";
import { minimal, organization } from "../support/environments";
import { networkEnvironments } from "../support/networks";
import { provisioningEnvironments } from "../support/provisioning";
import { at, find, type StackJson } from "../support/synth";

const edge = {
  devices: [
    { id: "press-01" },
    { id: "press-02", virtualMachine: true },
    { id: "press-03", parent: "press-01" },
    { id: "press-04", authentication: { kind: "certificateAuthority" as const } },
  ],
  versions: { v1: { detector: "source" } },
  telemetryToCloud: true,
  rings: { all: { version: "v1" } },
};
const training = { enabled: true };
const digest = `1.0.0@sha256:${"0".repeat(64)}`;
const person = { objectId: "22222222-2222-4222-8222-222222222222", type: "User" as const };

/** Everything that a configuration may leave out. */
const full: EnvironmentConfig = {
  ...minimal,
  edge,
  machineLearning: { training },
  hub: { readers: ["historian"] },
  maintenance: { queue: { receivers: { scheduler: { ...person, objectId: `4${person.objectId.slice(1)}` } } } },
  provisioning: provisioningEnvironments.open.provisioning,
  twin: { instance: { updaters: { updater: { ...person, objectId: `5${person.objectId.slice(1)}` } } } },
  access: { contributors: { person }, readers: { person: { ...person, objectId: `3${person.objectId.slice(1)}` } } },
};

/** The same without one part each; what is `undefined` by default is left out as a whole. */
const without: Record<string, EnvironmentConfig> = {
  edge: { ...full, edge: undefined },
  training: { ...full, machineLearning: {} },
  trainingImage: { ...full, machineLearning: { training: { ...training, image: digest } } },
  builtImages: { ...full, edge: { ...edge, versions: { v1: { detector: digest } } }, machineLearning: {} },
  streamAnalytics: { ...full, edge: { ...edge, analysers: { streamAnalytics: false } } },
  detector: { ...full, edge: { ...edge, analysers: { detector: false } } },
  devices: { ...full, edge: { ...edge, devices: [] } },
  virtualMachine: { ...full, edge: { ...edge, devices: edge.devices.slice(0, 1) } },
  symmetricKeys: { ...full, edge: { ...edge, devices: edge.devices.slice(3) } },
  simulatedSensor: { ...full, edge: { ...edge, simulatedSensorSeconds: 5 } },
  telemetryToLake: { ...full, machineLearning: {}, routing: { telemetryToLake: false } },
  enrichments: { ...full, routing: { enrichments: {} } },
  anomalyFeed: { ...full, logs: { anomalyFeed: false } },
  events: { ...full, logs: { anomalyFeed: false }, maintenance: undefined, twin: undefined },
  twin: { ...full, twin: {} },
  queue: { ...full, maintenance: { minimumSeverity: "warning" } },
  readers: { ...full, hub: {} },
  provisioning: { ...full, provisioning: undefined },
  provisioningCreated: { ...full, provisioning: provisioningEnvironments.named.provisioning },
  access: { ...full, access: undefined },
  everything: { ...minimal, routing: { telemetryToLake: false, enrichments: {} }, logs: { anomalyFeed: false } },
};

/** Endpoints in place of what cannot be behind them. */
const closed: EnvironmentConfig = networkEnvironments.private;

/** The same in a protected environment, which takes images by their digests alone. */
function withDigests(environment: EnvironmentConfig): EnvironmentConfig {
  return {
    ...environment,
    ...(environment.edge && { edge: { ...environment.edge, versions: { v1: { detector: digest } } } }),
    ...(environment.machineLearning?.training && { machineLearning: { training: { ...training, image: digest } } }),
  };
}

const stackOf = (given: EnvironmentConfig): EnvironmentStack => {
  const environment = given.protection.preventDestroy ? withDigests(given) : given;
  return new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
};

/** Types by the address of what Terraform manages. */
function managed(stack: EnvironmentStack): Map<string, string> {
  const leaves = stack.node.findAll().filter(({ node }) => node.children.length === 0);
  return new Map(leaves.flatMap((leaf) => resourceUses(leaf).map(({ type }) => [leaf.node.path, type])));
}

/** A request leaves nothing behind that Terraform would read or delete. */
const isRequest = (type: string): boolean => type.startsWith("Microsoft.") && armOperations(type)?.delete.length === 0;

const operationsOf = (stack: EnvironmentStack): NeededOperations =>
  neededOperations(resourceUses(stack), stack.environment.protection.purgeOnDestroy, REMOVABLE_TYPES);

const covered = (operations: readonly string[]): ReadonlySet<string> =>
  new Set(operations.map((name) => name.toLowerCase()));

describe.each([true, false])("with preventDestroy %s", (preventDestroy) => {
  const protection = { preventDestroy, purgeOnDestroy: false };
  const complete = (environment: EnvironmentConfig): EnvironmentStack => stackOf({ ...environment, protection });
  const before = complete(full);

  test.each(Object.entries(without))("a pipeline can take away and put back: %s", (_part, environment) => {
    const after = complete(environment);
    for (const [from, to] of [
      [before, after],
      [after, before],
    ] as const) {
      const stays = managed(to);
      const gone = [...managed(from)].flatMap(([address, type]) =>
        stays.has(address) || isRequest(type) ? [] : [armOperations(type)],
      );
      const rows = gone.flatMap((row) => row ?? []);
      const { plan, apply } = operationsOf(to);
      const [mayPlan, mayApply] = [covered(plan), covered(apply)];
      const missing = rows.flatMap(({ read, delete: destroy }) => [
        ...read.filter((name) => !mayPlan.has(name.toLowerCase())),
        ...[...read, ...destroy].filter((name) => !mayApply.has(name.toLowerCase())),
      ]);
      expect(missing).toEqual([]);
    }
  });
});

test("a pipeline can take a private network away and put it back", () => {
  const open = { ...closed, network: undefined };
  for (const to of [open, closed]) {
    const { plan, apply } = operationsOf(stackOf(to));
    const [mayPlan, mayApply] = [covered(plan), covered(apply)];
    const rows = [...managed(stackOf(closed)).values()].flatMap((type) =>
      OPTIONAL_PARTS.privateNetwork?.includes(type) === true ? [armOperations(type)] : [],
    );
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      expect(row?.read.filter((name) => !mayPlan.has(name.toLowerCase()))).toEqual([]);
      expect(row?.delete.filter((name) => !mayApply.has(name.toLowerCase()))).toEqual([]);
    }
  }
});

test("each part of the table leaves with something", () => {
  const types = new Set([full, closed].flatMap((one) => resourceUses(stackOf(one)).map(({ type }) => type)));
  expect(REMOVABLE_TYPES.filter((type) => !types.has(type))).toEqual([]);
  for (const part of Object.values(OPTIONAL_PARTS)) {
    expect(part.filter(isRequest)).toEqual([]);
  }
});

test("what an environment does not have may be removed, and not made", () => {
  const { plan, apply } = operationsOf(stackOf(minimal));
  expect(apply).toContain("Microsoft.Compute/virtualMachines/delete");
  expect(apply).not.toContain("Microsoft.Compute/virtualMachines/write");
  expect(apply).not.toContain("Microsoft.Network/publicIPAddresses/write");
  expect(plan.filter((operation) => !/\/(read|listCallbackUrl\/action)$/.test(operation))).toEqual([]);
});

test("the bootstrap gives an apply identity the right to remove an optional part of a protected environment", () => {
  const app = Testing.app();
  const environment: EnvironmentConfig = {
    ...minimal,
    edge: { ...edge, versions: { v1: { detector: digest } }, analysers: { streamAnalytics: false } },
    backend: { kind: "cloud", organization: "contoso", workspace: "edge" },
    protection: { preventDestroy: true, purgeOnDestroy: false },
  };
  const stack = new BootstrapStack(app, "bootstrap", {
    organization,
    bootstrap: { backend: { kind: "local" }, operators: { jane: "44444444-4444-4444-8444-444444444444" } },
    environments: [new EnvironmentStack(app, environment.name, { organization, environment })],
  });
  const json = JSON.parse(Testing.synth(stack, true)) as StackJson;
  const role = find(json, "azurerm_role_definition", "test_ApplyRole");
  expect(at(role, "permissions[0].actions")).toContain("Microsoft.Storage/storageAccounts/delete");
  expect(at(role, "permissions[0].actions")).toContain("Microsoft.StreamAnalytics/streamingjobs/delete");
});

test("what every environment has stays out of reach where it is protected", () => {
  const { apply } = operationsOf(stackOf({ ...full, protection: { preventDestroy: true, purgeOnDestroy: false } }));
  const destructive = [
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.Devices/iotHubs",
    "Microsoft.KeyVault/vaults",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Resources/subscriptions/resourceGroups",
  ].map((type) => `${type}/delete`);
  expect(apply.filter((operation) => destructive.includes(operation))).toEqual([]);
});
