import { readdirSync } from "node:fs";
import { commandsIn } from "../support/runner-commands";
import { COMMIT, isHere, type PipelineOptions, pipelinePrograms, prepare, SECRETS } from "../support/pipeline-programs";
import { type Contexts, type RanJob, WorkflowRunner } from "../support/workflow-runner";

const VARS = { PIPELINE_ENVIRONMENTS: "staging", AZURE_CLIENT_ID: "client", AZURE_TENANT_ID: "tenant" };
let runner: WorkflowRunner;

afterEach(() => {
  runner.folder.remove();
});

function start(options: PipelineOptions): void {
  runner = new WorkflowRunner(pipelinePrograms(options));
  prepare(runner.folder, options.backend);
}

const secretsFor = (backend: string): Contexts => ({ TF_API_TOKEN: backend === "cloud" ? SECRETS.hcp : "" });

/** The jobs of a deployment; those that were not reached are missing. */
function deploy(options: PipelineOptions): Readonly<Record<"synthesize" | "plan" | "apply", RanJob | undefined>> {
  start(options);
  const { backend } = options;
  const synthesize = runner.run("deploy.yml", "synthesize", { vars: VARS });
  const context = {
    vars: VARS,
    secrets: secretsFor(backend),
    inputs: {
      name: "staging",
      backend,
      synthesized: synthesize.outputs.sha256,
      "storage-account": "ststate",
      "plan-container": "staging-plans",
    },
  };
  const plan = runner.run("deploy-environment.yml", "plan", context);
  const goes = plan.status === "success" && plan.outputs.changes === "true";
  const apply = goes
    ? runner.run("deploy-environment.yml", "apply", { ...context, needs: { plan: { outputs: plan.outputs } } })
    : undefined;
  return { synthesize, plan, apply };
}

/** A pull request's and a night's plans. */
function look(file: "pull-request.yml" | "drift.yml", backend: "azurerm" | "cloud"): RanJob[] {
  start({ backend });
  const first = file === "drift.yml" ? "synthesize" : "review";
  const synthesized = runner.run(file, first, { vars: VARS });
  const plan = runner.run(file, "plan", {
    vars: VARS,
    secrets: secretsFor(backend),
    needs: { [first]: { outputs: synthesized.outputs } },
    matrix: { environment: { name: "staging", backend } },
  });
  return [synthesized, plan];
}

/** Where a secret stands that must not: artifacts, summaries, outputs, logs. The one line that masks it in the log may. */
function leaks(jobs: readonly (RanJob | undefined)[]): string[] {
  const texts: [string, string][] = [
    ...[...runner.artifacts].flatMap(([name, files]) =>
      Object.entries(files).map(([file, content]): [string, string] => [`${name}/${file}`, content]),
    ),
    ...jobs.flatMap((job, index): [string, string][] => [
      [`log ${index}`, (job?.log ?? "").replaceAll(`::add-mask::${SECRETS.federated}`, "")],
      [`summary ${index}`, job?.summary ?? ""],
      [`outputs ${index}`, JSON.stringify(job?.outputs ?? {})],
    ]),
  ];
  return texts.flatMap(([where, text]) =>
    Object.entries(SECRETS).flatMap(([what, secret]) => (text.includes(secret) ? [`${what} in ${where}`] : [])),
  );
}

const names = (artifact: string): string[] => Object.keys(runner.artifacts.get(artifact) ?? {}).sort();

(isHere("jq") ? describe : describe.skip)("what leaves a job", () => {
  test("of a deployment to a storage account's state: the lock file, and no plan", () => {
    const jobs = deploy({ backend: "azurerm" });
    expect([jobs.plan?.status, jobs.apply?.status]).toEqual(["success", "success"]);
    expect(leaks(Object.values(jobs))).toEqual([]);
    expect([...runner.artifacts.keys()].sort()).toEqual(["saved-plan-staging", "synthesized"]);
    expect(names("saved-plan-staging")).toEqual(["terraform.lock.hcl"]);
    expect(names("synthesized")).toEqual([
      "SHA256SUMS",
      "doctor.js",
      "pipelines.js",
      "review.js",
      "staging.expected.json",
      "staging.tf.json",
    ]);
    // It got to the apply all the same, by the account, and is gone there.
    expect(runner.folder.calls).toContainEqual(
      expect.stringMatching(/^az storage blob upload .* --container-name staging-plans --name [0-9a-f]{64}\.tfplan /),
    );
    expect(readdirSync(`${runner.folder.path}/blobs`)).toEqual([]);
    // Nor does the machine keep it when it was applied.
    expect(readdirSync(`${runner.folder.path}/temp/saved`)).toEqual(["terraform.lock.hcl"]);
    expect(runner.folder.calls.filter((call) => call.includes(" apply "))).toHaveLength(1);
  });

  test("of a deployment by HCP Terraform: the lock file and the name of a run", () => {
    const jobs = deploy({ backend: "cloud" });
    expect([jobs.plan?.status, jobs.apply?.status]).toEqual(["success", "success"]);
    expect(leaks(Object.values(jobs))).toEqual([]);
    expect(names("saved-plan-staging")).toEqual(["plan.tfplan", "terraform.lock.hcl"]);
  });

  test("is not what says it is the name of a run and holds more", () => {
    const { plan } = deploy({
      backend: "cloud",
      planFile: JSON.stringify({ run_id: "run-1", remote_plan_format: 1, state: SECRETS.state }),
    });
    expect(plan?.status).toBe("failure");
    expect(runner.artifacts.has("saved-plan-staging")).toBe(false);
    expect(leaks([plan])).toEqual([]);
  });

  test("where nothing changes is nothing of the plan", () => {
    const jobs = deploy({ backend: "azurerm", planStatus: 0 });
    expect(jobs.apply).toBeUndefined();
    expect([...runner.artifacts.keys()]).toEqual(["synthesized"]);
    expect(leaks(Object.values(jobs))).toEqual([]);
  });

  test.each(["azurerm", "cloud"] as const)("of a pull request's plan with %s: the review", (backend) => {
    const jobs = look("pull-request.yml", backend);
    expect(jobs.map(({ status }) => status)).toEqual(["success", "success"]);
    expect(names("review-plan-staging")).toEqual(["staging.md"]);
    expect(leaks(jobs)).toEqual([]);
    // The review is the real one, and saw the change.
    expect(runner.artifacts.get("review-plan-staging")?.["staging.md"]).toContain("azurerm_key_vault_secret.one");
  });

  test.each(["azurerm", "cloud"] as const)(
    "of a night's plan with %s: the review and whether there is drift",
    (backend) => {
      const jobs = look("drift.yml", backend);
      expect(jobs.map(({ status }) => status)).toEqual(["success", "success"]);
      expect(names("drift-staging")).toEqual(["staging.changes", "staging.md"]);
      expect(leaks(jobs)).toEqual([]);
    },
  );

  test("as outputs are checksums, a commit and whether something changes", () => {
    const { plan } = deploy({ backend: "azurerm" });
    expect(plan?.outputs).toEqual({
      changes: "true",
      commit: COMMIT,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      "lock-sha256": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

(isHere("jq") ? describe : describe.skip)("what Terraform prints", () => {
  const forged = (job: RanJob | undefined): string[] =>
    (job?.steps ?? [])
      .flatMap(({ log }) => commandsIn(log))
      .filter((command) => !command.startsWith("::add-mask::fed"));

  test.each(["azurerm", "cloud"] as const)("is text to GitHub's runner, whatever is in it, with %s", (backend) => {
    const jobs = deploy({ backend });
    expect(jobs.plan?.log).toContain("::set-output name=sha256::forged");
    expect(jobs.plan?.log).not.toContain("##[");
    for (const job of Object.values(jobs)) {
      expect(forged(job)).toEqual([]);
    }
  });

  test("is text where Terraform fails, and our own error is not", () => {
    const { plan } = deploy({ backend: "azurerm", planStatus: 1 });
    expect(plan?.status).toBe("failure");
    expect(forged(plan)).toEqual(["::error title=staging::terraform plan failed with status 1"]);
  });

  test("cannot name the end of the fence: each has 256 random bits", () => {
    const { plan } = deploy({ backend: "azurerm" });
    const tokens = [...(plan?.log ?? "").matchAll(/^::stop-commands::([0-9a-f]{64})$/gm)].map(([, token]) => token);
    expect(tokens.length).toBeGreaterThan(3);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test("decides on no run but the one that Terraform itself named first", () => {
    const [, plan] = look("drift.yml", "cloud");
    expect(plan?.status).toBe("success");
    expect(runner.folder.calls.filter((call) => call.includes("run-forged"))).toEqual([]);
  });
});
