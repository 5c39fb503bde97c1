import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { dependable, Fn, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { ALERT_OUTPUT, DEFAULT_JOB_NAME, SCORE_INPUT, SENSOR_INPUT } from "@edge-anomaly-detection/edge-manifest-tools";
import type { AnomalyQuery } from "../../edge-manifests/anomaly-query";
import { anomalyQueryProblems } from "../../edge-manifests/anomaly-query-problems";
import { streamAnalyticsQuery } from "../../edge-manifests/stream-analytics-query";
import { AzapiResource, AzapiResourceAction, type Body } from "@edge-anomaly-detection/terraform-bindings";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import type { PackageStorage } from "../storage/package-storage";

/** The newest API version with Edge Hub streams and a job's own storage account in its types (azapi 2.12). */
export const STREAM_ANALYTICS_API = "2021-10-01-preview";
/** The only API version that is documented for packages and for publishing (stream-analytics-cicd-api). */
export const PACKAGE_API = "2017-04-01-preview";

const WAYS = ["both", "jobStorageAccount", "package"] as const;

/** What an environment decides about its job. */
export interface EdgeJobSettings extends AnomalyQuery {
  /** Name of the job and of its edge module: 3 to 63 letters, digits, hyphens and underscores. A change replaces it. @default "asa-edge-anomaly-job" */
  readonly jobName?: string;
  /**
   * How the job learns where to export its package: the property `jobStorageAccount`, which the portal sets today, the
   * property `package`, which Microsoft's pipeline guide sets, or both. Azure documents neither as the one. @default "both"
   */
  readonly packageStorage?: (typeof WAYS)[number];
}

/** What `EdgeJob` needs. */
export interface EdgeJobProps extends EdgeJobSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Where its package is exported. */
  readonly packages: PackageStorage;
}

export { DEFAULT_JOB_NAME };

/** Validation errors in an environment's settings for job. */
export function edgeJobProblems(settings: EdgeJobSettings): Problem[] {
  return [
    ...collect(
      hasForm(
        "jobName",
        settings.jobName,
        /^[A-Za-z0-9_-]{3,63}$/,
        "3 to 63 letters, digits, hyphens and underscores",
        "rename the job; its edge module has the same name",
      ),
      oneOf("packageStorage", settings.packageStorage, WAYS, "keep both unless Azure refuses one of them"),
    ),
    ...anomalyQueryProblems(settings),
  ];
}

/**
 * A Stream Analytics job of type Edge: it is defined here, published by `EdgePackage` and runs as a module on devices. It
 * is never started in the cloud, so its state there says nothing.
 *
 * azurerm has no Edge Hub inputs and outputs and sends `streamingUnits: 0` when the query of an edge job changes (4.55 and
 * 5.2), so everything here is azapi.
 */
export class EdgeJob extends Construct {
  public readonly resource: AzapiResource;
  /** Everything whose change makes the published package stale. */
  public readonly parts: readonly TerraformResource[];

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: EdgeJobProps,
  ) {
    super(scope, id);
    validateProps(this, () => edgeJobProblems(props));
    const way = props.packageStorage ?? "both";
    this.resource = this.defineJob(way !== "package");
    const streams = [
      this.addStream("SensorInput", "inputs", SENSOR_INPUT, INPUT_BODY),
      ...(props.modelScores === true ? [this.addStream("ScoreInput", "inputs", SCORE_INPUT, INPUT_BODY)] : []),
      this.addStream("AlertOutput", "outputs", ALERT_OUTPUT, OUTPUT_BODY),
    ];
    const actions = [
      this.putTransformation(streams),
      ...(way === "jobStorageAccount" ? [] : [this.patchPackage(streams)]),
    ];
    this.parts = [this.resource, ...streams, ...actions];
  }

  private defineJob(withStorage: boolean): AzapiResource {
    const { jobName, resourceGroup, packages } = this.props;
    const account = packages.resource;
    const storage = withStorage
      ? {
          contentStoragePolicy: "JobStorageAccount",
          jobStorageAccount: { accountName: account.name, authenticationMode: "ConnectionString" },
        }
      : { contentStoragePolicy: "SystemAccount" };
    return new AzapiResource(this, "Resource", {
      type: `Microsoft.StreamAnalytics/streamingjobs@${STREAM_ANALYTICS_API}`,
      name: jobName ?? DEFAULT_JOB_NAME,
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      body: {
        properties: {
          jobType: "Edge",
          sku: { name: "Standard" },
          compatibilityLevel: "1.2",
          dataLocale: "en-US",
          eventsOutOfOrderPolicy: "Adjust",
          eventsOutOfOrderMaxDelayInSeconds: 0,
          outputErrorPolicy: "Drop",
          ...storage,
        },
      },
      ...(withStorage && {
        sensitiveBody: { properties: { jobStorageAccount: { accountKey: account.primaryAccessKey } } },
        sensitiveBodyVersion: { "properties.jobStorageAccount.accountKey": this.keyVersion },
      }),
      ignoreCasing: true,
    });
  }

  private addStream(id: string, kind: "inputs" | "outputs", alias: string, body: Body): AzapiResource {
    return new AzapiResource(this, id, {
      type: `Microsoft.StreamAnalytics/streamingjobs/${kind}@${STREAM_ANALYTICS_API}`,
      name: alias,
      parentId: this.resource.id,
      body,
      // An update of the job is a PUT of the job alone; whether Azure then keeps its streams is documented nowhere.
      lifecycle: { replaceTriggeredBy: [dependable(this.resource)] },
    });
  }

  /**
   * A PUT rather than a resource: a transformation cannot be deleted (the API has PUT, PATCH and GET for it), so Terraform
   * could never destroy one. It goes with its job.
   */
  private putTransformation(streams: readonly AzapiResource[]): AzapiResourceAction {
    return new AzapiResourceAction(this, "Transformation", {
      type: `Microsoft.StreamAnalytics/streamingjobs/transformations@${STREAM_ANALYTICS_API}`,
      resourceId: `${this.resource.id}/transformations/main`,
      method: "PUT",
      // No streamingUnits: Azure refuses them on an edge job.
      body: { properties: { query: streamAnalyticsQuery(this.props) } },
      responseExportValues: {},
      lifecycle: { replaceTriggeredBy: [dependable(this.resource)] },
      dependsOn: [...streams],
    });
  }

  private patchPackage(streams: readonly AzapiResource[]): AzapiResourceAction {
    const { resource: account, container } = this.props.packages;
    return new AzapiResourceAction(this, "Package", {
      type: `Microsoft.StreamAnalytics/streamingjobs@${PACKAGE_API}`,
      resourceId: this.resource.id,
      method: "PATCH",
      body: { properties: { package: { storageAccount: { accountName: account.name }, container: container.name } } },
      sensitiveBody: { properties: { package: { storageAccount: { accountKey: account.primaryAccessKey } } } },
      sensitiveBodyVersion: { "properties.package.storageAccount.accountKey": this.keyVersion },
      responseExportValues: {},
      lifecycle: { replaceTriggeredBy: [dependable(this.resource)] },
      dependsOn: [...streams],
    });
  }

  /** Changes with the key, so that a rotated key is sent again; a hash of 512 random bits gives nothing away. */
  private get keyVersion(): string {
    return Fn.nonsensitive(Fn.sha256(this.props.packages.resource.primaryAccessKey)) as string;
  }
}

const INPUT_BODY: Body = {
  properties: {
    type: "Stream",
    datasource: { type: "GatewayMessageBus", properties: {} },
    compression: { type: "None" },
    serialization: { type: "Json", properties: { encoding: "UTF8" } },
  },
};

const OUTPUT_BODY: Body = {
  properties: {
    datasource: { type: "GatewayMessageBus", properties: {} },
    // An array is one JSON document, which hub routes can look into; separate lines are not.
    serialization: { type: "Json", properties: { encoding: "UTF8", format: "Array" } },
  },
};
