import { review as command } from "../src/command";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { KeptChanges } from "../src/report/kept-changes";
import { renderMarkdown } from "../src/render/markdown/markdown";
import type { Change, Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";
import { together } from "../src/report/tally";
import { detailInWords, linesInWords } from "../src/report/wording";

const folder = mkdtempSync(join(tmpdir(), "review-plans-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, plan: object): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ format_version: "1.2", resource_changes: [], ...plan }));
  return file;
}

const review = (plan: object): Promise<Report> => reviewPlans([write("plan.json", plan)]);

interface Given {
  readonly type?: string;
  readonly address?: string;
  readonly actions?: readonly string[];
  readonly mode?: string;
  readonly [more: string]: unknown;
}

/** A change of an object; `change` holds what is beside its actions. */
const object = ({ type = "some_type", actions = ["update"], mode = "managed", change, ...rest }: Given): object => ({
  address: `${type}.X`,
  type,
  mode,
  ...rest,
  change: { actions, before: { a: 1 }, after: { a: 2 }, ...(change as object | undefined) },
});

async function only(given: Given): Promise<Change> {
  const { changes } = await review({ resource_changes: [object(given)] });
  const [change, ...others] = changes;
  if (change === undefined || others.length > 0) {
    throw new Error(`${changes.length} changes where one was looked for`);
  }
  return change;
}

const HUB = "azurerm_iothub";

describe("levels", () => {
  test.each([
    [HUB, ["delete"], "delete", "danger"],
    [HUB, ["delete", "create"], "replace", "danger"],
    [HUB, ["create", "delete"], "replace", "danger"],
    [HUB, ["forget"], "forget", "caution"],
    [HUB, ["create"], "create", "change"],
    [HUB, ["update"], "update", "change"],
    ["some_type", ["delete"], "delete", "caution"],
    ["some_type", ["delete", "create"], "replace", "caution"],
    ["some_type", ["create", "forget"], "replace", "caution"],
    ["some_type", ["forget"], "forget", "change"],
    ["terraform_data", ["delete", "create"], "replace", "change"],
    ["null_resource", ["create", "delete"], "replace", "change"],
    ["time_sleep", ["delete", "create"], "replace", "change"],
    ["random_id", ["delete", "create"], "replace", "change"],
    ["iothub_edge_deployment", ["create", "delete"], "replace", "change"],
    ["azapi_resource_action", ["delete", "create"], "replace", "caution"],
    ["time_sleep", ["delete"], "delete", "caution"],
  ])("%s, %j: %s is a %s", async (type, actions, action, level) => {
    const change = await only({ type, actions });
    expect([change.action, change.level]).toEqual([action, level]);
    expect(change.consequence === undefined).toBe(type !== HUB || action === "create" || action === "update");
  });

  test.each([
    "Microsoft.MachineLearningServices/workspaces@2025-06-01",
    "Microsoft.Devices/IotHubs@2023-06-30",
    "MICROSOFT.STORAGE/storageaccounts/blobServices/containers@2023-01-01",
    "Microsoft.KeyVault/vaults",
  ])("an ARM resource counts by its ARM type: %s", async (armType) => {
    const before = { type: armType };
    const change = await only({ type: "azapi_resource", actions: ["delete"], change: { before, after: null } });
    expect(change.level).toBe("danger");
  });
});

test("the most important comes first: a hub before its devices, deletions before replacements, dangers before all else", async () => {
  const given: readonly (readonly [string, readonly string[]])[] = [
    ["some_type", ["update"]],
    ["some_other_type", ["delete"]],
    ["iothub_device", ["delete"]],
    ["azurerm_key_vault_secret", ["delete", "create"]],
    [HUB, ["create", "delete"]],
    ["azurerm_storage_account", ["delete"]],
  ];
  const { changes } = await review({ resource_changes: given.map(([type, actions]) => object({ type, actions })) });
  expect(changes.map(({ type }) => type)).toEqual([
    "azurerm_storage_account",
    HUB,
    "iothub_device",
    "azurerm_key_vault_secret",
    "some_other_type",
    "some_type",
  ]);
});

describe("actions that are not known", () => {
  test.each([["destroy"], ["Delete"], []])("%s is something that changes, with caution", async (...actions) => {
    const change = await only({ type: HUB, actions: actions.filter((action) => typeof action === "string") });
    expect([change.action, change.level]).toEqual(["update", "caution"]);
    expect(change.reason).toContain(`its action is not known here: ${actions[0] ?? "none is named"}`);
  });

  test("do not hide a deletion beside them", async () => {
    expect(await only({ type: HUB, actions: ["update", "delete"] })).toMatchObject({
      action: "delete",
      level: "danger",
    });
  });
});

describe("an object", () => {
  test("that is replaced names what forces it, and whether the new one comes first", async () => {
    const change = await only({
      type: HUB,
      actions: ["create", "delete"],
      action_reason: "replace_because_cannot_update",
      change: {
        before: { name: "a", sku: [{ tier: 1 }] },
        after: { name: "b", sku: [{ tier: 2 }] },
        replace_paths: [["name"], ["sku", 0, "tier"]],
      },
    });
    expect(change.forcedBy).toEqual(["name", "sku[0].tier"]);
    expect(change.createsFirst).toBe(true);
    expect(change.details.map(({ forcesReplacement }) => forcesReplacement)).toEqual([true, true]);
  });

  test.each([
    [["create", "delete"], "same", true],
    [["delete", "create"], "same", false],
    [["create", "delete"], "other", false],
  ])("that is replaced by %j with the %s name says whether Azure refuses that", async (actions, name, isRefused) => {
    const before = { name: "same", resource_group_name: "rg" };
    const change = await only({ type: HUB, actions, change: { before, after: { ...before, name } } });
    expect(change.reason?.includes("under the same name, which Azure refuses") ?? false).toBe(isRefused);
  });

  test("that is moved has both addresses", async () => {
    const change = await only({ actions: ["no-op"], previous_address: "some_type.Y" });
    expect(change).toMatchObject({ action: "move", previousAddress: "some_type.Y", level: "change" });
  });

  test("that is moved and changed is an update with both addresses", async () => {
    expect(await only({ previous_address: "some_type.Y" })).toMatchObject({
      action: "update",
      previousAddress: "some_type.Y",
    });
  });

  test("that is imported has its id, changed or not", async () => {
    const importing = { importing: { id: "/subscriptions/x" } };
    expect(await only({ actions: ["no-op"], change: importing })).toMatchObject({
      action: "import",
      importId: "/subscriptions/x",
    });
    expect(await only({ change: importing })).toMatchObject({ action: "update", importId: "/subscriptions/x" });
  });

  test("that was left over is told by its key", async () => {
    const change = await only({ actions: ["delete"], deposed: "1a2b3c4d" });
    expect(change.address).toBe("some_type.X (deposed 1a2b3c4d)");
    expect(change.reason).toBe("left over from an earlier replacement");
  });

  test.each([
    ["replace_because_tainted", "tainted: an earlier apply left it half-made"],
    ["delete_because_each_key", "its key is no longer in for_each"],
    ["delete_because_no_module", "its module is no longer in the configuration"],
    ["replace_because_of_a_later_release", "replace because of a later release"],
    ["toString", "toString"],
  ])("says why: %s", async (reason, words) => {
    expect((await only({ action_reason: reason })).reason).toBe(words);
  });

  test("in a module with for_each keeps its address", async () => {
    const address = 'module.a["x y"].module.b[0].some_type.X["a.b/c"]';
    expect((await only({ address })).address).toBe(address);
  });
});

test("what is read or stays as it is does not count as a change", async () => {
  const report = await review({
    resource_changes: [
      object({ actions: ["no-op"] }),
      object({ actions: ["read"], mode: "data" }),
      object({ actions: ["create"], mode: "data" }),
    ],
  });
  expect(report).toMatchObject({ verdict: "nothing", changes: [], sources: [{ unchanged: 1 }] });
});

test("outputs are told and not counted", async () => {
  const report = await review({
    output_changes: {
      a: { actions: ["create"], before: null, after: "x" },
      b: { actions: ["update"], before: "x", after_unknown: true },
      c: { actions: ["no-op"], before: "x", after: "x" },
      d: { actions: ["delete"], before: "x", after: null },
    },
  });
  expect(
    report.changes.map(({ address, action, details }) => [address, action, details[0] && detailInWords(details[0])]),
  ).toEqual([
    ["output.d", "delete", 'removed "x"'],
    ["output.b", "update", "known after apply"],
    ["output.a", "create", 'added "x"'],
  ]);
  expect(report.verdict).toBe("changes");
  expect(Object.values(report.counts).every((count) => count === 0)).toBe(true);
});

test("what changed outside of Terraform is no change of the plan", async () => {
  const report = await review({
    resource_drift: [
      object({ address: "some_type.A" }),
      object({ address: "some_type.B", change: { before: { a: null }, after: { a: "" } } }),
      object({ address: "some_type.C", actions: ["delete"], change: { after: null } }),
    ],
  });
  expect(report.verdict).toBe("nothing");
  expect(report.drift.map(({ address, action }) => [address, action])).toEqual([
    ["some_type.A", "update"],
    ["some_type.C", "delete"],
  ]);
});

test("changes stand by level, action, what is stateful, source and address; outputs come last", async () => {
  const first = write("b.json", {
    resource_changes: [
      object({ address: "some_type.U" }),
      object({ address: "some_type.D", actions: ["delete"] }),
      object({ type: HUB, address: "azurerm_iothub.R", actions: ["delete", "create"] }),
      object({ type: HUB, address: "azurerm_iothub.F", actions: ["forget"] }),
      object({ address: "some_type.C", actions: ["create"] }),
    ],
    output_changes: { a: { actions: ["delete"], before: 1, after: null } },
  });
  const second = write("a.json", {
    resource_changes: [
      object({ type: HUB, address: "azurerm_iothub.D", actions: ["delete"] }),
      object({ address: "some_type.Z", actions: ["delete"] }),
      object({ address: "some_type.D", actions: ["delete"] }),
    ],
  });
  const { changes, counts, sources } = await reviewPlans([first, second]);
  expect(changes.map(({ source, address }) => `${source} ${address}`)).toEqual([
    "a azurerm_iothub.D",
    "b azurerm_iothub.R",
    "a some_type.D",
    "a some_type.Z",
    "b some_type.D",
    "b azurerm_iothub.F",
    "b some_type.U",
    "b some_type.C",
    "b output.a",
  ]);
  expect(counts).toEqual({ create: 1, update: 1, delete: 4, replace: 1, forget: 1, import: 0, move: 0, invoke: 0 });
  expect(sources.map((source) => source.counts.delete)).toEqual([1, 3]);
});

test("files of the same name are told apart by their paths", async () => {
  const files = [write("dev/plan.json", {}), write("prod/plan.json", {}), write("other.json", {})];
  const { sources } = await reviewPlans(files);
  expect(sources.map(({ name }) => name)).toEqual([files[0], files[1], "other"]);
});

describe("a deployment at a new address", () => {
  const manifest = (image: string): string =>
    JSON.stringify({ $edgeAgent: { "properties.desired.modules.m": { settings: { image } } } });
  const deployment = (hash: string, image: string, isNew: boolean): object => {
    const values = { deployment_id: `base-${hash}`, modules_content: manifest(image) };
    return object({
      type: "iothub_edge_deployment",
      address: `iothub_edge_deployment.D["${hash}"]`,
      actions: [isNew ? "create" : "delete"],
      change: { before: isNew ? null : values, after: isNew ? values : null },
    });
  };

  test("is told by what differs from the one whose place it takes", async () => {
    const plan = { resource_changes: [deployment("1111111111", "a:1", false), deployment("2222222222", "a:2", true)] };
    const { changes, verdict } = await review(plan);
    expect(changes.map(({ action, level, reason }) => [action, level, reason])).toEqual([
      ["delete", "change", 'iothub_edge_deployment.D["2222222222"] takes its place'],
      ["create", "change", 'takes the place of iothub_edge_deployment.D["1111111111"]'],
    ]);
    expect(changes[1]?.details.flatMap(linesInWords)).toEqual(['module m: image "a:1" → "a:2"']);
    expect(verdict).toBe("changes");
  });

  test("that has no predecessor, or two, stands alone", async () => {
    const plan = {
      resource_changes: [
        deployment("1111111111", "a:1", false),
        deployment("3333333333", "a:1", false),
        deployment("2222222222", "a:2", true),
      ],
    };
    const { changes } = await review(plan);
    expect(changes.map(({ level, reason }) => [level, reason])).toEqual([
      ["caution", undefined],
      ["caution", undefined],
      ["change", undefined],
    ]);
  });
});

describe("more changes than are kept", () => {
  const change = (index: number, level: Change["level"] = "change"): Change => ({
    source: "s",
    address: `t.A${index}`,
    type: `type_${index % 2}`,
    action: level === "change" ? "update" : "delete",
    level,
    risks: [],
    forcedBy: [],
    details: [{ kind: "set", path: "a", after: "x".repeat(100), forcesReplacement: false }],
    folded: [],
  });

  test("are counted, and the most important kept, whenever they come", () => {
    const kept = new KeptChanges(10);
    for (let index = 0; index < 100; index += 1) {
      kept.add(change(index, index % 20 === 7 ? "danger" : "change"));
    }
    const { changes, left } = kept.result();
    expect(changes.map(({ level }) => level)).toEqual([
      ...Array<string>(5).fill("danger"),
      ...Array<string>(5).fill("change"),
    ]);
    expect(left).toEqual([
      { level: "change", action: "update", type: "type_0", count: expect.any(Number) },
      { level: "change", action: "update", type: "type_1", count: expect.any(Number) },
    ]);
    expect(left.reduce((sum, { count }) => sum + count, 0)).toBe(90);
  });

  test("are counted where they are long, too", () => {
    const kept = new KeptChanges(1_000, 5_000);
    for (let index = 0; index < 100; index += 1) {
      kept.add(change(index));
    }
    const { changes, left } = kept.result();
    expect(changes.length).toBeLessThan(20);
    expect(changes.length + left.reduce((sum, { count }) => sum + count, 0)).toBe(100);
  });

  test("stand in the Markdown's count of what was cut", () => {
    const kept = new KeptChanges(2);
    [0, 1, 2, 3].forEach((index) => {
      kept.add(change(index));
    });
    const counts = { create: 0, update: 4, delete: 0, replace: 0, forget: 0, import: 0, move: 0, invoke: 0 };
    const tally = { ...together([]), counts, levels: { danger: 0, caution: 0, change: 4 } };
    const report: Report = {
      from: "plan",
      verdict: "changes",
      sources: [{ name: "s", path: "s.json", ...tally, unchanged: 0 }],
      ...tally,
      deferred: 0,
      checks: [],
      unknownParts: [],
      incomplete: 0,
      ...kept.result(),
      drift: [],
      notes: [],
    };
    expect(renderMarkdown(report)).toContain("Not shown: 2 updated.");
  });
});

test("whatever stands in a change, there is a report or a line that says why not", async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const names = [
    "before",
    "after",
    "after_unknown",
    "before_sensitive",
    "after_sensitive",
    "replace_paths",
    "importing",
  ];
  const actions = fc.subarray(["create", "update", "delete", "forget", "no-op", "read", "other"]);
  const type = fc.constantFrom(
    HUB,
    "azapi_resource",
    "iothub_edge_deployment",
    "azurerm_key_vault_secret",
    "__proto__",
  );
  const anything = fc.tuple(type, actions, fc.dictionary(fc.constantFrom(...names), value));
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 4 }), value, async (given, broken) => {
      const resources = given.map(([kind, what, change]) => object({ type: kind, actions: what, change }));
      const report = await review({ resource_changes: resources, resource_drift: resources });
      const changes = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
      expect(report.changes).toHaveLength(changes);
      expect(renderMarkdown(report)).toContain("## Plan review: ");
      const refused = await review({ resource_changes: [...resources, broken] }).catch((error: unknown) => error);
      expect((refused as Error).message).toMatch(/plan\.json: resource_changes\[\d\] is not what a plan holds there/);
    }),
  );
});

test("a report says which version of its form it has", async () => {
  const out = join(folder, "out.json");
  await command([write("plan.json", {}), "--json", "--out", out]);
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ version: 2, from: "plan", verdict: "nothing" });
});
