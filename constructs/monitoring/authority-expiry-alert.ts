import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import type { AlertReceivers } from "./alert-receivers";
import type { LogAnalytics } from "./log-analytics";

/** Days before the end of an authority's certificate from which on people are warned: about a quarter, to sign and roll out another one. */
export const AUTHORITY_WARNING_DAYS = 90;

/** The certificate of an authority whose devices register. */
export interface AuthorityCertificate {
  /** Enrollment group that trusts it. */
  readonly group: string;
  /** When it ends. */
  readonly ends: Date;
}

/** What `AuthorityExpiryAlert` needs. */
export interface AuthorityExpiryAlertProps {
  /** Where the alert is created. */
  readonly resourceGroup: ResourceGroup;
  /** Where the question is asked; it needs none of the data there. */
  readonly logAnalytics: LogAnalytics;
  /** Who is notified. */
  readonly receivers: AlertReceivers;
  /** The certificates, at least one. */
  readonly certificates: readonly AuthorityCertificate[];
}

/**
 * Tells people once a day which authority's certificate ends soon. Azure does not: enrollment groups have no event and no metric
 * for it. The dates are in the query, because they are known when it is written.
 */
export class AuthorityExpiryAlert extends Construct {
  public readonly resource: MonitorScheduledQueryRulesAlertV2;

  public constructor(scope: Construct, id: string, props: AuthorityExpiryAlertProps) {
    super(scope, id);
    const { resourceGroup, logAnalytics, receivers, certificates } = props;
    const rows = certificates.map(({ group, ends }) => `  "${group}", datetime(${ends.toISOString()}),`);
    this.resource = new MonitorScheduledQueryRulesAlertV2(this, "Resource", {
      name: "authority-certificate-ends",
      description: `The certificate of an authority ends within ${AUTHORITY_WARNING_DAYS} days; afterwards devices that it signed cannot register.`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      scopes: [logAnalytics.resource.id],
      severity: 1,
      evaluationFrequency: "P1D",
      windowDuration: "P1D",
      autoMitigationEnabled: false,
      skipQueryValidation: true,
      criteria: [
        {
          query: [
            "datatable(enrollmentGroup: string, ends: datetime) [",
            ...rows,
            "]",
            `| where ends < now() + ${AUTHORITY_WARNING_DAYS}d`,
            "| extend TimeGenerated = now()",
          ].join("\n"),
          timeAggregationMethod: "Count",
          operator: "GreaterThan",
          threshold: 0,
          dimension: [{ name: "enrollmentGroup", operator: "Include", values: ["*"] }],
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      action: { actionGroups: [receivers.resource.id] },
    });
  }
}
