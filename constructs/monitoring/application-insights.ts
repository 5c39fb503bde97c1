import { ApplicationInsights as ApplicationInsightsResource } from "@cdktf/provider-azurerm/lib/application-insights";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { declareException } from "../shared/policy-exception";
import type { LogAnalytics } from "./log-analytics";

/** What `ApplicationInsights` needs. */
export interface ApplicationInsightsProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in the resource group, 1 to 260 characters. */
  readonly name: string;
  /** Where its data is kept. */
  readonly logAnalytics: LogAnalytics;
}

/**
 * The component that the machine learning workspace requires, with its data in Log Analytics; it therefore has no
 * diagnostic setting, which would store everything twice.
 *
 * Local authentication stays as Azure sets it: azurerm 4 and 5 name the argument differently, and Azure ML writes with the
 * component's key.
 */
export class ApplicationInsights extends Construct {
  public readonly resource: ApplicationInsightsResource;

  public constructor(scope: Construct, id: string, props: ApplicationInsightsProps) {
    super(scope, id);
    this.resource = new ApplicationInsightsResource(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      applicationType: "web",
      workspaceId: props.logAnalytics.resource.id,
      samplingPercentage: 100,
    });
    declareException(
      this.resource,
      "local-authentication-off",
      "Azure ML writes what jobs and endpoints report with the component's key.",
    );
  }
}
