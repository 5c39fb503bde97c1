import type { ApplicationInsights } from "../monitoring/application-insights";
import type { LogAnalytics } from "../monitoring/log-analytics";
import { MonitorPrivateLinkScope } from "@cdktf/provider-azurerm/lib/monitor-private-link-scope";
import { MonitorPrivateLinkScopedService } from "@cdktf/provider-azurerm/lib/monitor-private-link-scoped-service";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { type ITerraformDependable, TerraformResource } from "cdktf";
import { Construct } from "constructs";

/** What `LogLinkScope` needs. */
export interface LogLinkScopeProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** The workspace that takes logs. */
  readonly logAnalytics: LogAnalytics;
  /** The component that Azure ML reports to. */
  readonly applicationInsights: ApplicationInsights;
}

/**
 * Lets a network reach Log Analytics and Application Insights through a private endpoint. Networks with the endpoint's zones send
 * logs and queries through it; what is outside of the scope stays reachable for them, because the zones are shared by
 * all of Azure Monitor and `PrivateOnly` would cut off every other workspace of the company in those networks.
 */
export class LogLinkScope extends Construct {
  public readonly resource: MonitorPrivateLinkScope;
  /** What is in the scope; the endpoint comes after it, because the scope takes one change at a time. */
  public readonly members: readonly ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: LogLinkScopeProps) {
    super(scope, id);
    const { resourceGroup, logAnalytics, applicationInsights } = props;
    this.resource = new MonitorPrivateLinkScope(this, "Resource", {
      name: "ampls-services",
      resourceGroupName: resourceGroup.name,
      ingestionAccessMode: "Open",
      queryAccessMode: "Open",
    });
    const logs = this.add("Logs", "logs", logAnalytics.resource.id);
    this.members = [logs, this.add("Insights", "insights", applicationInsights.resource.id, logs)];
  }

  private add(id: string, name: string, linkedResourceId: string, after?: TerraformResource): TerraformResource {
    return new MonitorPrivateLinkScopedService(this, id, {
      name,
      resourceGroupName: this.resource.resourceGroupName,
      scopeName: this.resource.name,
      linkedResourceId,
      ...(after !== undefined && { dependsOn: [after] }),
    });
  }
}
