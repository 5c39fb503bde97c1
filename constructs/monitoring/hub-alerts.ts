import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import type { Construct } from "constructs";
import { type AnomalyFeed, ANOMALY_ROWS } from "./anomaly-feed";
import { HubMetricAlerts, type HubMetricAlertsProps } from "./hub-metric-alerts";
import type { LogAnalytics } from "./log-analytics";

/** What `HubAlerts` needs. */
export interface HubAlertsProps extends Omit<HubMetricAlertsProps, "stamp"> {
  /** Where the logs of all hubs are. */
  readonly logAnalytics: LogAnalytics;
  /** Whether the environment has more hubs, so that alerts must name the hub. @default false */
  readonly hasStamps?: boolean;
  /** What brings anomalies into the logs; with it an alert names the machine. @default - anomalies are counted for each hub as a whole */
  readonly anomalyFeed?: AnomalyFeed;
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

/** Log categories of the hub without which `logRules` never find anything. */
export const ALERTED_CATEGORIES = ["Connections", "Routes"] as const;

/** Questions to the hubs' logs, which are in the table AzureDiagnostics. */
const logRules = (hasStamps: boolean): readonly LogRule[] => [
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
      ...(hasStamps ? ['| extend target = strcat(tolower(Resource), " ", target)'] : []),
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

/**
 * Tells people what the metrics of an environment's first hub and the logs of all its hubs show: anomalies, lost devices, failed
 * routes, a used-up quota, throttling.
 */
export class HubAlerts extends HubMetricAlerts {
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: HubAlertsProps,
  ) {
    super(scope, id, props);
    const feedRules = props.anomalyFeed ? [machineAnomalies(props.toleratedAnomaliesPerHour ?? 0)] : [];
    for (const rule of [...logRules(props.hasStamps ?? false), ...feedRules]) {
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
