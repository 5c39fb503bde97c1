import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";
import { limitsOf, summaryOf } from "../src/report/summary";

const folder = mkdtempSync(join(tmpdir(), "unknown-parts-"));
const file = join(folder, "plan.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function reviewOf(plan: object): Promise<Report> {
  writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes: [], ...plan }));
  return reviewPlans([file]);
}

const object = (type: string, actions: readonly string[], more: object = {}): object => ({
  address: `${type}.X`,
  mode: "managed",
  type,
  change: { actions, before: null, after: { name: "a" } },
  ...more,
});

describe("actions of Terraform 1.14", () => {
  const action = { address: "module.a.action.aws_lambda_invoke.b", type: "aws_lambda_invoke", name: "b" };

  test("that a lifecycle triggers name the event and the object", async () => {
    const trigger = { triggering_resource_address: "aws_instance.X", action_trigger_event: "AfterCreate" };
    const { changes, counts, verdict } = await reviewOf({
      action_invocations: [{ ...action, config_values: { function_name: "f" }, lifecycle_action_trigger: trigger }],
    });
    expect(changes[0]).toMatchObject({
      action: "invoke",
      level: "caution",
      address: action.address,
      reason: "after create of aws_instance.X",
      details: [{ kind: "set", path: "function_name", after: "f" }],
    });
    expect([counts.invoke, verdict]).toEqual([1, "changes"]);
  });

  test("that are deferred are counted with the reason", async () => {
    const report = await reviewOf({
      deferred_action_invocations: [{ reason: "instance_count_unknown", action_invocation: action }],
    });
    expect(report.changes[0]?.deferred).toBe("count or for_each is known after apply");
    expect(summaryOf(report)).toContain("1 action is invoked (module.a.action.aws_lambda_invoke.b); 1 deferred");
  });

  test("hide what is sensitive in their arguments", async () => {
    const { changes } = await reviewOf({
      action_invocations: [
        { ...action, config_values: { a: "hunter22-secret", b: "x hunter22-secret" }, config_sensitive: { a: true } },
      ],
    });
    expect(JSON.stringify(changes)).not.toContain("hunter22");
    expect(changes[0]?.details.map(({ kind }) => kind)).toEqual(["sensitive", "set"]);
  });

  test("that cannot be read are counted", async () => {
    const report = await reviewOf({ action_invocations: [1, {}] });
    expect(report.unknownParts).toEqual([{ source: "plan", name: "action_invocations", count: 2 }]);
    expect(report.verdict).toBe("changes");
  });
});

describe("deferred changes", () => {
  const deferred = (actions: readonly string[], type = "azurerm_iothub"): object => ({
    reason: "resource_config_unknown",
    resource_change: object(type, actions),
  });

  test("are told with their level and the reason", async () => {
    const report = await reviewOf({ complete: false, deferred_changes: [deferred(["delete", "create"])] });
    expect(report).toMatchObject({ verdict: "dangerous", deferred: 1, incomplete: 1 });
    expect(report.changes[0]).toMatchObject({ level: "danger", deferred: "its arguments are known after apply" });
    expect(report.notes).toEqual([expect.stringContaining("not complete"), expect.stringContaining("are deferred")]);
  });

  test("that only read, or that cannot be read, are counted", async () => {
    const report = await reviewOf({ deferred_changes: [deferred(["read"]), {}, 1] });
    expect(report).toMatchObject({ verdict: "changes", deferred: 3, changes: [] });
    expect(report.unknownParts).toEqual([{ source: "plan", name: "deferred_changes", count: 2 }]);
  });
});

describe("checks", () => {
  const check = (status: string, instances: readonly object[] = []): object => ({
    address: { kind: "resource", to_display: "azurerm_iothub.X" },
    status,
    instances,
  });

  test("that do not pass are named with what their authors say, failed ones first; others are not", async () => {
    const report = await reviewOf({
      checks: [
        check("pass"),
        check("unknown"),
        check("skipped_by_a_later_release"),
        check("error", [{ address: { to_display: "azurerm_iothub.X[0]" }, status: "error" }, { status: "pass" }]),
        check("fail", [{ status: "fail", problems: [{ message: "too\u202Esmall" }, {}] }]),
      ],
    });
    expect(report.checks.map(({ address, status, problems }) => [address, status, problems])).toEqual([
      ["azurerm_iothub.X", "fail", ["too⟨U+202E⟩small"]],
      ["azurerm_iothub.X[0]", "error", []],
      ["azurerm_iothub.X", "unknown", []],
      ["azurerm_iothub.X", "skipped_by_a_later_release", []],
    ]);
    expect(report.verdict).toBe("changes");
    expect(summaryOf(report)).toContain("1 check fails");
    expect(summaryOf(report)).toContain("1 check has a result that is not known here");
  });

  test("hide secrets in what their authors say", async () => {
    const { checks } = await reviewOf({
      checks: [check("fail", [{ status: "fail", problems: [{ message: "AccountKey=planted;x" }] }])],
    });
    expect(checks[0]?.problems).toEqual(["AccountKey=(sensitive);x"]);
  });
});

describe("parts at the top that no release writes yet", () => {
  test.each([
    ["a list", [{ a: [1, 2] }, { b: 1 }], 2],
    ["an object", { a: { b: 1, c: [2, 3] }, d: 1, e: null }, 3],
    ["a text", "x", 1],
    ["a number", 0, 1],
  ])("as %s are named and counted", async (_what, value, count) => {
    const report = await reviewOf({ later: value, format_version: "1.9" });
    expect(report.unknownParts).toEqual([{ source: "plan", name: "later", count }]);
    expect(report.verdict).toBe("changes");
    expect(limitsOf(report)).toEqual([expect.stringContaining("The plan has later, which this review does not know")]);
  });

  test.each([[[]], [{}], [null], [false], [""]])("that hold nothing (%j) are none", async (value) => {
    const report = await reviewOf({ later: value });
    expect([report.unknownParts, report.verdict]).toEqual([[], "nothing"]);
  });

  test("are shown without what they could hide", async () => {
    const report = await reviewOf({ ghp_plantedplantedplantedplanted: 1, "\u202Ex": 1 });
    expect(report.unknownParts.map(({ name }) => name)).toEqual(["(sensitive)", "⟨U+202E⟩x"]);
  });
});

describe("what Terraform says of the plan as a whole", () => {
  test("there is something to apply, and nothing of it is known", async () => {
    const { verdict, notes } = await reviewOf({ applyable: true });
    expect([verdict, notes]).toEqual(["changes", [expect.stringContaining("nothing of it is known here")]]);
  });

  test("applying only writes what changed outside to the state", async () => {
    const drift = object("t", ["update"], { change: { actions: ["update"], before: { a: 1 }, after: { a: 2 } } });
    const { verdict, notes } = await reviewOf({ applyable: true, resource_drift: [drift] });
    expect([verdict, notes]).toEqual(["changes", [expect.stringContaining("only writes to the state")]]);
  });

  test("what is only read is no change", async () => {
    const read = object("t", ["read"], { mode: "data" });
    expect(await reviewOf({ applyable: true, resource_changes: [read] })).toMatchObject({
      verdict: "nothing",
      notes: [],
    });
  });

  test("it cannot be applied", async () => {
    const { notes } = await reviewOf({ applyable: false, resource_changes: [object("t", ["create"])] });
    expect(notes).toEqual([expect.stringContaining("cannot be applied")]);
  });
});

test("an import by identity is named by its parts", async () => {
  const imported = (importing: object): object => object("t", ["no-op"], { change: { actions: ["no-op"], importing } });
  const { changes } = await reviewOf({
    resource_changes: [
      imported({ identity: { account_id: "12", region: null, name: "x" } }),
      imported({ unknown: true }),
      imported({ id: "i" }),
    ],
  });
  expect(changes.map(({ importId }) => importId)).toEqual([
    'account_id = "12", name = "x"',
    "(known after apply)",
    "i",
  ]);
});

describe("provisioners", () => {
  const provisioners = [
    {
      type: "local-exec",
      expressions: { command: { constant_value: "curl -u me:planted-secret@x https://u:planted@h | sh" } },
    },
  ];
  const resource = {
    address: "null_resource.X",
    type: "null_resource",
    expressions: { provisioners: { type: "x" } },
    provisioners,
  };
  const configuration = {
    provider_config: { azurerm: { name: "azurerm" } },
    root_module: {
      resources: [resource, { address: "null_resource.Y", provisioners }],
      module_calls: {
        a: { source: "./a", module: { resources: [resource, { ...resource, address: "null_resource.Z" }] } },
      },
    },
  };
  const created = (address: string, action: string): object => ({ ...object("null_resource", [action]), address });

  test("of what is created are told with their command, wherever the configuration stands in the file", async () => {
    const resource_changes = [
      created("null_resource.X", "create"),
      created('module.a["k"].null_resource.Z[0]', "delete"),
    ];
    for (const plan of [
      { resource_changes, configuration },
      { configuration, resource_changes },
    ]) {
      const { changes } = await reviewOf(plan);
      const invoked = changes.filter(({ action }) => action === "invoke");
      expect(invoked.map(({ address, level }) => [address, level])).toEqual([
        ["module.a.null_resource.Z (local-exec)", "caution"],
        ["null_resource.X (local-exec)", "caution"],
      ]);
      expect(invoked[0]?.risks[0]?.text).toContain("may run when it is destroyed");
      expect(invoked[1]?.details).toEqual([
        { kind: "set", path: "command", after: expect.stringContaining("curl") as unknown, forcesReplacement: false },
      ]);
      expect(JSON.stringify(changes)).not.toContain("planted@h");
    }
  });

  test("of what stays as it is are not", async () => {
    const { changes } = await reviewOf({ resource_changes: [created("null_resource.X", "no-op")], configuration });
    expect(changes).toEqual([]);
  });
});
