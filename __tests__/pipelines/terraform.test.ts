import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { lockFileOf } from "../../environments/validation/lock-files";
import { outputsIn } from "../support/runner-commands";
import { ScriptFolder, type ScriptRun } from "../support/stand-ins";

const there = spawnSync("terraform", ["-version"]).status === 0;
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
let folder: ScriptFolder;

/** A stack that needs no provider but the one that is built into Terraform. */
const stack = (input: string): void => {
  folder.write(
    "cdktf.out/stacks/demo/main.tf.json",
    JSON.stringify({ resource: { terraform_data: { one: { input } } } }),
  );
};
const plan = (): ScriptRun => folder.run(".github/scripts/plan.sh", ["demo", "azurerm", "save", "plan", "review.js"]);
/** What travels by the artifact and what travels by the account come together again. */
const apply = (): ScriptRun => {
  folder.write("saved/plan.tfplan", "");
  copyFileSync(join(folder.path, "plan/private/plan.tfplan"), join(folder.path, "saved/plan.tfplan"));
  copyFileSync(join(folder.path, "plan/saved/terraform.lock.hcl"), join(folder.path, "saved/terraform.lock.hcl"));
  return folder.run(".github/scripts/apply.sh", ["demo", "saved", last("sha256"), last("lock-sha256"), COMMIT]);
};
const last = (output: string): string => outputsIn(folder.read("output") ?? "")[output] ?? "";

(there ? describe : describe.skip)(
  there ? "with the real Terraform" : "with the real Terraform (it is not here)",
  () => {
    beforeEach(() => {
      folder = new ScriptFolder({
        git: `echo ${COMMIT}`,
        // The JSON that is reviewed is checked here, the review elsewhere.
        id: "echo 0",
        install: `[ "$1" != -m ] || cp "\${@: -2:1}" "\${@: -1}"; case "$*" in *demo.json) cp "\${@: -2:1}" "$TMPDIR/reviewed.json" ;; esac`,
        unshare: "echo review; exit 2",
      });
      folder.write("review.js", "");
      folder.write(lockFileOf("demo"), "# no providers\n");
      stack("first");
    });

    afterEach(() => {
      folder.remove();
    });

    test("a saved plan is reviewed, applied, and followed by an empty one", () => {
      expect(plan().status).toBe(0);
      expect(last("changes")).toBe("true");
      expect(JSON.parse(folder.read("reviewed.json") ?? "")).toMatchObject({
        resource_changes: [{ address: "terraform_data.one", change: { actions: ["create"] } }],
      });
      const { status, output } = apply();
      expect(output).toContain("Apply complete! Resources: 1 added, 0 changed, 0 destroyed.");
      expect(output).toContain("demo: applied; a plan now changes nothing");
      expect(status).toBe(0);
    });

    test("what came after the plan is not applied: the saved plan is", () => {
      plan();
      stack("second");
      const { status, output } = apply();
      expect(output).toContain("Apply complete! Resources: 1 added");
      expect(output).toContain("applied, but a plan right after it still changes something");
      expect(status).toBe(1);
      expect(folder.read("cdktf.out/stacks/demo/terraform.tfstate")).toContain('"first"');
    });

    test("a plan that went stale is refused", () => {
      plan();
      apply();
      const { status, output } = apply();
      expect(output).toContain("Saved plan is stale");
      expect(status).toBe(1);
    });

    test("where nothing changes nothing is saved", () => {
      plan();
      apply();
      expect(plan().status).toBe(0);
      expect(last("changes")).toBe("false");
      expect(last("sha256")).toBe("");
    });

    test("a configuration that Terraform refuses is reported and not offered", () => {
      folder.write("cdktf.out/stacks/demo/main.tf.json", JSON.stringify({ output: { x: { value: "${nope.nope}" } } }));
      const { status, output } = plan();
      expect(status).toBe(1);
      expect(output).toContain("::error title=demo::terraform plan failed with status 1");
      expect(folder.read("output")).toBeUndefined();
    });
  },
);
