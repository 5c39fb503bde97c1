import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { allDifferent, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm } from "@edge-anomaly-detection/common/rules";

/** Mail addresses under names that you choose: `{ "control-room": "control-room@example.com" }`. */
export type Receivers = Readonly<Record<string, string>>;

/** What `AlertReceivers` needs. */
export interface AlertReceiversProps {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in the resource group, 1 to 260 characters. */
  readonly name: string;
  /** Who is notified, at least one. */
  readonly receivers: Receivers;
}

/** Validation errors in the receivers. */
export function receiverProblems(receivers: Receivers): Problem[] {
  const entries = Object.entries(receivers);
  return collect(
    problemIf(
      entries.length === 0,
      "",
      receivers,
      "at least one receiver: a name and a mail address",
      'name who is notified, for example { "control-room": "control-room@example.com" }',
    ),
    problemIf(entries.length > 1_000, "", entries.length, "at most 1000 receivers", "use a mailing list"),
    ...entries.flatMap(([name, address]) => [
      hasForm(
        name,
        name,
        /^[\w -]{1,128}$/,
        "a name of 1 to 128 letters, digits, spaces, hyphens and underscores",
        "rename the receiver",
      ),
      hasForm(
        name,
        address,
        /^[^\s@"'<>(),;:\\]+@[^\s@"'<>(),;:\\]+\.[^\s@"'<>(),;:\\]+$/,
        "a mail address",
        "write it like control-room@example.com",
      ),
    ]),
    allDifferent(
      entries.map(([name, value]) => ({ path: name, value })),
      "name each address once",
    ),
  );
}

/** The people whom alerts and the budget reach. */
export class AlertReceivers extends Construct {
  public readonly resource: MonitorActionGroup;

  public constructor(scope: Construct, id: string, props: AlertReceiversProps) {
    super(scope, id);
    validateProps(this, () => receiverProblems(props.receivers));
    this.resource = new MonitorActionGroup(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      // Shown as the sender of messages; 12 characters at most.
      shortName: "edge-anomaly",
      enabled: true,
      emailReceiver: Object.entries(props.receivers)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, emailAddress]) => ({ name, emailAddress, useCommonAlertSchema: true })),
    });
  }
}
