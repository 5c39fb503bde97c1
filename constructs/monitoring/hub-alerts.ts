import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import type { IotHub } from "../hub/iot-hub";
import { ANOMALY_ENDPOINT } from "../hub/lake-routing";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { inRange, type NumberRange } from "@edge-anomaly-detection/common/rules";
import type { AlertReceivers } from "./alert-receivers";
import { type AnomalyFeed, ANOMALY_ROWS } from "./anomaly-feed";
import type { LogAnalytics } from "./log-analytics";
import { addMetricAlert, type MetricRule } from "./metric-alert";

/** From when on people are notified. */
export interface HubAlertSettings {
  /** Anomalous messages of the whole hub, and anomalies of one machine, that an hour may have without a word, 0 to 1,000,000. @default 0 */
  readonly toleratedAnomaliesPerHour?: number;
  /** Devices that must be connected, 0 to 1,000,000; 0 never warns. @default 1 */
  readonly minimumConnectedDevices?: number;
  /** Messages in 15 minutes whose delivery to an endpoint may fail, 0 to 1,000,000. @default 0 */
  readonly toleratedRoutingFailures?: number;
  /** Messages in 15 minutes that the hub may turn away for coming too fast, 0 to 1,000,000. @default 0 */
  readonly toleratedThrottledMessages?: number;
  /** Percent of the day's messages that may be used, 1 to 100. @default 80 */
  readonly quotaPercent?: number;
}

/** What `HubAlerts` needs. */
export interface HubAlertsProps extends HubAlertSettings {
  /** Where the alerts are created. */
  readonly resourceGroup: ResourceGroup;
  /** The hub that is watched. */
  readonly hub: IotHub;
  /** Where its logs are. */
  readonly logAnalytics: LogAnalytics;
  /** Who is notified. */
  readonly receivers: AlertReceivers;
  /** What brings anomalies into the logs; with it an alert names the machine. @default - anomalies are counted for the hub as a whole */
  readonly anomalyFeed?: AnomalyFeed;
}

/** Validation errors in the thresholds. */
export function hubAlertProblems(settings: HubAlertSettings): Problem[] {
  const count = (unit: string): NumberRange => ({ min: 0, max: 1_000_000, unit });
  return collect(
    inRange(
      "toleratedAnomaliesPerHour",
      settings.toleratedAnomaliesPerHour,
      count("messages"),
      "choose how many an hour are normal",
    ),
    inRange(
      "minimumConnectedDevices",
      settings.minimumConnectedDevices,
      count("devices"),
      "choose how many must be connected, or 0 for no alert",
    ),
    inRange(
      "toleratedRoutingFailures",
      settings.toleratedRoutingFailures,
      count("messages"),
      "choose how many may fail",
    ),
    inRange(
      "toleratedThrottledMessages",
      settings.toleratedThrottledMessages,
      count("messages"),
      "choose how many may be turned away",
    ),
    inRange(
      "quotaPercent",
      settings.quotaPercent,
      { min: 1, max: 100, unit: "percent of the day's messages" },
      "choose when to warn",
    ),
  );
}

/** Metrics of namespace Microsoft.Devices/IotHubs (learn.microsoft.com/azure/iot-hub/monitor-iot-hub-reference). */
function metricRules(props: HubAlertsProps): MetricRule[] {
  const quota = props.hub.dailyMessageQuota;
  const percent = props.quotaPercent ?? 80;
  const minimum = props.minimumConnectedDevices ?? 1;
  const always: MetricRule[] = [
    {
      id: "AnomaliesDelivered",
      name: "anomalies-delivered",
      description: "Edge devices reported anomalies; they are in the lake, container anomaly-data.",
      severity: 2,
      metric: "RoutingDeliveries",
      aggregation: "Total",
      operator: "GreaterThan",
      threshold: props.toleratedAnomaliesPerHour ?? 0,
      window: "PT1H",
      dimensions: { EndpointName: ANOMALY_ENDPOINT, Result: "success" },
    },
    {
      id: "RoutingFailures",
      name: "routing-failures",
      description: "Messages could not be delivered to an endpoint of the hub.",
      severity: 1,
      metric: "RoutingDeliveries",
      aggregation: "Total",
      operator: "GreaterThan",
      threshold: props.toleratedRoutingFailures ?? 0,
      window: "PT15M",
      dimensions: { Result: "failure" },
    },
    {
      id: "QuotaUsed",
      name: "message-quota-used",
      description: `More than ${percent} % of the day's ${quota} messages are used; at 100 % the hub takes no more until midnight UTC.`,
      severity: 2,
      metric: "dailyMessageQuotaUsed",
      aggregation: "Maximum",
      operator: "GreaterThan",
      threshold: Math.floor((quota * percent) / 100),
      window: "PT1H",
    },
    {
      id: "Throttling",
      name: "messages-throttled",
      description: "Devices send faster than the hub's size allows.",
      severity: 2,
      metric: "d2c.telemetry.ingress.sendThrottle",
      aggregation: "Total",
      operator: "GreaterThan",
      threshold: props.toleratedThrottledMessages ?? 0,
      window: "PT15M",
    },
  ];
  const connected: MetricRule = {
    id: "DevicesDisconnected",
    name: "devices-disconnected",
    description: `Fewer than ${minimum} devices are connected.`,
    severity: 1,
    metric: "connectedDeviceCount",
    aggregation: "Minimum",
    operator: "LessThan",
    threshold: minimum,
    window: "PT15M",
  };
  return minimum > 0 ? [...always, connected] : always;
}

interface LogRule {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly severity: 0 | 1 | 2 | 3 | 4;
  readonly query: readonly string[];
  /** Column by which each finding becomes an alert of its own. */
  readonly dimension: string;
  /** Findings that are not worth an alert. @default 0 */
  readonly tolerated?: number;
}

const HUB_LOGS = 'AzureDiagnostics\n| where ResourceProvider == "MICROSOFT.DEVICES" and ResourceType == "IOTHUBS"';

/** Log categories of the hub without which `LOG_RULES` never find anything. */
export const ALERTED_CATEGORIES = ["Connections", "Routes"] as const;

/** Questions to the hub's logs, which are in the table AzureDiagnostics. */
const LOG_RULES: readonly LogRule[] = [
  {
    id: "DeviceOffline",
    name: "device-offline",
    description: "A device disconnected within the last hour and did not come back.",
    severity: 2,
    query: [
      HUB_LOGS,
      '| where Category == "Connections" and OperationName in ("deviceConnect", "deviceDisconnect")',
      "| extend deviceId = tostring(parse_json(properties_s).deviceId)",
      "| summarize arg_max(TimeGenerated, OperationName) by deviceId",
      '| where OperationName == "deviceDisconnect"',
    ],
    dimension: "deviceId",
  },
  {
    id: "RoutingErrors",
    name: "routing-errors",
    description: "The hub logged errors for an endpoint or a route.",
    severity: 2,
    query: [
      HUB_LOGS,
      '| where Category == "Routes" and Level == "Error"',
      "| extend details = parse_json(properties_s)",
      "| extend target = tostring(coalesce(details.endpointName, details.routeName))",
      "| project TimeGenerated, target",
    ],
    dimension: "target",
  },
];

/** The same question for each machine: rows, not messages, are counted, so that a message with many anomalies counts as many. */
function machineAnomalies(tolerated: number): LogRule {
  return {
    id: "MachineAnomalies",
    name: "machine-anomalies",
    description: `A machine had more than ${tolerated} anomalies within an hour.`,
    severity: 2,
    query: [ANOMALY_ROWS, "| project TimeGenerated, machine"],
    dimension: "machine",
    tolerated,
  };
}

/** Tells people what the hub's metrics and logs show: anomalies, lost devices, failed routes, a used-up quota, throttling. */
export class HubAlerts extends Construct {
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: HubAlertsProps,
  ) {
    super(scope, id);
    validateProps(this, () => hubAlertProblems(props));
    for (const rule of metricRules(props)) {
      addMetricAlert(this, rule, {
        ...props,
        target: { id: props.hub.resource.id, type: "Microsoft.Devices/IotHubs" },
      });
    }
    const feedRules = props.anomalyFeed ? [machineAnomalies(props.toleratedAnomaliesPerHour ?? 0)] : [];
    for (const rule of [...LOG_RULES, ...feedRules]) {
      this.addLogAlert(rule);
    }
  }

  private addLogAlert(rule: LogRule): MonitorScheduledQueryRulesAlertV2 {
    const { resourceGroup, logAnalytics, receivers } = this.props;
    return new MonitorScheduledQueryRulesAlertV2(this, rule.id, {
      name: rule.name,
      description: rule.description,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      scopes: [logAnalytics.resource.id],
      severity: rule.severity,
      evaluationFrequency: "PT15M",
      windowDuration: "PT1H",
      autoMitigationEnabled: true,
      // The table does not exist before the first log line arrives, and a check of the query would fail until then.
      skipQueryValidation: true,
      criteria: [
        {
          query: rule.query.join("\n"),
          timeAggregationMethod: "Count",
          operator: "GreaterThan",
          threshold: rule.tolerated ?? 0,
          dimension: [{ name: rule.dimension, operator: "Include", values: ["*"] }],
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      action: { actionGroups: [receivers.resource.id] },
    });
  }
}
