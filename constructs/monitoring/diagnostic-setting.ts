import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { Construct } from "constructs";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { oneOf } from "@edge-anomaly-detection/common/rules";
import type { LogAnalytics } from "./log-analytics";

interface Categories {
  /** Every log category that this type has and this project knows. */
  readonly logs: readonly string[];
  /** Those that are sent where nobody chooses. @default - all of them */
  readonly defaultLogs?: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * Log and metric categories by resource type
 * (learn.microsoft.com/azure/azure-monitor/reference/logs-index and the monitoring reference of each service).
 * `DeviceTelemetry` holds errors in telemetry, not telemetry.
 */
export const DIAGNOSTIC_CATEGORIES = {
  iotHub: {
    logs: [
      "C2DCommands",
      "C2DTwinOperations",
      "Configurations",
      "Connections",
      "D2CTwinOperations",
      "DeviceIdentityOperations",
      "DeviceStreams",
      "DeviceTelemetry",
      "DirectMethods",
      "DistributedTracing",
      "FileUploadOperations",
      "JobsOperations",
      "Routes",
      "TwinQueries",
    ],
    defaultLogs: ["Connections", "DeviceTelemetry", "Routes"],
    metrics: ["AllMetrics"],
  },
  keyVault: { logs: ["AuditEvent", "AzurePolicyEvaluationDetails"], metrics: ["AllMetrics"] },
  containerRegistry: {
    logs: ["ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents"],
    metrics: ["AllMetrics"],
  },
  machineLearningWorkspace: {
    logs: [
      "AmlComputeClusterEvent",
      "AmlComputeClusterNodeEvent",
      "AmlComputeCpuGpuUtilization",
      "AmlComputeJobEvent",
      "AmlRunStatusChangedEvent",
      "ModelsChangeEvent",
      "ModelsReadEvent",
    ],
    metrics: ["AllMetrics"],
  },
  provisioningService: { logs: ["DeviceOperations", "ServiceOperations"], metrics: ["AllMetrics"] },
  streamAnalyticsJob: { logs: ["Authoring", "Execution"], metrics: ["AllMetrics"] },
  logAnalyticsWorkspace: { logs: ["Audit"], metrics: ["AllMetrics"] },
  // Queries are logged one by one.
  digitalTwins: {
    logs: [
      "DataHistoryOperation",
      "DigitalTwinsOperation",
      "EventRoutesOperation",
      "ModelsOperation",
      "QueryOperation",
      "ResourceProviderOperation",
    ],
    defaultLogs: ["DigitalTwinsOperation", "ModelsOperation", "ResourceProviderOperation"],
    metrics: ["AllMetrics"],
  },
  // The others exist in the tier Premium alone, or are billed.
  serviceBusNamespace: {
    logs: [
      "ApplicationMetricsLogs",
      "DataDRLogs",
      "DiagnosticErrorLogs",
      "OperationalLogs",
      "RuntimeAuditLogs",
      "VNetAndIPFilteringLogs",
    ],
    defaultLogs: ["OperationalLogs", "VNetAndIPFilteringLogs"],
    metrics: ["AllMetrics"],
  },
  storageAccount: { logs: [], metrics: ["Capacity", "Transaction"] },
  blobService: { logs: ["StorageDelete", "StorageRead", "StorageWrite"], metrics: ["Capacity", "Transaction"] },
} as const satisfies Record<string, Categories>;

/** A resource type that has diagnostics. */
export type DiagnosticKind = keyof typeof DIAGNOSTIC_CATEGORIES;

/** What `DiagnosticSetting` needs. */
export interface DiagnosticSettingProps {
  /** ARM id of the resource that is watched. */
  readonly targetId: string;
  /** Its type, which decides the categories that there are. */
  readonly kind: DiagnosticKind;
  /** Log categories to send. @default - those of `DIAGNOSTIC_CATEGORIES` for the type */
  readonly logCategories?: readonly string[];
  /** Where they go. */
  readonly logAnalytics: LogAnalytics;
}

/** Log categories that the type does not have. */
export function logCategoryProblems(
  path: string,
  kind: DiagnosticKind,
  categories: readonly string[] | undefined,
): Problem[] {
  const { logs }: Categories = DIAGNOSTIC_CATEGORIES[kind];
  return collect(
    ...(categories ?? []).map((category, index) =>
      oneOf(`${path}[${index}]`, category, logs, "write the category as Azure Monitor spells it"),
    ),
    problemIf(
      categories?.length === 0 && logs.length > 0,
      path,
      categories,
      "at least one log category",
      "leave it out for the default",
    ),
  );
}

/**
 * Sends a resource's logs and all its metrics to Log Analytics.
 *
 * The tables are the ones that Azure chooses for the type: setting `log_analytics_destination_type` where the service
 * ignores it shows a change in every plan.
 */
export class DiagnosticSetting extends Construct {
  public readonly resource: MonitorDiagnosticSetting;

  public constructor(scope: Construct, id: string, props: DiagnosticSettingProps) {
    super(scope, id);
    validateProps(this, () => logCategoryProblems("logCategories", props.kind, props.logCategories));
    const known: Categories = DIAGNOSTIC_CATEGORIES[props.kind];
    const logs = props.logCategories ?? known.defaultLogs ?? known.logs;
    this.resource = new MonitorDiagnosticSetting(this, "Resource", {
      name: "to-log-analytics",
      targetResourceId: props.targetId,
      logAnalyticsWorkspaceId: props.logAnalytics.resource.id,
      enabledLog: [...new Set(logs)].sort().map((category) => ({ category })),
      enabledMetric: known.metrics.map((category) => ({ category })),
    });
  }
}
