import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { review } from "@edge-anomaly-detection/plan-review";
import { HUB } from "./record/scenarios";

const PLANS = join(__dirname, "..", "..", "packages", "plan-review", "__tests__", "plans");
const plan = (name: string): string => join(PLANS, `${name}.json`);

/** Exit status of each plan that can be reviewed. */
const STATUSES = {
  "changed-module-image": 2,
  "changed-query": 2,
  "device-added": 2,
  "device-removed": 3,
  "first-creation": 2,
  "hub-replaced": 3,
  "no-change": 0,
  "storage-account-destroyed": 3,
};

const folder = mkdtempSync(join(tmpdir(), "review-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the command; what it wrote, and its exit status. */
async function run(...args: string[]): Promise<{ text: string; status: number }> {
  const out = join(folder, "out");
  const status = await review([...args, "--out", out]);
  return { text: readFileSync(out, "utf8"), status };
}

describe.each(Object.entries(STATUSES))("%s", (name, status) => {
  test("is reviewed as its snapshot says, in Markdown", async () => {
    const result = await run(plan(name));
    expect(result.text).toMatchSnapshot();
    expect(result.status).toBe(status);
  });

  test("is reviewed as its snapshot says, in JSON", async () => {
    const result = await run(plan(name), "--json");
    const { sources, ...rest } = JSON.parse(result.text) as { sources: { path: string }[] };
    expect({
      ...rest,
      sources: sources.map((source) => ({ ...source, path: source.path.replace(PLANS, "") })),
    }).toMatchSnapshot();
    expect(result.status).toBe(status);
  });
});

test("every recorded plan but the failed one has a status here", () => {
  const names = readdirSync(PLANS)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.replace(".json", ""));
  expect(names.sort()).toEqual([...Object.keys(STATUSES), "failed"].sort());
});

test("the hub's replacement is the first thing that a reader sees", async () => {
  const { text } = await run(plan("device-added"), plan("hub-replaced"), plan("changed-query"));
  const lines = text.split("\n").filter((line) => line !== "");
  expect(text.split("\n")[0]).toEqual(
    expect.stringMatching(/^## Plan review: 1 dangerous change of 22: destroys data or identities/),
  );
  expect(lines.slice(1, 4).join("\n")).toContain(`\`${HUB}\` is replaced`);
  expect(lines.slice(1, 5).join("\n")).toContain("Every device identity, twin and deployment in the hub is lost");
});

test.each([
  ["hub-replaced", "\n### Dangerous"],
  ["changed-module-image", "\n$"],
])("docs/review.md shows what is printed of %s", async (name, end) => {
  const { text } = await run(plan(name));
  const shown = text.split(end)[0]?.trim();
  expect(readFileSync(join(__dirname, "..", "..", "docs", "review.md"), "utf8")).toContain(`md\n${shown ?? ""}\n`);
});

test("several plans are one report, with a line of counts for each", async () => {
  const { text, status } = await run(plan("no-change"), plan("hub-replaced"));
  expect(text).toContain("| `no-change` |  |  |  |  |  | 103 |");
  expect(text).toContain("| `hub-replaced` | 1 |  | 8 | 8 |  | 87 |");
  expect(text).toContain("| all | 1 |  | 8 | 8 |  | 190 |");
  expect(status).toBe(3);
});

test("a failed plan is refused, and nothing is written", async () => {
  const error = jest.spyOn(console, "error").mockImplementation(() => undefined);
  const out = join(folder, "nothing");
  expect(await review([plan("no-change"), plan("failed"), "--out", out])).toBe(1);
  expect(error.mock.calls).toEqual([
    [
      `${plan("failed")}: it is from a plan that failed, so it does not hold everything; fix what \`terraform plan\` says and plan again`,
    ],
  ]);
  expect(existsSync(out)).toBe(false);
  error.mockRestore();
});
