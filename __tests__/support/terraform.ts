import { spawnSync } from "node:child_process";
import { ScriptFolder } from "./stand-ins";

const isHere = spawnSync("terraform", ["-version"]).status === 0;

/** Runs tests that need Terraform's core, and says so where it is not. */
export function describeWithTerraform(title: string, tests: () => void): void {
  if (isHere) {
    describe(title, tests);
  } else {
    test.skip(`${title} (terraform is not here)`, () => undefined);
  }
}

/** What the real core says when it applies a configuration that needs no provider but the built-in one, line breaks as spaces. */
export function terraformApply(configuration: object): string {
  const folder = new ScriptFolder({});
  folder.write("main.tf.json", JSON.stringify(configuration));
  const run = (...args: string[]): string =>
    spawnSync("terraform", [...args, "-no-color"], {
      cwd: folder.path,
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" },
    }).stderr;
  const output = run("init") + run("apply", "-auto-approve");
  folder.remove();
  return output.replaceAll(/\s+/g, " ");
}
