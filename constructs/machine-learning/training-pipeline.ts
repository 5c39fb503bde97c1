import { createHash } from "node:crypto";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import { collect, type Problem, stableJson, withDefaults } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { imageReference } from "../../edge-manifests/images";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import { validateProps } from "../shared/validate-props";
import { MODEL_CONTAINER, TELEMETRY_CONTAINER, VERDICTS_FOLDER } from "../storage/data-lake";
import type { ComputeCluster } from "./compute-cluster";
import { datastoreName } from "./lake-datastores";
import { MACHINE_LEARNING_API, type MachineLearningWorkspace } from "./machine-learning-workspace";

/** What an environment decides about training. */
export interface TrainingSettings {
  /** Whether runs start. Azure deletes a schedule only while it is off: write `false` and apply before you take training away. */
  readonly enabled: boolean;
  /** Days between two runs, 1 to 90. @default 7 */
  readonly everyDays?: number;
  /** Hour of the day at which a run starts, UTC, 0 to 23. @default 2 */
  readonly hour?: number;
  /** Samples that a model sees at once, 2 to 1,000. @default 16 */
  readonly window?: number;
  /** Seconds of a sample, 0 to 86,400; 0: each message is one. @default 0 */
  readonly sampleSeconds?: number;
  /** Share of the faults that a model must find more than a simpler one, 0 to 1. @default 0.05 */
  readonly margin?: number;
  /** Alerts that a machine without faults may raise in a month, 0.1 to 1,000. @default 2 */
  readonly falseAlertsPerMachineMonth?: number;
  /** Machines that are left out: out of order, or in other units. @default - none */
  readonly excludedMachines?: readonly string[];
  /** Days without a message after which a machine is gone and is left out, 1 to 90; before that its silence stops the training. @default 14 */
  readonly silentDays?: number;
  /** Tag and digest of the image `anomaly-training` in the environment's registry, `1.0.0@sha256:…`. @default - built in the registry from this repository's sources, in an environment that is not protected */
  readonly image?: string;
}

/** What `TrainingPipeline` needs. */
export interface TrainingPipelineProps extends TrainingSettings {
  /** Where runs are kept and models are registered. */
  readonly workspace: MachineLearningWorkspace;
  /** Where runs run, and as whom. */
  readonly compute: ComputeCluster;
  /** Host of the registry that has the image. */
  readonly registryHost: string;
  /** The image's tag, or tag and digest. */
  readonly image: string;
  /** Names of signals and where messages carry them: the detector's own. */
  readonly signals: Readonly<Record<string, string>>;
  /** Where messages carry their time. */
  readonly timePath: string;
  /** Where messages name their machine. @default - the device that sent them */
  readonly machineIdPath?: string;
  /** What must exist first: the image, the datastores. */
  readonly after: readonly ITerraformDependable[];
}

/** Name under which models are registered. */
export const MODEL_NAME = "anomaly-detector";
const NAME = "anomaly-training";

const DEFAULTS = {
  everyDays: 7,
  hour: 2,
  window: 16,
  sampleSeconds: 0,
  margin: 0.05,
  falseAlertsPerMachineMonth: 2,
  excludedMachines: [] as readonly string[],
} as const;

/** Validation errors in an environment's settings for training. */
export function trainingProblems(settings: TrainingSettings): Problem[] {
  return collect(
    inRange("everyDays", settings.everyDays, { min: 1, max: 90, unit: "days" }, "choose how often a model is trained"),
    inRange("hour", settings.hour, { min: 0, max: 23, unit: "hours" }, "choose an hour of the day in UTC"),
    inRange(
      "window",
      settings.window,
      { min: 2, max: 1_000, unit: "samples" },
      "choose how many samples a model sees at once; 16 fits most machines",
    ),
    inRange(
      "sampleSeconds",
      settings.sampleSeconds,
      { min: 0, max: 86_400, unit: "seconds", whole: false },
      "choose the length of a sample, or 0 to take each message",
    ),
    inRange(
      "margin",
      settings.margin,
      { min: 0, max: 1, unit: "shares of the faults", whole: false },
      "choose how much better a model must be, for example 0.05",
    ),
    inRange(
      "falseAlertsPerMachineMonth",
      settings.falseAlertsPerMachineMonth,
      { min: 0.1, max: 1_000, unit: "alerts", whole: false },
      "choose how many false alerts a machine may raise in a month",
    ),
    inRange(
      "silentDays",
      settings.silentDays,
      { min: 1, max: 90, unit: "days" },
      "choose after how long a machine is gone; the lake keeps telemetry for 90 days",
    ),
    ...(settings.excludedMachines ?? []).map((machine, index) =>
      hasForm(
        `excludedMachines[${index}]`,
        machine,
        /^[^\s'"$`\\]{1,128}$/,
        "a machine's id: 1 to 128 characters without spaces, quotes, $, ` and \\",
        "write it as messages name the machine",
      ),
    ),
    hasForm(
      "image",
      settings.image,
      /^(?!latest@)[A-Za-z0-9_][\w.-]{0,127}@sha256:[0-9a-f]{64}$/,
      "a tag and its digest, 1.0.0@sha256:…",
      "take both from the summary of the workflow that built it, or leave `image` out to build from source",
    ),
  );
}

/**
 * Trains models on a schedule: an environment with the image, a component with its command, and a pipeline of that one step.
 * Environment and component are named by the hash of their content, because Azure refuses to change a version: other training
 * code is a new version of both, and nothing else changes. Runs read the lake and register models as the cluster's identity,
 * without a key.
 *
 * A pipeline, and one that is told to run again: a scheduled command job runs once and is "reused" after that
 * (Azure/bicep#13388), and new messages in the same folder count as the same input.
 */
export class TrainingPipeline extends Construct {
  public readonly environment: AzapiResource;
  public readonly component: AzapiResource;
  public readonly schedule: AzapiResource;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: TrainingPipelineProps,
  ) {
    super(scope, id);
    validateProps(this, () => trainingProblems(props.image.includes("@") ? props : { ...props, image: undefined }));
    const image = imageReference(`${props.registryHost}/${IMAGE_SOURCES.training.repository}`, props.image);
    this.environment = this.version("Environment", "environments", {
      image,
      osType: "Linux",
      description: "Python and the code that trains models",
    });
    this.component = this.version("Component", "components", {
      description: "Trains a model on what IoT Hub wrote to the lake",
      componentSpec: this.componentSpec(),
    });
    this.schedule = this.addSchedule();
  }

  /** An immutable version of an asset, named by the hash of its content. */
  private version(id: string, kind: "components" | "environments", properties: Record<string, unknown>): AzapiResource {
    const { workspace, after, image } = this.props;
    // References to other resources are no content; the image is, also for the component that runs in it.
    const content = stableJson({ image, properties: stripReferences(properties) });
    return new AzapiResource(this, id, {
      type: `Microsoft.MachineLearningServices/workspaces/${kind}/versions@${MACHINE_LEARNING_API}`,
      name: `content-${createHash("sha256").update(content).digest("hex").slice(0, 12)}`,
      parentId: `${workspace.resource.id}/${kind}/${NAME}`,
      body: { properties: { isAnonymous: false, isArchived: false, ...properties } as never },
      dependsOn: [...after],
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private componentSpec(): Record<string, unknown> {
    const { signals, timePath, machineIdPath } = this.props;
    const settings = withDefaults(DEFAULTS, this.props);
    const input = (name: string): string => `$\${{inputs.${name}}}`;
    const command = [
      "python -m anomaly_training",
      `--data ${input("telemetry")}`,
      `--verdicts ${input("models")}/${VERDICTS_FOLDER}`,
      "--out $${{outputs.result}}",
      `--signals ${quoted(
        Object.entries(signals)
          .map(([name, path]) => `${name}=${path}`)
          .join(),
      )}`,
      `--time-path ${quoted(timePath)}`,
      ...(machineIdPath === undefined ? [] : [`--machine-id-path ${quoted(machineIdPath)}`]),
      `--window ${settings.window}`,
      `--sample-seconds ${settings.sampleSeconds}`,
      `--margin ${settings.margin}`,
      `--false-alerts ${settings.falseAlertsPerMachineMonth}`,
      // Left out where it is the default, so that the component stays the version that it is.
      ...(this.props.silentDays === undefined ? [] : [`--silent-days ${this.props.silentDays}`]),
      ...settings.excludedMachines.map((machine) => `--exclude ${quoted(machine)}`),
      `--register --model-name ${MODEL_NAME}`,
    ].join(" ");
    return {
      $schema: "https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json",
      name: NAME,
      type: "command",
      display_name: "Train an anomaly model",
      is_deterministic: false,
      inputs: {
        telemetry: { type: "uri_folder" },
        models: { type: "uri_folder" },
        at: { type: "string" },
      },
      outputs: { result: { type: "uri_folder" } },
      environment: `azureml:${this.environment.id}`,
      command,
    };
  }

  /** Outer names are ARM's; those within `jobs` and `settings` are Azure ML's own and are checked by nobody before a run. */
  private addSchedule(): AzapiResource {
    const { workspace, compute, enabled } = this.props;
    const { everyDays, hour } = withDefaults(DEFAULTS, this.props);
    const folder = (container: string): string => `azureml://datastores/${datastoreName(container)}/paths/`;
    const fromParent = (name: string): Record<string, string> => ({
      job_input_type: "literal",
      value: `$\${{parent.inputs.${name}}}`,
    });
    const mounted = (container: string): Record<string, string> => ({
      jobInputType: "uri_folder",
      mode: "ReadOnlyMount",
      uri: folder(container),
    });
    return new AzapiResource(this, "Schedule", {
      type: `Microsoft.MachineLearningServices/workspaces/schedules@${MACHINE_LEARNING_API}`,
      name: NAME,
      parentId: workspace.resource.id,
      body: {
        properties: {
          displayName: "Train an anomaly model",
          isEnabled: enabled,
          trigger: {
            triggerType: "Recurrence",
            frequency: "Day",
            interval: everyDays,
            timeZone: "UTC",
            schedule: { hours: [hour], minutes: [0] },
          },
          action: {
            actionType: "CreateJob",
            jobDefinition: {
              jobType: "Pipeline",
              experimentName: NAME,
              settings: { default_compute: compute.resource.id, force_rerun: true, continue_on_step_failure: false },
              inputs: {
                telemetry: mounted(TELEMETRY_CONTAINER),
                models: mounted(MODEL_CONTAINER),
                at: { jobInputType: "literal", value: "$${{creation_context.trigger_time}}" },
              },
              outputs: {
                result: { jobOutputType: "uri_folder", mode: "ReadWriteMount", uri: folder(MODEL_CONTAINER) },
              },
              jobs: {
                train: {
                  name: "train",
                  type: "command",
                  componentId: this.component.id,
                  _source: "REMOTE.WORKSPACE.COMPONENT",
                  computeId: compute.resource.id,
                  inputs: { telemetry: fromParent("telemetry"), models: fromParent("models"), at: fromParent("at") },
                  outputs: { result: { type: "literal", value: "$${{parent.outputs.result}}" } },
                  // Of the step: the one of a pipeline is ignored.
                  identity: { type: "managed", msi_resource_id: compute.identity.id },
                  resources: { instance_count: 1 },
                },
              },
            },
          },
        },
      },
      // Azure ML answers with ids in lower case.
      ignoreCasing: true,
    });
  }
}

/** A word of a shell's command. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Values without references to other resources, whose addresses differ from stack to stack. */
function stripReferences(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "string" && /\$\{[^{]|TfToken/.test(inner) ? "" : inner,
    ),
  ) as unknown;
}
