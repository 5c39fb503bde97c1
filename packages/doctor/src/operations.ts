/**
 * ARM operations that an examination of a deployed environment asks for (learn.microsoft.com/azure/role-based-access-control/permissions),
 * for roles that allow no more. The hub's and the lake's data need roles of their own.
 */
export const DOCTOR_OPERATIONS: readonly string[] = [
  "Microsoft.AlertsManagement/alerts/read",
  "Microsoft.Consumption/budgets/read",
  "Microsoft.ContainerRegistry/registries/pull/read",
  "Microsoft.ContainerRegistry/registries/read",
  "Microsoft.ContainerRegistry/registries/tokens/read",
  "Microsoft.Devices/IotHubs/certificates/read",
  "Microsoft.Devices/IotHubs/read",
  "Microsoft.Devices/IotHubs/routingEndpointsHealth/read",
  "Microsoft.EventGrid/systemTopics/read",
  "Microsoft.Insights/actionGroups/read",
  "Microsoft.Insights/diagnosticSettings/read",
  "Microsoft.Insights/metricAlerts/read",
  "Microsoft.Insights/metrics/read",
  "Microsoft.Insights/scheduledQueryRules/read",
  "Microsoft.Logic/workflows/read",
  "Microsoft.Logic/workflows/runs/read",
  "Microsoft.OperationalInsights/workspaces/query/*/read",
  "Microsoft.OperationalInsights/workspaces/query/read",
  "Microsoft.OperationalInsights/workspaces/read",
  "Microsoft.Resources/subscriptions/providers/read",
  "Microsoft.Resources/subscriptions/read",
  "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
];
