import type { EnvironmentConfig } from "../../environments/environment-config";
import { environments } from "../../environments";
import { organization as ours } from "../../environments/organization";
import { assertValidEnvironments } from "../../environments/validation/across-environments";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { minimal, organization } from "../support/environments";
import { paths, problemsOf } from "../support/synth";

/** A configuration with mistakes of which the compiler would refuse some. */
const wrong = (overrides: object): EnvironmentConfig => ({ ...minimal, ...overrides });

test("the least that an environment must say is enough", () => {
  expect(environmentProblems(organization, minimal)).toEqual([]);
});

test("our own environments have no validation errors", () => {
  expect(() => {
    assertValidEnvironments(ours, environments);
  }).not.toThrow();
});

test("a configuration full of validation errors reports all of them, each with its path", () => {
  const configuration = wrong({
    name: "Test Environment",
    location: "West Europe",
    subscriptionId: "mine",
    backend: { kind: "cloud", organization: "", workspace: "a b" },
    tags: { Environment: "mine" },
    protection: { preventDestroy: true, purgeOnDestroy: true },
    access: { contributors: { team: { objectId: "nobody", type: "Group" } } },
    keyVault: { softDeleteDays: 1 },
    lake: { containers: {} },
    accounts: { replication: "FRS" },
    machineLearning: { registrySku: "Free", maxNodes: 0 },
    hub: { sku: "B1", partitions: 0, logCategories: ["Everything"] },
    routing: { batchSeconds: 1 },
    streamAnalytics: {
      signals: [
        { name: "t", path: "machine.t", detectors: [{ kind: "changePoint", confidence: 80, historySize: 100 }] },
        { name: "u", path: "machine.t", detectors: [{ kind: "changePoint", confidence: 0, historySize: 100 }] },
      ],
      publishGeneration: 0,
    },
    logs: { retentionDays: 7 },
    alerts: { receivers: {}, quotaPercent: 0 },
    budget: { monthlyAmount: -1 },
  });
  expect(paths(environmentProblems(organization, configuration))).toEqual([
    "name",
    "subscriptionId",
    "location",
    "backend.organization",
    "backend.workspace",
    "tags.Environment",
    "protection.purgeOnDestroy",
    "access.contributors.team.objectId",
    "keyVault.softDeleteDays",
    "lake.containers.anomaly-data",
    "lake.containers.ml-models",
    "lake.containers.telemetry-data",
    "accounts.replication",
    "machineLearning.registrySku",
    "machineLearning.maxNodes",
    "hub.sku",
    "hub.partitions",
    "hub.logCategories[0]",
    "hub.logCategories",
    "routing.batchSeconds",
    "streamAnalytics.signals[1].path",
    "streamAnalytics.signals[1].detectors[0].confidence",
    "streamAnalytics.publishGeneration",
    "logs.retentionDays",
    "alerts.quotaPercent",
    "alerts.receivers",
    "budget.monthlyAmount",
  ]);
});

test.each([
  ["local", { kind: "local" }, []],
  ["cloud", { kind: "cloud", organization: "contoso", workspace: "dev" }, []],
  [
    "azurerm",
    { kind: "azurerm", resourceGroupName: "rg", storageAccountName: "st1", containerName: "tfstate", key: "dev" },
    [],
  ],
  ["an unknown kind", { kind: "s3" }, ["backend.kind"]],
  [
    "azurerm without anything",
    { kind: "azurerm" },
    ["resourceGroupName", "storageAccountName", "containerName", "key"].map((f) => `backend.${f}`),
  ],
  [
    "cloud with a URL for a host",
    { kind: "cloud", organization: "contoso", workspace: "dev", hostname: "https://tfe" },
    ["backend.hostname"],
  ],
])("backend %s", (_what, backend, expected) => {
  expect(paths(environmentProblems(organization, wrong({ backend })))).toEqual(expected);
});

test.each([
  [{ "a<b": "x" }, "tags.a<b"],
  [{ cost: "x".repeat(257) }, "tags.cost"],
  [{ cost: "1", Cost: "2" }, "tags.Cost"],
  [Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`t${index}`, "x"])), "tags"],
])("tags %p", (tags, path) => {
  expect(paths(environmentProblems(organization, wrong({ tags })))).toEqual([path]);
});

test.each([
  [{ tags: { owner: "${var.owner}" } }, "tags.owner"],
  [{ routing: { enrichments: { a: "%{ if true }" } } }, "routing.enrichments.a"],
])("text that Terraform would run: %p", (overrides, path) => {
  expect(paths(environmentProblems(organization, wrong(overrides)))).toEqual([path]);
});

describe("several environments", () => {
  const of = (...configurations: EnvironmentConfig[]): string[] =>
    paths(
      problemsOf(() => {
        assertValidEnvironments(organization, configurations);
      }),
    );

  test("must differ in name, short form and state", () => {
    const cloud = { kind: "cloud", organization: "contoso", workspace: "one" } as const;
    const first = { ...minimal, backend: cloud };
    expect(of(first, { ...minimal, backend: cloud })).toEqual(["[1].name", "[1].code", "[1].backend"]);
  });

  test("share the validation errors of their organisation, which are reported once", () => {
    const configurations = [minimal, { ...minimal, name: "other", code: "oth" }];
    const problems = problemsOf(() => {
      assertValidEnvironments({ ...organization, nameSeed: "x" }, configurations);
    });
    expect(paths(problems)).toEqual(["organization.nameSeed.length"]);
  });

  test("each validation error says which environment it is in", () => {
    expect(of(minimal, { ...minimal, name: "other", code: "oth", hub: { units: 0 } })).toEqual(["other.hub.units"]);
  });

  test("are at least one", () => {
    expect(of()).toEqual(["list"]);
  });
});

describe("what is built and trained", () => {
  const edge = { versions: { current: { detector: "source" } }, rings: { all: { version: "current" } } };
  const training = { enabled: true };
  const problems = (overrides: Partial<EnvironmentConfig>): string[] =>
    paths(environmentProblems(organization, { ...minimal, ...overrides }));

  test("comes from the working copy only in environments that are not protected", () => {
    const ownSources = { edge: { ...edge, telemetryToCloud: true }, machineLearning: { training } };
    expect(problems({ ...ownSources, protection: { preventDestroy: false, purgeOnDestroy: false } })).toEqual([]);
    expect(problems({ ...ownSources, protection: { preventDestroy: true, purgeOnDestroy: false } })).toEqual([
      "edge.versions.current.detector",
      "machineLearning.training.image",
    ]);
  });

  test("has data to train on", () => {
    const protection = { preventDestroy: false, purgeOnDestroy: false };
    const without = { protection, machineLearning: { training } };
    expect(problems({ ...without, routing: { telemetryToLake: false } })).toEqual(["machineLearning.training"]);
    expect(problems({ ...without, edge })).toEqual(["machineLearning.training"]);
    expect(problems(without)).toEqual([]);
  });
});
