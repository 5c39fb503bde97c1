import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { synthesize } from "../../stacks/commands/synth";
import { assertValidEnvironments } from "../../environments/validation/across-environments";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";

const outdir = mkdtempSync(join(tmpdir(), "synth-"));
const { printed, complained } = listenToConsole();

afterEach(() => {
  process.exitCode = undefined;
});

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

const build = (): App => {
  const app = new App({ outdir });
  new EnvironmentStack(app, minimal.name, { organization, environment: minimal });
  return app;
};

test("prints a short table of the stacks, without colours where it is no terminal", () => {
  synthesize(build, []);
  const [header, row, ...rest] = printed.join("\n").split("\n");
  expect(header).toMatch(/^stack +resources +backend +written to$/);
  expect(row).toMatch(/^test +\d+ +local +.*stacks\/test\/cdk\.tf\.json$/);
  expect(rest).toEqual([]);
  expect(process.exitCode).toBeUndefined();
});

test("prints the same as JSON", () => {
  synthesize(build, ["--json"]);
  expect(JSON.parse(printed.join("\n"))).toEqual([
    {
      stack: "test",
      resources: expect.any(Number),
      backend: "local",
      path: expect.stringMatching(/stacks\/test\/cdk\.tf\.json$/),
    },
  ]);
});

test("reports every validation error on standard error, without a stack trace, and ends with 1", () => {
  synthesize(() => {
    assertValidEnvironments(organization, [{ ...minimal, location: "West Europe", hub: { units: 0 } }]);
    return build();
  }, []);
  expect(printed).toEqual([]);
  expect(complained.join("\n")).toMatch(
    /^environments: 2 validation errors\n {2}test\.location is "West Europe"\n {4}allowed: /,
  );
  expect(complained.join("\n")).not.toMatch(/\n +at /);
  expect(process.exitCode).toBe(1);
});

test("refuses to write HCL, which would lack arguments without a word", () => {
  synthesize(() => new App({ outdir, hclOutput: true }), []);
  expect(complained.join()).toContain("HCL output is not supported");
  expect(process.exitCode).toBe(1);
});

describe("an error that is no validation error", () => {
  const run = (): void => {
    synthesize(() => {
      throw new TypeError("sig=abc of ours");
    }, []);
  };

  test("is told without a stack trace and without secrets", () => {
    run();
    expect(complained.join("\n")).toBe(
      "a fault of this program: TypeError: sig=REDACTED of ours\n  do: report it; DEBUG=1 shows where it is",
    );
    expect(process.exitCode).toBe(1);
  });

  test("is not hidden from who looks for it", () => {
    process.env.DEBUG = "1";
    try {
      expect(run).toThrow("sig=abc of ours");
    } finally {
      delete process.env.DEBUG;
    }
  });
});

test("puts a stack's provider lock file where Terraform looks for it", () => {
  const before = process.cwd();
  process.chdir(outdir);
  mkdirSync("locks");
  writeFileSync("locks/test.lock.hcl", "# locked\n");
  try {
    synthesize(build, []);
    expect(readFileSync(join(outdir, "stacks/test/.terraform.lock.hcl"), "utf8")).toBe("# locked\n");
  } finally {
    process.chdir(before);
  }
});

test("helps, and refuses what it does not know with 2", () => {
  synthesize(build, ["--help"]);
  expect(printed.join()).toContain("npm run synth -- --json");
  synthesize(build, ["--jsno"]);
  expect(complained.join()).toContain("unknown argument --jsno");
  expect(process.exitCode).toBe(2);
});
