import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import { contextArchive, type ImageSource, sourceTag } from "../../edge-manifests/image-sources";
import { textOr } from "../shared/expressions";
import type { ContainerRegistry } from "./container-registry";

/** What `RegistryImage` needs. */
export interface RegistryImageProps {
  /** Where the image is built and kept. */
  readonly registry: ContainerRegistry;
  /** What it is built from. */
  readonly source: ImageSource;
  /** Tag: a hash of the content, or a name that changes with it. @default - the hash of the sources */
  readonly tag?: string;
  /** Arguments of the build; `$Registry` is the registry's host. @default - none */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** What must exist first: the image that this one is built on. @default - nothing */
  readonly after?: readonly ITerraformDependable[];
}

/** The stable version is older than task runs (types of azapi 2.12). */
const TASK_RUN_API = "2019-06-01-preview";
/** Seconds; npm's and pip's downloads take most of them. */
const TIMEOUT = 3600;
/** Characters of a step's command: Linux takes 131,072 bytes for one argument. */
const PART = 90_000;

/**
 * An image built inside the registry from this repository's own sources, on amd64: nobody needs Docker, a key or a signed link,
 * and the first deployment ends with an image that devices can pull.
 *
 * The build's context travels in the task itself, because every other way to hand it over takes a signed link, a public
 * repository or Terraform's reach to a storage account's data (docs/decisions/0028-images.md). The run is named by the hash of
 * the sources: other sources are another run and another tag, and nothing is built twice. The tag of before stays in the
 * registry, so that devices can be rolled back.
 */
export class RegistryImage extends Construct {
  public readonly resource: AzapiResource;
  /** Tag of the image, known at synth. */
  public readonly tag: string;

  public constructor(scope: Construct, id: string, props: RegistryImageProps) {
    super(scope, id);
    const { registry, source, buildArguments, after } = props;
    this.tag = props.tag ?? sourceTag(source);
    const task = buildTask(source, this.tag, buildArguments);
    this.resource = new AzapiResource(this, "Resource", {
      type: `Microsoft.ContainerRegistry/registries/taskRuns@${TASK_RUN_API}`,
      name: `${source.repository}-${this.tag}`,
      parentId: registry.resource.id,
      body: {
        properties: {
          runRequest: {
            type: "EncodedTaskRunRequest",
            encodedTaskContent: Buffer.from(task).toString("base64"),
            platform: { os: "Linux", architecture: "amd64" },
            timeout: TIMEOUT,
          },
        },
      },
      responseExportValues: { status: "properties.runResult.status", run: "properties.runResult.runId" },
      timeouts: { create: "70m" },
      ...(after !== undefined && { dependsOn: [...after] }),
      lifecycle: {
        createBeforeDestroy: true,
        // The name says what is built. Another version of zlib would pack the same sources otherwise, and build them again.
        ignoreChanges: ["body"],
        postcondition: [
          {
            condition: '${try(self.output.status, null) == "Succeeded"}',
            errorMessage:
              `The image ${source.repository}:${this.tag} was not built (status ${textOr(["self.output.status"], "missing")}). ` +
              `Its log: az acr task logs --registry ${registry.resource.nameInput ?? ""} --run-id ${textOr(["self.output.run"], "ID")}. ` +
              "To build it again, apply with -replace and the address of this resource.",
          },
        ],
      },
    });
  }
}

/**
 * A task of Azure Container Registry (learn.microsoft.com/azure/container-registry/container-registry-tasks-reference-yaml).
 * Its steps share a folder: the first ones write the context there, one argument each, the next builds in it.
 */
export function buildTask(
  source: ImageSource,
  tag: string,
  buildArguments: Readonly<Record<string, string>> = {},
): string {
  const archive = contextArchive(source).toString("base64");
  const parts = archive.match(new RegExp(`.{1,${PART}}`, "g")) ?? [];
  const image = `$Registry/${source.repository}:${tag}`;
  const given = Object.entries(buildArguments).map(([name, value]) => ` --build-arg ${name}=${value}`);
  return [
    "version: v1.1.0",
    "steps:",
    ...parts.map((part) => `  - cmd: bash -c "printf %s ${part} >> context.base64"`),
    '  - cmd: bash -c "base64 -d context.base64 | tar -xz && rm context.base64"',
    `  - build: --tag ${image}${given.join("")} --file ${source.dockerfile} .`,
    `  - push: ["${image}"]`,
    "",
  ].join("\n");
}
