import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { inRange } from "@edge-anomaly-detection/common/rules";

/** What an environment decides about its logs. */
export interface LogAnalyticsSettings {
  /** Days for which logs are kept, 30 to 730; 30 are in the price. @default 30 */
  readonly retentionDays?: number;
  /** Gigabytes a day after which no more are taken in until the next day, 0.1 to 10,000. @default - no limit */
  readonly dailyQuotaGb?: number;
}

/** What `LogAnalytics` needs. */
export interface LogAnalyticsProps extends LogAnalyticsSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in the resource group, 4 to 63 characters. */
  readonly name: string;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Validation errors in an environment's settings for logs. */
export function logAnalyticsProblems(settings: LogAnalyticsSettings): Problem[] {
  return collect(
    inRange(
      "retentionDays",
      settings.retentionDays,
      { min: 30, max: 730, unit: "days" },
      "choose how far back questions about an incident go",
    ),
    inRange(
      "dailyQuotaGb",
      settings.dailyQuotaGb,
      { min: 0.1, max: 10_000, unit: "gigabytes a day", whole: false },
      "choose what a bad day may cost, or leave it out for no limit",
    ),
  );
}

/** The workspace that takes the logs of everything in an environment; no keys, only identities. */
export class LogAnalytics extends Construct {
  public readonly resource: LogAnalyticsWorkspace;

  public constructor(scope: Construct, id: string, props: LogAnalyticsProps) {
    super(scope, id);
    validateProps(this, () => logAnalyticsProblems(props));
    this.resource = new LogAnalyticsWorkspace(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      sku: "PerGB2018",
      retentionInDays: props.retentionDays ?? 30,
      dailyQuotaGb: props.dailyQuotaGb ?? -1,
      localAuthenticationEnabled: false,
      allowResourceOnlyPermissions: true,
      lifecycle: { preventDestroy: props.preventDestroy },
    });
  }
}
