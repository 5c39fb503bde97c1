import fc from "fast-check";
import type { BootstrapConfig } from "../../environments/bootstrap-config";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { assertValidBootstrap, bootstrapProblems } from "../../stacks/bootstrap-problems";
import { minimal } from "../support/environments";
import { paths, problemsOf } from "../support/synth";

const record: BootstrapConfig = {
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

test("a sound record has no mistakes", () => {
  expect(bootstrapProblems(record, [local, cloud])).toEqual([]);
  expect(bootstrapProblems({ ...record, stateStorage }, [local, blob("one", "a-1"), blob("two", "a-2")])).toEqual([]);
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
  ["no repository for an environment outside HCP Terraform", { github: undefined }, [local], ["test.backend.kind"]],
  ["no repository where all are in HCP Terraform", { github: undefined }, [cloud], []],
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
  expect(paths(bootstrapProblems({ ...record, ...overrides }, environments))).toEqual(expected);
});

test("every mistake is told at once", () => {
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

test("whatever is written, the answer is mistakes with a way out and never a crash", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("contoso", "edge", "westeurope", "${x}"));
  const anyRecord = fc.record({
    subscriptionId: fc.option(text, { nil: undefined }),
    backend: fc.constantFrom(record.backend, cloud.backend, blob("x", "c-1").backend),
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
