import { AnomalyFeed } from "../../constructs/monitoring/anomaly-feed";
import { DiagnosticSetting } from "../../constructs/monitoring/diagnostic-setting";
import { HubAlerts } from "../../constructs/monitoring/hub-alerts";
import { HubMetricAlerts } from "../../constructs/monitoring/hub-metric-alerts";
import { LogAnalytics } from "../../constructs/monitoring/log-analytics";
import { MonthlyBudget } from "../../constructs/monitoring/monthly-budget";
import { Workbook } from "../../constructs/monitoring/workbook";
import * as names from "../../constructs/shared/names";
import type { EnvironmentBase, EnvironmentContext } from "./context";
import { type EnvironmentHubs, hasAnomalyFeed } from "./hub";

export function createLogAnalytics(context: EnvironmentBase): LogAnalytics {
  const logAnalytics = new LogAnalytics(context.stack, "LogAnalytics", {
    ...context.environment.logs,
    resourceGroup: context.resourceGroup,
    name: names.logAnalyticsWorkspaceName(context.parts),
    preventDestroy: context.preventDestroy,
  });
  new DiagnosticSetting(logAnalytics, "Diagnostics", {
    targetId: logAnalytics.resource.id,
    kind: "logAnalyticsWorkspace",
    logAnalytics,
  });
  return logAnalytics;
}

/** Alerts, charts and the budget of an environment, over all its hubs. */
export function createMonitoring(context: EnvironmentContext, hubs: EnvironmentHubs): void {
  const [{ hub, events }, ...others] = hubs;
  const { stack, resourceGroup, logAnalytics, receivers, environment, anomalyModules } = context;
  const anomalyFeed =
    events !== undefined && hasAnomalyFeed(environment)
      ? new AnomalyFeed(stack, "AnomalyFeed", { resourceGroup, events, logAnalytics, anomalyModules })
      : undefined;
  new HubAlerts(stack, "Alerts", {
    ...environment.alerts,
    resourceGroup,
    hub,
    logAnalytics,
    receivers,
    hasStamps: others.length > 0,
    anomalyFeed,
  });
  for (const { stamp = "", isActive, scope, ...other } of others) {
    if (other.events !== undefined) {
      anomalyFeed?.addHub(scope, "AnomalyFeed", other.events);
    }
    new HubMetricAlerts(scope, "Alerts", {
      ...environment.alerts,
      // Nobody waits for devices of a hub that gets none.
      ...(!isActive && { minimumConnectedDevices: 0 }),
      resourceGroup,
      hub: other.hub,
      receivers,
      stamp,
    });
  }
  new Workbook(stack, "Workbook", {
    resourceGroup,
    uuid: names.stableUuid(context.parts, "workbook"),
    displayName: `Anomaly detection ${environment.name}`,
    hubs: hubs.map((one) => one.hub),
    logAnalytics,
    anomalyFeed,
  });
  new MonthlyBudget(stack, "Budget", {
    ...environment.budget,
    resourceGroup,
    name: names.budgetName(context.parts),
    receivers,
  });
}
