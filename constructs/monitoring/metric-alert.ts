import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { Construct } from "constructs";
import type { AlertReceivers } from "./alert-receivers";

/** A condition on a metric. */
export interface MetricRule {
  /** Construct id. */
  readonly id: string;
  /** Name of the alert in the resource group. */
  readonly name: string;
  readonly description: string;
  readonly severity: 0 | 1 | 2 | 3 | 4;
  readonly metric: string;
  readonly aggregation: "Total" | "Average" | "Maximum" | "Minimum";
  readonly operator: "GreaterThan" | "LessThan";
  readonly threshold: number;
  /** ISO 8601 duration. */
  readonly window: "PT5M" | "PT15M" | "PT1H" | "PT6H";
  /** Values by dimension. @default - all */
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** What a metric alert watches, and whom it tells. */
export interface MetricAlertProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** The resource by its ARM id and type. */
  readonly target: { readonly id: string; readonly type: string };
  /** Who is notified. */
  readonly receivers: AlertReceivers;
}

/** Tells people, every five minutes, when a metric of a resource meets a condition, and when it no longer does. */
export function addMetricAlert(
  scope: Construct,
  rule: MetricRule,
  { resourceGroup, target, receivers }: MetricAlertProps,
): MonitorMetricAlert {
  return new MonitorMetricAlert(scope, rule.id, {
    name: rule.name,
    description: rule.description,
    resourceGroupName: resourceGroup.name,
    scopes: [target.id],
    severity: rule.severity,
    frequency: "PT5M",
    windowSize: rule.window,
    autoMitigate: true,
    criteria: [
      {
        metricNamespace: target.type,
        metricName: rule.metric,
        aggregation: rule.aggregation,
        operator: rule.operator,
        threshold: rule.threshold,
        dimension: Object.entries(rule.dimensions ?? {}).map(([name, value]) => ({
          name,
          operator: "Include",
          values: [value],
        })),
      },
    ],
    action: [{ actionGroupId: receivers.resource.id }],
  });
}
