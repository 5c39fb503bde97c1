import type { IotHub } from "../../constructs/hub/iot-hub";
import type { HubEvents } from "../../constructs/hub/hub-events";
import { AnomalyFeed } from "../../constructs/monitoring/anomaly-feed";
import { DiagnosticSetting } from "../../constructs/monitoring/diagnostic-setting";
import { HubAlerts } from "../../constructs/monitoring/hub-alerts";
import { LogAnalytics } from "../../constructs/monitoring/log-analytics";
import { MonthlyBudget } from "../../constructs/monitoring/monthly-budget";
import { Workbook } from "../../constructs/monitoring/workbook";
import * as names from "../../constructs/shared/names";
import type { EnvironmentBase, EnvironmentContext } from "./context";
import { hasAnomalyFeed } from "./hub";

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

export function createMonitoring(context: EnvironmentContext, hub: IotHub, events: HubEvents | undefined): void {
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
    anomalyFeed,
  });
  new Workbook(stack, "Workbook", {
    resourceGroup,
    uuid: names.stableUuid(context.parts, "workbook"),
    displayName: `Anomaly detection ${environment.name}`,
    hub,
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
