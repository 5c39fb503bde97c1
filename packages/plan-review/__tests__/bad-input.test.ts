import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { review } from "../src/command";
import { reviewPlans } from "../src/review-plans";

const folder = mkdtempSync(join(tmpdir(), "bad-input-"));
const file = join(folder, "plan.json");
const whole = readFileSync(join(__dirname, "plans", "changed-query.json"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const UPDATE = { address: "a.b", type: "a", change: { actions: ["update"] } };
const SHOW = "write it with `terraform show -json PLAN > plan.json`";

/** What a file holds, and what is said of it. */
const CASES: readonly (readonly [name: string, content: unknown, says: string])[] = [
  ["an empty file", "", "it is empty"],
  ["blanks", " \n", "it is empty"],
  ["a plan cut in the middle", whole.subarray(0, whole.length / 2), "it ends in the middle, after"],
  ["a plan that lacks its last bracket", whole.subarray(0, whole.lastIndexOf("}")), "it ends in the middle, after"],
  ["a plan with more behind it", Buffer.concat([whole, Buffer.from("x")]), "it is no JSON after byte"],
  ["a page of text", "Dear reader", "it is no JSON after byte 0"],
  ["what Terraform prints", "Terraform will perform", "it is what Terraform prints for people"],
  [
    "the line of setup-terraform's wrapper",
    `[command]/opt/hostedtoolcache/terraform-bin show -json tfplan\n{"format_version":"1.2"}`,
    "a line of setup-terraform's wrapper (`[command]…`) stands before the JSON; set `terraform_wrapper: false`",
  ],
  [
    "a log line of Terragrunt",
    `time=2026-11-25T10:00:00Z level=info msg=Executing hook\n{"format_version":"1.2"}`,
    "a log line of Terragrunt stands before the JSON",
  ],
  [
    "what Terragrunt puts before each line",
    `10:00:00.123 STDOUT [vpc] terraform: {"format_version":"1.2"}`,
    "a log line of Terragrunt stands before the JSON",
  ],
  ["a group of GitHub Actions", `::group::plan\n{}`, "a line for GitHub Actions or Azure Pipelines"],
  ["a page of HTML", "<html>", "it is no JSON after byte 0"],
  ["a number", "12345", "it is JSON, but no plan"],
  ["a list", [1], "it is JSON, but no plan"],
  ["another document", { format_version: "1.2" }, `it is JSON, but no plan; ${SHOW}`],
  [
    "a plan of an older format",
    { format_version: "0.2", resource_changes: [] },
    'its format is "0.2"; this reads format 1.x; make the plan with Terraform 1.1.0',
  ],
  ["a format that is no version", { format_version: "hunter22", resource_changes: [] }, "its format is no version"],
  ["a plan of a newer format", { format_version: "2.0", resource_changes: [] }, 'its format is "2.0"'],
  ["a plan without a format", { resource_changes: [] }, "it is JSON, but no plan"],
  [
    "a failed plan",
    { format_version: "1.2", resource_changes: [UPDATE], errored: true },
    "it is from a plan that failed",
  ],
  ["a state", { format_version: "1.0", terraform_version: "1.11.4", values: {} }, "it is a state, not a plan"],
  ["a state file", { version: 4, lineage: "x", resources: [] }, "it is a state file, not a plan"],
  ["the log of a plan", '{"@level":"info"}\n{"@level":"info"}', "it is the log of `terraform plan -json`"],
  ["a saved plan", Buffer.from("PK\u0003\u0004rest"), `it is a plan as Terraform saves it, not as JSON; ${SHOW}`],
  ["a compressed plan", Buffer.from([0x1f, 0x8b, 8, 0]), "it is compressed; unpack it first"],
  ["PowerShell's text", Buffer.from("\uFEFF{}", "utf16le"), "it is UTF-16 text, as PowerShell's > writes it"],
  [
    "changes of another form",
    { format_version: "1.2", resource_changes: [UPDATE, { address: 1 }] },
    "resource_changes[1] is not what",
  ],
  [
    "changes that are no list",
    { format_version: "1.2", resource_changes: { a: UPDATE } },
    "resource_changes is not what",
  ],
  ["changes that are nothing", { format_version: "1.2", resource_changes: null }, "resource_changes is not what"],
  ["drift that is text", { format_version: "1.2", resource_drift: "x" }, "resource_drift is not what"],
  ["outputs that are a list", { format_version: "1.2", output_changes: [] }, "output_changes is not what"],
  [
    "a failure said in another way",
    { format_version: "1.2", resource_changes: [], errored: "true" },
    "it is from a plan that failed",
  ],
  ["actions of another form", { format_version: "1.2", action_invocations: "x" }, "action_invocations is not what"],
  ["checks of another form", { format_version: "1.2", checks: {} }, "checks is not what"],
  ["outputs of another form", { format_version: "1.2", output_changes: { o: 1 } }, "output_changes.o is not what"],
  ["brackets without end", "[".repeat(100_000), "it is nested more than 500 deep"],
];

test.each(CASES)("%s is refused in one line that names the file", async (_name, content, says) => {
  const isText = typeof content === "string" || Buffer.isBuffer(content);
  writeFileSync(file, isText ? content : JSON.stringify(content));
  const message = await reviewPlans([file]).catch((error: unknown) => (error as Error).message);
  expect(message).toContain(`${file}: ${says}`);
  expect(message).toMatch(/^[^\n]+; [^\n]+$/);
});

test.each([
  ["there is no such file; check the path", join(folder, "missing.json")],
  ["it is a folder; name the file in it", folder],
])("%s", async (says, path) => {
  await expect(reviewPlans([path])).rejects.toThrow(`${path}: ${says}`);
});

test("what a broken plan holds does not stand in the message: it may be a secret", async () => {
  writeFileSync(file, '{"format_version":"1.2","resource_changes":[{"hunter22secret" "hunter23secret"');
  const message = await reviewPlans([file]).catch((error: unknown) => (error as Error).message);
  expect(message).toContain("no JSON");
  expect(message).not.toContain("hunter");
});

test("a broken plan beside a good one leaves no report", async () => {
  const good = join(folder, "good.json");
  writeFileSync(good, whole);
  writeFileSync(file, whole.subarray(0, 1000));
  const [log, error] = [
    jest.spyOn(process.stdout, "write"),
    jest.spyOn(console, "error").mockImplementation(() => undefined),
  ];
  expect(await review([good, file])).toBe(1);
  expect(log).not.toHaveBeenCalled();
  expect(error).toHaveBeenCalledTimes(1);
  jest.restoreAllMocks();
});

test.each([
  ["no plan", []],
  ["the same plan twice", [file, file]],
  ["the same plan by another path", [file, relative(process.cwd(), file)]],
  ["a plan that would be overwritten", [file, "--out", relative(process.cwd(), file)]],
  ["an unknown option", [file, "--yaml"]],
  ["an option without its value", [file, "--out"]],
  ["two forms at once", [file, "--json", "--markdown"]],
  ["a limit that holds nothing", [file, "--limit", "999"]],
  ["a limit that is no number", [file, "--limit", "many"]],
])("%s is refused with the help on standard error", async (_name, args) => {
  const error = jest.spyOn(console, "error").mockImplementation(() => undefined);
  expect(await review(args)).toBe(1);
  expect(error.mock.calls[0]?.[0]).toContain("Exit status:");
  error.mockRestore();
});

test("a plan that cannot be written down is an error of the folder", async () => {
  writeFileSync(file, whole);
  const out = join(folder, "missing", "review.md");
  const error = jest.spyOn(console, "error").mockImplementation(() => undefined);
  expect(await review([file, "--out", out])).toBe(1);
  expect(error.mock.calls).toEqual([[`${out}: it cannot be written (ENOENT); check the folder and its permissions`]]);
  mkdirSync(join(folder, "missing"));
  expect(await review([file, "--out", out])).toBe(2);
  error.mockRestore();
});

test("a plan is read whatever the order of its parts, with a byte order mark and blanks", async () => {
  const plan = {
    resource_changes: [UPDATE],
    errored: false,
    complete: false,
    format_version: "1.9",
    terraform_version: "1.14.0",
  };
  writeFileSync(file, `\uFEFF\n ${JSON.stringify(plan, undefined, 2)}\n\n`);
  const report = await reviewPlans([file]);
  expect(report.counts.update).toBe(1);
  expect(report.sources[0]?.terraformVersion).toBe("1.14.0");
  expect(report.notes).toEqual([expect.stringContaining("not complete")]);
});

test("a title that says nothing is none", async () => {
  writeFileSync(file, whole);
  const out = join(folder, "titled.md");
  await review([file, "--out", out, "--title", " "]);
  expect(readFileSync(out, "utf8")).toContain("## Plan review: ");
});
