import { approval, isHere, pipelinePrograms, type PipelineOptions, prepare } from "../support/pipeline-programs";
import { type Contexts, type RanJob, WorkflowRunner } from "../support/workflow-runner";
import { workflows } from "../support/workflows";

const VARS = { PIPELINE_ENVIRONMENTS: "staging" };
const describeWithJq = isHere("jq") ? describe : describe.skip;
let runner: WorkflowRunner;

afterEach(() => {
  runner.folder.remove();
});

function start(options: Partial<PipelineOptions>, programs: Readonly<Record<string, string>> = {}): RanJob {
  runner = new WorkflowRunner({ ...pipelinePrograms({ backend: "cloud", ...options }), ...programs });
  prepare(runner.folder, "cloud");
  return runner.run("deploy.yml", "synthesize", { vars: VARS });
}

describeWithJq("an apply that nobody approved", () => {
  test.each<[string, unknown]>([
    ["where there are no reviewers", []],
    ["where another environment was approved", [approval("prod")]],
    ["where it was rejected", [approval("staging", "rejected")]],
    ["where the answer is none", { message: "Not Found" }],
  ])("is refused %s", (_what, approvals) => {
    const { outputs } = start({ approvals });
    const contexts: Contexts = {
      vars: VARS,
      inputs: { name: "staging", backend: "cloud", synthesized: outputs.sha256 },
    };
    const planned = runner.run("deploy-environment.yml", "plan", contexts);
    const before = runner.folder.calls.length;
    const { status, log } = runner.run("deploy-environment.yml", "apply", {
      ...contexts,
      needs: { plan: { outputs: planned.outputs } },
    });
    expect(status).toBe("failure");
    expect(log).toContain("nothing was applied");
    expect(runner.folder.calls.slice(before).filter((call) => /^(?:terraform|az|curl)/.test(call))).toEqual([]);
  });
});

describeWithJq("unprotected GitHub environments", () => {
  test.each([
    ["0", "success"],
    ["2", "failure"],
    ["1", "failure"],
  ])("stop everything before a job names one: status %s of the check is %s", (status, expected) => {
    const again = start({}, { node: `[ "$2 $3 $4" = "check --pipeline staging" ] && exit ${status}` });
    const job = runner.run("deploy.yml", "protection", { needs: { synthesize: again } });
    expect(job.status).toBe(expected);
  });

  test("are looked for before every job with a GitHub environment", () => {
    start({});
    for (const { path, content } of workflows) {
      for (const [name, job] of Object.entries(content.jobs)) {
        const leadsTo = job.environment !== undefined || job.uses !== undefined;
        if (leadsTo && !path.endsWith("deploy-environment.yml")) {
          expect([path, name, [job.needs].flat().includes("protection")]).toEqual([path, name, true]);
        }
      }
    }
  });
});

describeWithJq("configuration with placeholders", () => {
  test("is not planned", () => {
    const { npm = "" } = pipelinePrograms({ backend: "cloud" });
    const job = start({}, { npm: `case "$*" in *strict*) POLICY_STATUS=3 ;; esac\n${npm}` });
    expect(job.status).toBe("failure");
    expect(job.log).toContain("not fit to deploy");
    expect(runner.folder.calls).toContainEqual("npm run -s policy -- --strict-placeholders staging");
    expect(runner.artifacts.size).toBe(0);
  });
});
