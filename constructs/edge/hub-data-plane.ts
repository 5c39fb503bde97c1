import { Construct } from "constructs";
import { IothubProvider, RandomProvider } from "@edge-anomaly-detection/terraform-bindings";

/** What `HubDataPlane` needs. */
export interface HubDataPlaneProps {
  /**
   * Host of the hub whose devices and deployments are managed, as a reference to the hub: while that does not exist the
   * host is unknown, and the provider then plans without asking it. A name that is known at synth would be asked.
   */
  readonly hostname: string;
  /** Name of a further hub of the stack, by which its resources choose their provider. @default - the stack's first hub */
  readonly alias?: string;
}

/**
 * The way to a hub's devices and deployments, which Azure Resource Manager does not know. The one place that says which
 * provider is used for it (docs/decisions/0006-edge-provider.md).
 */
export class HubDataPlane extends Construct {
  /** What devices and deployments of this hub name as their provider; undefined for the first hub's, which need not. */
  public readonly provider: IothubProvider | undefined;

  public constructor(scope: Construct, id: string, props: HubDataPlaneProps) {
    super(scope, id);
    const provider = new IothubProvider(this, "Iothub", props);
    if (props.alias === undefined) {
      new RandomProvider(this, "Random");
    } else {
      this.provider = provider;
    }
  }
}
