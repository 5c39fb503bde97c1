import { Construct } from "constructs";
import { IothubProvider, RandomProvider } from "@edge-anomaly-detection/terraform-bindings";

/** What `HubDataPlane` needs. */
export interface HubDataPlaneProps {
  /**
   * Host of the hub whose devices and deployments are managed, as a reference to the hub: while that does not exist the
   * host is unknown, and the provider then plans without asking it. A name that is known at synth would be asked.
   */
  readonly hostname: string;
}

/**
 * The way to a hub's devices and deployments, which Azure Resource Manager does not know. The one place that says which
 * provider is used for it (docs/decisions/0006-edge-provider.md).
 */
export class HubDataPlane extends Construct {
  public constructor(scope: Construct, id: string, props: HubDataPlaneProps) {
    super(scope, id);
    new IothubProvider(this, "Iothub", { hostname: props.hostname });
    new RandomProvider(this, "Random");
  }
}
