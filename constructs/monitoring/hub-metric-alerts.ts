import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import type { IotHub } from "../hub/iot-hub";
import { ANOMALY_ENDPOINT } from "../hub/lake-routing";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { inRange, type NumberRange } from "@edge-anomaly-detection/common/rules";
import type { AlertReceivers } from "./alert-receivers";
import { addMetricAlert, type MetricRule } from "./metric-alert";

/** From when on people are notified. */
export interface HubAlertSettings {
  /** Anomalous messages of the whole hub (of each, where there are several), and anomalies of one machine, that an hour may have without a word, 0 to 1,000,000. @default 0 */
  readonly toleratedAnomaliesPerHour?: number;
  /** Devices that must be connected to each hub, 0 to 1,000,000; 0 never warns. @default 1 */
  readonly minimumConnectedDevices?: number;
  /** Messages in 15 minutes whose delivery to an endpoint may fail, 0 to 1,000,000. @default 0 */
  readonly toleratedRoutingFailures?: number;
  /** Messages in 15 minutes that the hub may turn away for coming too fast, 0 to 1,000,000. @default 0 */
  readonly toleratedThrottledMessages?: number;
  /** Percent of the day's messages that may be used, 1 to 100. @default 80 */
  readonly quotaPercent?: number;
}

/** What `HubMetricAlerts` needs. */
export interface HubMetricAlertsProps extends HubAlertSettings {
  /** Where the alerts are created. */
  readonly resourceGroup: ResourceGroup;
  /** The hub that is watched. */
  readonly hub: IotHub;
  /** Who is notified. */
  readonly receivers: AlertReceivers;
  /** Name of a further hub of the environment; the alerts' names end in it. @default - the first hub */
  readonly stamp?: string;
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
function metricRules(props: HubMetricAlertsProps): MetricRule[] {
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

/** Tells people what the metrics of one hub show. */
export class HubMetricAlerts extends Construct {
  public constructor(scope: Construct, id: string, settings: HubMetricAlertsProps) {
    super(scope, id);
    validateProps(this, () => hubAlertProblems(settings));
    const { hub, stamp } = settings;
    for (const rule of metricRules(settings)) {
      addMetricAlert(
        this,
        { ...rule, name: stamp === undefined ? rule.name : `${rule.name}-${stamp}` },
        { ...settings, target: { id: hub.resource.id, type: "Microsoft.Devices/IotHubs" } },
      );
    }
  }
}
