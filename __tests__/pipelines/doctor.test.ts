import { readFileSync } from "node:fs";
import { DOCTOR_OPERATIONS, examine } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { expectationsFor } from "../doctor/environment";
import { isHere, pipelinePrograms, prepare } from "../support/pipeline-programs";
import { type RanJob, WorkflowRunner } from "../support/workflow-runner";

const VARS = { PIPELINE_ENVIRONMENTS: "staging", AZURE_CLIENT_ID: "client-id", AZURE_TENANT_ID: "tenant" };
let runner: WorkflowRunner;

afterEach(() => {
  runner.folder.remove();
});

function night(backend: "azurerm" | "cloud", status: number): RanJob {
  runner = new WorkflowRunner(pipelinePrograms({ backend }));
  prepare(runner.folder, backend);
  const program = readFileSync(`${runner.folder.path}/prepared/doctor.js`, "utf8");
  runner.folder.write("prepared/doctor.js", program.replace("process.env.DOCTOR_STATUS ?? 0", String(status)));
  const { outputs } = runner.run("drift.yml", "synthesize", { vars: VARS });
  return runner.run("drift.yml", "doctor", {
    vars: VARS,
    needs: { synthesize: { outputs } },
    matrix: { environment: { name: "staging", backend } },
  });
}

(isHere("jq") ? describe : describe.skip)("the doctor at night", () => {
  it.each([
    [0, "success", /^(?!.*::(warning|error) title)/s],
    [2, "success", /::warning title=staging::the doctor has findings/],
    [3, "failure", /::error title=staging::the environment is broken/],
    [1, "failure", /::error title=staging::the doctor ended with status 1/],
  ] as const)("that ends with %i makes the job a %s", (status, result, log) => {
    const job = night("azurerm", status);
    expect(job.status).toBe(result);
    expect(job.log).toMatch(log);
    expect(job.summary).toContain("## Doctor: staging");
    // By the environment's identity, with what the job without tokens expected of it, and fenced.
    expect(job.log).toContain('{"environment":"staging"} client-id tenant');
    expect(job.log.indexOf("::stop-commands::")).toBeLessThan(job.log.indexOf("::error::forged"));
  });

  it("runs nothing from npm beside tokens", () => {
    night("azurerm", 0);
    const calls = runner.folder.calls;
    const last = calls.map((call) => call.startsWith("npm")).lastIndexOf(true);
    expect(calls.slice(last)).toEqual([expect.stringMatching(/^npm run --silent compile/)]);
  });

  it("leaves environments alone that sign in through HCP Terraform", () => {
    const { status, log } = night("cloud", 3);
    expect(status).toBe("success");
    expect(log).not.toContain("client-id");
  });
});

it("is allowed every operation that it asks ARM for", async () => {
  runner = new WorkflowRunner({});
  const expected = expectationsFor();
  const azure = new AzureStandIn(expected);
  const endpoints = await azure.start();
  await examine({ expected, tokenFor, endpoints, phase: "after", now: azure.plant.now });
  await azure.stop();
  const allowed = new Set(DOCTOR_OPERATIONS.map((operation) => operation.toLowerCase()));
  const asked = new Set(
    azure.received.filter(({ path }) => path.startsWith("/arm/")).map(({ path }) => operationOf(path).toLowerCase()),
  );
  expect(asked.size).toBeGreaterThan(15);
  expect([...asked].filter((operation) => !allowed.has(operation))).toEqual([]);
});

/** The operation that ARM asks for before it answers a GET of a path. */
function operationOf(path: string): string {
  const [, type] = /^\/arm\/subscriptions\/[^/]+.*\/providers\/([^/]+(?:\/[^/]+)*)$/.exec(path) ?? [];
  if (type === undefined) {
    const rest = path.replace(/^\/arm\/subscriptions\/[^/]+/, "");
    return rest.startsWith("/resourceGroups/")
      ? "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
      : `Microsoft.Resources/subscriptions${rest}/read`;
  }
  const [namespace = "", ...parts] = type.split("/");
  // Types and names in turn.
  return [namespace, ...parts.filter((_, index) => index % 2 === 0)].join("/") + "/read";
}
