import { ApplicationInsightsWorkbook } from "@cdktf/provider-azurerm/lib/application-insights-workbook";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import type { IotHub } from "../hub/iot-hub";
import { type AnomalyFeed, ANOMALY_ROWS } from "./anomaly-feed";
import type { LogAnalytics } from "./log-analytics";

/** What `Workbook` needs. */
export interface WorkbookProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Its name, which Azure wants as a UUID. */
  readonly uuid: string;
  /** What people see as its name. */
  readonly displayName: string;
  /** The hubs that it shows, at least one. */
  readonly hubs: readonly IotHub[];
  /** Where its logs and anomalies are. */
  readonly logAnalytics: LogAnalytics;
  /** What brings anomalies into the logs. @default - the chart by machine is left out */
  readonly anomalyFeed?: AnomalyFeed;
}

const TIME_RANGE = "TimeRange";
const HUB_TYPE = "microsoft.devices/iothubs";

/** How a metric is summed up over a point of the chart, as workbooks number it. */
const AGGREGATION = { total: 1, maximum: 3, average: 4 } as const;

interface MetricLine {
  readonly metric: string;
  readonly aggregation: keyof typeof AGGREGATION;
  readonly splitBy?: string;
}

/** The charts an operator opens first: connected devices, anomalies per hour by machine, routing by endpoint and by result, quota, throttling. */
export class Workbook extends Construct {
  public readonly resource: ApplicationInsightsWorkbook;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkbookProps,
  ) {
    super(scope, id);
    this.resource = new ApplicationInsightsWorkbook(this, "Resource", {
      name: props.uuid,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      displayName: props.displayName,
      category: "workbook",
      dataJson: JSON.stringify(this.content()),
    });
  }

  private content(): object {
    const { hubs } = this.props;
    const quota = hubs.length === 1 ? `of ${quotaOf(hubs)}` : `on each hub, of ${quotaOf(hubs)}`;
    return {
      version: "Notebook/1.0",
      items: [
        timeRange(),
        this.metricChart("connected-devices", "Connected devices", [
          { metric: "connectedDeviceCount", aggregation: "average" },
          { metric: "totalDeviceCount", aggregation: "average" },
        ]),
        ...(this.props.anomalyFeed === undefined
          ? []
          : [
              this.queryChart(
                "anomalies-by-machine",
                "Anomalies per hour by machine",
                `${ANOMALY_ROWS}\n| summarize anomalies = count() by bin(TimeGenerated, 1h), machine`,
              ),
            ]),
        this.metricChart("routing", "Messages delivered, by endpoint", [
          { metric: "RoutingDeliveries", aggregation: "total", splitBy: "EndpointName" },
        ]),
        this.metricChart("routing-health", "Messages delivered and not, by result", [
          { metric: "RoutingDeliveries", aggregation: "total", splitBy: "Result" },
        ]),
        this.metricChart("quota", `Messages used today, ${quota}`, [
          { metric: "dailyMessageQuotaUsed", aggregation: "maximum" },
        ]),
        this.metricChart("throttling", "Messages turned away for coming too fast", [
          { metric: "d2c.telemetry.ingress.sendThrottle", aggregation: "total" },
        ]),
      ],
      fallbackResourceIds: ["azure monitor"],
      $schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    };
  }

  private metricChart(name: string, title: string, lines: readonly MetricLine[]): object {
    return {
      type: 10,
      content: {
        chartId: `workbook-${name}`,
        version: "MetricsItem/2.0",
        size: 0,
        chartType: 2,
        resourceType: HUB_TYPE,
        metricScope: 0,
        resourceIds: this.props.hubs.map(({ resource }) => resource.id),
        timeContextFromParameter: TIME_RANGE,
        timeContext: { durationMs: 0 },
        metrics: lines.map(({ metric, aggregation, splitBy }) => ({
          namespace: HUB_TYPE,
          metric: `${HUB_TYPE}--${metric}`,
          aggregation: AGGREGATION[aggregation],
          splitBy: splitBy ?? null,
        })),
        title,
        gridSettings: { rowLimit: 10000 },
      },
      customWidth: "50",
      name,
    };
  }

  private queryChart(name: string, title: string, query: string): object {
    return {
      type: 3,
      content: {
        version: "KqlItem/1.0",
        query,
        size: 0,
        title,
        noDataMessage: "No anomalies in this time.",
        timeContextFromParameter: TIME_RANGE,
        timeContext: { durationMs: 0 },
        queryType: 0,
        resourceType: "microsoft.operationalinsights/workspaces",
        crossComponentResources: [this.props.logAnalytics.resource.id],
        visualization: "barchart",
      },
      customWidth: "50",
      name,
    };
  }
}

/** Hubs of an environment are all of one size. */
const quotaOf = (hubs: readonly IotHub[]): number => hubs[0]?.dailyMessageQuota ?? 0;

function timeRange(): object {
  const hours = [4, 12, 24, 72, 168, 720];
  return {
    type: 9,
    content: {
      version: "KqlParameterItem/1.0",
      parameters: [
        {
          id: "5b1f6a52-8f0a-4c43-9a2e-0a9d3a6a7f01",
          version: "KqlParameterItem/1.0",
          name: TIME_RANGE,
          label: "Time range",
          type: 4,
          isRequired: true,
          value: { durationMs: 24 * 3_600_000 },
          typeSettings: {
            selectableValues: hours.map((count) => ({ durationMs: count * 3_600_000 })),
            allowCustom: true,
          },
        },
      ],
      style: "pills",
      queryType: 0,
      resourceType: "microsoft.operationalinsights/workspaces",
    },
    name: "time-range",
  };
}
