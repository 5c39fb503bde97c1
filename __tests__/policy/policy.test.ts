import { RULES } from "../../constructs/policy/rules";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Iothub } from "@cdktf/provider-azurerm/lib/iothub";
import { MachineLearningComputeCluster } from "@cdktf/provider-azurerm/lib/machine-learning-compute-cluster";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { App, Aspects, TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import { policy } from "../../stacks/commands/policy";
import { evaluate, type PolicyReport, type Surroundings } from "../../constructs/policy/evaluate";
import { Policy, type PolicyProps } from "../../constructs/policy/policy";
import { declareException, type WrittenException } from "../../constructs/shared/policy-exception";
import { policyProblems } from "../../constructs/policy/policy-settings";
import { COMPLIANT, NOT_APPLICABLE, type Rule, verdictOf } from "../../constructs/policy/rule";
import { Tags } from "../../constructs/shared/tags";
import { ValidationError } from "@edge-anomaly-detection/common";
import { environments } from "../../environments";
import { organization } from "../../environments/organization";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal } from "../support/environments";
import { Bench, paths, problemsOf } from "../support/synth";

const SURROUNDINGS: Surroundings = {
  allowedRegions: ["westeurope"],
  exceptions: [],
  minimumLogRetentionDays: 30,
  minimumSoftDeleteDays: 7,
  preventDestroy: false,
  requiredTags: [],
};

const rule = (check: Rule["check"], more: Partial<Rule> = {}): Rule => ({
  id: "no-hubs",
  level: "error",
  what: "There are no hubs.",
  why: "This is a test.",
  checkov: [],
  psrule: [],
  ...more,
  check,
});

const DAYS = ["minimumLogRetentionDays", "minimumSoftDeleteDays"];

const noHubs = rule(({ kind }) =>
  kind === "azurerm_iothub"
    ? verdictOf([{ path: "name", value: "x", allowed: "nothing", remedy: "remove it" }])
    : NOT_APPLICABLE,
);

function addHub(scope: Construct, id = "Hub"): Iothub {
  return new Iothub(scope, id, {
    name: "iot-test",
    resourceGroupName: "rg-test",
    location: "westeurope",
    sku: { name: "S1", capacity: 1 },
  });
}

function report(
  build: (bench: Bench) => void,
  rules: readonly Rule[],
  ...exceptions: WrittenException[]
): PolicyReport {
  const bench = new Bench();
  build(bench);
  return evaluate(bench.stack, rules, { ...SURROUNDINGS, exceptions });
}

const except = (resource?: string): WrittenException => ({
  rule: "no-hubs",
  reason: "We like this hub.",
  from: "configuration",
  ...(resource !== undefined && { resource }),
});

/** Two hubs, one in a construct whose name starts like the other's. */
function twoHubs({ stack }: Bench): void {
  addHub(new Construct(stack, "Plant"));
  addHub(new Construct(stack, "Plant2"));
}

describe("a rule that throws", () => {
  const broken = rule(
    () => {
      throw new TypeError("no such thing");
    },
    { id: "broken", level: "warning" },
  );

  test("is an error on everything that it was asked about, and keeps no other rule from being heard", () => {
    const { findings } = report((bench) => addHub(bench.stack), [broken, noHubs]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "broken",
        level: "error",
        resource: "Hub",
        value: "rule broken could not be evaluated: no such thing",
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ rule: "no-hubs", resource: "Hub" }));
  });

  test("is suppressed by no exception", () => {
    const { findings } = report((bench) => addHub(bench.stack), [broken], { ...except(), rule: "broken" });
    expect(findings.filter(({ exception }) => exception !== undefined)).toEqual([]);
  });
});

describe("exceptions", () => {
  const accepted = (build: (bench: Bench) => void, ...exceptions: WrittenException[]): string[] =>
    report(build, [noHubs], ...exceptions).findings.flatMap(({ resource, exception }) =>
      exception === undefined ? [] : [resource],
    );

  test.each([
    ["the whole stack", undefined, ["Plant/Hub", "Plant2/Hub"]],
    ["a construct and what is in it", "Plant", ["Plant/Hub"]],
    ["a resource", "Plant2/Hub", ["Plant2/Hub"]],
    ["nothing that has part of the name", "Pla", []],
  ])("cover %s", (_what, resource, expected) => {
    expect(accepted(twoHubs, except(resource))).toEqual(expected);
  });

  test("leave the finding in the report, with the reason", () => {
    const { findings, rules } = report(twoHubs, [noHubs], except("Plant"));
    expect(findings.map(({ resource, exception }) => [resource, exception?.reason])).toEqual([
      ["Plant/Hub", "We like this hub."],
      ["Plant2/Hub", undefined],
    ]);
    expect(rules).toEqual([
      { rule: "no-hubs", level: "error", compliant: 0, nonCompliant: 1, excepted: 1, notJudged: 0 },
    ]);
  });

  test("may be declared by a construct, for itself alone", () => {
    const build = ({ stack }: Bench): void => {
      const plant = new Construct(stack, "Plant");
      addHub(plant);
      addHub(stack);
      declareException(plant, "no-hubs", "This one must have a hub.");
    };
    expect(accepted(build)).toEqual(["Plant/Hub"]);
  });

  test("that match nothing are findings themselves, whoever wrote them", () => {
    const build = ({ stack }: Bench): void => {
      declareException(new Construct(stack, "Plant"), "no-hubs", "This one must have a hub.");
    };
    const { findings } = report(build, [noHubs], except("Elsewhere"));
    expect(findings).toEqual([
      expect.objectContaining({ rule: "stale-exception", level: "warning", resource: "Elsewhere" }),
      expect.objectContaining({ rule: "stale-exception", level: "warning", resource: "Plant" }),
    ]);
  });
});

test("counts a resource once, however many findings it has", () => {
  const twice = rule(({ kind }) =>
    kind === "azurerm_iothub"
      ? verdictOf(["one", "two"].map((path) => ({ path, value: 1, allowed: "2", remedy: "write 2" })))
      : COMPLIANT,
  );
  const { findings, rules } = report((bench) => addHub(bench.stack), [twice]);
  expect(findings).toHaveLength(2);
  expect(rules[0]?.nonCompliant).toBe(1);
});

test("does not judge what moves to another address, which has no arguments", () => {
  const { findings } = report(
    ({ stack }) => {
      addHub(stack).moveTo("new");
      addHub(stack, "New").addMoveTarget("new");
    },
    [noHubs],
  );
  expect(findings.map(({ resource }) => resource)).toEqual(["New"]);
});

describe("Policy", () => {
  const PROPS: PolicyProps = { location: "westeurope", preventDestroy: false };

  function stackIn(app: App, id: string, props: Partial<PolicyProps> = {}): TerraformStack {
    const stack = new TerraformStack(app, id);
    new AzurermProvider(stack, "Azurerm", { features: [{}] });
    Aspects.of(stack).add(new Policy({ ...PROPS, ...props }));
    return stack;
  }

  function addAccount(stack: TerraformStack, sharedAccessKeyEnabled: boolean): StorageAccount {
    return new StorageAccount(stack, "Account", {
      name: "stone",
      resourceGroupName: "rg-test",
      location: "westeurope",
      accountTier: "Standard",
      accountReplicationType: "LRS",
      sharedAccessKeyEnabled,
      localUserEnabled: false,
      allowNestedItemsToBePublic: false,
    });
  }

  /** Accepts what the account above is not about. */
  const OTHERS = ["diagnostics-present", "public-network-access", "required-tags", "soft-delete-days"].map((id) => ({
    rule: id,
    reason: "Not what this test is about.",
  }));

  let outdir: string;

  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), "policy-test-"));
  });

  afterEach(() => {
    rmSync(outdir, { recursive: true });
  });

  test("stops synth with every error of every stack at once, before the first of them is written", () => {
    const app = new App({ outdir });
    for (const id of ["one", "two"]) {
      addAccount(stackIn(app, id, { exceptions: OTHERS }), true).addOverride("min_tls_version", "TLS1_0");
    }
    const problems = problemsOf(() => {
      app.synth();
    });
    expect(paths(problems)).toEqual([
      "one/Account shared_access_key_enabled",
      "one/Account min_tls_version",
      "two/Account shared_access_key_enabled",
      "two/Account min_tls_version",
    ]);
    expect(existsSync(join(outdir, "stacks/one/cdk.tf.json"))).toBe(false);
  });

  test("says where, what stands there, what is allowed and what to do", () => {
    const stack = stackIn(Testing.app(), "one", { exceptions: OTHERS });
    addAccount(stack, true);
    expect(() => Testing.synth(stack, true)).toThrow(
      new ValidationError("policy", [
        {
          path: "one/Account shared_access_key_enabled",
          value: true,
          allowed: "false",
          remedy: "set it to false and grant data roles instead [storage-shared-keys-off]",
        },
      ]),
    );
  });

  test("sees what aspects that were added later have done", () => {
    const app = Testing.app();
    const stack = stackIn(app, "one", { exceptions: OTHERS.filter((exception) => exception.rule !== "required-tags") });
    addAccount(stack, false);
    Aspects.of(stack).add(new Tags({ purpose: "test", environment: "test" }));
    expect(() => Testing.synth(stack, true)).not.toThrow();
  });

  test("turns warnings into annotations and goes on", () => {
    const app = new App({ outdir });
    const stack = stackIn(app, "one");
    new MachineLearningComputeCluster(stack, "Cluster", {
      name: "cpu",
      location: "westeurope",
      machineLearningWorkspaceId: "/subscriptions/x",
      vmPriority: "Dedicated",
      vmSize: "Standard_D4ds_v5",
      scaleSettings: { minNodeCount: 1, maxNodeCount: 4, scaleDownNodesAfterIdleDuration: "PT15M" },
      localAuthEnabled: false,
      tags: { environment: "test", purpose: "test" },
    });
    app.synth();
    expect(app.manifest.stacks.one?.annotations).toEqual([
      expect.objectContaining({
        constructPath: "one/Cluster",
        level: "@cdktf/warn",
        message:
          "Cluster scale_settings.min_node_count is 1; allowed: 0; do: write 0, unless jobs cannot wait for a node [compute-scales-to-zero]",
      }),
    ]);
  });

  test("changes nothing of what is written", () => {
    const written = (withPolicy: boolean): unknown => {
      const app = Testing.app();
      const stack = withPolicy ? stackIn(app, "one", { exceptions: OTHERS }) : new TerraformStack(app, "one");
      if (!withPolicy) {
        new AzurermProvider(stack, "Azurerm", { features: [{}] });
      }
      const account = addAccount(stack, false);
      const { friendlyUniqueId } = account;
      stack.addOverride(`resource.azurerm_storage_account.${friendlyUniqueId}.network_rules`, [{ bypass: ["None"] }]);
      return JSON.parse(Testing.synth(stack, true));
    };
    expect(written(true)).toEqual(written(false));
  });

  test("sees what was changed since it looked last", () => {
    const stack = stackIn(Testing.app(), "one", { exceptions: OTHERS });
    const account = addAccount(stack, false);
    Testing.synth(stack, true);
    account.addOverride("shared_access_key_enabled", true);
    expect(paths(problemsOf(() => Testing.synth(stack, true)))).toEqual(["one/Account shared_access_key_enabled"]);
  });

  test("sees what was changed since a synthesis that something else has stopped", () => {
    const stack = stackIn(Testing.app(), "one", { exceptions: OTHERS });
    const account = addAccount(stack, false);
    const others = ["not yet"];
    stack.node.addValidation({ validate: () => others.splice(0) });
    expect(() => Testing.synth(stack, true)).toThrow("not yet");
    account.addOverride("shared_access_key_enabled", true);
    expect(paths(problemsOf(() => Testing.synth(stack, true)))).toEqual(["one/Account shared_access_key_enabled"]);
  });

  test("reports without stopping, and refuses to report on a stack that has none", () => {
    const app = Testing.app();
    const stack = stackIn(app, "one", { exceptions: OTHERS });
    addAccount(stack, true);
    const { findings } = Policy.report(stack);
    expect(findings.filter(({ exception }) => exception === undefined)).toEqual([
      expect.objectContaining({ rule: "storage-shared-keys-off", resource: "Account" }),
    ]);
    expect(() => Policy.report(new TerraformStack(app, "two"))).toThrow("the stack two has no policy");
  });

  test("refuses settings with mistakes", () => {
    const make = (): unknown => new Policy({ ...PROPS, minimumLogRetentionDays: 7 });
    expect(paths(problemsOf(make))).toEqual(["minimumLogRetentionDays"]);
  });
});

describe("settings", () => {
  const valid = { rule: "vault-rbac", resource: "Vault/Resource", reason: "ten chars." };

  test("may say nothing, or everything at its boundaries", () => {
    expect(policyProblems({})).toEqual([]);
    for (const [retention, softDelete] of [
      [30, 1],
      [730, 90],
    ]) {
      const settings = { minimumLogRetentionDays: retention, minimumSoftDeleteDays: softDelete };
      expect(policyProblems({ ...settings, exceptions: [valid], allowedRegions: ["westeurope"] })).toEqual([]);
    }
  });

  test.each([
    ["an unknown rule", { exceptions: [{ ...valid, rule: "vault-rback" }] }, ["exceptions[0].rule"]],
    ["a short reason", { exceptions: [{ ...valid, reason: "  because  " }] }, ["exceptions[0].reason"]],
    ["a path with a slash too much", { exceptions: [{ ...valid, resource: "/Vault" }] }, ["exceptions[0].resource"]],
    ["an empty path", { exceptions: [{ ...valid, resource: "" }] }, ["exceptions[0].resource"]],
    ["the same twice", { exceptions: [valid, { ...valid, reason: "another reason" }] }, ["exceptions[1].resource"]],
    ["no region", { allowedRegions: [] }, ["allowedRegions"]],
    ["a region as people write it", { allowedRegions: ["West Europe"] }, ["allowedRegions[0]"]],
    ["too few days", { minimumLogRetentionDays: 29, minimumSoftDeleteDays: 0 }, DAYS],
    ["too many days", { minimumLogRetentionDays: 731, minimumSoftDeleteDays: 91 }, DAYS],
    ["a tag that Azure refuses", { requiredTags: ["own/er"] }, ["requiredTags[0]"]],
  ])("refuse %s", (_what, settings, expected) => {
    expect(paths(policyProblems(settings))).toEqual(expected);
  });

  test("are part of an environment's record", () => {
    const environment = { ...minimal, policy: { exceptions: [{ ...valid, rule: "" }] } };
    expect(paths(environmentProblems(organization, environment))).toEqual(["policy.exceptions[0].rule"]);
  });
});

describe.each(environments.map((environment) => [environment.name, environment] as const))(
  "%s",
  (name, environment) => {
    const stack = new EnvironmentStack(Testing.app(), name, { organization, environment });
    const { findings, notJudged } = Policy.report(stack);

    test("has nothing that the rules do not allow, and no exception without use", () => {
      const open = findings.filter(({ exception }) => exception === undefined);
      // Digests that nobody has looked up yet: the shipped versions name tags.
      const byTag = open.filter(({ rule }) => rule === "images-by-digest");
      expect(open.filter((finding) => !byTag.includes(finding))).toEqual([]);
      expect(byTag.map(({ resource }) => resource)).toEqual(
        environment.protection.preventDestroy
          ? ["Base", "Gateway", "Detector"].map((layer) => `Rollout/${layer}/Resource`)
          : [],
      );
    });

    test("leaves unjudged only the image that Azure names when it publishes the job", () => {
      expect(notJudged.map((entry) => [entry.rule, entry.resource])).toEqual([
        ["pinned-images", "Rollout/StreamAnalytics/Contents"],
      ]);
    });
  },
);

test("lists every rule in docs/policy.md as the code has it", () => {
  const page = readFileSync(join(__dirname, "../../docs/policy.md"), "utf8");
  const lines: string[] = [];
  jest.spyOn(console, "log").mockImplementation((text: string) => lines.push(text));
  policy(["--rules", "--markdown"], () => {
    throw new Error("rules need no configuration");
  });
  jest.restoreAllMocks();
  const rules = lines
    .join("\n")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | ").slice(0, 3).join(" | "));
  expect(rules.length).toBe(RULES.length);
  expect(page).toContain(rules.join(" |\n"));
});
