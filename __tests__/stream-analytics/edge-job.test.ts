import { EdgeJob, edgeJobProblems, type EdgeJobSettings } from "../../constructs/stream-analytics/edge-job";
import {
  EdgePackage,
  edgePackageProblems,
  type EdgePackageSettings,
} from "../../constructs/stream-analytics/edge-package";
import { at, Bench, type Block, find, paths, type StackJson } from "../support/synth";

function job(settings: EdgeJobSettings & EdgePackageSettings = {}): StackJson {
  const bench = new Bench();
  const edgeJob = new EdgeJob(bench.stack, "Job", {
    ...settings,
    resourceGroup: bench.resourceGroup,
    packages: bench.packages(),
  });
  new EdgePackage(bench.stack, "Published", { ...settings, job: edgeJob });
  return bench.json();
}

const byType = (json: StackJson, type: string): [string, Block][] =>
  Object.entries(json.resource[type] ?? {}).filter(([id]) => id.startsWith("Job"));

const KEY = "${azurerm_storage_account.Packages_Account_";

describe("EdgeJob", () => {
  const json = job();
  const [jobId, theJob] = byType(json, "azapi_resource").find(([, { name }]) => name === "asa-edge-anomaly-job") ?? [];
  const jobAddress = `azapi_resource.${jobId ?? ""}`;

  test("is of type Edge and has no streaming units, which Azure refuses on it", () => {
    expect(at(theJob, "body.properties")).toMatchObject({ jobType: "Edge", compatibilityLevel: "1.2" });
    expect(JSON.stringify(json.resource)).not.toMatch(/streaming_?units/i);
  });

  test("has Edge Hub streams under the aliases that routes name", () => {
    const streams = byType(json, "azapi_resource").map(([, stream]) => [
      String(stream.type).split("@")[0]?.split("/").at(-1),
      stream.name,
      at(stream, "body.properties.datasource.type"),
    ]);
    expect(streams).toEqual(
      expect.arrayContaining([
        ["streamingjobs", "asa-edge-anomaly-job", undefined],
        ["outputs", "alertOutput", "GatewayMessageBus"],
        ["inputs", "sensorInput", "GatewayMessageBus"],
      ]),
    );
    expect(streams).toHaveLength(3);
  });

  test("has a second input where an ML module's scores come in", () => {
    const names = byType(job({ modelScores: true }), "azapi_resource").map(([, { name }]) => name);
    expect(names).toContain("scoreInput");
  });

  test("puts its query by an action, because Terraform could never delete a transformation", () => {
    const transformation = find(json, "azapi_resource_action", "Job_Transformation");
    expect(transformation).toMatchObject({
      method: "PUT",
      resource_id: `\${${jobAddress}.id}/transformations/main`,
      type: "Microsoft.StreamAnalytics/streamingjobs/transformations@2021-10-01-preview",
    });
    expect(at(transformation, "body.properties.query")).toContain("INTO alertOutput");
  });

  test("makes its parts anew when the job itself is written", () => {
    const parts = [...byType(json, "azapi_resource"), ...byType(json, "azapi_resource_action")].filter(
      ([id]) => `azapi_resource.${id}` !== jobAddress,
    );
    expect(parts).toHaveLength(4);
    for (const [, part] of parts) {
      expect(at(part, "lifecycle.replace_triggered_by")).toEqual([jobAddress]);
    }
  });

  test.each([
    ["both", true, true],
    ["jobStorageAccount", true, false],
    ["package", false, true],
  ] as const)("packageStorage %s: property of the job %p, package %p", (packageStorage, inJob, asPackage) => {
    const own = job({ packageStorage });
    const ownJob = byType(own, "azapi_resource").find(([, { name }]) => name === "asa-edge-anomaly-job")?.[1];
    expect(at(ownJob, "body.properties.jobStorageAccount.authenticationMode")).toBe(
      inJob ? "ConnectionString" : undefined,
    );
    expect(at(ownJob, "body.properties.contentStoragePolicy")).toBe(inJob ? "JobStorageAccount" : "SystemAccount");
    const packages = byType(own, "azapi_resource_action").filter(([, { method }]) => method === "PATCH");
    expect(packages).toHaveLength(asPackage ? 1 : 0);
  });

  test("hands the account's key on write-only, and again when the key changes", () => {
    for (const [resource, path] of [
      [theJob, "properties.jobStorageAccount.accountKey"],
      [find(json, "azapi_resource_action", "Job_Package"), "properties.package.storageAccount.accountKey"],
    ] as const) {
      expect(at(resource?.sensitive_body, path)).toContain(KEY);
      expect(JSON.stringify(resource?.body)).not.toContain("access_key");
      expect((resource?.sensitive_body_version as Block)[path]).toMatch(/^\$\{nonsensitive\(sha256\(/);
    }
  });

  test("takes another name", () => {
    const names = byType(job({ jobName: "line-7" }), "azapi_resource").map(([, { name }]) => name);
    expect(names).toContain("line-7");
  });

  test("reports validation errors in the job and in what it watches together", () => {
    const settings = { jobName: "a b", packageStorage: "none" as "both", signals: [] };
    expect(paths(edgeJobProblems(settings))).toEqual(["jobName", "packageStorage", "signals"]);
  });
});

describe("EdgePackage", () => {
  const json = job();
  const published = find(json, "azapi_resource_action", "Published");

  test("publishes by the only API version that is documented for it", () => {
    expect(published).toMatchObject({
      action: "publishedgepackage",
      method: "POST",
      type: "Microsoft.StreamAnalytics/streamingjobs@2017-04-01-preview",
    });
  });

  test("runs again when the job, an input, the output, the query or its storage changes, and when it is due", () => {
    const triggers = at(published, "lifecycle.replace_triggered_by") as string[];
    expect(triggers.map((address) => address.replace(/_[0-9A-F]{8}$/, ""))).toEqual([
      "azapi_resource.Job",
      "azapi_resource.Job_SensorInput",
      "azapi_resource.Job_AlertOutput",
      "azapi_resource_action.Job_Transformation",
      "azapi_resource_action.Job_Package",
      "time_static.Published_Reasons",
    ]);
    expect(triggers).not.toContainEqual(expect.stringContaining("${"));
  });

  test("keeps the manifest, which holds a signed link, out of what a plan shows", () => {
    expect(published.response_export_values).toEqual({ status: "status", error: "error" });
    expect(published.sensitive_response_export_values).toEqual({ manifest: "manifest" });
  });

  test("is due again after a year, or when it is told so", () => {
    expect(find(json, "time_rotating")).toMatchObject({ rotation_days: 365 });
    expect(at(find(json, "time_static"), "triggers")).toMatchObject({ generation: "1" });
    const own = job({ publishEveryDays: 30, publishGeneration: 7 });
    expect(find(own, "time_rotating")).toMatchObject({ rotation_days: 30 });
    expect(at(find(own, "time_static"), "triggers")).toMatchObject({ generation: "7" });
  });

  test.each([
    [{ publishEveryDays: 0 }, "publishEveryDays"],
    [{ publishEveryDays: 1_001 }, "publishEveryDays"],
    [{ publishGeneration: 0 }, "publishGeneration"],
    [{ publishGeneration: 1.5 }, "publishGeneration"],
  ])("refuses %p", (settings, path) => {
    expect(paths(edgePackageProblems(settings))).toEqual([path]);
  });
});
