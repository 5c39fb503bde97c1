import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import { ComputeCluster } from "../../constructs/machine-learning/compute-cluster";
import { LakeDatastores } from "../../constructs/machine-learning/lake-datastores";
import { RegistryImage } from "../../constructs/machine-learning/registry-image";
import {
  TrainingPipeline,
  trainingProblems,
  type TrainingPipelineProps,
  type TrainingSettings,
} from "../../constructs/machine-learning/training-pipeline";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import { at, Bench, type Block, find, paths, problemsOf, type StackJson } from "../support/synth";
import { runPython, trainingIsMissing } from "../support/python";

const DIGEST = `1.0.0@sha256:${"a".repeat(64)}`;

function pipeline(settings: Partial<TrainingPipelineProps> = {}): StackJson {
  const bench = new Bench();
  const [workspace, registry, lake] = [bench.workspace(), bench.registry(), bench.lake()];
  const compute = new ComputeCluster(bench.stack, "Compute", {
    resourceGroup: bench.resourceGroup,
    identityName: "id-training-test",
    workspace,
    storage: bench.workspaceStorage(),
    registry,
    lake,
  });
  const datastores = new LakeDatastores(bench.stack, "Datastores", { workspace, lake });
  new TrainingPipeline(bench.stack, "Training", {
    workspace,
    compute,
    enabled: true,
    registryHost: "crtest.azurecr.io",
    image: "source-0123456789ab",
    signals: { temperature: "machine.temperature", pressure: "machine.pressure" },
    timePath: "timeCreated",
    after: [datastores.resource],
    ...settings,
  });
  return bench.json();
}

const part = (json: StackJson, id: string): Block => find(json, "azapi_resource", `Training_${id}`);
const command = (json: StackJson): string =>
  at(part(json, "Component"), "body.properties.componentSpec.command") as string;

describe("TrainingPipeline", () => {
  const json = pipeline();

  test("runs its one step again each time, as the cluster's identity, on the lake's datastores", () => {
    const job = at(part(json, "Schedule"), "body.properties.action.jobDefinition") as Block;
    expect(job).toMatchObject({ jobType: "Pipeline", settings: { force_rerun: true } });
    expect(at(job, "inputs.telemetry.uri")).toBe("azureml://datastores/telemetry_data/paths/");
    expect(at(job, "outputs.result")).toMatchObject({
      mode: "ReadWriteMount",
      uri: "azureml://datastores/ml_models/paths/",
    });
    expect(at(job, "jobs.train.componentId")).toMatch(/^\$\{azapi_resource\.Training_Component_\w+\.id\}$/);
    expect(at(job, "jobs.train.identity")).toEqual({
      type: "managed",
      msi_resource_id: expect.stringMatching(/Compute_Identity/),
    });
    expect(at(job, "inputs.at.value")).toBe("$${{creation_context.trigger_time}}");
    expect(at(part(json, "Component"), "body.properties.componentSpec.is_deterministic")).toBe(false);
  });

  test("every input and output of the step is one of the component and of the pipeline", () => {
    const spec = at(part(json, "Component"), "body.properties.componentSpec") as Block;
    const job = at(part(json, "Schedule"), "body.properties.action.jobDefinition") as Block;
    for (const kind of ["inputs", "outputs"]) {
      const names = Object.keys(spec[kind] as Block).sort();
      expect(Object.keys(at(job, `jobs.train.${kind}`) as Block).sort()).toEqual(names);
      expect(Object.keys(job[kind] as Block).sort()).toEqual(names);
    }
    const used = [...command(json).matchAll(/\$\$\{\{(inputs|outputs)\.(\w+)\}\}/g)];
    expect(used.map(([, kind, name]) => at(spec, `${kind}.${name}.type`))).toEqual(Array(3).fill("uri_folder"));
  });

  test("has no key, no link that is signed and no secret", () => {
    expect(JSON.stringify(json.resource.azapi_resource)).not.toMatch(/[?&]sig=|AccountKey|listKeys|secret/i);
  });

  const whereThere = trainingIsMissing() === undefined ? test : test.skip;
  whereThere("its command is one that the training's own parser takes", () => {
    const line = command(
      pipeline({
        machineIdPath: "machine.id",
        window: 32,
        sampleSeconds: 10,
        margin: 0.1,
        falseAlertsPerMachineMonth: 1,
        excludedMachines: ["press-9", "press-8"],
        silentDays: 30,
      }),
    );
    const args = line
      .replace(/^python -m anomaly_training /, "")
      .replaceAll(/\$\$\{\{\w+\.(\w+)\}\}/g, "$1")
      .replaceAll("'", "")
      .split(" ");
    const program = `import json, sys; from anomaly_training.__main__ import parser
print(json.dumps(vars(parser().parse_args(sys.argv[1:])), default=str))`;
    const { stdout, stderr } = runPython(["-c", program, ...args]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      data: "telemetry",
      verdicts: "models/verdicts",
      out: "result",
      signals: { temperature: "machine.temperature", pressure: "machine.pressure" },
      machine_id_path: "machine.id",
      window: 32,
      sample_seconds: 10,
      margin: 0.1,
      false_alerts: 1,
      exclude: ["press-9", "press-8"],
      silent_days: 30,
      register: true,
    });
  });

  test("other code is a new version of environment and component; another schedule is none of either", () => {
    const names = (of: StackJson): unknown[] => ["Environment", "Component"].map((id) => part(of, id).name);
    const other = names(pipeline({ image: "source-ba9876543210" }));
    expect(other[0]).not.toBe(names(json)[0]);
    expect(other[1]).not.toBe(names(json)[1]);
    expect(names(pipeline({ everyDays: 1, hour: 5, enabled: false }))).toEqual(names(json));
    const wider = names(pipeline({ window: 32 }));
    expect(wider[0]).toBe(names(json)[0]);
    expect(wider[1]).not.toBe(names(json)[1]);
    for (const id of ["Environment", "Component"]) {
      expect(part(json, id)).toMatchObject({ lifecycle: { create_before_destroy: true } });
    }
  });

  test("an image with a digest is taken by the digest", () => {
    const image = at(part(pipeline({ image: DIGEST }), "Environment"), "body.properties.image");
    expect(image).toBe(`crtest.azurecr.io/anomaly-training@sha256:${"a".repeat(64)}`);
  });

  test("refuses what is out of range, all at once", () => {
    const settings: TrainingSettings = {
      enabled: true,
      everyDays: 0,
      hour: 24,
      window: 1,
      sampleSeconds: -1,
      margin: 2,
      falseAlertsPerMachineMonth: 0,
      silentDays: 0,
      excludedMachines: ["press-1", "it's"],
      image: "latest",
    };
    expect(paths(trainingProblems(settings))).toEqual([
      "everyDays",
      "hour",
      "window",
      "sampleSeconds",
      "margin",
      "falseAlertsPerMachineMonth",
      "silentDays",
      "excludedMachines[1]",
      "image",
    ]);
    expect(paths(problemsOf(() => pipeline({ window: 0 })))).toEqual(["window"]);
    expect(trainingProblems({ enabled: true })).toEqual([]);
  });
});

describe("RegistryImage", () => {
  const bench = new Bench();
  const { tag } = new RegistryImage(bench.stack, "Image", {
    registry: bench.registry(),
    source: IMAGE_SOURCES.detector,
  });
  const run = find(bench.json(), "azapi_resource");

  test("is built into the repository that devices pull from, under the tag that they are told", () => {
    expect(IMAGE_SOURCES.detector.repository).toBe(DETECTOR.imageRepository);
    expect(run.name).toBe(`anomaly-detector-${tag}`);
    const task = Buffer.from(at(run, "body.properties.runRequest.encodedTaskContent") as string, "base64").toString();
    expect(task).toContain(`push: ["$Registry/anomaly-detector:${tag}"]`);
  });

  test("is not built again because something packs the same sources differently", () => {
    expect(run.lifecycle).toMatchObject({ ignore_changes: ["body"], create_before_destroy: true });
  });

  test("takes no identity, key or address", () => {
    expect(Object.keys(at(run, "body.properties.runRequest") as Block).sort()).toEqual([
      "encodedTaskContent",
      "platform",
      "timeout",
      "type",
    ]);
    expect(run).not.toHaveProperty("identity");
  });
});
