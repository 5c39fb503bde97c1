import { ConsumptionBudgetResourceGroup } from "@cdktf/provider-azurerm/lib/consumption-budget-resource-group";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { StaticResource } from "@cdktf/provider-time/lib/static-resource";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { inRange } from "@edge-anomaly-detection/common/rules";
import type { AlertReceivers } from "./alert-receivers";

/** What an environment may cost. */
export interface MonthlyBudgetSettings {
  /** Amount a month in the billing currency of the subscription, 1 to 1,000,000,000. */
  readonly monthlyAmount: number;
  /** Percent of it actually spent at which people are notified, 1 to 1,000. @default 80 */
  readonly actualPercent?: number;
  /** Percent of it forecast for the month's end at which people are notified, 1 to 1,000. @default 100 */
  readonly forecastPercent?: number;
}

/** What `MonthlyBudget` needs. */
export interface MonthlyBudgetProps extends MonthlyBudgetSettings {
  /** Whose costs are counted. */
  readonly resourceGroup: ResourceGroup;
  /** Name in the resource group, 1 to 63 characters. */
  readonly name: string;
  /** Who is notified. */
  readonly receivers: AlertReceivers;
}

/** Validation errors in what an environment may cost. */
export function monthlyBudgetProblems(settings: MonthlyBudgetSettings): Problem[] {
  const percent = { min: 1, max: 1_000, unit: "percent" };
  return collect(
    inRange(
      "monthlyAmount",
      settings.monthlyAmount,
      { min: 1, max: 1_000_000_000, unit: "units of the billing currency", whole: false },
      "choose what a month may cost",
    ),
    inRange("actualPercent", settings.actualPercent, percent, "choose when to tell what is spent"),
    inRange("forecastPercent", settings.forecastPercent, percent, "choose when to tell what is forecast"),
  );
}

/** Tells people before a month becomes too dear. A budget stops nothing. */
export class MonthlyBudget extends Construct {
  public readonly resource: ConsumptionBudgetResourceGroup;

  public constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    validateProps(this, () => monthlyBudgetProblems(props));
    // A monthly budget must start on the first of the month in which it is created, and may not move after that.
    const created = new StaticResource(this, "Created", {});
    const contactGroups = [props.receivers.resource.id];
    this.resource = new ConsumptionBudgetResourceGroup(this, "Resource", {
      name: props.name,
      resourceGroupId: props.resourceGroup.id,
      amount: props.monthlyAmount,
      timeGrain: "Monthly",
      timePeriod: { startDate: Fn.formatdate("YYYY-MM-'01T00:00:00Z'", created.rfc3339) },
      notification: [
        {
          enabled: true,
          operator: "GreaterThan",
          threshold: props.actualPercent ?? 80,
          thresholdType: "Actual",
          contactGroups,
        },
        {
          enabled: true,
          operator: "GreaterThan",
          threshold: props.forecastPercent ?? 100,
          thresholdType: "Forecasted",
          contactGroups,
        },
      ],
    });
  }
}
