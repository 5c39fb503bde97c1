import { IothubEndpointStorageContainer } from "@cdktf/provider-azurerm/lib/iothub-endpoint-storage-container";
import { IothubEnrichmentA as IothubEnrichment } from "@cdktf/provider-azurerm/lib/iothub-enrichment";
import { IothubRouteA as IothubRoute } from "@cdktf/provider-azurerm/lib/iothub-route";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { type ITerraformDependable, TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import { grantRole } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { ANOMALY_CONTAINER, type DataLake, TELEMETRY_CONTAINER } from "../storage/data-lake";
import { IOT_HUB_DEFAULTS, IOT_HUB_SKUS, type IotHub, type IotHubSku } from "./iot-hub";

/** The endpoint that every hub has. */
const BUILT_IN_ENDPOINT = "events";
/** Endpoint that writes anomalies to the lake; alerts count what is delivered to it. */
export const ANOMALY_ENDPOINT = "lake-anomalies";
const TELEMETRY_ENDPOINT = "lake-telemetry";

/** What an environment decides about routing. */
export interface LakeRoutingSettings {
  /** Write all other device messages to the lake too. A free hub has one custom endpoint only and must say `false`. @default true */
  readonly telemetryToLake?: boolean;
  /** Seconds after which a batch of messages is written although it is not full, 60 to 720. @default 60 */
  readonly batchSeconds?: number;
  /** Megabytes (1,048,576 bytes) at which a batch is written at once, 10 to 500. @default 10 */
  readonly batchMegabytes?: number;
  /** What the hub adds to each message: property and its value, a literal or `$iothubname`, `$twin.tags.…`, `$twin.properties.…`. @default `{ site: "$twin.tags.site" }` */
  readonly enrichments?: Readonly<Record<string, string>>;
}

/** What `LakeRouting` needs. */
export interface LakeRoutingProps extends LakeRoutingSettings {
  /** Where hub and lake are. */
  readonly resourceGroup: ResourceGroup;
  /** The hub whose messages are routed. */
  readonly hub: IotHub;
  /** Where they go. */
  readonly lake: DataLake;
  /** Ids of the edge modules whose messages are anomalies, at least one. */
  readonly anomalyModules: readonly string[];
}

const DEFAULT_ENRICHMENTS = { site: "$twin.tags.site" };
const MEGABYTE = 1_048_576;

/** Validation errors in an environment's settings for routing. */
export function lakeRoutingProblems(settings: LakeRoutingSettings, sku: IotHubSku = IOT_HUB_DEFAULTS.sku): Problem[] {
  const limits = (IOT_HUB_SKUS as Partial<Record<string, (typeof IOT_HUB_SKUS)[IotHubSku]>>)[sku] ?? IOT_HUB_SKUS.S1;
  const enrichments = Object.entries(settings.enrichments ?? DEFAULT_ENRICHMENTS);
  return collect(
    problemIf(
      (settings.telemetryToLake ?? true) && limits.maxEndpoints < 2,
      "telemetryToLake",
      settings.telemetryToLake ?? true,
      `false on ${sku}, which has ${limits.maxEndpoints} custom endpoint (for anomalies)`,
      "write false, or choose S1",
    ),
    inRange(
      "batchSeconds",
      settings.batchSeconds,
      { min: 60, max: 720, unit: "seconds" },
      "choose how old a message may be when it reaches the lake",
    ),
    inRange(
      "batchMegabytes",
      settings.batchMegabytes,
      { min: 10, max: 500, unit: "megabytes" },
      "choose how large a blob may grow",
    ),
    ...enrichments.flatMap(([key, value]) => [
      hasForm(
        `enrichments.${key}`,
        key,
        /^[-_.a-zA-Z0-9]{1,64}$/,
        "a property name of 1 to 64 letters, digits, dots, hyphens and underscores",
        "rename the property",
      ),
      hasForm(
        `enrichments.${key}`,
        value,
        /^(?:[^$].*|\$iothubname|\$twin\.(?:tags|properties\.(?:desired|reported))\.[^.$ ][^$ ]*)$/s,
        "a literal, $iothubname, $twin.tags.<name>, $twin.properties.desired.<name> or $twin.properties.reported.<name>",
        "write a literal, or a path into the device twin",
      ),
    ]),
    problemIf(
      enrichments.length > limits.maxEnrichments,
      "enrichments",
      enrichments.length,
      `at most ${limits.maxEnrichments} on ${sku}`,
      "leave some out",
    ),
  );
}

/**
 * Writes anomalies and telemetry to the lake as JSON by the hub's own identity, and still gives every message to the
 * built-in endpoint: a message that matches any route would otherwise no longer reach it. What matches none goes there as
 * well, by the fallback route that every hub has: azurerm leaves it as Azure makes it, and its own resource for that route
 * refuses the endpoint `events`.
 *
 * Bodies are JSON in the blobs only where a message says `contentType` application/json and `contentEncoding` utf-8;
 * otherwise they are base64 (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-d2c).
 */
export class LakeRouting extends Construct {
  /** Everything that changes the hub's routing; Azure refuses another change at the same time. */
  public readonly parts: readonly ITerraformDependable[];

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: LakeRoutingProps,
  ) {
    super(scope, id);
    validateProps(this, () => [
      ...lakeRoutingProblems(props, props.hub.sku),
      ...collect(
        problemIf(
          props.anomalyModules.length === 0,
          "anomalyModules",
          props.anomalyModules,
          "at least one module id",
          "name the modules whose messages are anomalies",
        ),
      ),
    ]);
    const lakeRole = grantRole(this, "LakeRole", {
      // The account, not a container: the hub checks the endpoint against the account when it is created.
      scope: props.lake.resource.id,
      role: "Storage Blob Data Contributor",
      principalId: props.hub.principalId,
      description: "IoT Hub writes routed messages to the lake",
    });
    const propagation = new RolePropagation(this, "Propagation", { assignments: { lake: lakeRole } });

    const condition = fromModules(props.anomalyModules);
    const anomalies = this.addEndpoint("AnomalyEndpoint", ANOMALY_ENDPOINT, ANOMALY_CONTAINER, propagation);
    const endpointNames = [anomalies.name, BUILT_IN_ENDPOINT];
    const parts = [
      this.addRoute("AnomalyRoute", "anomalies-to-lake", condition, anomalies.name),
      this.addRoute("BuiltInRoute", "all-to-events", "true", BUILT_IN_ENDPOINT),
    ];
    if (props.telemetryToLake ?? true) {
      const telemetry = this.addEndpoint("TelemetryEndpoint", TELEMETRY_ENDPOINT, TELEMETRY_CONTAINER, propagation);
      endpointNames.push(telemetry.name);
      parts.push(
        this.addRoute("TelemetryRoute", "telemetry-to-lake", notFromModules(props.anomalyModules), telemetry.name),
      );
    }
    this.parts = [...parts, this.addEnrichments(endpointNames)];
  }

  private addEndpoint(
    id: string,
    name: string,
    container: string,
    propagation: RolePropagation,
  ): IothubEndpointStorageContainer {
    const { hub, lake, resourceGroup, batchSeconds, batchMegabytes } = this.props;
    return new IothubEndpointStorageContainer(this, id, {
      name,
      resourceGroupName: resourceGroup.name,
      iothubId: hub.resource.id,
      authenticationType: "identityBased",
      endpointUri: lake.resource.primaryBlobEndpoint,
      containerName: lake.containerName(container),
      encoding: "JSON",
      fileNameFormat: "{iothub}/{YYYY}/{MM}/{DD}/{HH}/{mm}/{partition}.json",
      batchFrequencyInSeconds: batchSeconds ?? 60,
      maxChunkSizeInBytes: (batchMegabytes ?? 10) * MEGABYTE,
      dependsOn: [propagation.done],
    });
  }

  private addRoute(id: string, name: string, condition: string, endpointName: string): IothubRoute {
    return new IothubRoute(this, id, {
      name,
      resourceGroupName: this.props.resourceGroup.name,
      iothubName: this.props.hub.resource.name,
      source: "DeviceMessages",
      condition,
      endpointNames: [endpointName],
      enabled: true,
    });
  }

  private addEnrichments(endpointNames: string[]): IothubEnrichment {
    const enrichments = TerraformIterator.fromMap(this.props.enrichments ?? DEFAULT_ENRICHMENTS);
    return new IothubEnrichment(this, "Enrichments", {
      forEach: enrichments,
      key: enrichments.key,
      value: enrichments.value as string,
      endpointNames,
      resourceGroupName: this.props.resourceGroup.name,
      iothubName: this.props.hub.resource.name,
    });
  }
}

/** The ML module names the output of each message; what operators said of an alert is no anomaly. */
const IS_ANOMALY = `NOT IS_DEFINED(${DETECTOR.outputProperty}) OR ${DETECTOR.outputProperty} = '${DETECTOR.alertOutput}'`;

/** Messages of devices have no module id; asking for it first keeps the hub from logging an error for each of them. */
function fromModules(modules: readonly string[]): string {
  const anyOf = modules.map((module) => `$connectionModuleId = '${module}'`).join(" OR ");
  return `IS_DEFINED($connectionModuleId) AND (${anyOf}) AND (${IS_ANOMALY})`;
}

function notFromModules(modules: readonly string[]): string {
  const noneOf = modules.map((module) => `$connectionModuleId != '${module}'`).join(" AND ");
  return `NOT IS_DEFINED($connectionModuleId) OR (${noneOf})`;
}
