import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isHere, pipelinePrograms, prepare, SECRETS, stackJson } from "../support/pipeline-programs";
import { ScriptFolder } from "../support/stand-ins";
import { type Contexts, evaluate, OIDC, type RanJob, WorkflowRunner } from "../support/workflow-runner";
import { actions, scripts, type WorkflowJob, workflows } from "../support/workflows";

const VARS = { PIPELINE_ENVIRONMENTS: "staging", AZURE_CLIENT_ID: "client-id", AZURE_TENANT_ID: "tenant" };
const describeWithJq = isHere("jq") ? describe : describe.skip;
let runner: WorkflowRunner;
let folder: ScriptFolder | undefined;

beforeEach(() => {
  runner = new WorkflowRunner(pipelinePrograms({ backend: "cloud" }));
  prepare(runner.folder, "cloud");
});

afterEach(() => {
  runner.folder.remove();
  folder?.remove();
  folder = undefined;
});

const contexts = (synthesized: string | undefined): Contexts => ({
  vars: VARS,
  secrets: { TF_API_TOKEN: SECRETS.hcp },
  inputs: { name: "staging", backend: "cloud", synthesized },
});
const synthesize = (): RanJob => runner.run("deploy.yml", "synthesize", { vars: VARS });
const plan = (synthesized: string | undefined): RanJob =>
  runner.run("deploy-environment.yml", "plan", contexts(synthesized));
const apply = (outputs: unknown, synthesized: string | undefined): RanJob =>
  runner.run("deploy-environment.yml", "apply", { ...contexts(synthesized), needs: { plan: { outputs } } });

describeWithJq("packages from npm", () => {
  test("see no token, wherever they run", () => {
    const { outputs } = synthesize();
    const planned = plan(outputs.sha256);
    apply(planned.outputs, outputs.sha256);
    runner.run("drift.yml", "synthesize", { vars: VARS });
    runner.run("pull-request.yml", "review", { vars: VARS });
    const environment = runner.folder.read("npm-environment") ?? "";
    expect(environment).toContain("GITHUB_OUTPUT=");
    expect(environment).not.toMatch(
      /^(?:ACTIONS_ID_TOKEN_REQUEST_TOKEN|TF_TOKEN_\w+|GH_TOKEN|GITHUB_TOKEN|ARM_\w+)=./m,
    );
    for (const secret of [...Object.values(SECRETS), ...Object.values(OIDC)]) {
      expect(environment).not.toContain(secret);
    }
  });

  test("do not run where an identity's tokens are", () => {
    const { outputs } = synthesize();
    const before = runner.folder.calls.length;
    const planned = plan(outputs.sha256);
    expect(planned.status).toBe("success");
    expect(apply(planned.outputs, outputs.sha256).status).toBe("success");
    const later = runner.folder.calls.slice(before);
    expect(later.filter((call) => call.startsWith("terraform")).length).toBeGreaterThan(4);
    expect(later.filter((call) => call.startsWith("npm"))).toEqual([]);
  });

  test("run no scripts of their own when they are installed", () => {
    const texts = [...workflows, ...actions].map(({ text }) => text);
    const installs = [...texts, ...scripts.map((path) => readFileSync(path, "utf8"))].flatMap(
      (text) => text.match(/\bnpm (?:ci|i|install)\b.*/g) ?? [],
    );
    expect(installs.length).toBeGreaterThan(1);
    expect(installs.filter((line) => !line.includes("--ignore-scripts"))).toEqual([]);
    synthesize();
    expect(runner.folder.calls.filter((call) => call.startsWith("npm ci"))).toEqual(["npm ci --ignore-scripts"]);
  });

  test("fill no cache that a job with tokens reads", () => {
    const caches = [...workflows, ...actions].filter(({ text }) => /^\s*cache: |actions\/cache@/m.test(text));
    expect(caches.map(({ path }) => path)).toEqual([".github/actions/setup/action.yml"]);
  });
});

describeWithJq("tokens", () => {
  const stepsWith = (job: RanJob, variable: string): string[] =>
    job.steps.filter(({ env }) => (env[variable] ?? "") !== "").map(({ run }) => run.trim().split(" ")[0] ?? "");

  test("are given to the steps that use them", () => {
    const { outputs } = synthesize();
    const planned = plan(outputs.sha256);
    const applied = apply(planned.outputs, outputs.sha256);
    expect(stepsWith(planned, "TF_TOKEN_app_terraform_io")).toEqual([".github/scripts/plan.sh"]);
    expect(stepsWith(planned, "ARM_CLIENT_ID")).toEqual([".github/scripts/plan.sh"]);
    expect(stepsWith(applied, "TF_TOKEN_app_terraform_io")).toEqual([".github/scripts/apply.sh"]);
    expect(stepsWith(applied, "GH_TOKEN")).toEqual([".github/scripts/approved.sh"]);
  });

  test.each([
    ["a changed stack", "staging.tf.json", stackJson("cloud").replace("westeurope", "eastus")],
    ["a changed program", "review.js", "process.exit(0)"],
    ["a file more", "index.js", ""],
    ["another list", "SHA256SUMS", ""],
  ])("are not used for %s: what was synthesized comes by its checksum", (_what, file, content) => {
    const { outputs } = synthesize();
    const artifact = runner.artifacts.get("synthesized") ?? {};
    runner.artifacts.set("synthesized", { ...artifact, [file]: content });
    const { status, log } = plan(outputs.sha256);
    expect(status).toBe("failure");
    expect(log).toMatch(/::error title=\w+::/);
    expect(runner.folder.calls.filter((call) => call.startsWith("terraform"))).toEqual([]);
  });
});

const canIsolate =
  process.getuid?.() === 0 && spawnSync("unshare", ["--net", "--pid", "--fork", "--mount-proc", "true"]).status === 0;

(canIsolate ? test : test.skip)(
  canIsolate
    ? "a review that is not ours sees neither tokens, nor files, nor processes, nor a network"
    : "a review that is not ours sees nothing (namespaces are not to be had here)",
  () => {
    folder = new ScriptFolder({});
    const program = folder.write(
      "review.js",
      `const { readdirSync, readFileSync } = require("node:fs");
       const attempt = (act) => { try { return act(); } catch (error) { return error.code; } };
       console.log(JSON.stringify({
         environment: Object.keys(process.env).sort(),
         plan: readFileSync(process.argv[2], "utf8"),
         secret: attempt(() => readFileSync(${JSON.stringify(`${folder.path}/secret`)}, "utf8")),
         processes: readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).length,
         uid: process.getuid(),
         networks: Object.keys(require("node:os").networkInterfaces()),
         written: attempt(() => require("node:fs").writeFileSync("x", "")),
       }));
       process.exit(3);`,
    );
    folder.write("secret", "hunter2");
    const file = folder.write("staging.json", "the plan");
    const { status, output } = folder.run(".github/scripts/isolated.sh", [program, file, "--title", "x"], {
      ...OIDC,
      TF_TOKEN_app_terraform_io: SECRETS.hcp,
    });
    expect(JSON.parse(output)).toEqual({
      environment: ["NO_COLOR"],
      plan: "the plan",
      secret: "EACCES",
      processes: 1,
      uid: 65534,
      networks: [],
      written: "EACCES",
    });
    expect(status).toBe(3);
  },
);

describe("who reaches a token", () => {
  const event = (login: string, type: string, repository: string, actor = login): Contexts => ({
    github: {
      actor,
      repository: "contoso/edge",
      ref: "refs/pull/7/merge",
      event: { pull_request: { number: 7, user: { login, type }, head: { repo: { full_name: repository } } } },
    },
  });
  const isElevated = ({ permissions = {}, environment }: WorkflowJob): boolean =>
    environment !== undefined || Object.keys(permissions).some((permission) => permission !== "contents");

  /** Elevated jobs of pull-request.yml that start; what a job needs has succeeded. */
  const reached = (contexts: Contexts): string[] => {
    const jobs = workflows.find(({ path }) => path.endsWith("pull-request.yml"))?.content.jobs ?? {};
    const started = new Set<string>();
    for (const [name, job] of Object.entries(jobs)) {
      const needs = [job.needs ?? []].flat();
      const results = Object.fromEntries(
        needs.map((need) => [
          need,
          { result: started.has(need) ? "success" : "skipped", outputs: { list: '[{"name":"staging"}]' } },
        ]),
      );
      const condition = job.if ?? "true";
      const goes = condition.includes("cancelled()") || needs.every((need) => started.has(need));
      if (goes && Boolean(evaluate(condition, { ...contexts, needs: results }))) {
        started.add(name);
      }
    }
    return [...started].filter((name) => isElevated(jobs[name] ?? {}));
  };

  test.each([
    ["a person's branch", event("jane", "User", "contoso/edge"), ["protection", "plan", "comment"]],
    ["a fork", event("jane", "User", "jane/edge"), []],
    ["Dependabot", event("dependabot[bot]", "Bot", "contoso/edge"), []],
    ["Dependabot's branch, run again by a person", event("dependabot[bot]", "Bot", "contoso/edge", "jane"), []],
    ["a push by Dependabot to a person's branch", event("jane", "User", "contoso/edge", "dependabot[bot]"), []],
    ["another bot", event("renovate[bot]", "Bot", "contoso/edge"), []],
  ])("%s", (_who, contexts, expected) => {
    expect(reached(contexts)).toEqual(expected);
  });
});
