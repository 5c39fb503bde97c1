import fc from "fast-check";
import { githubEnvironments } from "../../constructs/deployment-identity/github-environments";
import type { BootstrapConfig } from "../../environments/bootstrap-config";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { assertValidBootstrap, bootstrapProblems } from "../../environments/validation/bootstrap-problems";
import { minimal } from "../support/environments";
import { paths, problemsOf } from "../support/synth";

const configuration: BootstrapConfig = {
  backend: { kind: "local" },
  operators: { jane: "44444444-4444-4444-8444-444444444444" },
  github: { owner: "contoso", repository: "edge" },
};
const place = { resourceGroupName: "rg-state", storageAccountName: "ststate" };
const stateStorage = { location: "westeurope", ...place };

const local = minimal;
const cloud: EnvironmentConfig = {
  ...minimal,
  name: "hosted",
  backend: { kind: "cloud", organization: "contoso", workspace: "edge" },
};
const blob = (name: string, containerName: string, overrides: Partial<typeof place> = {}): EnvironmentConfig => ({
  ...minimal,
  name,
  backend: { kind: "azurerm", ...place, containerName, key: "state", ...overrides },
});

test("a valid configuration has no validation errors", () => {
  expect(bootstrapProblems(configuration, [local, cloud])).toEqual([]);
  expect(
    bootstrapProblems({ ...configuration, stateStorage }, [local, blob("one", "a-1"), blob("two", "a-2")]),
  ).toEqual([]);
});

test.each<[string, Partial<BootstrapConfig>, readonly EnvironmentConfig[], readonly string[]]>([
  ["a subscription that is none", { subscriptionId: "mine" }, [local], ["subscriptionId"]],
  [
    "an environment that names its subscription, beside one that is known at apply alone",
    {},
    [{ ...local, subscriptionId: "99999999-9999-4999-8999-999999999999" }],
    ["subscriptionId"],
  ],
  ["an unknown backend", { backend: { kind: "s3" as "local" } }, [local], ["backend.kind"]],
  [
    "an environment's own state",
    { backend: { kind: "cloud", organization: "contoso", workspace: "edge" } },
    [cloud],
    ["backend"],
  ],
  ["nobody to run it", { operators: {} }, [local], ["operators"]],
  ["somebody without an object id", { operators: { jane: "jane@example.com" } }, [local], ["operators.jane"]],
  ["a repository with its owner", { github: { owner: "c", repository: "c/edge" } }, [local], ["github.repository"]],
  ["no repository for a state in a storage account", { github: undefined }, [blob("one", "a-1")], ["one.backend.kind"]],
  ["no repository where none is needed", { github: undefined }, [cloud, local], []],
  [
    "plans of pull requests for what no pipeline deploys, or that is not there, or twice",
    { pullRequestPlans: ["test", "nope", "hosted", "hosted"] },
    [local, cloud],
    ["pullRequestPlans[0]", "pullRequestPlans[1]", "pullRequestPlans[3]"],
  ],
  ["promotion without a repository", { promotion: true, github: undefined }, [cloud], ["promotion"]],
  ["an environment called as those of promotion", { promotion: true }, [{ ...cloud, name: "models" }], ["models.name"]],
  ["an environment called so without promotion", {}, [{ ...cloud, name: "models" }], []],
  ["a project with a short name", { hcpTerraform: { project: "ab" } }, [cloud], ["hcpTerraform.project"]],
  ["a project with a long name", { hcpTerraform: { project: "a".repeat(41) } }, [cloud], ["hcpTerraform.project"]],
  ["the default project", { hcpTerraform: { project: "Default Project" } }, [cloud], []],
  ["an environment of the stack's name", {}, [{ ...local, name: "bootstrap" }], ["bootstrap.name"]],
  ["storage that nobody uses", { stateStorage }, [local], ["stateStorage"]],
  [
    "a state in another account",
    { stateStorage },
    [blob("one", "a-1"), blob("two", "a-2", { storageAccountName: "stother", resourceGroupName: "rg-other" })],
    ["two.backend.resourceGroupName", "two.backend.storageAccountName"],
  ],
  [
    "two environments in one container",
    { stateStorage },
    [blob("one", "a-1"), blob("two", "a-1")],
    ["two.backend.containerName"],
  ],
  [
    "a container with no room for the name of its plans'",
    { stateStorage },
    [blob("one", "a".repeat(57)), blob("two", "b".repeat(58))],
    ["two.backend.containerName"],
  ],
  [
    "a state in a container of another's plans",
    { stateStorage },
    [blob("one", "a-1"), blob("two", "a-1-plans")],
    ["two.backend.containerName"],
  ],
  ["a template", { hcpTerraform: { project: "${var.p}" } }, [cloud], ["hcpTerraform.project", "hcpTerraform.project"]],
])("%s", (_what, overrides, environments, expected) => {
  expect(paths(bootstrapProblems({ ...configuration, ...overrides }, environments))).toEqual(expected);
});

const OTHER = "99999999-9999-4999-8999-999999999999";
const OWN = "88888888-8888-4888-8888-888888888888";
const protectedFrom = (environment: EnvironmentConfig): EnvironmentConfig => ({
  ...environment,
  protection: { preventDestroy: true, purgeOnDestroy: false },
});

describe("a protected environment beside an unprotected one", () => {
  const prod = protectedFrom({ ...cloud, name: "prod", code: "prd" });
  const refusedPaths = (bootstrap: Partial<BootstrapConfig>, ...environments: EnvironmentConfig[]): string[] =>
    paths(bootstrapProblems({ ...configuration, ...bootstrap }, environments)).filter((path) =>
      path.includes("subscription"),
    );

  test("in one subscription is refused, whether the subscription is named or not", () => {
    expect(refusedPaths({}, cloud, prod)).toEqual(["hosted.subscriptionId"]);
    expect(refusedPaths({ subscriptionId: OWN }, { ...cloud, subscriptionId: OWN.toUpperCase() }, prod)).toEqual([
      "hosted.subscriptionId",
    ]);
    const [problem] = bootstrapProblems(configuration, [cloud, prod]);
    expect(problem?.allowed).toContain("a subscription without prod");
    expect(problem?.remedy).toContain("give hosted its own subscription");
  });

  test("in subscriptions of their own is not, and neither are equals", () => {
    expect(refusedPaths({ subscriptionId: OWN }, cloud, { ...prod, subscriptionId: OTHER })).toEqual([]);
    expect(refusedPaths({}, protectedFrom(cloud), prod)).toEqual([]);
    expect(refusedPaths({}, cloud, { ...cloud, name: "second" })).toEqual([]);
  });

  test("is nothing to a person's own environment, which no pipeline deploys", () => {
    expect(refusedPaths({}, local, prod)).toEqual([]);
  });

  test("is also a protected state beside an unprotected environment", () => {
    const own = { subscriptionId: OWN, stateStorage };
    const [safe, open] = [protectedFrom(blob("safe", "a-1")), blob("open", "a-2")];
    expect(refusedPaths(own, { ...safe, subscriptionId: OTHER }, open)).toEqual(["open.subscriptionId"]);
    expect(refusedPaths(own, safe, { ...open, subscriptionId: OTHER })).toEqual([]);
    expect(refusedPaths(own, open)).toEqual([]);
    expect(refusedPaths({ ...own, backend: blob("x", "bootstrap").backend }, open)).toEqual(["open.subscriptionId"]);
  });
});

describe("names that would let one environment's jobs be another's", () => {
  const named = (...names: string[]): EnvironmentConfig[] => names.map((name) => ({ ...cloud, name }));

  test.each([
    [["x", "x-plan"], ["x-plan.name"]],
    [["x-plan", "x"], ["x-plan.name"]],
    [["x", "x-pull-request"], ["x-pull-request.name"]],
    [
      ["x", "x-plan", "x-plan-plan"],
      ["x-plan.name", "x-plan-plan.name"],
    ],
    [["x", "x-planning", "plan", "y-plan"], []],
  ])("%j are refused at %j", (names, expected) => {
    expect(paths(bootstrapProblems(configuration, named(...names))).filter((path) => path.endsWith(".name"))).toEqual(
      expected,
    );
  });

  test("are refused whoever deploys them", () => {
    const problems = bootstrapProblems(configuration, [
      { ...local, name: "x" },
      { ...blob("x-plan", "a-1"), code: "xp" },
    ]);
    expect(paths(problems)).toEqual(["x-plan.name"]);
  });

  test("containers are told apart in an account of one's own, too", () => {
    expect(paths(bootstrapProblems(configuration, [blob("one", "a"), blob("two", "a-plans")]))).toEqual([
      "two.backend.containerName",
    ]);
    expect(paths(bootstrapProblems(configuration, [blob("one", "a"), blob("two", "a")]))).toEqual([
      "two.backend.containerName",
    ]);
    expect(
      bootstrapProblems(configuration, [blob("one", "a"), blob("two", "a", { storageAccountName: "stother" })]),
    ).toEqual([]);
  });

  test("whatever the names are, no two GitHub environments of accepted ones are the same", () => {
    const name = fc.tuple(
      fc.constantFrom<string>("a", "b"),
      fc.array(fc.constantFrom<string>("plan", "pull-request", "x"), { maxLength: 2 }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(
          name.map(([first, rest]): string => [first, ...rest].join("-")),
          { maxLength: 5 },
        ),
        (names) => {
          fc.pre(bootstrapProblems(configuration, named(...names)).length === 0);
          const all = names.flatMap((one) => Object.values<string>({ ...githubEnvironments(one) }));
          expect(new Set(all).size).toBe(all.length);
        },
      ),
    );
  });
});

test("every validation error is reported at once", () => {
  const broken: BootstrapConfig = {
    subscriptionId: "mine",
    backend: { kind: "local" },
    operators: {},
    github: { owner: "", repository: "" },
    stateStorage: { ...stateStorage, softDeleteDays: 0 },
  };
  const run = (): void => {
    assertValidBootstrap(broken, [local]);
  };
  expect(paths(problemsOf(run))).toEqual([
    "subscriptionId",
    "operators",
    "github.owner",
    "github.repository",
    "stateStorage.softDeleteDays",
    "stateStorage",
  ]);
});

test("whatever is written, the answer is validation errors with a way out and never a crash", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("contoso", "edge", "westeurope", "${x}"));
  const anyRecord = fc.record({
    subscriptionId: fc.option(text, { nil: undefined }),
    backend: fc.constantFrom(configuration.backend, cloud.backend, blob("x", "c-1").backend),
    operators: fc.dictionary(text, text, { maxKeys: 5 }),
    github: fc.option(
      fc.record({ owner: text, repository: text, ownerId: fc.option(fc.double(), { nil: undefined }) }),
      { nil: undefined },
    ),
    stateStorage: fc.option(
      fc.record({ location: text, resourceGroupName: text, storageAccountName: text, softDeleteDays: fc.double() }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(anyRecord, (any) => {
      for (const { path, allowed, remedy } of bootstrapProblems(any, [local, cloud, blob("one", "a-1")])) {
        expect([path, allowed, remedy].every((part) => part.length > 0)).toBe(true);
      }
    }),
  );
});
