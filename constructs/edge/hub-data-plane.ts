import { Construct } from "constructs";
import { IothubProvider } from "../../providers/iothub/provider";
import { RandomProvider } from "../../providers/random/provider";
import type { IotHub } from "../hub/iot-hub";

/** What `HubDataPlane` needs. */
export interface HubDataPlaneProps {
  /** The hub whose devices and deployments are managed. */
  readonly hub: IotHub;
}

/**
 * The way to a hub's devices and deployments, which Azure Resource Manager does not know. The one place that says which
 * provider is used for it (docs/decisions/edge-provider.md).
 */
export class HubDataPlane extends Construct {
  public constructor(scope: Construct, id: string, props: HubDataPlaneProps) {
    super(scope, id);
    // A reference, not the name that is known at synth: while the hub does not exist its host is unknown, and the provider
    // then plans without asking it.
    new IothubProvider(this, "Iothub", { hostname: props.hub.resource.hostname });
    new RandomProvider(this, "Random");
  }
}
