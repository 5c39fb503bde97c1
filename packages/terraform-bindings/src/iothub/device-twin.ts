import { type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { IOTHUB_PROVIDER } from "./provider";

/** Arguments of `iothub_device_twin`. */
export interface IothubDeviceTwinConfig extends TerraformMetaArguments {
  /** Id of the device. A change replaces the resource. */
  readonly deviceId: string;
  /** Tags to manage, a JSON object as text; others in the twin are left alone. @default - none */
  readonly tags?: string;
  /** Desired properties to manage, a JSON object as text; others in the twin are left alone. @default - none */
  readonly desiredProperties?: string;
}

/** Part of a device's twin: {@link https://registry.terraform.io/providers/mwalser/iothub/latest/docs/resources/device_twin iothub_device_twin}. */
export class IothubDeviceTwin extends TerraformResource {
  public static readonly tfResourceType = "iothub_device_twin";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: IothubDeviceTwinConfig,
  ) {
    super(scope, id, {
      terraformResourceType: IothubDeviceTwin.tfResourceType,
      terraformGeneratorMetadata: IOTHUB_PROVIDER,
      ...config,
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return {
      device_id: this.config.deviceId,
      tags: this.config.tags,
      desired_properties: this.config.desiredProperties,
    };
  }
}
