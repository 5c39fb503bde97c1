import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
const PACKED = ["plan-review", "edge-manifest-tools"] as const;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "packed-"));
  for (const name of PACKED) {
    const workspace = ["--workspace", `packages/${name}`];
    execFileSync("npm", ["run", "--silent", "build", ...workspace], { cwd: ROOT });
    execFileSync("npm", ["pack", "--silent", ...workspace, "--pack-destination", folder], { cwd: ROOT });
  }
  writeFileSync(join(folder, "package.json"), "{}");
  const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  execFileSync("npm", ["install", "--offline", "--silent", ...tarballs.map((file) => `./${file}`)], { cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function npx(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("npx", ["--no-install", ...args], { cwd: folder, encoding: "utf8" });
}

test("the packed plan review runs in an empty folder", () => {
  const { status, stdout } = npx("plan-review", join(ROOT, "packages/plan-review/__tests__/plans/hub-replaced.json"));
  expect(stdout.split("\n")[0]).toMatch(/^## Plan review: 1 dangerous change of \d+: destroys data or identities/);
  expect(status).toBe(3);
});

test("the packed manifest checker runs in an empty folder", () => {
  const manifest = {
    modulesContent: { $edgeHub: { "properties.desired": { routes: { r: "FROM /* WHERE a == 1" } } } },
  };
  writeFileSync(join(folder, "m.json"), JSON.stringify(manifest));
  const { status, stdout } = npx("edge-manifest", "check", "--json", "m.json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([{ file: "m.json" }]);
  expect(stdout).toContain('"rule": "route-text"');
  expect(npx("edge-manifest", "print").status).toBe(2);
});

test("both can be called by programs", () => {
  const program = `
    const { reviewPlans } = require("@edge-anomaly-detection/plan-review");
    const { checkDeployments } = require("@edge-anomaly-detection/edge-manifest-tools");
    console.log(typeof reviewPlans, checkDeployments([{ modulesContent: {} }]).length);`;
  expect(execFileSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8" })).toBe("function 1\n");
});

test("they bring everything that they need", () => {
  const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  expect(installed).toEqual(["@edge-anomaly-detection"]);
  expect(readdirSync(join(folder, "node_modules", "@edge-anomaly-detection")).sort()).toEqual([...PACKED].sort());
});
