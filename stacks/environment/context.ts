import type { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AlertReceivers } from "../../constructs/monitoring/alert-receivers";
import { type DiagnosticKind, DiagnosticSetting } from "../../constructs/monitoring/diagnostic-setting";
import type { LogAnalytics } from "../../constructs/monitoring/log-analytics";
import type { ServiceAccess } from "../../constructs/network/service-access";
import * as names from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";

/** What the parts of an environment's stack are created from. */
export interface EnvironmentBase {
  readonly stack: TerraformStack;
  readonly organization: OrganizationConfig;
  readonly environment: EnvironmentConfig;
  /** What its resources' names are composed of. */
  readonly parts: names.NameParts;
  /** Whoever runs Terraform. */
  readonly deployer: DataAzurermClientConfig;
  readonly resourceGroup: ResourceGroup;
  /** Whether Terraform refuses to destroy what holds data. */
  readonly preventDestroy: boolean;
  /** Who reaches services at their own addresses. */
  readonly access: ServiceAccess;
  /** Modules whose messages to the hub are anomalies. */
  readonly anomalyModules: readonly string[];
}

/** The same with what most parts send their logs and alerts to. */
export interface EnvironmentContext extends EnvironmentBase {
  readonly logAnalytics: LogAnalytics;
  readonly receivers: AlertReceivers;
}

/** Logs and metrics of a resource go to Log Analytics. */
export function sendDiagnostics(
  context: EnvironmentContext,
  owner: Construct,
  kind: DiagnosticKind,
  targetId: string,
  logCategories?: readonly string[],
): void {
  new DiagnosticSetting(owner, "Diagnostics", { kind, targetId, logCategories, logAnalytics: context.logAnalytics });
}

/** An account has metrics; its requests are logged by the blob service in it. */
export function sendStorageDiagnostics(context: EnvironmentContext, owner: Construct, accountId: string): void {
  const { logAnalytics } = context;
  sendDiagnostics(context, owner, "storageAccount", accountId);
  new DiagnosticSetting(owner, "BlobDiagnostics", {
    kind: "blobService",
    targetId: `${accountId}/blobServices/default`,
    logAnalytics,
  });
}
