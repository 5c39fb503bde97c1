import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import { AzapiResource, EphemeralAzapiResourceAction } from "@edge-anomaly-detection/terraform-bindings";
import { byOutput, fromModules, type HubEvents } from "../hub/hub-events";
import { grantRole } from "../security/role-grant";
import { RolePropagation } from "../security/role-propagation";
import { mustBeThere } from "../shared/expressions";
import { assertValid, collect, problemIf } from "@edge-anomaly-detection/common";
import type { LogAnalytics } from "./log-analytics";

/** Table of anomalous messages in Log Analytics. */
export const ANOMALY_TABLE = "Anomalies_CL";

/**
 * Anomalies, one row each, whatever shape the module sent them in: Stream Analytics sends arrays, a custom module may
 * send single objects. The machine is the message's own `machineId`, or the device where it has none.
 */
export const ANOMALY_ROWS = [
  ANOMALY_TABLE,
  '| extend Rows = iff(gettype(Rows) == "array", Rows, pack_array(Rows))',
  "| mv-expand Row = Rows",
  "| extend machine = iff(isempty(Row.machineId), DeviceId, tostring(Row.machineId))",
].join("\n");

/** What `AnomalyFeed` needs. */
export interface AnomalyFeedProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Messages of the first hub whose anomalies are fed. */
  readonly events: HubEvents;
  /** Where they go. */
  readonly logAnalytics: LogAnalytics;
  /** Ids of the edge modules whose messages are anomalies, 1 to 24. */
  readonly anomalyModules: readonly string[];
}

const STREAM = "Custom-Anomalies";
const TRIGGER = "manual";
const MAX_MODULES = 24;

/** Columns of the table, in Azure Monitor's types. */
const COLUMNS = [
  { name: "TimeGenerated", type: "datetime" },
  { name: "DeviceId", type: "string" },
  { name: "ModuleId", type: "string" },
  { name: "Site", type: "string" },
  { name: "Rows", type: "dynamic" },
];

/** From an Event Grid event of type DeviceTelemetry to a row of the table. */
const TRANSFORMATION = [
  "source",
  'where eventType == "Microsoft.Devices.DeviceTelemetry"',
  "project TimeGenerated = todatetime(eventTime)" +
    ', DeviceId = tostring(data.systemProperties["iothub-connection-device-id"])' +
    ', ModuleId = tostring(data.systemProperties["iothub-connection-module-id"])' +
    ", Site = tostring(data.properties.site)" +
    ", Rows = data.body",
].join(" | ");

/**
 * Copies anomalous messages into Log Analytics within seconds, so that a chart can show them by machine and an alert can
 * name the machine: no metric and no log of IoT Hub says which device a message came from.
 *
 * Event Grid pushes each message to a workflow, which passes it on by its own identity. The link that Event Grid calls is
 * signed; it is fetched when Terraform runs and handed on write-only, so neither plan nor state holds it.
 */
export class AnomalyFeed extends Construct {
  private readonly propagation: RolePropagation;
  private readonly link: EphemeralAzapiResourceAction;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: AnomalyFeedProps,
  ) {
    super(scope, id);
    assertValid(
      this.node.path,
      collect(
        problemIf(
          props.anomalyModules.length === 0 || props.anomalyModules.length > MAX_MODULES,
          "anomalyModules",
          props.anomalyModules,
          `1 to ${MAX_MODULES} module ids: Event Grid takes 25 values in all filters, and one is for feedback`,
          "name the modules whose messages are anomalies",
        ),
      ),
    );
    const rule = this.collectionRule(this.table());
    const workflow = this.workflow(rule);
    const role = grantRole(this, "IngestionRole", {
      role: "Monitoring Metrics Publisher",
      scope: rule.id,
      principalId: workflow.principalId,
      description: "The workflow writes anomalies to Log Analytics",
    });
    this.propagation = new RolePropagation(this, "Propagation", { assignments: { ingestion: role } });
    this.link = new EphemeralAzapiResourceAction(this, "Link", {
      type: "Microsoft.Logic/workflows/triggers@2019-05-01",
      resourceId: `${workflow.id}/triggers/${TRIGGER}`,
      action: "listCallbackUrl",
      responseExportValues: { url: "value" },
    });
    this.subscribe(this, props.events);
  }

  /** Feeds the anomalies of a further hub to the same workflow. */
  public addHub(scope: Construct, id: string, events: HubEvents): void {
    this.subscribe(new Construct(scope, id), events);
  }

  private table(): AzapiResource {
    return new AzapiResource(this, "Table", {
      type: "Microsoft.OperationalInsights/workspaces/tables@2022-10-01",
      name: ANOMALY_TABLE,
      parentId: this.props.logAnalytics.resource.id,
      body: { properties: { plan: "Analytics", schema: { name: ANOMALY_TABLE, columns: COLUMNS } } },
    });
  }

  private collectionRule(table: AzapiResource): AzapiResource {
    const { resourceGroup, logAnalytics } = this.props;
    return new AzapiResource(this, "CollectionRule", {
      type: "Microsoft.Insights/dataCollectionRules@2023-03-11",
      name: "dcr-anomalies",
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      body: {
        // A direct rule has an ingestion address of its own and needs no endpoint resource.
        kind: "Direct",
        properties: {
          streamDeclarations: {
            [STREAM]: {
              columns: [
                { name: "eventType", type: "string" },
                { name: "eventTime", type: "datetime" },
                { name: "data", type: "dynamic" },
              ],
            },
          },
          destinations: {
            logAnalytics: [{ name: "workspace", workspaceResourceId: logAnalytics.resource.id }],
          },
          dataFlows: [
            {
              streams: [STREAM],
              destinations: ["workspace"],
              transformKql: TRANSFORMATION,
              outputStream: `Custom-${ANOMALY_TABLE}`,
            },
          ],
        },
      },
      responseExportValues: { endpoint: "properties.endpoints.logsIngestion", immutableId: "properties.immutableId" },
      ignoreCasing: true,
      dependsOn: [table],
      lifecycle: {
        postcondition: [
          mustBeThere(
            ["self.output.endpoint", "self.output.immutableId"],
            "Azure answered no ingestion address for the data collection rule of the anomaly feed. Apply again; where it stays " +
              "so, set logs.anomalyFeed to false in this environment.",
          ),
        ],
      },
    });
  }

  private workflow(rule: AzapiResource): AzapiResource {
    const { resourceGroup } = this.props;
    const address =
      `${rule.output("endpoint")}/dataCollectionRules/${rule.output("immutableId")}` +
      `/streams/${STREAM}?api-version=2023-01-01`;
    return new AzapiResource(this, "Workflow", {
      type: "Microsoft.Logic/workflows@2019-05-01",
      name: "logic-anomaly-feed",
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      identity: { type: "SystemAssigned" },
      body: {
        properties: {
          state: "Enabled",
          definition: {
            $schema:
              "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
            contentVersion: "1.0.0.0",
            triggers: { [TRIGGER]: { type: "Request", kind: "Http", inputs: { schema: { type: "array" } } } },
            actions: {
              // Answers the question that Event Grid asks before it sends anything; other events ignore the body.
              Answer: {
                type: "Response",
                kind: "Http",
                inputs: {
                  statusCode: 200,
                  body: { validationResponse: "@{triggerBody()?[0]?['data']?['validationCode']}" },
                },
              },
              Ingest: {
                type: "Http",
                inputs: {
                  method: "POST",
                  uri: address,
                  headers: { "Content-Type": "application/json" },
                  body: "@triggerBody()",
                  authentication: { type: "ManagedServiceIdentity", audience: "https://monitor.azure.com" },
                  retryPolicy: { type: "exponential", count: 4, interval: "PT20S" },
                },
                runAfter: { Answer: ["Succeeded"] },
              },
            },
          },
        },
      },
    });
  }

  private subscribe(scope: Construct, events: HubEvents): void {
    const { anomalyModules } = this.props;
    events.subscribe(scope, "Subscription", {
      name: "anomalies-to-log-analytics",
      filters: [
        fromModules(anomalyModules),
        // What operators said of an alert is no anomaly. A message without the property is taken.
        byOutput("StringNotIn", [DETECTOR.feedbackOutput]),
      ],
      delivery: {
        destination: {
          endpointType: "WebHook",
          properties: { maxEventsPerBatch: 1, preferredBatchSizeInKilobytes: 64 },
        },
      },
      sensitiveBody: {
        body: { properties: { destination: { properties: { endpointUrl: this.link.output("url") } } } },
        // The link stays the same until somebody renews the workflow's access keys by hand; this must then change.
        versions: { "properties.destination.properties.endpointUrl": "1" },
      },
      after: [this.propagation.done],
    });
  }
}
